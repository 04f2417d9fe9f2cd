"""`c1222 decode` of serial lines: traces, logs as text, raw logs, in every form of output.

The octets are those of the protocol reference, 8.1 to 8.4: recorded packets of a GE I-210+c.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from decode_vectors import EXAMPLE_8, decode
from jsonschema import Draft202012Validator

from c1222_cli.main import main

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "fixtures" / "captures" / "optical_walk_through.pcapng"
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "decode.schema.json").read_text()))

SENT = [
    "EE00000000012013 10",
    "EE0020000005610100010681D2",
    "EE000000000D500000303030302020202020207635",
    "EE002000001551 00000000000000000000 20202020202020202020 7047",
    "EE0020000003300001D66E",
]
RECEIVED = [
    "EE0020000005000001 0000FF42",
    "EE000000000500010001064F8F",
    "EE0020000001008051",
    "EE0000000001019820",
    "EE0020000024 00 0020 47452020 493231302B632020 0109 0200 30303030303030312020202020202020 FD 844B",
]
TURNS = list(zip(SENT, RECEIVED, strict=True))
LOG = "".join(f"> {request}\n< 06\n< {answer}\n> 06\n" for request, answer in TURNS)
ROWS = [
    ("identify", "ok C12.18 1.0"),
    ("negotiate_1 256 x 1, 9600 baud", "ok 256 x 1, 9600 baud"),
    ('logon 0 "0000"', "ok"),
    ("security", "err: rejected, no reason given"),
    ("full_read ST-1", "ok 32 octets"),
]


def run(*arguments, **options):
    return CliRunner().invoke(main, ["decode", *map(str, arguments)], **options)


def rows(result):
    """Services and results of the plain format."""
    return [tuple(line.split("\t")[6:8]) for line in result.stdout.splitlines()]


@pytest.fixture
def logs(tmp_path):
    sent, received = tmp_path / "sent.bin", tmp_path / "received.bin"
    sent.write_bytes(b"".join(bytes.fromhex(request) + b"\x06" for request in SENT))
    received.write_bytes(b"".join(b"\x06" + bytes.fromhex(answer) for answer in RECEIVED))
    return sent, received


def test_a_trace():
    result = run(TRACE, "--format", "plain")
    assert (result.exit_code, rows(result)) == (0, ROWS)
    assert result.stderr == "10 messages (10 clear) in 5 exchanges, 5 answered\n"
    first = result.stdout.splitlines()[0].split("\t")
    assert first[2:6] == ["1/3", "2026-01-01T00:00:00.029375003Z", "client", "meter"]


def test_a_log_on_standard_input():
    result = decode(LOG, "--format", "plain")
    assert (result.exit_code, rows(result)) == (0, ROWS)


def test_a_packet_at_hand():
    result = decode(SENT[0], "--format", "plain")
    assert rows(result) == [("identify", "no answer")]


def test_raw_logs(logs):
    sent, received = logs
    result = run("--sent", sent, "--received", received, "--format", "plain")
    assert (result.exit_code, rows(result)) == (0, ROWS)
    assert [line.split("\t")[1:3] for line in result.stdout.splitlines()] == [
        [str(sent), f"{n}/{n}"] for n in range(1, 6)
    ]


def test_a_capture_and_raw_logs(logs):
    sent, received = logs
    result = run(TRACE, "--sent", sent, "--received", received, "--format", "json")
    document = json.loads(result.stdout)
    assert document["files"] == [str(TRACE), str(sent), str(received)]
    assert len(document["exchanges"]) == 10


def test_the_table_for_people():
    lines = run(TRACE).stdout.splitlines()
    assert len(lines) == 6
    assert "full_read ST-1" in lines[5]
    assert "ok 32 octets: GE I210+c, serial 00000001" in lines[5]
    assert "client  meter" in lines[1]


def test_an_address_on_a_shared_line():
    """Identity 05; CRC of EE 05 00 00 00 01 20 by the bitwise loop of the reference, 1.2."""
    octets = bytes.fromhex("EE050000000120")
    value = 0xFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    text = (octets + (value ^ 0xFFFF).to_bytes(2, "little")).hex()
    assert decode(f"> {text}\n", "--format", "plain").stdout.split("\t")[4:6] == ["client", "meter 5"]


def test_the_tree():
    text = run(TRACE, "--tree").stdout
    assert "message                         C12.18 or C12.21, 1 packet, sent, toggle 0" in text
    assert "51                                                 code                          security" in text
    assert "** ** ** ** ** ** ** ** ** ** ** ** ** ** ** **    password                      masked" in text
    assert "mfg_serial_number" in text
    assert "apdu" not in text
    assert '"\\x00' not in text


def test_json_is_valid_and_says_how_it_came():
    document = json.loads(run(TRACE, "--format", "json").stdout)
    SCHEMA.validate(document)
    read = document["exchanges"][4]
    assert read["request"]["link"] == {"line": 0, "way": "out", "identity": 0, "toggle": True, "packets": 1}
    assert read["response"]["services"][0]["table_data"]["fields"]["mfg_serial_number"] == "00000001        "
    assert read["response"]["services"][0]["data"]["blocks"][0]["checksum"] == 0xFD
    security = document["exchanges"][3]["request"]["services"][0]
    assert security["parameters"] == {"password": "masked", "user_id": None}
    assert document["summary"]["states"] == {"clear": 10}


def test_every_line_of_jsonl_is_valid(logs):
    sent, received = logs
    sent.write_bytes(sent.read_bytes().replace(b"\x06", b"\x55\x06", 1) + b"\xee\x00")
    lines = [
        json.loads(line)
        for line in run("--sent", sent, "--received", received, "--format", "jsonl").stdout.splitlines()
    ]
    for line in lines:
        SCHEMA.validate(line)
    remarks = [(line["code"], line["file"], line["packet"]) for line in lines if line["type"] == "remark"]
    assert ("line-noise", str(sent), 1) in remarks
    assert ("packet-lost", str(sent), 6) in remarks


def test_hex_is_read_again(tmp_path):
    text = run(TRACE, "--format", "hex", "--show-secrets").stdout
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    expected = [
        f"{mark} {bytes.fromhex(octets).hex()}" for turn in TURNS for mark, octets in zip("><", turn, strict=True)
    ]
    assert lines == expected
    again = decode(text, "--format", "plain")
    assert (again.exit_code, rows(again)) == (0, ROWS)


def test_hex_hides_the_password():
    text = run(TRACE, "--format", "hex").stdout
    assert "20 masked as 2a" in text
    assert "00000000000000000000" not in text
    # The packet has a right CRC all the same.
    assert rows(decode(text, "--format", "plain")) == ROWS


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "hex", "tree"])
def test_passwords_are_shown_on_demand_only(form):
    arguments = [TRACE, "--tree"] if form == "tree" else [TRACE, "--format", form]
    secret = ("00" * 10 + "20" * 10, " ".join(["00"] * 10))
    assert not any(word in run(*arguments).stdout for word in secret)
    shown = run(*arguments, "--show-secrets").stdout
    assert any(word in shown for word in secret) or form in ("table", "plain")


def test_service_chooses():
    assert rows(run(TRACE, "--service", "read", "--format", "plain")) == ROWS[4:]
    assert rows(run(TRACE, "--service", "negotiate", "--format", "plain")) == ROWS[1:2]


def test_c1222_beside_it():
    result = decode(EXAMPLE_8 + LOG, "--key", "2=env:K2", "--format", "plain")
    assert [row[0] for row in rows(result)] == [
        "security, offset_read ST-1 @16+16",
        *(services for services, _ in ROWS),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(LOG, 0, id="all-well"),
        pytest.param(f"> 55\n{LOG}", 0, id="a-wake-up"),
        pytest.param(LOG.replace("D66E", "D66F"), 7, id="a-packet-lost"),
        pytest.param(
            LOG.replace("< EE0000000001019820\n", "< EE0000000001019821\n> 15\n< EE0000000001019820\n"),
            0,
            id="sent-again",
        ),
        pytest.param("> 41 42 43\n", 7, id="no-c12.18"),
    ],
)
def test_exit_codes(text, code):
    assert decode(text).exit_code == code


def test_usage():
    assert "--sent FILE and --received FILE" in run().stderr
    assert run().exit_code == 2
    result = run("--sent", "/does/not/exist", "--format", "plain")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: /does/not/exist: No such file or directory\n")
    assert "--sent is for captures" in run("--table", "23", "--sent", "x", "00").stderr
    assert run("--table", "23").exit_code == 2


def test_a_log_is_not_overwritten(logs):
    sent, received = logs
    result = run("--sent", sent, "--received", received, "-o", received, "--format", "json")
    assert result.exit_code == 2
    assert "not overwritten" in result.stderr


def test_help_names_them():
    text = run("--help").stdout
    assert "--sent" in text
    assert "C12.18" in text
    assert "c1222 decode --sent to-meter.bin --received from-meter.bin" in text
