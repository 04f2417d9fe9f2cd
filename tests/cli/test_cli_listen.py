"""`c1222 listen`: what plain sockets send, typed from the protocol reference, and what is shown of it."""

import json
import re
import socket

import pytest
from click.testing import CliRunner
from served_commands import TIME, connected, port_of, received, running

from c1222_cli.main import main

METER = "06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00"
HOST = "06 08 2B 06 01 04 01 82 85 63"
# Walk-through 8.8, a synthetic registration.
REGISTER = bytes.fromhex(
    f"60 5B  A2 11 {METER}  A6 0A {HOST}  A8 06 02 04 13 E8 14 21  BE 32 28 30 81 2E  80  2C 27 FD EF 01 82 85 63"
    f" {HOST} {HOST}  08 66 69 7A 7A 62 75 7A 7A  01 02 03  04 62 65 65 66"
)
# EAX' vector 2 of the standard's authors as a message: notification, one-way (9A), enciphered with key 2.
ONE_WAY = bytes.fromhex(
    "60 53  A2 0C 06 0A 60 7C 86 F7 54 01 16 00 7B 02  A6 0D 06 0B 60 7C 86 F7 54 01 16 00 7B 82 11"
    "  A7 03 02 01 04  A8 03 02 01 02  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D2 F8"
    "  BE 19 28 17 81 15  9A 8D 2F BB 7A 0A 8C 4D 40 ED AA 10 A4 64 31 C9 B8 FE C6 D9 E8"
)
WRONG_MAC = ONE_WAY[:-1] + b"\x00"
TCP, UDP = ("--listen", "tcp://127.0.0.1:0"), ("--listen", "udp://127.0.0.1:0")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("K2", "01020304050607080102030405060708")


def listened(served):
    """Where it listens, as it says when it does."""
    line = served.process.stderr.readline()
    assert line.startswith("listening on "), line
    return re.findall(r"(?:tcp|udp)://[^,; ]+", line)


def send(target, *pieces):
    with connected(target) as connection:
        for piece in pieces:
            connection.sendall(piece)


def send_datagram(target, octets):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(octets, ("127.0.0.1", port_of(target)))


def plain(line):
    return line.rstrip("\n").split("\t")


def test_a_line_as_soon_as_a_message_is_there():
    with running("listen", *TCP, "--format", "plain") as served:
        (target,) = listened(served)
        for number in (1, 2):
            send(target, REGISTER[:50], REGISTER[50:])
            kind, place, packet, time, asks, asked, services, result, security, remarks = plain(
                served.process.stdout.readline()
            )
            assert (kind, place, packet) == ("exchange", target, str(number))
            assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", time)
            assert (asks, asked) == ("1.3.6.1.4.1.33507", "1.3.6.1.4.1.33507.1919.12345678.0")
            assert services == "register 1.3.6.1.4.1.33507"
            assert (result, security, remarks) == ("no answer", "clear", "-")
        code, out, err = served.end()
    assert (code, out) == (0, "")
    assert "2 messages (2 clear) in 2 exchanges, 0 answered" in err


def test_a_notification_by_datagram_is_opened_with_its_key():
    with running("listen", *TCP, *UDP, "--key", "2=env:K2", "--format", "jsonl", "--count", "1") as served:
        _, target = listened(served)
        send_datagram(target, ONE_WAY)
        code, out, _ = served.process.wait(TIME), *served.process.communicate()
    assert code == 0
    head, found, summary = map(json.loads, out.splitlines())
    request = found["request"]
    assert (head["type"], summary["type"], found["response"]) == ("decode", "summary", None)
    assert request["flow"]["protocol"] == "udp"
    assert request["flow"]["destination_port"] == port_of(target)
    assert request["security"]["state"] == "opened"
    # The vector's plaintext: ED class "TEMP", then a full write of table 7.
    assert request["ed_class"] == b"TEMP".hex()
    assert [service["name"] for service in request["services"]] == ["full_write"]
    assert request["services"][0]["parameters"]["table"] == 7


