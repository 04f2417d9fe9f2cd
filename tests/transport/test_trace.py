"""Traces: what they hold, who may read them, and what tshark makes of them."""

import asyncio
import errno
import io
import json
import shutil
import stat
import subprocess

import pytest

from c1222.capture.decode import decode_files
from c1222.errors import TargetError, TransportError
from c1222.pcap.reader import open_capture
from c1222.security.keys import KeyRing
from c1222.transport.trace import AsyncTraced, Trace, Traced, create_trace_file

IDENTIFY = bytes.fromhex("EE 00 00 00 0001 20 1310")
IDENTITY = bytes.fromhex("EE 00 20 00 0005 00 00 01 00 00 FF42")
# The standard's example 8, request and answer: protocol reference, 8.9 and 8.10.
REQUEST8 = bytes.fromhex(
    "604FA20580037BC175A60480027B04A803020103AC0FA20DA00BA109800102810448F3D061BE2A2828812688"
    "41D10CDA76206811B36F781489A11997773E117CB07AA3AA40374A7107C50DA7F799C5D4E8"
)
ANSWER8 = bytes.fromhex(
    "6048A20480027B04A403020103A60580037BC175A803020103AC0FA20DA00BA109800102810448F3D060BE1E281C811A88"
    "4BAEE4349631AB5E56A0E6E0E90DFAD558591EE4EA334CB268"
)


class Script:
    """A transport whose other end says what was written down."""

    label = "192.0.2.7:1153"
    is_datagram = False

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def clock(self):
        return 17.5

    def write(self, octets):
        self.calls.append(("write", octets))

    def read(self, timeout):
        self.calls.append(("read", timeout))
        return self.answers.pop(0)

    def set_baud(self, baud):
        self.calls.append(("baud", baud))

    def discard(self):
        self.calls.append(("discard",))

    def close(self):
        self.calls.append(("close",))


class AsyncScript(Script):
    async def write(self, octets):
        super().write(octets)

    async def read(self, timeout):
        return super().read(timeout)

    async def set_baud(self, baud):
        super().set_baud(baud)

    async def discard(self):
        super().discard()

    async def close(self):
        super().close()


class Wall:
    """Nanoseconds, one more each time that somebody looks."""

    def __init__(self, start=1_700_000_000_000_000_000):
        self.now = start

    def __call__(self):
        self.now += 1
        return self.now


def packets(stream):
    return list(open_capture(io.BytesIO(stream.getvalue()), on_remark=pytest.fail))


def test_a_serial_line_octet_by_octet():
    stream = io.BytesIO()
    traced = Traced(Script(b"\x06", IDENTITY, b""), Trace(stream, "serial", now_ns=Wall()))
    traced.write(IDENTIFY)
    assert [traced.read(2.0), traced.read(1.0), traced.read(0.5)] == [b"\x06", IDENTITY, b""]
    traced.write(b"\x06")
    traced.close()
    found = packets(stream)
    assert [(packet.linktype, packet.direction, packet.data) for packet in found] == [
        (147, "out", IDENTIFY),
        (147, "in", b"\x06"),
        (147, "in", IDENTITY),
        (147, "out", b"\x06"),
    ]
    assert [packet.time_ns - 1_700_000_000_000_000_000 for packet in found] == [1, 2, 3, 4]


def test_the_pipe_is_what_it_was():
    script = Script(b"x")
    traced = Traced(script, Trace(io.BytesIO(), "serial"))
    assert (traced.label, traced.is_datagram, traced.clock()) == ("192.0.2.7:1153", False, 17.5)
    traced.write(b"a")
    traced.read(3.0)
    traced.set_baud(9600)
    traced.discard()
    traced.close()
    assert script.calls == [("write", b"a"), ("read", 3.0), ("baud", 9600), ("discard",), ("close",)]


def test_the_pipe_of_asyncio():
    stream = io.BytesIO()

    async def talk():
        script = AsyncScript(b"\x06", b"")
        traced = AsyncTraced(script, Trace(stream, "serial"))
        assert (traced.label, traced.is_datagram, traced.clock()) == ("192.0.2.7:1153", False, 17.5)
        await traced.write(IDENTIFY)
        assert await traced.read(1.0) == b"\x06"
        assert await traced.read(1.0) == b""
        await traced.set_baud(300)
        await traced.discard()
        await traced.close()
        return script.calls

    calls = asyncio.run(talk())
    assert [call[0] for call in calls] == ["write", "read", "read", "baud", "discard", "close"]
    assert [(packet.direction, packet.data) for packet in packets(stream)] == [("out", IDENTIFY), ("in", b"\x06")]


def test_what_was_not_sent_is_not_in_the_trace():
    class Dead(Script):
        def write(self, octets):
            raise TransportError("the cable is out")

        def close(self):
            raise TransportError("and stays out")

    stream = io.BytesIO()
    traced = Traced(Dead(), Trace(stream, "tcp"))
    with pytest.raises(TransportError, match="cable"):
        traced.write(IDENTIFY)
    before = len(packets(stream))
    with pytest.raises(TransportError, match="stays"):
        traced.close()
    # The connection is closed in the trace all the same: two FIN and an ACK.
    assert len(packets(stream)) == before + 3


def test_every_packet_is_on_the_disk_at_once(tmp_path):
    path = tmp_path / "trace.pcapng"
    with create_trace_file(str(path)) as file:
        trace = Trace(file, "serial")
        for count in range(1, 4):
            trace.sent(IDENTIFY)
            assert len(list(open_capture(path, on_remark=pytest.fail))) == count


