"""`--dims` and `--schema`: what is known of a meter beforehand, its tables and its maker's layouts."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from c1219_tables.context import MeterTables
    from c1219_tables.registry import Registry

Function = TypeVar("Function", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)


def dims_option(function: Function) -> Function:
    return click.option(
        "--dims",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help='Tables of the meter that set formats and dimensions of others: JSON, {"0": "hex", ...}. Repeatable.',
    )(function)


def schema_option(function: Function) -> Function:
    return click.option(
        "--schema",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Layouts of a maker's tables: a Python file, which is run. Repeatable.",
    )(function)


def known_options(function: Function) -> Function:
    """The options that say what is known of a meter."""
    return dims_option(schema_option(function))


class KnownTables(dict[int, bytes]):
    """Octets of tables by number, and the file that each one stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[int, Path] = {}


def read_known(files: Iterable[Path]) -> KnownTables:
    """Octets of tables by number, of all files together. Raises TargetError, also where two files differ."""
    from c1222.errors import TargetError
    from c1222.psem.table_id import table_text
    from c1222.settings.dims_files import read_dims

    known = KnownTables()
    for path in files:
        for number, octets in read_dims(path).items():
            known.files.setdefault(number, path)
            if known.setdefault(number, octets) != octets:
                raise TargetError(f"{path}: {table_text(number)} is another than in the file before")
    return known


def registry_of(schemas: Iterable[Path]) -> "Registry":
    """Every declaration: of the files, of installed packages, of the standard. Raises DeclarationError."""
    return registries_of(schemas)[0]


def registries_of(schemas: Iterable[Path]) -> "tuple[Registry, Registry]":
    """Every declaration, and those for a meter that has not said who made it: of the files and of the standard.

    Who names a file wants its layouts; of installed packages, only those are taken that the meter's table 1 names.
    Raises DeclarationError.
    """
    from c1219_tables.makers import installed_layouts, load_layouts
    from c1219_tables.registry import Registry

    given = tuple(map(load_layouts, schemas))
    return Registry((*given, *installed_layouts(_tell))), Registry(given)


def meter_of(
    octets: KnownTables, registry: "Registry", unidentified: "Registry", wanted: Iterable[int]
) -> "MeterTables":
    """The tables that `wanted` ones need, decoded; its makers' layouts are those that its table 1 names.

    registry, unidentified: as registries_of gives them. Raises TargetError for octets that do not fit, and where
    the tables given lack one that they themselves need.
    """
    from c1219_tables.context import MeterTables

    meter, wanted = MeterTables(unidentified), list(wanted)
    with dims_fit(octets):
        if 1 in octets:
            first = (*registry.table(1).needs, 1)
            meter.add_all({number: octets[number] for number in first if number in octets}, tolerant=True)
            meter.registry = registry.for_table_1(meter[1])
        needed = {*meter.registry.reading_order(wanted)} - {*wanted, *meter}
        meter.add_all({number: octets[number] for number in needed if number in octets}, tolerant=True)
    return meter


@contextmanager
def dims_fit(known: KnownTables) -> Iterator[None]:
    """What is wrong with tables of --dims is TargetError, with the file: it is no fault of what is decoded."""
    from c1219_tables.errors import MissingTableError, TableError
    from c1222.errors import TargetError

    try:
        yield
    except MissingTableError as exc:
        raise TargetError(f"--dims: {exc}") from exc
    except TableError as exc:
        file = None if exc.table is None else known.files.get(exc.table)
        raise TargetError(f"{file or '--dims'}: {exc}") from exc


def _tell(problem: Exception) -> None:
    from c1222_cli.talk import say

    say(f"! {problem}; its layouts are not used")
