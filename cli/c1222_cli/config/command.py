"""The command `c1222 config`: which files are read, what holds for a meter and who says so, and what is wrong."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from c1222_cli.report import Paper, choose_form, document, fields, suffixes, write
from c1222_cli.talk import clean, say, verbosity_options

if TYPE_CHECKING:
    from c1222.settings.effective import Setting

FORMS = ("table", "plain", "json")
GAPS = 10
"""Exit code of a check that found something."""

EPILOG = """
Nothing is sent, and no secret is shown: of passwords and keys only where they lie.

\b
Examples:
  c1222 config path
  c1222 config show house
  c1222 config check
"""

FORM = click.option(
    "--format", "form", type=click.Choice(FORMS), help="Form of the output.  [default: by -o, else table]"
)
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help=f"Write to FILE. Its suffix gives the form: {suffixes(FORMS)}.",
)


@click.group(epilog=EPILOG)
def config() -> None:
    """Show what is configured, where, and whether it can work."""


@config.command()
@verbosity_options
def path() -> None:
    """Show which files are read, the first goes before the others; and where state and keys are kept."""
    from c1222.settings.config_files import config_files, user_folder
    from c1222.settings.key_store import FILE_NAME
    from c1222.settings.nonce_store import state_folder

    for file in config_files(os.environ):
        there = "is read" if file.is_there else "is not there"
        click.echo(clean(f"{file.path.absolute()}  {there} ({file.whose})"))
    keys = user_folder() / FILE_NAME
    click.echo(clean(f"{keys}  {'lists your keys' if keys.exists() else 'is not there'} (c1222 keys)"))
    click.echo(clean(f"{state_folder()}  keeps what must outlive a command (C1222_STATE)"))


@config.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "show_all", is_flag=True, help="Defaults, too.")
@FORM
@OUTPUT
@verbosity_options
def show(names: tuple[str, ...], show_all: bool, form: str | None, output: str | None) -> None:
    """Show what holds for meters, value by value, and who says so.

    NAME: of a meter of the configuration, with or without @; all of them where none is named. What a command's own
    options say goes before all this.
    """
    from c1222.settings.config import read_config, read_sections
    from c1222.settings.config_files import config_files
    from c1222.settings.effective import DEFAULT_ORIGIN, effective

    form = choose_form(form, output, FORMS)
    known = read_config()
    sections = read_sections(file for file in config_files(os.environ) if file.is_there)
    wanted = [name.removeprefix("@") for name in names] or list(known.meters)
    if not wanted:
        say("no meter is configured; docs/configuration.md says how")
    found = {
        name: [each for each in effective(name, known, sections) if show_all or each.origin != DEFAULT_ORIGIN]
        for name in wanted
    }
    draw = {"table": _draw_table, "plain": _draw_plain, "json": _draw_json}[form]
    write(output, lambda paper: draw(paper, found), known.files)


def _draw_table(paper: Paper, found: "dict[str, list[Setting]]") -> None:
    for number, (name, settings) in enumerate(found.items()):
        if number:
            paper.line()
        paper.line(paper.bold(clean(f"@{name}")))
        wide = _wide([each.name for each in settings], 20), _wide([each.value for each in settings], 40)
        for each in settings:
            words = f"  {each.name:<{wide[0]}}  {each.value:<{wide[1]}}  "
            paper.line(clean(words) + paper.faint(clean(each.origin)))


def _wide(texts: Sequence[str], most: int) -> int:
    return min(most, max(map(len, texts), default=0))


def _draw_plain(paper: Paper, found: "dict[str, list[Setting]]") -> None:
    for name, settings in found.items():
        for each in settings:
            paper.line(fields((name, each.name, each.value, each.origin)))


def _draw_json(paper: Paper, found: "dict[str, list[Setting]]") -> None:
    meters = {
        name: [{"name": each.name, "value": each.value, "origin": each.origin} for each in settings]
        for name, settings in found.items()
    }
    paper.line(document({"schema_version": 1, "meters": meters}))


@config.command()
@verbosity_options
@click.pass_context
def check(ctx: click.Context) -> None:
    """Look for all that is wrong: names that there are not, secrets that others can read, targets that cannot work.

    Variables and files are looked at; no keyring is opened, no command is run, nothing is sent. Exit codes: 0 nothing
    is wrong; 10 something is.
    """
    from c1222.connection.checking import findings

    found = list(dict.fromkeys(findings(os.environ)))
    for each in found:
        click.echo(clean(each))
    say(f"{len(found)} thing{'s' if len(found) > 1 else ''} to mend" if found else "nothing is wrong")
    ctx.exit(GAPS if found else 0)
