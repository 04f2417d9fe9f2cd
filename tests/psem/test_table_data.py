"""Table data blocks and their checksum: protocol.md 2.3."""

import pytest

from c1219_tables.schema.dialect import Struct
from c1219_tables.schema.layout import Layout
from c1222.errors import MessageError
from c1222.psem.blocks import TABLE_DATA, blocks, checksum, joined

DATA = Layout("data", Struct("blocks" / TABLE_DATA), error=MessageError)
MOST = 0xFFFF


def octets(text):
    return bytes.fromhex(text)


# GE ST-1 as in walk-through 8.4, and the A3R ST-1 of walk-through 8.11.
GE_ST1 = octets("47452020 49323130 2B632020 0109 0200 3030303030303031 2020202020202020")
A3R_ST1 = octets("45452020 4133522020202020 0200 0306 2020202020202020 3132333435363738")


@pytest.mark.parametrize(
    ("data", "right"),
    [
        pytest.param(b"", 0x00, id="empty"),
        pytest.param(b"\x01\x02\x03", 0xFA, id="010203"),
        pytest.param(b"testdata", 0xA6, id="testdata"),
        pytest.param(b"MANUFACTURER SN ", 0x92, id="example-8"),
        pytest.param(GE_ST1, 0xFD, id="GE-ST-1"),
        pytest.param(octets("0140000000"), 0xBF, id="GE-ST-3"),
        pytest.param(A3R_ST1, 0x21, id="A3R-ST-1"),
        pytest.param(b"\x00" * 10, 0x00, id="zeros"),
        pytest.param(b"\x80\x80", 0x00, id="sum-of-256"),
    ],
)
def test_checksum(data, right):
    assert checksum(data) == right
    block = len(data).to_bytes(2, "big") + data + bytes([right])
    decoded = DATA.decode(block)
    assert decoded == {"blocks": [{"data": data, "checksum": right}]}
    assert decoded.remarks == []
    assert DATA.encode({"blocks": [{"data": data}]}) == block


def test_a_wrong_checksum_is_remarked_kept_and_written_again():
    # The response of c1222_rw_service_tcp.pcap: 00 where A6 is right (walk-through 8.7).
    given = octets("0008 7465737464617461 00")
    decoded = DATA.decode(given)
    assert decoded.blocks == [{"data": b"testdata", "checksum": 0}]
    (remark,) = decoded.remarks
    assert (remark.code, remark.field, remark.offset) == ("checksum-wrong", "blocks[0]", 10)
    assert "00" in remark.text
    assert "A6" in remark.text
    assert DATA.encode(decoded) == given


@pytest.mark.parametrize(
    ("data", "sizes"),
    [
        pytest.param(bytes(MOST - 1), [MOST - 1], id="one-below"),
        pytest.param(bytes(MOST), [MOST, 0], id="just-full-and-an-empty-one"),
        pytest.param(bytes(MOST + 1), [MOST, 1], id="one-more"),
        pytest.param(b"\x01" * (2 * MOST + 3), [MOST, MOST, 3], id="three-blocks"),
    ],
)
def test_a_count_of_ffff_says_that_a_block_follows(data, sizes):
    wire, at = b"", 0
    for size in sizes:
        part = data[at : at + size]
        # Each block has its own count and its own checksum.
        wire += size.to_bytes(2, "big") + part + bytes([-sum(part) & 0xFF])
        at += size
    decoded = DATA.decode(wire)
    assert [len(block.data) for block in decoded.blocks] == sizes
    assert joined(decoded.blocks) == data
    assert decoded.remarks == []
    assert DATA.encode(decoded) == wire
    assert DATA.encode({"blocks": blocks(data)}) == wire


@pytest.mark.parametrize(
    ("given", "field", "offset", "message"),
    [
        pytest.param(b"", "blocks[0]", 0, "2 octets wanted, 0 left", id="nothing"),
        pytest.param(b"\x00", "blocks[0]", 0, "2 octets wanted, 1 left", id="half-a-count"),
        pytest.param(b"\x00\x00", "blocks[0]", 2, "1 octet wanted, 0 left", id="checksum-missing"),
        pytest.param(
            b"\x00\x03\x01\x02\x03", "blocks[0]", 2, "4 octets wanted, 3 left", id="checksum-missing-behind-data"
        ),
        pytest.param(b"\xff\xff\x01", "blocks[0]", 2, "65536 octets wanted, 1 left", id="a-claim-of-64-KiB"),
        pytest.param(
            b"\xff\xff" + bytes(MOST + 1), "blocks[1]", 65538, "2 octets wanted, 0 left", id="the-further-block-missing"
        ),
        pytest.param(
            b"\xff\xff" + bytes(MOST + 1) + b"\x00\x05\x01",
            "blocks[1]",
            65540,
            "6 octets wanted, 1 left",
            id="it-is-cut",
        ),
    ],
)
def test_blocks_that_are_cut(given, field, offset, message):
    with pytest.raises(MessageError, match=message) as info:
        DATA.decode(given)
    assert (info.value.field, info.value.offset) == (field, offset)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([], id="none"),
        pytest.param(None, id="missing"),
        pytest.param([{"data": bytes(MOST)}], id="last-block-full"),
        pytest.param([{"data": b"\x01"}, {"data": b"\x02"}], id="short-block-before-the-last"),
        pytest.param([{"data": bytes(MOST + 1)}, {"data": b""}], id="block-too-large"),
        pytest.param([{"checksum": 0}], id="no-data"),
        pytest.param([{"data": b"", "checksum": -1}], id="checksum-negative"),
        pytest.param([{"data": "text"}], id="text"),
        pytest.param([{"data": b"\x01", "cheksum": 3}], id="unknown-name"),
    ],
)
def test_blocks_that_cannot_be_written(value):
    with pytest.raises(MessageError) as info:
        DATA.encode({"blocks": value})
    assert info.value.field.startswith("blocks")
