"""Ivs of real networks come out of the state that all processes of a user share."""

import json
import os
import time
from functools import partial

import pytest

import c1222
from c1222.connection.opening import Opened
from c1222.connection.shared_nonces import nonces_of, shared_nonces
from c1222.errors import LocalProtocolError, TargetError
from c1222.message.epsem import SecurityMode
from c1222.meter.simulated import SimulatedMeter
from c1222.security.keys import Key, KeyRing
from c1222.session.head_end.answering import Answering
from c1222.session.settings import NetworkOptions
from c1222.settings.config import Config
from c1222.transport.memory import MemoryTransport

NOW = 1_795_383_655
PUBLIC_KEY = bytes(range(16))
"""Key 0 of the simulation, printed in its help."""


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("C1222_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "ivs"


@pytest.fixture
def meter_on_tcp(monkeypatch):
    """A target of TCP, behind which the simulated meter answers in this process."""
    memory = MemoryTransport(SimulatedMeter().network(), label="tcp")
    monkeypatch.setattr("c1222.connection.connect.open_transport", lambda plan, timeout: Opened(memory))
    return "tcp://192.0.2.7"


def options(key=PUBLIC_KEY, mode=SecurityMode.ENCRYPTED, **more):
    ring = KeyRing()
    ring.add(0, Key(key))
    return NetworkOptions(mode=mode, ring=ring, **more)


def connected(target, **more):
    return c1222.connect(f"{target}?called=.123.8437", config=Config(), **more)


def kept(state):
    return [json.loads(path.read_bytes())["iv"] for path in sorted(state.glob("*.json"))]


def test_messages_under_a_key_take_their_iv_from_the_state(state, meter_on_tcp):
    before = int(time.time())
    with connected(meter_on_tcp, keys={0: PUBLIC_KEY}) as meter:
        assert meter.read(1).ed_model == "SIMULATE"
    (iv,) = kept(state)
    assert before <= iv <= time.time() + 1
    assert [path.stem for path in state.glob("*.json")] == [Key(PUBLIC_KEY).fingerprint]


def test_a_state_that_is_broken_lets_nothing_out(state, meter_on_tcp):
    state.mkdir(parents=True, mode=0o700)
    path = state / f"{Key(PUBLIC_KEY).fingerprint}.json"
    path.touch(0o600)
    with connected(meter_on_tcp, keys={0: PUBLIC_KEY}) as meter, pytest.raises(TargetError, match="nobody knows"):
        meter.read(1)
    assert meter.client.channel.data_to_send() == []


def test_in_the_clear_nothing_is_kept(state, meter_on_tcp):
    with connected(meter_on_tcp) as meter:
        meter.read(1)
    assert not state.exists()


def test_the_simulated_meter_in_this_process_keeps_nothing(state):
    target = "sim:?protocol=c1222&called=.123.8437&security=encrypt"
    with c1222.connect(target, keys={0: PUBLIC_KEY}, config=Config()) as meter:
        meter.read(1)
    assert not state.exists()


def test_all_conversations_of_a_process_share_an_iv_and_no_id(state):
    """So that fifty meters under one key do not drive the ivs ahead of the clock."""
    made = [shared_nonces(options(called=None), lambda: NOW) for _ in range(50)]
    pairs = [(each.next_id(), each.next_iv()) for each in made for _ in range(20)]
    assert len(set(pairs)) == 1000
    assert kept(state) == [NOW]


def test_another_process_gets_another_iv(state, monkeypatch):
    """A fork, too: it begins with all that its parent knew."""
    first = shared_nonces(options(), lambda: NOW).next_iv()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    second = shared_nonces(options(), lambda: NOW).next_iv()
    assert [int.from_bytes(each, "big") for each in (first, second)] == [NOW, NOW + 1]


def test_each_key_has_ivs_of_its_own(state):
    for key in (PUBLIC_KEY, bytes(16)):
        assert shared_nonces(options(key), lambda: NOW).next_iv() == NOW.to_bytes(4, "big")
    assert kept(state) == [NOW, NOW]


def test_how_far_ahead_is_settable(state, monkeypatch):
    for number in range(3):
        monkeypatch.setattr(os, "getpid", lambda number=number: -number)
        nonces = shared_nonces(options(iv_ahead=1.0), lambda: NOW)
        if number < 2:
            nonces.next_iv()
    with pytest.raises(LocalProtocolError, match="2 s ahead of the clock, and 1 s are allowed"):
        nonces.next_iv()


def test_without_a_key_there_is_nothing_to_keep(state):
    assert shared_nonces(options(mode=SecurityMode.CLEAR), lambda: NOW) is None
    assert shared_nonces(options(key_id=7), lambda: NOW) is None
    assert not state.exists()


def test_a_fingerprint_tells_keys_apart_and_nothing_else(marker):
    key = Key(marker.octets)
    assert key.fingerprint == Key(marker.octets).fingerprint != Key(PUBLIC_KEY).fingerprint
    # SHA-256 of "c1222 key fingerprint 1", an octet 0 and the key 00 01 .. 0F (sha256sum of coreutils), cut.
    assert Key(PUBLIC_KEY).fingerprint == "b4594aaec548121e21235fbb451956a2"
    assert marker.key[:8] not in key.fingerprint


# Example 8 of the standard (c1222_std_example8.pcap): Security, then 16 octets of ST-1, enciphered with key 2.
KEY_2 = bytes.fromhex("01020304050607080102030405060708")
EXAMPLE_8 = bytes.fromhex(
    "60 4F  A2 05 80 03 7B C1 75  A6 04 80 02 7B 04  A8 03 02 01 03"
    "  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61  BE 2A 28 28 81 26  88"
    "  41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5 0D A7 F7  99 C5 D4 E8"
)


def test_a_head_end_answers_with_ivs_of_the_state(state, monkeypatch, caplog):
    ring = KeyRing()
    ring.add(2, Key(KEY_2))
    answering = Answering(ring, lambda: NOW, nonces=partial(nonces_of, wall=lambda: NOW))
    assert NOW.to_bytes(4, "big") in answering.answer(EXAMPLE_8, "peer", 0.0)
    assert kept(state) == [NOW]
    # Where there is none to be had, nothing is answered, and it is told why.
    next(state.glob("*.json")).write_bytes(b"")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert answering.answer(EXAMPLE_8, "peer", 0.0) is None
    assert "not answered: " in caplog.text
    assert "nobody knows which ivs were used" in caplog.text
