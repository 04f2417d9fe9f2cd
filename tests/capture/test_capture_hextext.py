"""Hex text in the forms in which people have it: lines, xxd, hexdump -C, Wireshark; comments, and lines that are bad.

Where xxd and hexdump are installed they make dumps; the typed ones have their forms and those of Wireshark's "Copy as
hex dump", with and without text.
"""

import gzip
import shutil
import subprocess

import pytest
from capture_building import ANSWER8, IDENTIFY, REQUEST8, TEXT8, clear, codes, decoded_file, messages

from c1222.capture.hextext import BadLine, HexMessage, read_hex

DIGITS = clear("40 0001 0024" + b"0123456789abcdef0123456789ABCDEF#|# ".hex() + "6D")
ZEROS = clear("40 0001 0080" + "00" * 128 + "00")  # lines that hexdump writes as *

XXD = """\
00000000: 6030 a211 060f 2b06 0104 0182 8563 8e7f  `0....+......c..
00000010: 85f1 c24e 00a6 0a06 082b 0601 0401 8285  ...N.....+......
00000020: 63a8 0602 0413 e814 21be 0728 0581 0380  c.......!..(....
00000030: 0120                                     .
"""
HEXDUMP = """\
00000000  60 30 a2 11 06 0f 2b 06  01 04 01 82 85 63 8e 7f  |`0....+......c..|
00000010  85 f1 c2 4e 00 a6 0a 06  08 2b 06 01 04 01 82 85  |...N.....+......|
00000020  63 a8 06 02 04 13 e8 14  21 be 07 28 05 81 03 80  |c.......!..(....|
00000030  01 20                                             |. |
00000032
"""
WIRESHARK = """\
0000   60 30 a2 11 06 0f 2b 06 01 04 01 82 85 63 8e 7f   `0....+......c..
0010   85 f1 c2 4e 00 a6 0a 06 08 2b 06 01 04 01 82 85   ...N.....+......
0020   63 a8 06 02 04 13 e8 14 21 be 07 28 05 81 03 80   c.......!..(....
0030   01 20                                             .
"""
WIRESHARK_WITHOUT_TEXT = """\
0000   60 30 a2 11 06 0f 2b 06 01 04 01 82 85 63 8e 7f
0010   85 f1 c2 4e 00 a6 0a 06 08 2b 06 01 04 01 82 85
0020   63 a8 06 02 04 13 e8 14 21 be 07 28 05 81 03 80
0030   01 20
"""
TEXT2PCAP = WIRESHARK_WITHOUT_TEXT.replace("   ", "  ").replace("\n00", "\n0000")


def read(text: str, limit: int = 0x10000):
    found = list(read_hex(text.splitlines(keepends=True), limit))
    good = [one.octets for one in found if isinstance(one, HexMessage)]
    return good, [one.line for one in found if isinstance(one, BadLine)]


PLAIN = IDENTIFY.hex()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(PLAIN, id="lower-case"),
        pytest.param(PLAIN.upper(), id="upper-case"),
        pytest.param(IDENTIFY.hex(" "), id="blanks"),
        pytest.param(IDENTIFY.hex(":"), id="colons"),
        pytest.param(IDENTIFY.hex("-"), id="dashes"),
        pytest.param(" \t" + IDENTIFY.hex(" ") + "  # a comment with 60 30", id="comment-behind"),
        pytest.param(", ".join(f"0x{octet:02x}" for octet in IDENTIFY), id="as-in-c"),
        pytest.param("0x" + PLAIN, id="0x"),
        pytest.param("60 30 A211 060F 2B06010401828563 " + PLAIN[28:], id="fields-spaced"),
    ],
)
def test_one_message_a_line(line):
    assert read(f"# first\n\n{line}\n{ANSWER8.hex()}\n") == ([IDENTIFY, ANSWER8], [])
    assert read(line.replace("\n", "\r\n")) == ([IDENTIFY], [])


@pytest.mark.parametrize(
    "dump",
    [
        pytest.param(XXD, id="xxd"),
        pytest.param(HEXDUMP, id="hexdump-C"),
        pytest.param(WIRESHARK, id="wireshark"),
        pytest.param(WIRESHARK_WITHOUT_TEXT, id="wireshark-without-text"),
        pytest.param(TEXT2PCAP, id="six-digits"),
        pytest.param(WIRESHARK.replace("   ", "\t", 1), id="tab"),
        pytest.param(XXD.upper(), id="upper-case"),
        pytest.param(HEXDUMP.replace("\n", "\r\n"), id="cr-lf"),
    ],
)
def test_dumps(dump):
    assert read(dump) == ([IDENTIFY], [])
    assert read(f"# one\n{dump}# two\n{dump}\n{PLAIN}\n{dump}") == ([IDENTIFY] * 4, [])
    assert read(dump + dump) == ([IDENTIFY] * 2, [])


