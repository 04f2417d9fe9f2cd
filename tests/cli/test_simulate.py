"""`c1222 simulate`: other programs talk to it, here with octets typed from the protocol reference."""

import json
import os
import re
import signal
import socket

import pytest
from click.testing import CliRunner
from served_commands import TIME, connected, port_of, received, running

import c1222_cli.places
from c1222_cli.main import main
from c1222_cli.places import Place, place_of

# Identify to .123.8437, in the clear (as walk-through 8.5, with relative titles).
IDENTIFY = bytes.fromhex("60 15  A2 05 80 03 7B C1 75  A8 03 02 01 01  BE 07 28 05 81 03 80 01 20")
READ_1 = bytes.fromhex("60 17  A2 05 80 03 7B C1 75  A8 03 02 01 02  BE 09 28 07 81 05 80 03 30 00 01")
# Walk-through 8.1; its CRC agrees with c12test's own test.
IDENTIFY_PACKET = bytes.fromhex("EE 00 00 00 00 01 20 13 10")
# GE I-210+c, walk-through 8.4; ST-0 written by hand.
ST0 = "02 0a 8a 54455354 02 00 08 0c 02 00 01 00 01 00 00 00  03 00 00"
ST1 = "47 45 20 20 49 32 31 30 2B 63 20 20 01 09 02 00 30 30 30 30 30 30 30 31 20 20 20 20 20 20 20 20"


def run(*arguments):
    return CliRunner().invoke(main, ["simulate", *arguments])


def answered(octets):
    """What came back for one message: services in the clear, from the EPSEM control octet on."""
    assert octets[0] == 0x60
    assert bytes.fromhex("A4 03 02 01") in octets
    return octets[octets.index(b"\x81", octets.index(b"\xbe")) :]


@pytest.fixture(scope="module")
def meter():
    """Targets by their scheme, of one simulated meter; and at the end, that it stopped well."""
    wanted = ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", "c1218+tcp://127.0.0.1:0"]
    wanted += [] if os.name == "nt" else ["pty"]
    options = [word for place in wanted for word in ("--listen", place)]
    with running("simulate", *options, "--clock", "now") as served:
        lines = [served.process.stdout.readline().strip() for _ in wanted]
        yield {line.partition(":")[0]: line for line in lines}
        code, out, err = served.end()
    assert (code, out) == (0, "")
    said = err.splitlines()
    assert said[0] == "simulated meter: nothing is measured here; Ctrl-C stops it"
    assert said[-1] == "stopped"
    assert f"  c1222 read '{lines[0]}?called=.123.8437' 1" in said
    assert f"  c1222 read {lines[2]} 1" in said
    assert any("READER" in line for line in said)
    assert any("000102030405060708090a0b0c0d0e0f" in line for line in said)


def test_each_listener_is_a_target(meter):
    for scheme in ("tcp", "udp", "c1218+tcp"):
        assert re.fullmatch(rf"{re.escape(scheme)}://127\.0\.0\.1:[1-9]\d+", meter[scheme])


def test_c1222_over_tcp(meter):
    with connected(meter["tcp"]) as connection:
        connection.sendall(IDENTIFY)
        head = received(connection, 2)
        content = answered(head + received(connection, head[1]))
        # ok, C12.22, version 1.0.
        assert content[2] == 0x80
        assert content[4:8] == bytes.fromhex("00 03 01 00")
        connection.sendall(READ_1)
        head = received(connection, 2)
        content = answered(head + received(connection, head[1]))
        # ok, 32 octets, a maker called SIM.
        assert content[4:11] == b"\x00\x00\x20SIM "


def test_c1222_over_udp(meter):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(TIME)
        connection.connect(("127.0.0.1", port_of(meter["udp"])))
        connection.send(IDENTIFY)
        assert answered(connection.recv(2000))[4:8] == bytes.fromhex("00 03 01 00")


