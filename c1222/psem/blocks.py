"""Table data on the wire: count, data, checksum; a count of FFFF says that a further block follows.

The checksum is the negated sum of the data octets, so that data and checksum add up to 0 (mod 256); it covers neither
count nor table number. Sources: docs/sources.md, ADP WS ITR SPI CNX TRM; verified on 15 reads of a GE I-210+c.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from construct import Construct, Int8ub, Int16ub

from c1219_tables.schema.compiler import Code, Scope, emits
from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, Record, short

FURTHER_BLOCK = 0xFFFF
"""Count of a block that is followed by another."""


def checksum(data: bytes) -> int:
    """Checksum octet of table data."""
    return -sum(data) & 0xFF


class TableData(Construct):
    """One block or several; decodes to a list of {data, checksum}.

    A wrong checksum is remarked and kept. Encoded: a block without `checksum` gets the right one.
    """

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> list[Record]:
        blocks: list[Record] = []
        count = FURTHER_BLOCK
        while count == FURTHER_BLOCK:
            place = f"{path}[{len(blocks)}]"
            count = (
                Int16ub._parse(stream, context, place)
                if stream.end - stream.pos >= 2
                else self._short(stream, place, 2)
            )
            start = stream.pos
            if stream.end - start < count + 1:
                self._short(stream, place, count + 1)
            data = stream.read(count)
            given = stream.read(1)[0]
            if given != (right := checksum(data)):
                text = f"table checksum {given:02X}, the data give {right:02X}"
                stream.remark("checksum-wrong", text, place, start + count)
            blocks.append(Record(data=data, checksum=given))
        return blocks

    @staticmethod
    def _short(stream: Cursor, path: str, wanted: int) -> int:
        raise short(path, stream, wanted)

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not obj:
            raise Misfit("one block at least is needed (its data may be empty)", path)
        for index, block in enumerate(obj):
            if not isinstance(block, Mapping) or not {"data"} <= set(block) <= {"data", "checksum"}:
                raise Misfit("data are wanted, and perhaps a checksum", f"{path}[{index}]")
            data, last = block["data"], index == len(obj) - 1
            if last != (len(data) < FURTHER_BLOCK):
                raise Misfit(
                    f"{len(data)} octets in a block: all but the last hold {FURTHER_BLOCK}, the last holds fewer",
                    f"{path}[{index}]",
                )
            Int16ub._build(len(data), stream, context, path)
            stream.write(data)
            given = block.get("checksum")
            Int8ub._build(checksum(data) if given is None else given, stream, context, path)
        return obj


TABLE_DATA = TableData()


def blocks(data: bytes) -> list[Record]:
    """Blocks that carry `data`, in the form that requests and responses take."""
    cuts = range(0, len(data) + 1, FURTHER_BLOCK)
    return [Record(data=data[at : at + FURTHER_BLOCK]) for at in cuts]


def joined(parts: Iterable[Mapping[str, Any]]) -> bytes:
    """The table octets that blocks carry."""
    return b"".join(part["data"] for part in parts)


@emits(TableData)
def _(code: Code, word: TableData, target: str, end: str, scope: Scope) -> None:
    count, data, found = code.name("n"), code.name("d"), code.name("b")
    code.line(f"{found} = []; {count} = {FURTHER_BLOCK}")
    code.begin(f"while {count} == {FURTHER_BLOCK}:")
    code.check(f"pos + 3 <= {end}")
    code.line(f"{count} = octets[pos] << 8 | octets[pos + 1]; pos += 2")
    code.check(f"pos + {count} < {end}")
    code.line(f"{data} = octets[pos:pos + {count}]; pos += {count} + 1")
    code.check(f"not (sum({data}) + octets[pos - 1]) & 255")
    code.line(f"{found}.append(Record(data={data}, checksum=octets[pos - 1]))")
    code.close()
    code.line(f"{target} = {found}")
