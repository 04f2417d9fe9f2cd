"""What people see: the table, plain fields, the tree, hex text."""

import re

import pytest
from click.testing import CliRunner
from decode_vectors import (
    EXAMPLE_8,
    EXAMPLE_8_REQUEST,
    EXAMPLE_8_RESPONSE,
    IDENTIFY,
    INDEX_READ,
    ISSS,
    SECURITY,
    clear_apdu,
    decode,
)

from c1219_tables.schema.cursor import Span
from c1222.capture.decode import Decoder
from c1222.capture.source import Piece, Place
from c1222.capture.summary import Summary
from c1222.pcap.flow import Flow
from c1222.security.keys import KeyRing
from c1222_cli.decode.people import TableWriter
from c1222_cli.decode.tree import rows
from c1222_cli.layout import Column, Layout, cut
from c1222_cli.main import main

HOST, METER = "1.3.6.1.4.1.33507", "1.3.6.1.4.1.33507.1919.12345678.0"


def test_the_table_is_aligned():
    header, row, *others = decode(IDENTIFY + EXAMPLE_8 + INDEX_READ, "--key", "2=env:K2").stdout.splitlines()
    assert re.split(r"  +", header) == [
        "packet",
        "time (UTC)",
        "from",
        "to",
        "services",
        "result",
        "security",
        "remarks",
    ]
    assert row.split("  ")[0] == "1/2"
    assert len(others) == 2


OFFSET_READ = "security, offset_read ST-1 @16+16"

ROWS = [
    #            text, (from, to, services, result, security, remarks)
    pytest.param(
        EXAMPLE_8, (".123.4", ".123.8437", OFFSET_READ, "ok 16 octets", "opened, key 2", "answer-count"), id="example-8"
    ),
    pytest.param(IDENTIFY, (HOST, METER, "identify", "ok C12.22 1.0", "clear", "missing-a4"), id="identify"),
    pytest.param(
        INDEX_READ,
        (HOST, METER, "index_read_1 ST-0 [0] x1", "ok 8 octets", "clear", "checksum-wrong,missing-a4"),
        id="index-read",
    ),
    pytest.param(SECURITY, (HOST, METER, "security", "ok", "clear", "missing-a4"), id="security"),
    pytest.param(
        ISSS, (HOST, METER, "identify", "isss: invalid service sequence state", "clear", "missing-a4"), id="isss"
    ),
    pytest.param(
        EXAMPLE_8_REQUEST, (".123.4", ".123.8437", OFFSET_READ, "no answer", "opened, key 2", "-"), id="no-answer"
    ),
    pytest.param(
        EXAMPLE_8_RESPONSE,
        (".123.4", ".123.8437", "?", "ok 19 octets", "opened, key 2", "request-unknown"),
        id="no-request",
    ),
]
REQUESTS = [
    #            services in octets, in words
    pytest.param([b"\x70\x1e", b"\x21"], "wait 30 s, terminate", id="wait"),
    pytest.param([b"\x61\x01\x00\x01\x06"], "negotiate_1 256 x 1, 9600 baud", id="negotiate"),
    pytest.param([b"\x4f\x08\x11\x00\x00\x02\x00\x01\x05\xfb"], "offset_write MT-17 @2 1 octet", id="write"),
    pytest.param([b"\x25\x0d\x02\x7b\x04"], "resolve .123.4", id="resolve"),
    pytest.param([b"\x6f\x01"], "service 6F (1 octet)", id="unknown-service"),
]


@pytest.mark.parametrize(("services", "words"), REQUESTS)
def test_requests_in_words(services, words):
    fields = decode(clear_apdu(*services), "--format", "plain").stdout.rstrip("\n").split("\t")
    assert fields[4:] == ["?", "?", words, "no answer", "clear", "-"]


@pytest.mark.parametrize(("text", "fields"), ROWS)
def test_plain_fields(text, fields):
    (line,) = decode(text, "--key", "2=env:K2", "--format", "plain").stdout.splitlines()
    kind, file, packets, time, *others = line.split("\t")
    assert (kind, file, time) == ("exchange", "-", "-")
    assert re.fullmatch(r"\d(/\d)?", packets)
    assert tuple(others) == fields


def test_plain_remark():
    assert decode("60 4f zz\n", "--format", "plain").stdout == (
        "remark\t-\t1\tline-undecodable\tnot hex from column 6 on\n"
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [(["--key", "2=env:WRONG"], "BAD MAC, key 2"), ([], "no key 2"), (["--key", "2=env:K2"], "opened")],
)
def test_security_states(key, words):
    assert words in decode(EXAMPLE_8, *key, env={"WRONG": "11" * 16}).stdout


