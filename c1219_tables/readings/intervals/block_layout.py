"""Where things stand in a block of load profile: by the declaration of tables 64 to 67, never counted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from construct import ConstructError

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import Formats, MeterType
from c1219_tables.part import touch
from c1219_tables.schema.places import Place, touched
from c1219_tables.standard.load_profile import SETS, data_table
from c1219_tables.table import DIALECT, table_label

LIMITS, CONTROL, STATUS = 61, 62, 63


@dataclass(frozen=True)
class BlockLayout:
    """The blocks of one set.

    table: 64 to 67. set: 1 to 4. blocks: in the table. octets: of a block. intervals: in a block. channels: in an
    interval. minutes: of an interval. places: the elements of the first block, up to the end of its first interval, by
    their path in the block. first, stride: where the first interval begins, and how far it is to the next.
    """

    table: int
    set: int
    blocks: int
    octets: int
    intervals: int
    channels: int
    minutes: int
    places: Mapping[str, Place]
    first: int
    stride: int
    params: Mapping[str, Any]

    @classmethod
    def of(cls, tables: MeterTables, number: int) -> "BlockLayout":
        """The blocks of set `number` of a meter; tables 0, 61 and 62 set their sizes.

        Raises MissingTableError; TableError for a set that the meter does not use, or whose format or interval length
        is not known; ValueError for a set that is none of 1 to 4.
        """
        if number not in SETS:
            raise ValueError(f"sets of load profile are 1 to 4, not {number}")
        table = tables.registry.table(data_table(number))
        if missing := tuple(need for need in (0, LIMITS, CONTROL) if need not in tables):
            raise MissingTableError(table=table.number, needed=missing, layout=table.label)
        limits = tables[LIMITS]
        blocks, intervals = limits[f"nbr_blks_set{number}"], limits[f"nbr_blk_ints_set{number}"]
        if blocks is None:
            raise TableError(f"the meter does not use set {number}", table=LIMITS, layout=table_label(LIMITS))
        if not limits[f"max_int_time_set{number}"]:
            raise TableError(f"intervals of set {number} have 0 minutes", table=LIMITS, layout=table_label(LIMITS))
        params = {
            **tables.params(),
            "formats": Formats.of(tables[0]),
            "dialect": {**DIALECT, **tables.dialect},
        }
        context = {"_params": params}
        try:
            octets = int(table.layout._sizeof(context, ""))
            begin = takewhile(_is_of_the_first, touched(table.layout, context, 0, octets))
            places = {_in_block(place): place for place in begin if place.span.end > place.span.start}
        except ConstructError as exc:
            raise TableError(str(exc).split("\n")[-1], table=table.number, layout=table.label) from exc
        interval = [place.span for name, place in places.items() if name.startswith("lp_int[0].")]
        return cls(
            table=table.number,
            set=number,
            blocks=blocks,
            octets=octets // blocks if blocks else 0,
            intervals=intervals,
            channels=limits[f"nbr_chns_set{number}"],
            minutes=limits[f"max_int_time_set{number}"],
            places=places,
            first=interval[0].start if interval else 0,
            stride=interval[-1].end - interval[0].start if interval else 0,
            params=params,
        )

    @cached_property
    def formats(self) -> Formats:
        """How the meter stores values."""
        formats: Formats = self.params["formats"]
        return formats

    @property
    def seconds(self) -> int:
        """Of an interval."""
        return 60 * self.minutes

    @property
    def status(self) -> Place | None:
        """The octet of an interval with what holds for all channels, and the status of channel 1."""
        return self.places.get("lp_int[0].extended_int_status.common")

    def data(self, channel: int) -> Place:
        """The value of a channel, counted from 0, in the first interval."""
        return self.places[f"lp_int[0].int_data[{channel}]"]

    def kind(self, channel: int) -> MeterType:
        """The type of a channel's values."""
        layout = self.data(channel).layout
        assert isinstance(layout, MeterType)
        return layout

    def value(self, name: str, block: bytes) -> Any:
        """An element of a block that is given by its octets; None where blocks have no such element."""
        place = self.places.get(name)
        if place is None:
            return None
        if isinstance(place.layout, MeterType):
            return place.layout.value_of(block[place.span.start : place.span.end], self.formats)
        return touch(place, 0, block, dict(self.params)).value


def _is_of_the_first(place: Place) -> bool:
    """Whether an element is one of the first block, and not behind its first interval."""
    block, _, rest = place.span.field.partition(".")
    return block == "blocks[0]" and (rest.startswith("lp_int[0].") or not rest.startswith("lp_int["))


def _in_block(place: Place) -> str:
    return place.span.field.partition(".")[2]
