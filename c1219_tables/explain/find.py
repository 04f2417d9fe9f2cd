"""Rows of one field, found as people write it: any case, with or without indices, with levels left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from c1219_tables.explain.rows import Row


@dataclass(frozen=True, slots=True)
class Found:
    """rows: each match with the rows that hold it and the rows inside it, in their order. matches: paths that matched.

    strange: names of the field that nothing is called, passed over. near: what may have been meant, without a match.
    """

    rows: tuple[Row, ...] = ()
    matches: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def find(rows: Sequence[Row], field: str) -> Found:
    """The rows of `lp_int.int_data`, `LP_INT[3].INT_DATA`, `int_data` ..."""
    wanted = names_of(field)
    known = {name for row in rows for name in names_of(row.path)}
    if not wanted:
        return Found()
    if wanted[-1] not in known:
        alike = [name for name in known if wanted[-1] in name]
        if len(alike) != 1:
            return Found(near=_near(wanted[-1], known))
        wanted[-1] = alike[0]
    strange = tuple(name for name in wanted if name not in known)
    names = [name for name in wanted if name in known]
    matches = [index for index, row in enumerate(rows) if row.kind != "case" and _fits(names_of(row.path), names)]
    if not matches:
        # The names are there, but not in that order: the last one is what is asked for.
        strange = tuple(wanted[:-1])
        matches = [
            index for index, row in enumerate(rows) if row.kind != "case" and names_of(row.path)[-1] == names[-1]
        ]
    exact = [index for index in matches if names_of(rows[index].path) == names]
    chosen = sorted({index for match in exact or matches for index in _around(rows, match)})
    paths = tuple(dict.fromkeys(rows[index].path for index in exact or matches))
    return Found(tuple(rows[index] for index in chosen), paths, strange)


def names_of(path: str) -> list[str]:
    """Names along a path, in lower case, without indices."""
    return [part.partition("[")[0].strip().lower().replace("-", "_") for part in path.split(".") if part]


def _fits(path: list[str], wanted: list[str]) -> bool:
    """Whether the wanted names occur in the path in this order, the last one at its end."""
    rest = iter(path)
    return path[-1:] == wanted[-1:] and all(name in rest for name in wanted)


def _around(rows: Sequence[Row], match: int) -> list[int]:
    """Indices of the rows that hold a row, of the row, and of those inside it."""
    inside = match + 1
    while inside < len(rows) and rows[inside].depth > rows[match].depth:
        inside += 1
    holders: list[int] = []
    depth = rows[match].depth
    for index in range(match - 1, -1, -1):
        if rows[index].depth < depth:
            depth = rows[index].depth
            holders.append(index)
    return [*holders, *range(match, inside)]


def _near(name: str, known: set[str]) -> tuple[str, ...]:
    parts = sorted(one for one in known if name in one or one in name)
    return tuple(dict.fromkeys([*get_close_matches(name, sorted(known), n=3, cutoff=0.6), *parts]))[:5]
