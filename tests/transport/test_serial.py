"""Serial ports: pyserial's own loop, pseudo-terminals, and what a port that does not open says."""

import errno
import os
import sys
from contextlib import closing
from types import SimpleNamespace
from unittest import mock

import pytest
import serial

from c1222.errors import TransportError
from c1222.transport import faults
from c1222.transport.echo import Echo
from c1222.transport.pty import open_pty
from c1222.transport.serial import SerialPipe, open_serial

SOON = 10.0
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@pytest.fixture
def loop():
    with closing(open_serial("loop://")) as pipe:
        yield pipe


class Port:
    """A port as pyserial makes them, that only keeps what it was told."""

    def __init__(self, coming=b""):
        self.is_open = True
        self.told = []
        self.coming = bytearray(coming)

    def __setattr__(self, name, value):
        if "told" in self.__dict__ and name != "coming":
            self.told.append((name, value))
        super().__setattr__(name, value)

    @property
    def in_waiting(self):
        # A socket of pyserial says no more than that there is something.
        return min(len(self.coming), 1)

    def read(self, count):
        octets = bytes(self.coming[:count])
        del self.coming[:count]
        return octets

    def write(self, octets):
        self.told.append(("write", octets))

    def flush(self):
        self.told.append(("flush",))

    def open(self):
        self.told.append(("open",))

    def close(self):
        self.is_open = False

    def reset_input_buffer(self):
        self.coming.clear()


def test_what_is_there_is_read_at_once(loop):
    loop.write(b"one")
    loop.write(b"")
    loop.write(b"two")
    assert loop.read(SOON) == b"onetwo"
    assert loop.read(0.0) == b""
    assert not loop.is_datagram


def test_what_is_discarded_is_not_read(loop):
    loop.write(b"old")
    loop.discard()
    loop.write(b"new")
    assert loop.read(SOON) == b"new"


def test_the_speed_changes_behind_what_was_written():
    port = Port()
    pipe = SerialPipe(port, "COM3")
    pipe.write(b"negotiate")
    pipe.set_baud(19200)
    assert port.told == [("write", b"negotiate"), ("flush",), ("baudrate", 19200)]


def test_a_speed_that_cannot_be(loop):
    with pytest.raises(TransportError, match=r"loop:// cannot go on at 0 baud"):
        loop.set_baud(0)


def test_a_closed_port_says_so(loop):
    loop.close()
    loop.close()
    for call in (lambda: loop.write(b"x"), lambda: loop.read(1.0), lambda: loop.set_baud(300), loop.discard):
        with pytest.raises(TransportError, match=r"loop:// is closed"):
            call()


def test_long_writes_go_in_pieces():
    port = Port()
    SerialPipe(port, "COM3").write(bytes(range(130)))
    assert [len(octets) for _, octets in port.told] == [64, 64, 2]
    assert b"".join(octets for _, octets in port.told) == bytes(range(130))


def test_a_port_that_says_only_that_something_is_there_is_read_to_the_end():
    assert SerialPipe(Port(b"answer"), "socket://meter:7000").read(SOON) == b"answer"


# -- What is off unless asked for --------------------------------------------------------------------------------------


def test_nothing_pauses_and_nothing_wakes_unless_asked():
    port, pauses = Port(), []
    SerialPipe(port, "COM3", sleep=pauses.append).write(b"\xee")
    assert (port.told, pauses) == ([("write", b"\xee")], [])


def test_a_pause_before_each_write():
    port, pauses = Port(), []
    pipe = SerialPipe(port, "COM3", turn_around=0.02, sleep=pauses.append)
    pipe.write(b"a")
    pipe.write(b"b")
    assert pauses == [0.02, 0.02]


def test_waking_up_once():
    # 55H and 50 ms of silence, once (docs/sources.md, ADP).
    port = Port()
    pipe = SerialPipe(port, "COM3", wakeup=True, sleep=lambda seconds: port.told.append(("sleep", seconds)))
    pipe.write(b"a")
    pipe.write(b"b")
    assert port.told == [("write", b"\x55"), ("flush",), ("sleep", 0.05), ("write", b"a"), ("write", b"b")]


# -- Echo --------------------------------------------------------------------------------------------------------------

