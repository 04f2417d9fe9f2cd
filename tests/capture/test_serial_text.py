"""Logs of serial lines as text: which lines have a mark, what it says, and what comes of whole logs."""

import gzip

import pytest
from capture_building import REQUEST8, decoded
from serial_building import ANSWERS, SERVICES, WALK, WALK_PAIRS, codes, decoded_octets, pairs_of, talk

from c1222.capture.hextext import BadLine, MarkedLine, read_hex
from c1222.capture.serial_text import read_mark

WALK_TALK = talk(WALK)
FORMS = {
    "arrows": {"out": "> ", "in": "< "},
    "long-arrows": {"out": "-> ", "in": "<- "},
    "double-arrows": {"out": ">>", "in": "<<"},
    "letters": {"out": "TX: ", "in": "RX: "},
    "small-letters": {"out": "tx ", "in": "rx "},
    "words": {"out": "Sent: ", "in": "Received: "},
    "directions": {"out": "OUT: ", "in": "IN: "},
    "clock": {"out": "12:00:01 > ", "in": "12:00:01.250 < "},
    "clock-in-brackets": {"out": "[12:00:01.250] TX: ", "in": "[12:00:01,250] RX: "},
    "date": {"out": "2026-01-02 12:00:01.250 -> ", "in": "2026-01-02T12:00:01Z <- "},
    "another-date": {"out": "02.01.2026 12:00:01 TX ", "in": "1/2/2026 12:00 RX "},
    "seconds": {"out": "0.000125 > ", "in": "1767225600.5 < "},
    "far-right": {"out": "\t   > ", "in": "\t   < "},
}


def log(marks, write=bytes.hex, end="\n"):
    return "".join(marks[way] + write(octets) + end for way, octets in WALK_TALK)


@pytest.mark.parametrize("marks", FORMS.values(), ids=FORMS)
def test_marks(marks, tmp_path):
    exchanges, remarks = decoded_octets(log(marks).encode(), tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])
    assert [(each.request.place.packet, each.response.place.packet) for each in exchanges] == [
        (4 * n + 1, 4 * n + 3) for n in range(5)
    ]


@pytest.mark.parametrize(
    "write",
    [
        lambda octets: octets.hex(" "),
        lambda octets: octets.hex(" ").upper(),
        lambda octets: octets.hex(":"),
        lambda octets: " ".join(f"0x{octet:02x}" for octet in octets),
        lambda octets: ", ".join(f"{octet:02X}" for octet in octets) + "   # a comment",
    ],
)
def test_forms_of_hex(write, tmp_path):
    exchanges, remarks = decoded_octets(log(FORMS["arrows"], write).encode(), tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])


def test_packed_and_with_the_ends_of_lines_of_others(tmp_path):
    octets = gzip.compress(("# begun\r\n\r\n" + log(FORMS["letters"], end="\r\n")).encode())
    exchanges, remarks = decoded_octets(octets, tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])


def test_an_octet_a_line(tmp_path):
    lines = [f"{'>' if way == 'out' else '<'} {octet:02x}\n" for way, octets in WALK_TALK for octet in octets]
    exchanges, remarks = decoded_octets("".join(lines).encode(), tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])


def test_packets_without_a_mark(tmp_path):
    """Hex text that begins with EE is no C12.22, whose messages begin with 60."""
    text = "\n".join(octets.hex(" ") for _, octets in WALK_TALK)
    exchanges, remarks = decoded_octets(text.encode(), tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])
    assert exchanges[0].request.link.way is None


def test_c1222_beside_it(tmp_path):
    text = f"{REQUEST8.hex()}\n{log(FORMS['arrows'])}{REQUEST8.hex()}\n"
    exchanges, remarks = decoded_octets(text.encode(), tmp_path)
    [expected], _ = decoded([REQUEST8])
    apdus = [each.request.octets for each in exchanges if each.request.link is None]
    assert apdus == [expected.request.octets] * 2
    assert pairs_of(each for each in exchanges if each.request.link) == WALK_PAIRS
    assert remarks == []


TIMES = [
    #            what stands before                      nanoseconds since 1970, as `date -d ... +%s` says
    pytest.param("2026-01-01T00:00:00Z", 1767225600_000000000, id="Z"),
    pytest.param("2026-01-01 00:00:00.25 UTC", 1767225600_250000000, id="UTC"),
    pytest.param("[2026-01-01T02:30:00,000000001+02:30]", 1767225600_000000001, id="offset"),
    pytest.param("2025-12-31T19:00:00-0500", 1767225600_000000000, id="offset-without-colon"),
    pytest.param("1767225600.123456789", 1767225600_123456789, id="seconds"),
    pytest.param("1767225600", 1767225600_000000000, id="whole-seconds"),
    pytest.param("2026-01-01T00:00:00", None, id="no-zone"),
    pytest.param("00:00:00.5", None, id="no-date"),
    pytest.param("12.5", None, id="since-somewhere"),
    pytest.param("2026-02-30T00:00:00Z", None, id="no-such-day"),
    pytest.param("1969-12-31T23:59:59Z", None, id="before-1970"),
]


@pytest.mark.parametrize(("text", "time_ns"), TIMES)
def test_times(text, time_ns):
    mark = read_mark(f"{text} > EE")
    assert (mark.way, mark.time_ns) == ("out", time_ns)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "60 4F A2 05",
        "0000  60 4f a2 05  `O..",
        "00000000: 604f a205 8003 7bc1  `O....{.",
        "00000010  3e 20 3c 20                                       |> < |",
        "# > EE 00",
        "TXT 06",
        "input 06",
        "12:00 06",
    ],
)
def test_lines_without_a_mark(line):
    assert read_mark(line) is None


def test_a_dump_ends_where_a_mark_begins():
    found = list(read_hex(["0000  60 4f", "> ee 00", "0002  a2 05"], 100))
    assert [type(one).__name__ for one in found] == ["HexMessage", "MarkedLine", "BadLine"]
    assert found[1] == MarkedLine(b"\xee\x00", 2, "out", None)


@pytest.mark.parametrize(("line", "column"), [("> EE 0", 5), ("12:00 RX: 0G", 11), ("< password", 3), ("< EE pass", 5)])
def test_what_is_not_hex_is_not_repeated(line, column):
    [bad] = read_hex([line], 100)
    assert bad == BadLine(f"not hex from column {column} on", 1)


@pytest.mark.parametrize("line", [">", "> ", "12:00 RX:", "< # nothing came"])
def test_a_mark_alone_says_nothing(line):
    assert list(read_hex([line], 100)) == []


def test_a_bad_line_costs_only_itself(tmp_path):
    lines = log(FORMS["arrows"]).splitlines()
    lines.insert(4, "> EE 00 0")
    exchanges, remarks = decoded_octets("\n".join(lines).encode(), tmp_path)
    assert [each.request.octets.hex() for each in exchanges] == SERVICES
    assert [each.response.octets.hex() for each in exchanges] == ANSWERS
    assert codes(remarks) == ["line-undecodable"]
