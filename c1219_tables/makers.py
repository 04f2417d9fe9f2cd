"""Tables that come from outside: layouts of makers, from installed packages and from files.

Both name the same three things: MANUFACTURER and ED_MODEL (which meters, as table 1 names them, with `*` and `?`) and
TABLES (a list of Table). A package offers them by an entry point of the group `c1219_tables.layouts`; a file is Python,
and reading it runs it: whoever names one decides that. docs/manufacturer-layouts.md shows how to write them.
"""

import stat
import traceback
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from c1219_tables.errors import DeclarationError
from c1219_tables.registry import MakerLayouts
from c1219_tables.table import Table

GROUP = "c1219_tables.layouts"

SIZE_LIMIT = 4 << 20
"""Octets of a file of layouts."""


def installed_layouts(broken: Callable[[DeclarationError], None] | None = None) -> tuple[MakerLayouts, ...]:
    """The layouts that installed packages offer, by the names of their entry points.

    broken: told of each one that cannot be used, which is then left out. Without it, DeclarationError is raised.
    """
    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        origin = f"entry point {point.name} ({point.value})"
        try:
            found.append(_checked(_loaded(point.load, origin), origin))
        except DeclarationError as exc:
            if broken is None:
                raise
            broken(exc)
    return tuple(found)


def _loaded(load: Callable[[], Any], origin: str) -> Any:
    try:
        return load()
    except Exception as exc:
        raise DeclarationError(f"cannot be loaded: {_reason(exc)}", file=origin) from exc


def load_layouts(path: str | Path) -> MakerLayouts:
    """The layouts of a Python file. The file is run.

    Raises DeclarationError with file and line where it cannot be read or run, or does not name what it must.
    """
    name = str(path)
    try:
        # A pipe would be waited for, and a device may have no end.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise DeclarationError("not a regular file", file=name)
        with Path(path).open("rb") as file:
            source = file.read(SIZE_LIMIT + 1)
    except OSError as exc:
        raise DeclarationError(f"cannot be read: {exc.strerror}", file=name) from exc
    if len(source) > SIZE_LIMIT:
        raise DeclarationError(f"larger than {SIZE_LIMIT >> 20} MiB, too large to be right", file=name)
    module = ModuleType(Path(path).stem)
    module.__file__ = name
    try:
        exec(compile(source, name, "exec"), vars(module))  # noqa: S102 - this is what the caller asked for
    except SyntaxError as exc:
        raise DeclarationError(f"is not Python: {exc.msg}", file=name, line=exc.lineno) from exc
    except (Exception, SystemExit) as exc:
        raise DeclarationError(_reason(exc), file=name, line=_line(exc, name)) from exc
    return _checked(module, name)


def _line(exc: BaseException, file: str) -> int | None:
    """The last line of the file that was run, rather than one of a library that it called."""
    lines = [frame.lineno for frame in traceback.extract_tb(exc.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None


def _reason(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__


def _checked(found: Any, origin: str) -> MakerLayouts:
    """What a module, or an object like one, declares. Raises DeclarationError with what is missing or wrong."""
    if isinstance(found, MakerLayouts):
        return found
    manufacturer = _patterns(found, "MANUFACTURER", origin)
    ed_model = _patterns(found, "ED_MODEL", origin)
    tables = getattr(found, "TABLES", None)
    if not isinstance(tables, Iterable):
        raise DeclarationError("TABLES, a list of the tables, is missing", file=origin)
    by_number: dict[int, Table] = {}
    for place, table in enumerate(tables):
        if not isinstance(table, Table):
            raise DeclarationError(f"TABLES[{place}] is no Table but {type(table).__name__}", file=origin)
        if not 0 <= table.number <= 0xFFFF:
            raise DeclarationError(
                f"TABLES[{place}], {table.name}: a table number is 0 to 65535, not {table.number}", file=origin
            )
        if table.number in by_number:
            raise DeclarationError(
                f"TABLES[{place}], {table.name}: {table.label} is {by_number[table.number].name} already", file=origin
            )
        by_number[table.number] = table
    return MakerLayouts(manufacturer, ed_model, by_number, origin)


def _patterns(found: Any, name: str, origin: str) -> str | tuple[str, ...]:
    """MANUFACTURER or ED_MODEL: one pattern or several."""
    given = getattr(found, name, None)
    if isinstance(given, str):
        return given
    if isinstance(given, list | tuple) and given and all(isinstance(one, str) for one in given):
        return tuple(given)
    raise DeclarationError(f'{name} is missing: text as table 1 has it, "*" for any', file=origin)