def test_closing_twice_ends_once():
    stream = io.BytesIO()
    trace = Trace(stream, "tcp")
    trace.close()
    once = stream.getvalue()
    trace.close()
    assert stream.getvalue() == once


def test_the_file_is_its_owners_and_says_why(tmp_path):
    path = tmp_path / "trace.pcapng"
    with create_trace_file(str(path)) as file:
        Trace(file, "serial")
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert b"passwords" in path.read_bytes()


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "precious.pcapng"
    path.write_bytes(b"precious")
    with pytest.raises(TargetError, match=r"precious\.pcapng exists already") as info:
        create_trace_file(str(path))
    assert isinstance(info.value.__cause__, FileExistsError)
    (tmp_path / "link.pcapng").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TargetError, match="exists already"):
        create_trace_file(str(tmp_path / "link.pcapng"))
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["no/such/folder/x.pcapng", "a\0b"])
def test_a_file_that_cannot_be(tmp_path, name):
    with pytest.raises(TargetError, match="cannot be written"):
        create_trace_file(f"{tmp_path}/{name}")


def test_a_full_disk_is_a_transport_error():
    class Full(io.BytesIO):
        room = 200

        def write(self, octets):
            if self.tell() + len(octets) > self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(octets)

    trace = Trace(Full(), "serial")
    trace.sent(IDENTIFY)
    with pytest.raises(TransportError, match="trace cannot be written: No space left"):
        trace.sent(bytes(100))


ADDRESSES = [
    #            ours                   theirs                  as traced
    pytest.param(None, None, "127.0.0.1", "127.0.0.2", id="unknown"),
    pytest.param(("192.0.2.1", 5), ("192.0.2.7", 9), "192.0.2.1", "192.0.2.7", id="IPv4"),
    pytest.param(("2001:db8::1", 5), ("2001:db8::7", 9), "2001:db8::1", "2001:db8::7", id="IPv6"),
    pytest.param(None, ("192.0.2.7", 9), "127.0.0.1", "192.0.2.7", id="theirs-alone"),
    pytest.param(None, ("2001:db8::7", 9), "::1", "2001:db8::7", id="theirs-alone-IPv6"),
    pytest.param(None, ("meter.example", 9), "127.0.0.1", "127.0.0.2", id="a-name"),
    pytest.param(("2001:db8::1", 5), None, "127.0.0.1", "127.0.0.2", id="ours-alone-IPv6"),
]


def tshark(path, *fields, options=()):
    """One object a packet, with lists of values."""
    names = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-r", path, *options, "-T", "json", *names]
    run = subprocess.run(command, capture_output=True, check=True)
    return [packet["_source"]["layers"] for packet in json.loads(run.stdout)]


@pytest.mark.parametrize("wire", ["tcp", "udp", "serial"])
def test_decode_reads_it(wire, tmp_path):
    path = tmp_path / "trace.pcapng"
    asks, answers = (IDENTIFY, IDENTITY) if wire == "serial" else (REQUEST8, ANSWER8)
    with create_trace_file(str(path)) as file:
        traced = Traced(Script(answers), Trace(file, wire, now_ns=Wall()))
        traced.write(asks)
        traced.read(1.0)
        traced.close()
    [exchange] = decode_files([str(path)], KeyRing())
    bare = (IDENTIFY[6:-2], IDENTITY[6:-2]) if wire == "serial" else (REQUEST8, ANSWER8)
    assert (exchange.request.octets, exchange.response.octets) == bare


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("wire", ["tcp", "udp"])
@pytest.mark.parametrize(("ours", "theirs", "nearer", "farther"), ADDRESSES)
def test_tshark_sees_c1222_and_nothing_wrong(tmp_path, wire, ours, theirs, nearer, farther):
    path = tmp_path / "trace.pcapng"
    with create_trace_file(str(path)) as file:
        trace = Trace(file, wire, ours=ours, theirs=theirs, now_ns=Wall())
        traced = Traced(Script(ANSWER8), trace)
        traced.write(REQUEST8)
        traced.read(1.0)
        traced.close()
    checks = [word for which in ("ip", "tcp", "udp") for word in ("-o", f"{which}.check_checksum:TRUE")]
    version = "ipv6" if ":" in farther else "ip"
    named = [f"{version}.src", f"{version}.dst", f"{wire}.dstport", f"{wire}.checksum.status", "_ws.expert.message"]
    found = tshark(path, *named, "c1222.epsem.mac", options=checks)
    said = [packet for packet in found if "c1222.epsem.mac" in packet]
    assert len(found) == (8 if wire == "tcp" else 2)
    assert [packet["c1222.epsem.mac"][0].replace(":", "") for packet in said] == ["99c5d4e8", "334cb268"]
    ends = [packet[f"{version}.src"] + packet[f"{version}.dst"] for packet in said]
    assert ends == [[nearer, farther], [farther, nearer]]
    assert said[0][f"{wire}.dstport"] == ["1153"]
    assert {status for packet in found for status in packet[f"{wire}.checksum.status"]} == {"1"}
    complaints = [text for packet in found for text in packet.get("_ws.expert.message", [])]
    expected = ("Connection ", "This frame initiates", "This frame undergoes", "C12.22 EPSEM could not be decrypted")
    assert [text for text in complaints if not text.startswith(expected)] == []