ECHOES = [
    #            written            came                 what is left      why
    pytest.param(["question"], ["questionanswer"], "answer", id="echo-and-answer-together"),
    pytest.param(["question"], list("questionanswer"), "answer", id="octet-by-octet"),
    pytest.param(["question"], ["answer"], "answer", id="no-echo-at-all"),
    pytest.param(["question"], ["questXonanswer"], "Xonanswer", id="echo-that-goes-wrong"),
    pytest.param(["one", "two"], ["on", "etwoanswer"], "answer", id="two-writes"),
    pytest.param(["one", "two"], ["otwoanswer"], "answer", id="the-first-echo-cut"),
    pytest.param(["one", ""], ["oneanswer"], "answer", id="nothing-written"),
    pytest.param([], ["answer"], "answer", id="never-written"),
    pytest.param(["aa"], ["aaaa"], "aa", id="answer-equal-to-the-question"),
]


@pytest.mark.parametrize(("written", "came", "left"), ECHOES)
def test_our_echo_is_taken_out(written, came, left):
    echo = Echo()
    for octets in written:
        echo.wrote(octets.encode())
    assert b"".join(echo.without(octets.encode()) for octets in came) == left.encode()


@pytest.fixture
def mirror():
    """(a pipe with echo, the port under it, on which the other side may write)."""
    port = serial.serial_for_url("loop://", timeout=0.02)
    with closing(SerialPipe(port, "loop://", echo=True, wakeup=True, sleep=lambda _: None)) as pipe:
        yield pipe, port


def test_a_port_that_hears_itself(mirror):
    pipe, port = mirror
    pipe.write(b"question")
    assert pipe.read(0.0) == b""
    port.write(b"answer")
    assert pipe.read(SOON) == b"answer"


def test_an_echo_that_is_discarded_is_known(mirror):
    pipe, port = mirror
    pipe.write(b"old")
    pipe.discard()
    pipe.write(b"new")
    port.write(b"answer")
    assert pipe.read(SOON) == b"answer"


# -- Opening -----------------------------------------------------------------------------------------------------------


def opened_with(**options):
    """What pyserial is told when a port is opened so."""
    port = Port()
    with mock.patch("serial.serial_for_url", return_value=port) as made:
        open_serial("/dev/ttyUSB0", **options).close()
    return made.call_args, port.told


def test_a_port_is_ours_alone_at_9600_baud():
    call, told = opened_with()
    assert call.args == ("/dev/ttyUSB0",)
    assert call.kwargs.items() >= {"do_not_open": True, "baudrate": 9600, "exclusive": True}.items()
    assert told == [("open",), ("is_open", False)]


def test_lines_that_feed_a_probe_stand_before_the_port_opens():
    _, told = opened_with(dtr=True, rts=False)
    assert told[:3] == [("dtr", True), ("rts", False), ("open",)]


def test_a_terminal_server_is_asked_for_no_time_out_it_does_not_know():
    with mock.patch("serial.serial_for_url", return_value=Port()) as made:
        open_serial("RFC2217://192.0.2.7:7000")
    assert made.call_args.kwargs["write_timeout"] is None


def refused(said, port="/dev/ttyUSB0", names=()):
    """The sentence for what pyserial said."""
    found = [SimpleNamespace(device=name) for name in names]
    with (
        mock.patch("serial.serial_for_url", side_effect=said),
        mock.patch("serial.tools.list_ports.comports", return_value=found),
        pytest.raises(TransportError) as info,
    ):
        open_serial(port)
    assert info.value.__cause__ is said
    return str(info.value)


@POSIX
def test_who_may_not_open_a_port_learns_which_group_to_join():
    denied = serial.SerialException(errno.EACCES, "could not open port: Permission denied")
    with (
        mock.patch("pathlib.Path.stat", return_value=SimpleNamespace(st_gid=20)),
        mock.patch("grp.getgrgid", return_value=SimpleNamespace(gr_name="dialout")),
    ):
        assert refused(denied) == (
            "you may not open /dev/ttyUSB0: it belongs to group dialout; "
            "`sudo usermod -aG dialout $USER`, then log in again"
        )


@POSIX
def test_a_group_without_a_name_and_a_port_of_root():
    denied = serial.SerialException(errno.EACCES, "Permission denied")
    with (
        mock.patch("pathlib.Path.stat", return_value=SimpleNamespace(st_gid=4711)),
        mock.patch("grp.getgrgid", side_effect=KeyError),
    ):
        assert "`sudo usermod -aG 4711 $USER`" in refused(denied)
    with mock.patch("pathlib.Path.stat", return_value=SimpleNamespace(st_gid=0)):
        assert refused(denied) == "you may not open /dev/ttyUSB0: it belongs to root alone"


