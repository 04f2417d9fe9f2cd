"""Every input in every state, on both sides; and any row of inputs."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c1222.errors import LocalProtocolError
from c1222.link import C1218, Link, LinkFailed, MessageReceived, State
from c1222.link.packet import Packet
from c1222.link.state import ANSWERING, TRANSITIONS, Happening

SEVERAL = replace(C1218, nbr_packets=4)
ANSWER = Packet(bytes.fromhex("0000010000"), toggle=True)


def drain(link):
    return list(iter(link.next_event, None))


def client_in(state):
    """A client behind its Identify, so that it knows a packet of the other side."""
    link = Link(SEVERAL)
    link.send(b"\x20", 0)
    link.receive_data(b"\x06" + ANSWER.encode(), 0)
    drain(link)
    if state is not State.TURN:
        link.send(b"\x30\x00\x01", 0)
    if state in (State.WAITING, State.RECEIVING, State.FAILED):
        link.receive_data(b"\x06", 0)
    if state is State.RECEIVING:
        link.receive_data(Packet(b"abc", False, 3, first=True, multi=True).encode(), 0)
    if state is State.FAILED:
        link.handle_timeout(100)
    return link


def meter_in(state):
    link = Link(SEVERAL, answers=True)
    link.receive_data(Packet(b"\x20").encode(), 0)
    drain(link)
    if state is not State.TURN:
        link.send(b"\x00\x00\x01\x00\x00", 0)
    if state in (State.WAITING, State.RECEIVING, State.FAILED):
        link.receive_data(b"\x06", 0)
    if state is State.RECEIVING:
        link.receive_data(Packet(b"abc", True, 3, first=True, multi=True).encode(), 0)
    if state is State.FAILED:
        link.handle_timeout(100)
    return link


def again(link):
    """The packet that the other side sent last."""
    if link.state is State.RECEIVING:
        return Packet(b"abc", link._answers, 3, first=True, multi=True)
    return Packet(b"\x20") if link._answers else ANSWER


INPUTS = {
    "send": lambda link: link.send(b"\x21", 1),
    "ack": lambda link: link.receive_data(b"\x06", 1),
    "nak": lambda link: link.receive_data(b"\x15", 1),
    "noise": lambda link: link.receive_data(b"\x55", 1),
    "single": lambda link: link.receive_data(Packet(b"new", link._answers).encode(), 1),
    "again": lambda link: link.receive_data(again(link).encode(), 1),
    "first": lambda link: link.receive_data(Packet(b"1st", link._answers, 3, first=True, multi=True).encode(), 1),
    "next": lambda link: link.receive_data(Packet(b"2nd", not link._answers, 2, multi=True).encode(), 1),
    "gap": lambda link: link.receive_data(Packet(b"3rd", not link._answers, 1, multi=True).encode(), 1),
    "broken": lambda link: (link.receive_data(b"\xee\x00", 1), link.handle_timeout(1.5)),
    "late": lambda link: link.handle_timeout(99),
}
# Next state by its first letter, F for FAILED, - where it is refused; after it what goes on the wire:
# a ACK, n NAK, p a packet.
EXPECTED = """
             client  TURN  SENDING  WAITING  RECEIVING  FAILED    meter  TURN  SENDING  WAITING  RECEIVING  FAILED
    send             Sp    -        -        -          -                Sp    -        -        -          -
    ack              T     W        W        R          F                T     W        W        R          F
    nak              T     Sp       W        R          F                T     Sp       W        R          F
    noise            T     S        W        R          F                T     S        W        R          F
    single           Ta    Ta       Ta       Ta         F                Ta    Ta       Ta       Ta         F
    again            Ta    Sa       Wa       Ra         F                Ta    Sa       Ta       Ra         F
    first            Ta    Ra       Ra       Ra         F                Ra    Ra       Ra       Ra         F
    next             Ta    Sn       Wn       Ra         F                Tn    Sn       Wn       Ra         F
    gap              Ta    Sn       Wn       Rn         F                Tn    Sn       Wn       Rn         F
    broken           T     Sp       Wn       Rn         F                T     Sp       Wn       Rn         F
    late             T     Sp       F        F          F                T     Sp       F        F          F
