"""The errors of the ground floor; c1222.errors carries the rest of the tree.

C12Error
├── DeclarationError (ValueError)   a file or package that should declare tables does not
└── LayoutError (ValueError)        octets or values do not fit a declaration
    └── TableError                  ... of a table
        └── MissingTableError       a table that sets dimensions was not given
"""


class C12Error(Exception):
    """Everything this project raises on purpose."""


class DeclarationError(C12Error, ValueError):
    """A file or an installed package that should declare tables cannot be used.

    file: its path, or the name of the entry point. line: where it is wrong, counted from 1; None where not known.
    """

    def __init__(self, problem: str, *, file: str, line: int | None = None) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        super().__init__(problem)

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.problem}"


class LayoutError(C12Error, ValueError):
    """Octets or values do not fit a declaration.

    layout: name of the declaration, for example "ST-22" or "logon request".
    field: path inside it, dots between names, "" for the whole.
    offset: octets from the start of what was given; None where a value, not octets, is at fault.
    problem: what was wanted and what was there, for a person.
    """

    def __init__(self, problem: str, *, layout: str = "", field: str = "", offset: int | None = None) -> None:
        self.problem = problem
        self.layout = layout
        self.field = field
        self.offset = offset
        super().__init__(problem)  # the rest rides as attributes, so that copies and pickles keep it

    def __str__(self) -> str:
        place = " ".join(part for part in (self.layout, self.field) if part)
        where = "" if self.offset is None else f" (offset {self.offset})"
        return f"{place}: {self.problem}{where}" if place else f"{self.problem}{where}"


class TableError(LayoutError):
    """Octets or values do not fit the declaration of a table.

    table: its number as services write it (2048 and more: manufacturer tables). Others as in LayoutError.
    """

    def __init__(
        self, problem: str, *, table: int, layout: str = "", field: str = "", offset: int | None = None
    ) -> None:
        self.table = table
        super().__init__(problem, layout=layout, field=field, offset=offset)


class MissingTableError(TableError):
    """A table that sets dimensions or formats of this one was not given.

    needed: numbers of the tables to read first.
    """

    def __init__(self, *, table: int, needed: tuple[int, ...], layout: str = "") -> None:
        self.needed = needed
        names = ", ".join(f"MT-{number - 2048}" if number >= 2048 else f"ST-{number}" for number in needed)
        super().__init__(f"needs {names} of the same meter", table=table, layout=layout)