def test_where_the_group_cannot_be_known_only_the_fact_is_said():
    with mock.patch("pathlib.Path.stat", side_effect=OSError):
        assert refused(serial.SerialException(errno.EPERM, "no")) == "you may not open /dev/ttyUSB0"


BUSY = [
    serial.SerialException(errno.EWOULDBLOCK, "Could not exclusively lock port"),
    serial.SerialException(errno.EBUSY, "Device or resource busy"),
    serial.SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"),
]


@pytest.mark.parametrize("said", BUSY, ids=["locked", "busy", "windows"])
def test_a_port_that_another_program_has(said):
    assert refused(said) == "another program has /dev/ttyUSB0 open: close it first"


MISSING = [
    serial.SerialException(errno.ENOENT, "No such file or directory"),
    serial.SerialException("could not open port 'COM3': FileNotFoundError(2, 'The system cannot find the file')"),
]


@pytest.mark.parametrize("said", MISSING, ids=["posix", "windows"])
def test_a_port_that_is_not_there_lists_those_that_are(said):
    assert refused(said, names=["/dev/ttyUSB1", "/dev/ttyS0"]) == (
        "there is no port /dev/ttyUSB0: the ports here are /dev/ttyS0, /dev/ttyUSB1"
    )
    assert refused(said) == ("there is no port /dev/ttyUSB0: there is no serial port here; is the probe plugged in?")


def test_a_file_that_is_no_port(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a port")
    with pytest.raises(TransportError, match=r"notes\.txt (is not a serial port|cannot be opened)"):
        open_serial(str(file))


def test_a_kind_of_port_that_pyserial_does_not_know():
    with pytest.raises(TransportError, match=r"carrier-pigeon://7 cannot be opened: .*not known"):
        open_serial("carrier-pigeon://7")


def test_a_port_that_goes_while_it_is_used():
    gone = serial.SerialException("device reports readiness to read but returned no data")
    for name, call in {
        "read": lambda pipe: pipe.read(1.0),
        "write": lambda pipe: pipe.write(b"x"),
        "flush": lambda pipe: pipe.set_baud(300),
        "reset_input_buffer": lambda pipe: pipe.discard(),
    }.items():
        port = Port()
        object.__setattr__(port, name, mock.Mock(side_effect=gone))
        with pytest.raises(TransportError, match="COM3 failed: is the probe still plugged in") as info:
            call(SerialPipe(port, "COM3"))
        assert info.value.__cause__ is gone


def test_a_port_that_takes_nothing():
    port = Port()
    object.__setattr__(port, "write", mock.Mock(side_effect=serial.SerialTimeoutException("Write timeout")))
    with pytest.raises(TransportError, match="COM3 took no octets for 10 s"):
        SerialPipe(port, "COM3").write(b"x")


def test_what_came_before_a_failure_counts():
    port = Port(b"ab")
    object.__setattr__(port, "read", mock.Mock(side_effect=[b"a", serial.SerialException("gone")]))
    assert SerialPipe(port, "COM3").read(SOON) == b"a"


# -- Pseudo-terminals --------------------------------------------------------------------------------------------------


@POSIX
def test_a_pseudo_terminal_passes_octets_as_they_are():
    # All that a terminal in its usual mode would change or act on, besides an echo.
    octets = bytes(range(256))
    with closing(open_pty()) as pty, closing(open_serial(pty.path)) as pipe:
        pipe.write(octets)
        came = b""
        while len(came) < 256:
            came += os.read(pty.master, 512)
        assert came == octets
        os.write(pty.master, octets)
        came = b""
        while len(came) < 256 and (more := pipe.read(SOON)):
            came += more
        assert came == octets
        pipe.set_baud(19200)
        pipe.discard()
    pty.close()


@POSIX
def test_a_port_is_not_opened_twice():
    with closing(open_pty()) as pty, closing(open_serial(pty.path)), pytest.raises(TransportError, match="another"):
        open_serial(pty.path)


def test_where_there_are_no_pseudo_terminals():
    with (
        mock.patch.dict(sys.modules, {"pty": None}),
        pytest.raises(TransportError, match="no pseudo-terminals"),
    ):
        open_pty()
    assert "tcp" in str(faults.no_pty())