HOSTILE = clear_apdu(b"\x50\x00\x02" + b"\x1b[31m\x07\x9b\t\n\r" + b"\x00\x3c")


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "hex", "tree"])
def test_no_control_character_reaches_a_terminal(form):
    options = ["--tree"] if form == "tree" else ["--format", form]
    shown = decode(HOSTILE, *options).stdout
    allowed = "\n\t" if form == "plain" else "\n"
    assert all(character.isprintable() or character in allowed for character in shown)
    assert shown.count("\t") == (9 if form == "plain" else 0)


def test_a_file_name_is_escaped(tmp_path):
    names = [tmp_path / "a\x1b[1m.hex", tmp_path / "b.hex"]
    for name in names:
        name.write_text(ISSS)
    for form in ("table", "plain", "json", "jsonl", "hex"):
        shown = CliRunner().invoke(main, ["decode", *map(str, names), "--format", form]).output
        assert "\x1b" not in shown
        assert "\\x1b" in shown or "\\u001b" in shown


# ── widths


def test_columns_shrink_from_the_widest():
    columns = (Column("a", 2), Column("b", 4, keep_end=True))
    layout = Layout(columns, [["x" * 10, "y" * 30]], 20)
    assert sum(layout.widths) + 2 == 20
    assert layout.line(["x" * 10, "0123456789" * 3], "~").endswith("~123456789")


def test_columns_grow_without_a_limit():
    layout = Layout((Column("a", 2), Column("b", 2)), [["x", "y"]], None)
    assert layout.line(["longer", "y"], "~") == "longer  y"
    assert layout.line(["x", "y"], "~") == "x       y"


@pytest.mark.parametrize(
    ("text", "cut_text"), [("short", "short"), ("exactly8", "exactly8"), ("much longer", "much lo~")]
)
def test_cut(text, cut_text):
    assert cut(text, 8, "~") == cut_text
    assert cut("much longer", 8, "~", keep_end=True) == "~ longer"


def exchanges(count, *, second=1_223_938_145):
    flow = Flow("192.0.2.1", 1153, "192.0.2.2", 1153, "udp")
    decoder = Decoder(KeyRing(), lambda _: None)
    octets = bytes.fromhex(clear_apdu(b"\x30\x00\x01"))
    for number in range(count):
        place = Place("x.pcap", number + 1, (second + 86_400 * number) * 10**9, flow, number + 1)
        yield from decoder.feed(Piece(octets, place))
    yield from decoder.close()


@pytest.mark.parametrize("width", [79, 100, 130])
def test_the_table_fits_the_terminal(width):
    lines: list[str] = []
    writer = TableWriter(lines.append, width=width)
    for exchange in exchanges(3):
        writer.exchange(exchange)
    writer.end(Summary())
    assert max(map(len, lines)) <= width
    assert any(line.startswith("packet") for line in lines)


def test_a_narrow_table_tells_the_day_when_it_changes():
    lines: list[str] = []
    writer = TableWriter(lines.append, width=90)
    for exchange in exchanges(2):
        writer.exchange(exchange)
    writer.end(Summary())
    # 48F3D061 as a clock.
    assert lines[1] == "2008-10-13 UTC"
    assert lines[2].split()[1] == "22:49:05.000"
    assert lines[3] == "2008-10-14 UTC"


def test_rows_are_held_back_only_at_first():
    lines: list[str] = []
    writer = TableWriter(lines.append, sample=2)
    found = list(exchanges(3))
    writer.exchange(found[0])
    assert not lines
    writer.exchange(found[1])
    assert len(lines) == 3
    writer.exchange(found[2])
    assert len(lines) == 4


def test_colour_only_when_asked():
    plain: list[str] = []
    coloured: list[str] = []
    for lines, colour in ((plain, False), (coloured, True)):
        writer = TableWriter(lines.append, colour=colour)
        for exchange in exchanges(1):
            writer.exchange(exchange)
        writer.end(Summary())
    assert "\x1b" not in "".join(plain)
    assert "\x1b[" in "".join(coloured)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in coloured] == plain


# ── tree