def test_with_answer_a_registration_is_answered():
    with running("listen", *TCP, "--answer", "--format", "plain", "--count", "2") as served:
        (target,) = listened(served)
        with connected(target) as connection:
            connection.sendall(REGISTER)
            answer = received(connection, 74)
            # The request's titles exchanged, its id in A4; ok, the title asked for, no delay, the period asked for.
            assert (
                answer[:43]
                == bytes.fromhex(f"60 48 A2 0A {HOST} A4 06 02 04 13 E8 14 21 A6 11 {METER} A8 06 02 04")[:43]
            )
            assert answer[-25:] == bytes.fromhex(f"BE 17 28 15 81 13 80 11 00 {HOST} 00 00 01 02 03 E7")
            connection.sendall(ONE_WAY)
        out, _ = served.process.communicate(timeout=TIME)
    first, second = map(plain, out.splitlines())
    assert first[2] == "1/2"
    assert first[7] == "ok 1.3.6.1.4.1.33507"
    assert second[7] == "no answer (none wanted)"
    assert second[8] == "no key 2"


def test_without_answer_nothing_is_sent():
    with running("listen", *TCP, "--count", "1") as served:
        (target,) = listened(served)
        with connected(target) as connection:
            connection.sendall(REGISTER)
            assert received(connection, 1) == b""  # closed when the command ended
        assert served.process.wait(TIME) == 0


def test_strangers_do_not_stop_it():
    with running("listen", *TCP, *UDP, "--key", "2=env:K2", "--format", "plain") as served:
        stream, datagrams = listened(served)
        with connected(stream) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert received(stranger, 1) == b""  # hung up on
        assert "begins with 60, not with 47" in served.process.stdout.readline()
        for datagram, word in ((b"\x00" * 1000, "unreadable"), (WRONG_MAC, "BAD MAC"), (ONE_WAY, "opened")):
            send_datagram(datagrams, datagram)
            assert word in served.process.stdout.readline()
        send(stream, REGISTER)
        assert "register" in served.process.stdout.readline()
        code, _, err = served.end()
    assert code == 0
    assert "Traceback" not in err


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "heard.jsonl"
    with running("listen", *TCP, "-o", str(path), "--count", "1") as served:
        (target,) = listened(served)
        assert not path.exists()
        send(target, REGISTER)
        assert served.process.wait(TIME) == 0
    assert [json.loads(line)["type"] for line in path.read_text().splitlines()] == ["decode", "exchange", "summary"]


def test_time_is_over():
    result = CliRunner().invoke(main, ["listen", *TCP, "--seconds", "0.001"])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "nothing came"


def test_nobody_reads_any_more():
    with running("listen", *TCP, "--format", "plain") as served:
        (target,) = listened(served)
        served.process.stdout.close()
        served.process.stdout = None
        send(target, REGISTER)
        assert served.process.wait(TIME) == 0
        assert "Traceback" not in served.process.stderr.read()


BAD = [
    #            arguments                              what is said
    pytest.param(["--listen", "pty"], "one can listen on tcp://HOST:PORT, udp://HOST:PORT", id="pty"),
    pytest.param(["--tree", "--format", "plain"], "--tree is a form of its own", id="two-forms"),
    pytest.param(["-o", "x.json"], ".json is no form of a list without end (.jsonl", id="json"),
    pytest.param(["-o", "x.pdf"], "no format goes with '.pdf'", id="no-format"),
    pytest.param(["--key", "x"], "--key wants a key id", id="key"),
    pytest.param(["--dims", "none.json"], "none.json: No such file", id="dims"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_options_that_cannot_work(arguments, words):
    result = CliRunner().invoke(main, ["listen", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(main, ["listen", "--listen", f"tcp://127.0.0.1:{taken.getsockname()[1]}"])
    assert result.exit_code == 6
    assert "another program listens there" in result.stderr
