"""A table of C12.19: one declaration that decodes, encodes and sizes it, and says which other tables it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from construct import Construct, ConstructError
from construct.expr import ExprMixin, Path

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import Formats, MeterType
from c1219_tables.part import TablePart, touch
from c1219_tables.rules import RULES
from c1219_tables.schema.cursor import Cursor, Remark, Span
from c1219_tables.schema.dialect import Rest, Secret, Struct, note
from c1219_tables.schema.inspect import path_names, walk
from c1219_tables.schema.layout import Decoded, Layout
from c1219_tables.schema.packed import PackedForms
from c1219_tables.schema.places import touched

MANUFACTURER = 2048
"""Number of manufacturer table 0 in services: manufacturer table n is 2048 + n. Sources: CT EL."""

PENDING = 4096
"""What services add to the number of a table to mean its pending form."""

_NUMBER = MANUFACTURER - 1
_PREFIXES = {0: "ST", MANUFACTURER: "MT", PENDING: "PT", PENDING | MANUFACTURER: "PMT", 2 * PENDING: "UT"}

DIALECT: Mapping[str, Any] = {
    # Table 4: two octets behind each entry (the only driver that reads it steps 10 octets, its fields fill 8).
    "wide_pending_entries": False,
    # Load profile: a 16-bit closure status for each channel of a block (Y's reading of LP_FLAGS bit 12).
    "closure_status": False,
    # Table 15: bit 7 of SOURCE_FLAGS, set, drops OFFSET from electric constants (YK's NO_OFFSET_FLAG, edition 1).
    "no_offset_flag": False,
    # Load profile: intervals of set 1 are INT16 whatever table 62 says (GE kV up to firmware 5.2).
    "lp_set1_int16": False,
    # Table 76: entries have a sequence number; GE kV has none. Where the two differ, the entry size tells.
    "event_seq_nbr": True,
}
"""What makers do differently from the standard, and the standard's way. A layout asks `this._params.dialect.NAME`."""


class Used(ExprMixin):
    """Whether the meter's table 0 lists a standard table: the `used(n)` of table references."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, context: Mapping[str, Any], *_: Any) -> bool:
        return self.number in context["_params"]["st0"]["std_tbls_used"]

    def __str__(self) -> str:
        return f"used({self.number})"

    __repr__ = __str__


def used(number: int) -> Used:
    """Condition for an element: the meter uses standard table `number`."""
    return Used(number)


def table_label(number: int) -> str:
    """`ST-23`, `MT-17`, `PT-54`; bits without a name are shown as hex: `table C017`."""
    prefix = _PREFIXES.get(number & ~_NUMBER)
    return f"{prefix}-{number & _NUMBER}" if prefix else f"table {number:04X}"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a length says about a meter whose table 0 was not read.

    octets: length of the table. st0: the part of table 0 that then holds. because: in words.
    """

    octets: int
    st0: Mapping[str, Any]
    because: str


class DecodedTable(Decoded):
    """A decoded table: a dict with attribute access.

    octets, remarks, raw(path), spans(): as in Decoded. table: its declaration. expected_size: octets that the
    dimensions ask for, None where the table itself decides (its content, an optional end). assumed: why table 0 was
    guessed, "" when it was given. trailing: octets behind the layout (only a tolerant decode leaves any).
    """

    __slots__ = ("assumed", "expected_size", "table", "trailing")
    table: "Table"
    expected_size: int | None
    assumed: str
    trailing: bytes