@pytest.mark.parametrize("data", [IDENTIFY, REQUEST8, DIGITS, ZEROS, b"0123456789abcdef" * 5 + b"01", b" " * 40])
@pytest.mark.parametrize(
    "command",
    [
        ["xxd"],
        ["xxd", "-c", "8"],
        ["xxd", "-g", "1"],
        ["xxd", "-u", "-c", "20"],
        ["xxd", "-p", "-c", "256"],
        ["hexdump", "-C"],
    ],
    ids=" ".join,
)
def test_dumps_as_the_tools_make_them(command, data):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    dump = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
    assert read(dump) == ([data], [])
    assert read(dump + "\n" + dump) == ([data] * 2, [])


DIGIT_DUMP = """\
0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef
0010  30 31 32 33 23 35 36 37  0123#567
0018  30 31  01
"""


def test_text_column_that_looks_like_hex():
    assert read(DIGIT_DUMP) == ([b"0123456789abcdef0123#56701"], [])


def test_star_stands_for_lines_like_the_one_before():
    assert read(
        "00000000  60 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |`...............|\n"
        "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"
        "*\n"
        "00000050  01 02                                             |..|\n"
        "00000052\n"
    ) == ([b"\x60" + bytes(0x4F) + b"\x01\x02"], [])


@pytest.mark.parametrize("offset", ["ffffffff", "00010001", "00000010"])
def test_star_is_bounded(offset):
    dump = f"00000000  60 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |`...............|\n*\n{offset}\n"
    good, _ = read(dump)
    assert max(map(len, good)) <= 0x10000


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("60 4", "not hex from column 3"),
        ("60 3g", "not hex from column 3"),
        ("hello", "not hex from column 1"),
        ("604", "not hex from column 3"),
        ("0020  63 a8", "beginning is missing"),
        ("0000  60 zz", "not hex from column 9"),
        ("\x00\x01\x02", "not hex"),
    ],
)
def test_bad_lines(line, why):
    found = list(read_hex([PLAIN + "\n", line + "\n", ANSWER8.hex() + "\n"], 0x10000))
    assert [one.octets for one in found if isinstance(one, HexMessage)] == [IDENTIFY, ANSWER8]
    (bad,) = [one for one in found if isinstance(one, BadLine)]
    assert bad.line == 2
    assert why in bad.text


def test_bad_line_is_not_repeated():
    """One wrong digit, and the rest may be a password."""
    (bad,) = read_hex(["51" + b"PASSWORD".hex() + "0"], 0x10000)
    assert b"PASSWORD".hex() not in bad.text


def test_dump_that_breaks_off():
    lines = XXD.splitlines()
    assert read("\n".join([lines[0], lines[2], PLAIN])) == ([IDENTIFY[:16], IDENTIFY], [2])


def test_message_beyond_the_limit():
    assert read(f"{ANSWER8.hex()}\n{PLAIN}\n", limit=len(IDENTIFY)) == ([IDENTIFY], [1])
    assert read(f"{XXD}{PLAIN[:40]}\n", limit=40) == ([IDENTIFY[:20]], [3, 4])


def test_lines_of_any_octets_end():
    noise = bytes(range(256)) * 3
    for at in range(len(noise)):
        list(read_hex(noise[at:].decode("latin-1").splitlines(), 100))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_file(tmp_path, packed):
    path = tmp_path / "messages.hex"
    text = f"# example 8\n{REQUEST8.hex(' ')}\nnonsense\n{ANSWER8.hex(' ')}\n".encode()
    path.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    (exchange,), (remark,) = decoded_file(path)
    assert exchange.request.opened.text == TEXT8
    assert codes(exchange.response) == ["answer-count"]
    places = [(m.place.file, m.place.packet, m.place.time_ns, m.place.flow) for m in messages([exchange])]
    assert places == [(str(path), 2, None, None), (str(path), 4, None, None)]
    assert (remark.code, remark.kind, remark.file, remark.packet) == ("line-undecodable", "undecodable", str(path), 3)


def test_remarks_of_a_file_of_nonsense_are_bounded(tmp_path):
    path = tmp_path / "nonsense.txt"
    path.write_text("zz\n" * 10_000)
    exchanges, remarks = decoded_file(path)
    assert exchanges == []
    assert [remark.packet for remark in remarks] == list(range(1, 22))
    assert "only counted" in remarks[-1].text


def test_gzip_that_breaks_off(tmp_path):
    path = tmp_path / "messages.hex.gz"
    text = "".join(f"{REQUEST8.hex()} # {number * 7919 % 1000}\n" for number in range(1000))
    path.write_bytes(gzip.compress(text.encode(), mtime=0)[:-200])
    exchanges, remarks = decoded_file(path)
    assert 0 < len(exchanges) < 1000
    assert [remark.code for remark in remarks] == ["line-undecodable"]