"""
STATES = list(State)


def cases():
    for line in EXPECTED.strip().splitlines()[1:]:
        name, *cells = line.split()
        for number, cell in enumerate(cells):
            side, state = ("client", "meter")[number // 5], STATES[number % 5]
            yield pytest.param(side, state, name, cell, id=f"{side}-{state.name.lower()}-{name}")


@pytest.mark.parametrize(("side", "state", "name", "expected"), list(cases()))
def test_every_input_in_every_state(side, state, name, expected):
    link = client_in(state) if side == "client" else meter_in(state)
    assert link.state is state
    drain(link)
    link.data_to_send()
    if expected == "-":
        with pytest.raises(LocalProtocolError, match=state.name.lower()):
            INPUTS[name](link)
        assert link.state is state
        return
    INPUTS[name](link)
    assert link.state.name[0] == expected[0]
    out = link.data_to_send()
    assert {"": b"", "a": b"\x06", "n": b"\x15", "p": b"\xee"}[expected[1:]] == out[:1]
    assert len(out) == {"": 0, "a": 1, "n": 1}.get(expected[1:], len(out))
    events = drain(link)
    assert any(isinstance(event, LinkFailed) for event in events) == (expected == "F" and state is not State.FAILED)
    if link.state in (State.SENDING, State.RECEIVING):
        assert link.deadline is not None
    if link.state in (State.TURN, State.FAILED):
        assert link.deadline is None


def test_the_table_covers_the_states():
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.FAILED}
    assert set(TRANSITIONS.values()) == set(State)
    assert {what for _, what in TRANSITIONS} == set(Happening)
    assert set(ANSWERING) - set(TRANSITIONS) == {
        (State.TURN, Happening.PACKET_MORE),
        (State.TURN, Happening.PACKET_LAST),
    }


PIECES = st.one_of(
    st.sampled_from([b"\x06", b"\x15", b"\xee", b"\xee\x00", Packet(b"\x20").encode(), ANSWER.encode()]),
    st.binary(min_size=1, max_size=12),
    st.builds(
        lambda data, toggle, remaining, first, multi, identity: Packet(
            data, toggle, remaining, first, multi, identity
        ).encode(),
        st.binary(min_size=1, max_size=8),
        st.booleans(),
        st.integers(0, 4),
        st.booleans(),
        st.booleans(),
        st.sampled_from([0, 0, 0, 5]),
    ),
)
STEPS = st.lists(st.one_of(PIECES, st.just("send"), st.floats(0, 8), st.just("restart"), st.just("late")), max_size=40)


@settings(max_examples=400, deadline=None)
@given(steps=STEPS, answers=st.booleans())
def test_any_row_of_inputs(steps, answers):
    """Nothing but LocalProtocolError, and that from `send` alone; a side that waits has a time until which."""
    link, now = Link(SEVERAL, answers=answers), 0.0
    for step in steps:
        if step == "send":
            unread = [event for event in drain(link) if isinstance(event, MessageReceived)]
            assert len(unread) <= 1
            try:
                link.send(bytes(100), now)
            except LocalProtocolError:
                assert link.state is not State.TURN
        elif step == "restart":
            link.restart()
        elif step == "late":
            if link.deadline is not None:
                now = max(now, link.deadline)
                before = link.deadline
                link.handle_timeout(now)
                assert link.deadline is None or link.deadline > before
        elif isinstance(step, float):
            now += step
        else:
            link.receive_data(step, now)
            assert link.deadline is None or link.deadline > now
        if link.state in (State.SENDING, State.RECEIVING):
            assert link.deadline is not None
