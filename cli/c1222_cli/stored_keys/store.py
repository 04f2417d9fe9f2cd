"""Which keys are meant: the file that lists them, and an id with a title."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from c1222.settings.key_files import KeySource
    from c1222.settings.key_store import KeyStore

Function = TypeVar("Function", bound=Callable[..., Any])


def file_option(function: Function) -> Function:
    return click.option(
        "--file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="List of keys.  [default: keys.toml in your folder for configurations]",
    )(function)


def title_option(function: Function) -> Function:
    return click.option(
        "--title", metavar="TITLE", callback=_title, help="ApTitle of the one meter that it is for, as .123.8437."
    )(function)


def _title(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    from c1222.titles import ApTitle

    if text is None:
        return None
    try:
        title = ApTitle.parse(text)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from None
    if not title.content:
        raise click.BadParameter("the empty title is no meter's; leave --title out for every meter")
    return title.text


def store_of(file: Path | None) -> "KeyStore":
    """The list that is meant."""
    from c1222.settings.config_files import user_folder
    from c1222.settings.key_store import FILE_NAME, KeyStore

    return KeyStore((user_folder() / FILE_NAME if file is None else file.expanduser()).absolute())


def entries_named(store: "KeyStore", key_id: int, title: str | None) -> "tuple[KeySource, ...]":
    """The entries of an id and a title. Raises UsageError where there are none, with what there is."""
    from c1222.settings.key_places import entry_name

    found = store.find(key_id, title)
    if found:
        return found
    others = ", ".join(entry_name(each.key_id, each.title) for each in store.entries())
    raise click.UsageError(f"there is no {entry_name(key_id, title)} in {store.path} (there are: {others or 'none'})")