class Table:
    """The declaration of one table.

    number: as services write it; 2048 + n for manufacturer table n. name: the standard's, or as near as sources come.
    layout: made of the words of schema/dialect.py, formats.py and times.py. purpose: what it is for, in words.
    sources, sure: who says so, as in a Note. assume: what its length says where table 0 was not read.
    """

    def __init__(
        self,
        number: int,
        name: str,
        layout: Struct,
        *,
        purpose: str,
        sources: str = "",
        sure: str | None = None,
        assume: tuple[Assumption, ...] = (),
    ) -> None:
        self.number = number
        self.name = name
        self.layout = layout
        self.purpose = purpose
        self.note = note(purpose, sources, sure=sure)
        self.assume = assume
        self.needs = _needs(layout, number)
        self._layout = Layout(self.label, layout, error=self._error, result=DecodedTable, fast=PackedForms)

    @property
    def label(self) -> str:
        """`ST-23`, `MT-17`, `PT-54`; bits without a name are shown as hex: `table C017`."""
        return table_label(self.number)

    def __repr__(self) -> str:
        return f"<{self.label} {self.name}>"

    def decode(
        self,
        octets: bytes,
        tables: Mapping[str, Any] | None = None,
        *,
        dialect: Mapping[str, Any] | None = None,
        tolerant: bool = False,
    ) -> DecodedTable:
        """The whole table.

        tables: decoded tables of the same meter by `st0`, `st21` ...; those in `needs` must be there.
        dialect: what this make does differently, by the names of DIALECT.
        tolerant: keep octets behind the layout as `trailing` with a remark, instead of refusing them.

        Raises MissingTableError for a table in `needs` that was not given, TableError with field and offset where
        octets are missing, left over or wrong, TypeError for what is no octets.
        """
        _check_octets(octets)
        params, assumed = self._params(tables, dialect, len(octets))
        trailing = b""
        if tolerant:
            used_octets = self._used(octets, params)
            octets, trailing = octets[:used_octets], octets[used_octets:]
        decoded = self._layout.decode(octets, **params)
        assert isinstance(decoded, DecodedTable)
        decoded.table, decoded.assumed, decoded.trailing = self, assumed, trailing
        decoded.expected_size = self._size(params)
        if assumed:
            decoded.remarks.append(Remark("assumed", assumed))
        if trailing:
            text = f"{len(trailing)} octets more than the layout has"
            decoded.remarks.append(Remark("size-differs", text, "", len(octets)))
        return decoded

    def encode(
        self,
        value: Mapping[str, Any],
        tables: Mapping[str, Any] | None = None,
        *,
        dialect: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Octets of a table. What was decoded encodes to the octets it came from.

        Raises MissingTableError and TableError with the field, before anything is built.
        """
        params, _ = self._params(tables, dialect, None)
        trailing = value.trailing if isinstance(value, DecodedTable) else b""
        return self._layout.encode(value, **params) + trailing

    def size(
        self,
        value: Mapping[str, Any] | None = None,
        tables: Mapping[str, Any] | None = None,
        *,
        dialect: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Octets of the table: of this value, or by the meter's dimensions alone (None where they do not decide)."""
        if value is not None:
            return len(self.encode(value, tables, dialect=dialect))
        return self._size(self._params(tables, dialect, None)[0])

    def window(
        self,
        offset: int,
        octets: bytes,
        tables: Mapping[str, Any] | None = None,
        *,
        dialect: Mapping[str, Any] | None = None,
    ) -> list[Span]:
        """The elements that octets at an offset touch, the innermost ones only, with their place in the table.

        Empty where the dimensions do not decide the places, or end before the octets do. Raises MissingTableError.
        """
        return [touched.span for touched in self.part(offset, octets, tables, dialect=dialect).touched]

    def part(
        self,
        offset: int,
        octets: bytes,
        tables: Mapping[str, Any] | None = None,
        *,
        dialect: Mapping[str, Any] | None = None,
    ) -> TablePart:
        """A part of the table: the elements that octets at an offset touch, and their values where they are all there.

        Touches nothing where the dimensions do not decide the places, or end before the octets do.
        Raises MissingTableError, ValueError for a negative offset, TypeError for what is no octets.
        """
        _check_octets(octets)
        if offset < 0:
            raise ValueError(f"an offset in a table is 0 or more, not {offset}")
        end = offset + len(octets)
        params, assumed = self._params(tables, dialect, None, around=end)
        try:
            places = list(touched(self.layout, {"_params": params}, offset, end))
        except (ConstructError, LookupError, TypeError):
            places = []
        if not places or places[-1].span.end < end:
            return TablePart((), assumed)
        return TablePart(tuple(touch(place, offset, octets, params) for place in places), assumed)

    def _params(
        self,
        tables: Mapping[str, Any] | None,
        dialect: Mapping[str, Any] | None,
        octets: int | None,
        around: int = 0,
    ) -> tuple[dict[str, Any], str]:
        """What the layout sees as `this._params`, and why table 0 is assumed."""
        given = dict(tables or {})
        assumed = ""
        if "st0" not in given and 0 in self.needs:
            # Without a length, the shortest form that holds what was seen of it.
            fitting = (a for a in self.assume if a.octets == octets or (octets is None and a.octets >= around > 0))
            if assumption := next(fitting, None):
                given["st0"], assumed = assumption.st0, f"ST-0 was not read: {assumption.because}"
        missing = tuple(number for number in self.needs if f"st{number}" not in given)
        if missing:
            raise MissingTableError(table=self.number, needed=missing, layout=self.label)
        if strange := set(dialect or {}) - {*DIALECT, *RULES}:
            raise ValueError(
                f"no such dialect: {', '.join(sorted(strange))} (there are: {', '.join((*DIALECT, *RULES))})"
            )
        try:
            formats = Formats.of(given["st0"]) if "st0" in given else Formats()
        except (LookupError, TypeError) as exc:
            raise self._error(f"ST-0 as it was given cannot be used: {exc!r}", layout=self.label) from exc
        return {**given, "formats": formats, "dialect": {**DIALECT, **(dialect or {})}}, assumed

    def _size(self, params: dict[str, Any]) -> int | None:
        try:
            return int(self.layout._sizeof({"_params": params}, ""))
        except (ConstructError, LookupError, TypeError):
            return None

    def _used(self, octets: bytes, params: dict[str, Any]) -> int:
        """How many of the octets the layout reads; all of them where it cannot read them."""
        cursor = Cursor(octets)
        try:
            self.layout._parse(cursor, {"_params": params}, "")
        except ConstructError:
            return len(octets)
        return cursor.pos

    def _error(self, problem: str, **place: Any) -> TableError:
        return TableError(problem, table=self.number, **place)


def _check_octets(octets: object) -> None:
    if not isinstance(octets, bytes | bytearray | memoryview):
        raise TypeError(f"a table is given as octets (bytes), not {type(octets).__name__}")


def _needs(layout: Construct, own: int) -> tuple[int, ...]:
    """Numbers of the tables that a layout asks for, read off its `this` paths and types."""
    needs: set[int] = set()
    for part in walk(layout):
        if isinstance(part, MeterType) or (isinstance(part, ExprMixin) and isinstance(part, Used)):
            needs.add(0)
        elif isinstance(part, Path):
            names = path_names(part)
            asked = names[names.index("_params") + 1 :] if "_params" in names else ()
            if asked and asked[0].startswith("st") and asked[0][2:].isdigit():
                needs.add(int(asked[0][2:]))
    return tuple(sorted(needs - {own}))


def raw_table(number: int, name: str, purpose: str, sources: str = "", *, secret: bool = False) -> Table:
    """A table whose layout is not public: it keeps its name, its octets are shown as they are.

    sources: of the name. secret: the octets hold passwords or keys, and are shown masked.
    """
    words = note("layout not public: octets as the meter sent them", "")
    octets = Secret(Rest()) if secret else Rest()
    return Table(number, name, Struct("octets" / octets * words), purpose=purpose, sources=sources)


def is_raw(table: Table) -> bool:
    """Whether nothing is known of a table but its name: all of it is octets."""
    inner = [layout.subcon if isinstance(layout, Secret) else layout for _, layout, _ in table.layout.fields]
    return len(inner) == 1 and type(inner[0]) is Rest


def is_secret(table: Table) -> bool:
    """Whether a table holds passwords or keys."""
    return any(isinstance(part, Secret) for part in walk(table.layout))
