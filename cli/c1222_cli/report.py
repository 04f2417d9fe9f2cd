"""What commands that list something share: which form, how wide, and where it goes."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from c1222_cli.output import opened_output, text_encoder
from c1222_cli.talk import clean, has_colour, is_terminal

Function = TypeVar("Function", bound=Callable[..., Any])

SUFFIXES = {".json": "json", ".csv": "csv", ".tsv": "plain", ".txt": "table"}

WIDE = 120
"""Columns of a table that goes nowhere in particular."""


class Paper:
    """Where text goes: how wide it is, and whether it shows colours. Lines are collected and written at the end."""

    def __init__(self, *, width: int, colour: bool) -> None:
        self.width = width
        self.colour = colour
        self.lines: list[str] = []

    def line(self, text: str = "") -> None:
        self.lines.append(text)

    def bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def faint(self, text: str) -> str:
        return click.style(text, dim=True) if self.colour else text

    def paint(self, text: str, colour: str) -> str:
        return click.style(text, fg=colour) if self.colour else text


def output_options(forms: Sequence[str]) -> Callable[[Function], Function]:
    """`--format` and `-o`, passed on as `form` and `output`; `choose_form` makes one form of the two."""

    def add(function: Function) -> Function:
        form = click.option(
            "--format", "form", type=click.Choice(forms), help="Form of the output.  [default: by -o, else table]"
        )
        output = click.option(
            "-o",
            "--output",
            metavar="FILE",
            type=click.Path(allow_dash=True),
            help=f"Write to FILE. Its suffix gives the form: {suffixes(forms)}.",
        )
        return form(output(function))

    return add


def suffixes(forms: Sequence[str]) -> str:
    """Suffixes of files that name one of the forms, for help and messages."""
    return ", ".join(suffix for suffix, form in SUFFIXES.items() if form in forms)


def choose_form(given: str | None, output: str | None, forms: Sequence[str]) -> str:
    """The form: as given, else by the suffix of the output file, else a table. Raises UsageError."""
    if given is not None:
        return given
    if output in (None, "-"):
        return "table"
    suffix = Path(str(output)).suffix.lower()
    form = SUFFIXES.get(suffix)
    if form is None or form not in forms:
        raise click.UsageError(
            f"-o {output}: no format goes with {suffix or 'no suffix'!r} ({suffixes(forms)}); give --format"
        )
    return form


def write(output: str | None, draw: Callable[[Paper], None], inputs: Iterable[Path] = ()) -> None:
    """Text for people or programs, on standard output or in a file that appears whole; `inputs` are not overwritten."""
    with opened_output(output, tuple(map(str, inputs))) as stream:
        width = shutil.get_terminal_size().columns if is_terminal(stream) else WIDE
        paper = Paper(width=width, colour=has_colour(stream))
        draw(paper)
        encode = text_encoder(stream)
        stream.write(b"".join(encode(line + "\n") for line in paper.lines))


def fields(values: Iterable[object]) -> str:
    """A line of the plain format: fields between tabs, `-` where there is nothing."""
    return "\t".join(clean(str(value)) or "-" for value in values)


def document(found: dict[str, Any]) -> str:
    """JSON for programs, indented for people who look all the same."""
    return json.dumps(found, indent=2, ensure_ascii=False)
