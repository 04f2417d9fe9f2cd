"""Dialing and hanging up, against a modem of a few lines in memory. What modems say: ITU-T V.250."""

from unittest import mock

import pytest

from c1222.errors import TargetError, TransportError
from c1222.transport.memory import MemoryTransport, VirtualClock
from c1222.transport.modem import GUARD, ModemPipe, open_modem

NUMBER = "0,1-800-555.0100"


class Modem:
    """Echoes and answers commands by a list of what it says to each; +++ and data too."""

    deadline = None
    closed = False

    def __init__(self, **says):
        self.says = {"ATZ": "OK", "ATDT": "CONNECT 9600", "+++": "OK", "ATH": "OK"} | says
        self.heard = []
        self._out = []

    def receive_data(self, octets, now):
        text = octets.decode("latin-1")
        self.heard.append((text, now))
        command = "ATDT" if text.startswith("ATDT") else text.rstrip("\r")
        if said := self.says.get(command, ""):
            self.say(f"{text}\r\n{said}\r\n")

    def say(self, text):
        self._out.append(text.encode("latin-1"))

    def handle_timeout(self, now):
        raise AssertionError("it has no deadline")

    def data_to_send(self):
        out, self._out = self._out, []
        return out

    @property
    def commands(self):
        return [text for text, _ in self.heard]


def connected(modem, clock=None):
    clock = clock or VirtualClock()
    return ModemPipe(MemoryTransport(modem, clock=clock, label="/dev/ttyS0"), sleep=clock.advance)


def test_a_call():
    modem = Modem()
    pipe = connected(modem)
    pipe.dial(NUMBER, timeout=60.0)
    assert modem.commands == ["ATZ\r", f"ATDT{NUMBER}\r"]
    assert pipe.label == f"/dev/ttyS0 to {NUMBER}"
    modem.says["question"] = "answer"
    pipe.write(b"question")
    assert pipe.read(1.0) == b"question\r\nanswer\r\n"
    pipe.set_baud(300)
    assert pipe.read(1.0) == b""


def test_octets_right_behind_the_connection_are_not_lost():
    pipe = connected(Modem(ATDT="CONNECT\r\n\xee\x06\x00\x0a"))
    pipe.dial(NUMBER, timeout=60.0)
    assert pipe.read(1.0).startswith(b"\xee\x06\x00\x0a")
    pipe = connected(Modem(ATDT="CONNECT\r\nold"))
    pipe.dial(NUMBER, timeout=60.0)
    pipe.discard()
    assert pipe.read(1.0) == b""


def test_words_come_in_any_pieces():
    modem = Modem()
    pieces = MemoryTransport(modem, baud=300, label="/dev/ttyS0")
    # At 300 baud octets arrive one by one, and so they do at the modem: it hears whole commands all the same.
    modem.receive_data = by_line(modem.receive_data)
    ModemPipe(pieces).dial("5550100", timeout=60.0)
    assert modem.commands == ["ATZ\r", "ATDT5550100\r"]


def by_line(hear):
    held = bytearray()

    def receive_data(octets, now):
        held.extend(octets)
        if held.endswith(b"\r"):
            hear(bytes(held), now)
            held.clear()

    return receive_data


RESULTS = [
    ("BUSY", "the number 5550100 is busy"),
    ("NO CARRIER", "no modem answered at 5550100"),
    ("NO ANSWER", "nobody answered at 5550100"),
    ("NO DIALTONE", "there is no dial tone: is the modem /dev/ttyS0 connected"),
    ("NO DIAL TONE", "there is no dial tone: is the modem /dev/ttyS0 connected"),
    ("ERROR", "the modem /dev/ttyS0 does not take the command ATDT5550100"),
    ("RINGING\r\nRINGING\r\nBUSY", "the number 5550100 is busy"),
    ("", "no connection to 5550100 within 45 s"),
    ("x" * 5000 + "\r\nCONNECT", "no connection to 5550100"),
]


