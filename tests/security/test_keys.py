import copy
import pickle
import threading
import traceback

import pytest
from eax_vectors import PUBLISHED

from c1222.errors import TargetError
from c1222.security.keys import Key, KeyRing

MARKER = b"MARKER-KEY-16oct"
METER = bytes.fromhex("2B060104018285638E7F85F1C24E00")  # 1.3.6.1.4.1.33507.1919.12345678.0
HEAD_END = bytes.fromhex("2B06010401828563")

OLD, NEW, OTHER, COMMON = (Key(bytes([n]) * 16) for n in (1, 2, 3, 4))


def test_a_key_seals():
    v = PUBLISHED["published-1"]
    key = Key(v.key)
    assert key.cipher.seal(v.text, v.body) == (v.ciphertext, v.mac)
    assert key.cipher is key.cipher


def test_keys_of_the_same_octets_are_equal():
    assert Key(MARKER) == Key(bytearray(MARKER)) == Key(memoryview(MARKER))
    assert hash(Key(MARKER)) == hash(Key(bytearray(MARKER)))
    assert Key(MARKER) != Key(MARKER[::-1])
    assert Key(MARKER) != MARKER


def test_a_key_does_not_change_with_its_source():
    source = bytearray(16)
    key = Key(source)
    source[0] = 1
    assert key == Key(bytes(16))


def test_a_copy_is_the_key_itself():
    key = Key(MARKER)
    assert copy.copy(key) is key
    assert copy.deepcopy({"key": key})["key"] is key


def test_a_key_is_not_shown():
    key = Key(MARKER)
    key.cipher.authenticate(bytes(17))
    ring = KeyRing()
    ring.add(0, key)
    seen = [repr(key), str(key), f"{key!s} {key!r}", repr([key]), repr(ring)]
    for call in (
        lambda: Key(MARKER + b"x"),
        lambda: Key(MARKER[:-1]),
        lambda: ring.add(256, key),
        lambda: pickle.dumps(key),
        lambda: pickle.dumps(key, 0),
        lambda: pickle.dumps(ring),
    ):
        with pytest.raises((TargetError, TypeError)) as info:
            call()
        seen += [str(info.value), repr(info.value), "".join(traceback.format_exception(info.value))]
    shown = "\n".join(seen).replace(__file__, "")
    for form in ("MARKER-KEY", MARKER.hex(), MARKER.hex().upper()):
        assert form not in shown


@pytest.mark.parametrize("size", [0, 1, 15, 17, 32])
def test_other_lengths_are_refused(size):
    with pytest.raises(TargetError, match=f"16 octets, this one has {size}"):
        Key(bytes(size))


def test_text_is_no_key():
    with pytest.raises(TypeError):
        Key("0102030405060708")


def test_the_likeliest_key_comes_first():
    ring = KeyRing()
    ring.add(2, COMMON)
    ring.add(2, OLD, METER)
    ring.add(2, NEW, METER)
    ring.add(2, OTHER, HEAD_END)
    ring.add(0, OTHER)
    assert ring.candidates(2, METER) == (OLD, NEW, COMMON)
    assert ring.candidates(2, METER, HEAD_END) == (OLD, NEW, OTHER, COMMON)
    assert ring.candidates(2, HEAD_END, METER) == (OTHER, OLD, NEW, COMMON)
    assert ring.candidates(2, b"another title") == (COMMON,)
    assert ring.candidates(2) == (COMMON,)
    assert ring.candidates(0, METER) == (OTHER,)
    assert ring.candidates(1, METER) == ()


def test_each_candidate_once():
    ring = KeyRing()
    for title in (None, METER, HEAD_END, METER):
        ring.add(2, COMMON, title)
    assert len(ring) == 3
    assert ring.candidates(2, METER, METER, HEAD_END) == (COMMON,)


def test_what_a_ring_says_of_itself():
    ring = KeyRing()
    assert not ring
    assert (len(ring), ring.ids(), repr(ring)) == (0, (), "KeyRing(0 keys, ids none)")
    ring.add(5, OLD, METER)
    ring.add(0, OLD)
    ring.add(5, NEW, METER)
    ring.add(255, NEW, HEAD_END)
    assert ring
    assert (len(ring), ring.ids(), repr(ring)) == (4, (0, 5, 255), "KeyRing(4 keys, ids 0, 5, 255)")


@pytest.mark.parametrize("key_id", [-1, 256, 1000])
def test_key_ids_have_one_octet(key_id):
    with pytest.raises(TargetError, match="0 to 255"):
        KeyRing().add(key_id, COMMON)


@pytest.mark.parametrize(
    ("key_id", "key", "message"),
    [(0, MARKER, "holds Keys, not bytes"), (1.5, COMMON, "integer, not float"), ("1", COMMON, "integer, not str")],
)
def test_other_types_are_a_mistake(key_id, key, message):
    ring = KeyRing()
    with pytest.raises(TypeError, match=message) as info:
        ring.add(key_id, key)
    assert "MARKER" not in str(info.value)
    assert not ring


def test_a_title_as_text_is_a_mistake():
    with pytest.raises(TypeError, match="octets"):
        KeyRing().add(0, COMMON, ".123.4")


def test_look_up_while_others_add():
    ring = KeyRing()
    ring.add(0, COMMON)
    done = threading.Event()
    faults = []

    def look():
        while not done.is_set():
            keys, ids = ring.candidates(0, b"title 6"), ring.ids()
            if keys[-1] != COMMON or list(ids) != sorted(set(ids)) or len(ring) < len(ids) or not repr(ring):
                faults.append((keys, ids))

    def add(n):
        for i in range(500):
            ring.add(i % 256, Key(bytes([n, i % 256, i // 256]) + bytes(13)), b"title %d" % (i % 50))

    readers = [threading.Thread(target=look) for _ in range(2)]
    writers = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert not faults
    assert len(ring) == 1 + 4 * 500
