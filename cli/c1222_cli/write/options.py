"""The options that `write` and `restore` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def writing_options(function: Function) -> Function:
    """--dry-run, --yes, --backup, --ignore."""
    options = (
        click.option("--dry-run", is_flag=True, help="Show what would change and what would be sent; write nothing."),
        click.option("--yes", is_flag=True, help="Do not ask. Needed where nobody can be asked."),
        click.option(
            "--backup",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Keep the old octets in this new file.  [default: one in the user's state folder]",
        ),
        click.option(
            "--ignore",
            metavar="FIELD",
            multiple=True,
            help="A field that the meter changes by itself: neither written nor compared. Once for each.",
        ),
    )
    decorated: Any = function
    for option in reversed(options):
        decorated = option(decorated)
    with_options: Function = decorated
    return with_options