TREE = [
    #  offset, length, octets                                     element                     value
    "     0    81  60 4f apdu",
    "     2     7  a2 05 80 03 7b c1 75 called_ap_title .123.8437 = 2.16.124.113620.1.22.0.123.8437",
    "     9     6  a6 04 80 02 7b 04 calling_ap_title .123.4 = 2.16.124.113620.1.22.0.123.4",
    "    15     5  a8 03 02 01 03 calling_ap_invocation_id 3",
    "    28     3  80 01 02 key_id 2",
    "    31     6  81 04 48 f3 d0 61 iv 2008-10-13 22:49:05 UTC",
    "    43     1  88 control enciphered and authenticated, answer always",
    "    45     1  51 code security: give the password",
    "    46    20  ** ** ** ** ** ** ** ** ** ** ** ** ** ** ** ** password masked",
    "    66     2  00 02 user_id 2",
    "    69     1  3f code offset_read: read octets of a table",
    "    70     2  00 01 table ST-1 (1)",
    "    72     3  00 00 10 offset 16",
    "    75     2  00 10 octet_count 16",
    "    77     4  99 c5 d4 e8 mac holds",
    "    49    21  14 services[0] answer to offset_read ST-1",
    "    50     1  00 code ok: accepted",
    "    51    19  00 10 4d 41 4e 55 46 41 43 54 55 52 45 52 20 53 blocks 16 octets, checksum 92 right,"
    ' "MANUFACTURER SN "',
    "    70     4  33 4c b2 68 mac holds",
]


def test_tree_of_example_8():
    shown = [re.sub(r"\s+", " ", line) for line in decode(EXAMPLE_8, "--tree", "--key", "2=env:K2").stdout.splitlines()]
    for expected in TREE:
        wanted = re.sub(r"\s+", " ", expected)
        assert any(line == wanted or line.startswith(f"{wanted} (") for line in shown), expected


def test_tree_shows_secrets_when_asked():
    shown = decode(EXAMPLE_8, "--tree", "--key", "2=env:K2", "--show-secrets").stdout
    assert '"PASSWORD            "' in shown


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (INDEX_READ, [], "8 octets, checksum 00 wrong, the data give A6"),
        (IDENTIFY, [], "nbr_sessions 8"),
        (ISSS, [], "isss: invalid service sequence state"),
        (clear_apdu(b"\x61\x01\x00\x01\x06"), [], "9600 baud"),
        (EXAMPLE_8, ["--key", "2=env:WRONG"], "DOES NOT HOLD"),
        (EXAMPLE_8, [], "enciphered"),
        (EXAMPLE_8, [], "not checked"),
        ("60 05 01 02 03\n", [], "not decoded"),
    ],
)
def test_tree_values(text, options, words):
    assert words in decode(text, "--tree", *options, env={"WRONG": "11" * 16}).stdout


@pytest.mark.parametrize("text", [EXAMPLE_8, IDENTIFY, INDEX_READ, SECURITY, HOSTILE, "60 05 01 02 03"])
def test_tree_shows_every_octet_once(text):
    shown = decode(text, "--tree", "--show-secrets", "--key", "2=env:K2").stdout
    places = []
    for line in shown.splitlines():
        if match := re.match(r"\s*(\d+) [\s\d]{5}  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(  |$)", line):
            octets = match[2].split()
            if int(match[1]) == 0:
                places.append([])
            places[-1] += range(int(match[1]), int(match[1]) + len(octets))
    lengths = [len(bytes.fromhex(line)) for line in text.splitlines() if not line.startswith("#")]
    assert sorted(map(len, places)) == sorted(lengths)
    assert all(octets == list(range(len(octets))) for octets in places)


def test_rows_name_octets_between_elements():
    found = list(rows([Span("a", 2, 6), Span("a.b", 3, 4), Span("c", 8, 9)], 10))
    assert [(row.start, row.end, row.field) for row in found] == [
        (0, 2, "apdu"), (2, 3, "a"), (3, 4, "a.b"), (4, 6, ""), (6, 8, ""), (8, 9, "c"), (9, 10, ""),
    ]  # fmt: skip


# ── hex


def test_hex_text_is_read_again():
    once = decode(EXAMPLE_8 + IDENTIFY, "--format", "hex", "-q").stdout
    octets = [line for line in once.splitlines() if not line.startswith("#")]
    assert octets[:2] == [bytes.fromhex(text).hex() for text in (EXAMPLE_8_REQUEST, EXAMPLE_8_RESPONSE)]
    again = decode(once, "--format", "hex", "-q").stdout
    assert [line for line in again.splitlines() if not line.startswith("#")] == octets
    assert "masked" not in once


def test_hex_masks_a_password_and_says_so():
    comment, octets = decode(SECURITY, "--format", "hex", "-q").stdout.splitlines()[:2]
    assert comment.endswith("70 octets, 20 masked as 2a (--show-secrets shows them)")
    assert octets.endswith("51" + "2a" * 20)
    assert (
        decode(SECURITY, "--format", "hex", "-q", "--show-secrets")
        .stdout.splitlines()[1]
        .endswith("5100000000000000" + "0070617373776f726431323334")
    )