def test_c1218_over_tcp(meter):
    with connected(meter["c1218+tcp"]) as connection:
        connection.sendall(IDENTIFY_PACKET)
        # ACK; a packet of 5 octets: ok, C12.18, version 1.0, no features.
        answer = received(connection, 1 + 6 + 5 + 2)
        assert answer[:2] == b"\x06\xee"
        assert answer[5:12] == bytes.fromhex("00 05 00 00 01 00 00")
        connection.sendall(b"\x06")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_c1218_at_a_pseudo_terminal(meter):
    port = os.open(meter["pty"].removeprefix("pty:"), os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(port, IDENTIFY_PACKET)
        answer = b""
        while len(answer) < 14:
            answer += os.read(port, 14 - len(answer))
        assert answer[:2] == b"\x06\xee"
        os.write(port, b"\x06")
    finally:
        os.close(port)


def test_our_client_reads_it(meter):
    result = CliRunner().invoke(main, ["read", f"{meter['tcp']}?called=.123.8437", "1", "--format", "json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["tables"][0]["octets"].startswith("53494d20")  # "SIM "


def test_connections_share_one_meter():
    """Busy as long as it is told, whoever asks: the second answer is the first that is not bsy (06)."""
    with running("simulate", "-q", "--listen", "tcp://127.0.0.1:0", "--busy", "1") as served:
        target = served.process.stdout.readline().strip()
        answers = []
        for _ in range(2):
            with connected(target) as connection:
                connection.sendall(READ_1)
                head = received(connection, 2)
                answers.append(answered(head + received(connection, head[1]))[4])
        assert answers == [0x06, 0x00]
        code, _, err = served.end(signal.SIGTERM)
    assert code == 0 or os.name == "nt"
    assert err.splitlines() == ["simulated meter: nothing is measured here; Ctrl-C stops it"]


def test_another_meter_from_a_file(tmp_path):
    image = tmp_path / "meter.json"
    image.write_text(json.dumps({"0": ST0, "1": ST1}))
    with running(
        "simulate", "--listen", "tcp://127.0.0.1:0", "--image", str(image), "--min-security", "auth"
    ) as served:
        target = served.process.stdout.readline().strip()
        result = CliRunner().invoke(
            main,
            [
                "read",
                f"{target}?called=.123.8437&security=auth&key-id=2",
                "1",
                "--key",
                "2=env:K2",
                "--raw",
                "--format",
                "hex",
            ],
            env={"K2": "01020304050607080102030405060708"},
        )
        assert result.exit_code == 0, result.output
        assert bytes.fromhex(ST1).hex() in result.stdout.replace(" ", "")
        _, _, err = served.end()
    assert f"  c1222 read '{target}?called=.123.8437&security=auth&key-id=0' 1 --key 0=env:NAME" in err.splitlines()


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--listen", f"tcp://127.0.0.1:{port}")
    assert result.exit_code == 6
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: 127.0.0.1:{port} is in use: another program listens there; stop it or take another port\n"
    )


BAD = [
    #            arguments                              what is said
    pytest.param(["--listen", "tcp://127.0.0.1:70000"], "out of range", id="port-too-large"),
    pytest.param(["--listen", "http://127.0.0.1:80"], "one can listen on tcp://HOST:PORT", id="no-such-kind"),
    pytest.param(["--listen", "127.0.0.1:1153"], "one can listen on", id="no-scheme"),
    pytest.param(["--listen", "c1218+tcp://127.0.0.1"], "needs a port", id="no-port"),
    pytest.param(["--listen", "tcp://"], "a host and a port are wanted", id="no-host"),
    pytest.param(["--listen", "tcp://a:1153/x"], "a host and a port are wanted", id="with-a-path"),
    pytest.param(["--listen", "tcp://me:pw@a:1153"], "a host and a port are wanted", id="with-a-user"),
    pytest.param(["--clock", "noon"], "--clock: 'noon' is not a time", id="clock"),
    pytest.param(["--image", "none.json"], "none.json: No such file", id="image"),
    pytest.param(["--min-security", "much"], "'much' is not one of", id="security"),
    pytest.param(["--packet-size", "8"], "--packet-size", id="packet-size"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_options_that_cannot_work(arguments, words):
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


PLACES = [
    pytest.param("tcp://127.0.0.1:0", Place("tcp", "127.0.0.1", 0), id="any-port"),
    pytest.param("tcp://[::1]:7000", Place("tcp", "::1", 7000), id="ipv6"),
    pytest.param("udp://192.0.2.1", Place("udp", "192.0.2.1", 1153), id="registered-port"),
    pytest.param("tcp://:1153", Place("tcp", "", 1153), id="all-addresses"),
    pytest.param("tcp://*:1153", Place("tcp", "", 1153), id="a-star"),
    pytest.param("pty", Place("pty"), id="pty"),
    pytest.param("pty:", Place("pty"), id="pty-as-a-target"),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_places(text, place):
    assert place_of("tcp", "udp", "pty")(text) == place


def test_what_is_logged_is_told_only_while_it_serves(capsys):
    import logging

    log = logging.getLogger("c1222.meter.ports.node")
    with c1222_cli.places.logs_told(verbose=True):
        log.info("a message of %s is not answered: %s", ".123.4\x1b", "bad_mac")
        log.debug("more")
    log.info("afterwards")
    assert capsys.readouterr().err == "! a message of .123.4\\x1b is not answered: bad_mac\n"
