"""The errors of the ground floor; c1222.errors carries the rest of the tree.

C12Error
└── LayoutError (ValueError)    octets or values do not fit a declaration
"""


class C12Error(Exception):
    """Everything this project raises on purpose."""


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
        super().__init__(problem, layout, field, offset)

    def __str__(self) -> str:
        place = " ".join(part for part in (self.layout, self.field) if part)
        where = "" if self.offset is None else f" (offset {self.offset})"
        return f"{place}: {self.problem}{where}" if place else f"{self.problem}{where}"
