"""The command `c1222 keys`: which keys there are, and where each of them lies. No key is ever shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.keys import SOURCES, ask_unseen
from c1222_cli.report import Paper, choose_form, document, fields, suffixes, write
from c1222_cli.stored_keys.keeping import chosen_place, keep, place_option, refuse_conflicts, where_words
from c1222_cli.stored_keys.store import entries_named, file_option, store_of, title_option
from c1222_cli.talk import can_ask, clean, say, verbosity_options

if TYPE_CHECKING:
    from c1222.settings.key_files import KeySource

FORMS = ("table", "plain", "json")

EPILOG = """
The keys themselves lie in the system's keyring or in files that are yours alone; a file, keys.toml, lists which there
are. A command uses them where it is told to: --keys FILE, keys = "keys.toml" in your c1222.toml, or C1222_KEYS.

\b
Examples:
  c1222 keys add 2                                   asks for the key, unseen
  c1222 keys add 2 --title .123.8437 --from env:K2   for one meter, from where it lies now
  c1222 keys import ~/.config/wireshark/c1222_decryption_table
  c1222 keys list
  c1222 keys remove 2
"""


class KeyId(click.IntRange):
    """0 to 255. What is no such number is never repeated: it may be a key."""

    def __init__(self) -> None:
        super().__init__(0, 255)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            pass
        raise click.BadParameter(
            "what was given is no key id, a number from 0 to 255 (the key itself is asked for, or lies where --from "
            "says)", ctx, param,
        )  # fmt: skip


class KeyCommand(click.Command):
    """A command that does not repeat what is given behind the ID."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except (click.BadParameter, click.NoSuchOption, click.BadOptionUsage):
            raise
        except click.UsageError:
            pass
        raise click.UsageError("one ID and nothing more is wanted (the key itself is never an argument)", ctx)


KEY_ID = click.argument("key_id", metavar="ID", type=KeyId())


@click.group(epilog=EPILOG)
def keys() -> None:
    """Keep keys where nobody else finds them, and say which there are."""


@keys.command("list")
@file_option
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help=f"Write to FILE. Its suffix gives the form: {suffixes(FORMS)}.",
)
@verbosity_options
def list_keys(file: Path | None, form: str | None, output: str | None) -> None:
    """List key ids, the meters they are for, and where the keys lie. The keys are not read."""
    form = choose_form(form, output, FORMS)
    store = store_of(file)
    entries = store.entries()
    if not entries:
        say(f"no keys: {store.path} lists none; c1222 keys add ID keeps one")
    draw = {"table": _draw_table, "plain": _draw_plain, "json": _draw_json}[form]
    write(output, lambda paper: draw(paper, store.path, entries), (store.path,))


def _draw_table(paper: Paper, path: Path, entries: "Sequence[KeySource]") -> None:
    for each in entries:
        paper.line(
            clean(f"{each.key_id:>3}  {each.title or 'every meter':<24}  {where_words(each.source, path.parent)}")
        )


def _draw_plain(paper: Paper, path: Path, entries: "Sequence[KeySource]") -> None:
    from c1222.settings.secrets import shown

    for each in entries:
        paper.line(fields((each.key_id, each.title or "", shown(each.source))))


def _draw_json(paper: Paper, path: Path, entries: "Sequence[KeySource]") -> None:
    from c1222.settings.secrets import shown

    found = [{"id": each.key_id, "title": each.title, "source": shown(each.source)} for each in entries]
    paper.line(document({"schema_version": 1, "file": str(path), "keys": found}))


@keys.command(cls=KeyCommand)
@KEY_ID
@title_option
@click.option("--from", "source", metavar="SOURCE", default="prompt", help=f"Where the key lies now: {SOURCES}.")
@place_option
@click.option("--replace", is_flag=True, help="Put it in the place of the one that is there.")
@file_option
@verbosity_options
def add(key_id: int, title: str | None, source: str, place: str | None, replace: bool, file: Path | None) -> None:
    """Keep a key for a key id, 0 to 255."""
    from c1222.settings.key_files import KeyEntry
    from c1222.settings.key_places import entry_name
    from c1222.settings.secrets import read_key

    store, what = store_of(file), entry_name(key_id, title)
    chosen = chosen_place(place)
    if store.find(key_id, title) and not replace:
        raise click.UsageError(f"{what} is there already; --replace puts another in its place")
    key = read_key(source, ask=ask_unseen if can_ask() else None, what=what)
    keep(store, KeyEntry(key_id, title, key, source), chosen)
    say(f'use it with --keys {store.path}, or keys = "{store.path}" in a [meter.NAME] of c1222.toml')


@keys.command(cls=KeyCommand)
@KEY_ID
@title_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@file_option
@verbosity_options
def remove(key_id: int, title: str | None, yes: bool, file: Path | None) -> None:
    """Remove a key from the list, and from where c1222 put it."""
    from c1222.settings.key_places import entry_name, is_own

    store = store_of(file)
    entries = entries_named(store, key_id, title)
    for each in entries:
        place = where_words(each.source, store.path.parent)
        say(f"{entry_name(each.key_id, each.title)}: {place}{'' if is_own(each.source) else ', where it stays'}")
    if not yes:
        if not can_ask():
            raise click.UsageError("nobody can be asked here, so --yes is needed; nothing was removed")
        click.confirm("Remove it? It cannot be brought back.", err=True, abort=True)
    store.remove(entries)
    say("removed")


@keys.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@place_option
@click.option("--replace", is_flag=True, help="Put what the file holds in the place of what is there.")
@file_option
@verbosity_options
def import_keys(path: Path, place: str | None, replace: bool, file: Path | None) -> None:
    """Keep the keys of another program's file.

    FILE: Wireshark's c1222_decryption_table, an INI file of c12test, or a TOML file of [[key]] id, title, source.
    """
    from c1222.settings.key_import import importable_keys

    store = store_of(file)
    chosen = chosen_place(place)
    entries = importable_keys(path, ask=ask_unseen if can_ask() else None)
    new = [each for each in entries if not store.holds(each)]
    refuse_conflicts(store, new, replace=replace)
    for each in new:
        keep(store, each, chosen)
    there = len(entries) - len(new)
    say(f"{len(new)} of {len(entries)} kept" + (f", {there} were there already" if there else ""))
    say(f"{path} is as it was: where nothing else needs it, remove it")