@pytest.mark.parametrize(("said", "sentence"), RESULTS, ids=[said[:20] or "silence" for said, _ in RESULTS])
def test_a_call_that_does_not_come_about(said, sentence):
    modem = Modem(ATDT=said)
    pipe = connected(modem)
    with pytest.raises(TransportError) as info:
        pipe.dial("5550100", timeout=45.0)
    assert str(info.value).startswith(sentence)
    pipe.close()
    # Nobody is on the line: there is nothing to hang up.
    assert modem.commands[-1] == "ATDT5550100\r"


def test_no_modem_at_all():
    pipe = connected(Modem(ATZ=""))
    with pytest.raises(TransportError, match="no modem answers at /dev/ttyS0"):
        pipe.dial("5550100", timeout=45.0)
    assert pipe.clock() == 5.0


def test_a_modem_that_is_prepared_another_way():
    modem = Modem(**{"ATE0&K3": "OK"})
    connected(modem).dial("5550100", timeout=45.0, init="ATE0&K3")
    assert modem.commands[0] == "ATE0&K3\r"


@pytest.mark.parametrize("number", ["", "call me", "5550100\rATZ", "5550100;+++", "++,"])
def test_what_cannot_be_dialed(number):
    modem = Modem()
    with pytest.raises(TargetError, match="cannot be dialed"):
        connected(modem).dial(number, timeout=45.0)
    assert modem.heard == []


@pytest.mark.parametrize("init", ["ATZ\rATDT0900", "ATZ\u00e9"])
def test_what_does_not_prepare_a_modem(init):
    with pytest.raises(TargetError, match="one line of ASCII"):
        connected(Modem()).dial("5550100", timeout=45.0, init=init)


def test_closing_hangs_up_with_silence_around_the_escape():
    modem = Modem()
    clock = VirtualClock()
    pipe = connected(modem, clock)
    pipe.dial("5550100", timeout=60.0)
    pipe.write(b"last words")
    pipe.read(0.5)
    pipe.close()
    pipe.close()
    assert modem.commands[2:] == ["last words", "+++", "ATH\r"]
    (_, words), (_, escape), (_, hang_up) = modem.heard[2:]
    assert escape - words >= GUARD > 1.0
    assert hang_up - escape >= GUARD
    with pytest.raises(TransportError, match="is closed"):
        pipe.write(b"x")


def test_a_modem_that_does_not_listen_is_given_back_all_the_same():
    for says in ({"+++": "", "ATH": ""}, {"+++": "OK", "ATH": "NO CARRIER"}):
        modem = Modem(**says)
        pipe = connected(modem)
        pipe.dial("5550100", timeout=60.0)
        pipe.close()
        with pytest.raises(TransportError, match="is closed"):
            pipe.read(1.0)


def test_a_port_that_is_gone_does_not_keep_us_from_closing():
    modem = Modem()
    line = MemoryTransport(modem)
    pipe = ModemPipe(line, sleep=lambda _: None)
    pipe.dial("5550100", timeout=60.0)
    line.close()
    pipe.close()


def test_the_other_side_hangs_up():
    modem = Modem()
    pipe = connected(modem)
    pipe.dial("5550100", timeout=60.0)
    modem.say("\r\nNO CARRIER\r\n")
    with pytest.raises(TransportError, match="/dev/ttyS0 to 5550100 closed the connection"):
        pipe.read(1.0)


def test_opening_dials_and_gives_the_port_back_where_that_fails():
    for modem, fails in ((Modem(), False), (Modem(ATDT="BUSY"), True)):
        clock = VirtualClock()
        line = MemoryTransport(modem, clock=clock, label="/dev/ttyS0")
        with mock.patch("c1222.transport.modem.open_serial", return_value=line) as opened:
            if fails:
                with pytest.raises(TransportError, match="busy"):
                    open_modem("/dev/ttyS0", "5550100", sleep=clock.advance)
                with pytest.raises(TransportError, match="is closed"):
                    line.write(b"x")
            else:
                open_modem("/dev/ttyS0", "5550100", baud=2400, sleep=clock.advance).close()
                opened.assert_called_once_with("/dev/ttyS0", baud=2400)
