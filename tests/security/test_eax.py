"""EAX' against published values, recorded messages, and the textbook form beside this file."""

import copy
import os
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from eax_vectors import ADAPTER, KEY_A, KEY_A_D, KEY_A_L, KEY_A_Q, PUBLISHED, RECORDED, SELF_MADE
from hypothesis import given, settings
from hypothesis import strategies as st
from textbook_eax import TextbookEax, double_big_endian, xor

from c1222.errors import SecurityError, TargetError
from c1222.security.eax import EaxPrime

KEY = bytes.fromhex(KEY_A)
ALL = [pytest.param(v, id=name) for name, v in (PUBLISHED | RECORDED | ADAPTER | SELF_MADE).items()]
ENCIPHERED = [pytest.param(v, id=name) for name, v in (PUBLISHED | RECORDED | ADAPTER).items() if v.body]
READABLE = [pytest.param(v, id=name) for name, v in (PUBLISHED | ADAPTER | SELF_MADE).items() if not v.body]
HEADER = PUBLISHED["published-1"].text


def pattern(size):
    """Octets that do not repeat with the block: a swapped or forgotten block shows."""
    return bytes(i * i + i // 251 & 0xFF for i in range(size))


# ── Values from elsewhere


@pytest.mark.parametrize("v", ALL)
def test_seal_gives_the_known_values(v):
    assert EaxPrime(v.key).seal(v.text, v.body) == (v.ciphertext, v.mac)


@pytest.mark.parametrize("v", ALL)
def test_open_gives_the_known_body(v):
    assert EaxPrime(v.key).open(v.text, v.ciphertext, v.mac) == v.body


@pytest.mark.parametrize("v", READABLE)
def test_mode_1_is_the_mac_of_header_and_body_in_one(v):
    cipher = EaxPrime(v.key)
    assert cipher.authenticate(v.text) == v.mac
    cipher.verify(v.text, v.mac)


@pytest.mark.parametrize("v", ALL)
def test_the_oracle_agrees_with_the_known_values(v):
    steps = TextbookEax(v.key).seal(v.text, v.body)
    assert (steps.ciphertext, steps.mac) == (v.ciphertext, v.mac)
    assert v.n in (None, steps.n)
    assert v.c in (None, steps.c)
    assert TextbookEax(v.key).open(v.text, v.ciphertext, v.mac) == v.body


def test_the_oracle_agrees_on_the_subkeys():
    oracle = TextbookEax(KEY)
    assert (oracle.l, oracle.d, oracle.q) == (KEY_A_L, KEY_A_D, KEY_A_Q)


def test_the_counter_loses_two_bits():
    v = RECORDED["example-8-request"]
    assert TextbookEax(v.key).seal(v.text, v.body).counter.hex() == "bb60dec9a147eda7fc7bd8806a59141c"


@pytest.mark.parametrize("v", ENCIPHERED)
def test_the_doubling_of_cmac_would_give_other_values(v):
    steps = TextbookEax(v.key, double=double_big_endian).seal(v.text, v.body)
    assert steps.mac != v.mac
    assert steps.ciphertext != v.ciphertext


@pytest.mark.parametrize("size", [1, 15, 16, 17, 32, 60])
def test_and_that_doubling_is_the_one_of_cmac(size):
    theirs = CMAC(algorithms.AES(KEY))
    theirs.update(pattern(size))
    # CMAC takes the subkeys one doubling earlier than EAX', at the same places, and starts at zero.
    assert TextbookEax(KEY, double=double_big_endian).mac(bytes(16), pattern(size)) == theirs.finalize()


# ── The oracle, at every length


def check(cipher, oracle, text, body):
    expected = oracle.seal(text, body)
    assert cipher.seal(text, body) == (expected.ciphertext, expected.mac)
    assert cipher.open(text, expected.ciphertext, expected.mac) == body
    mac = cipher.authenticate(text + body)
    assert mac == oracle.seal(text + body, b"").mac
    cipher.verify(text + body, mac)


@pytest.mark.parametrize("text_size", [*range(17, 71), 511, 512, 513, 528])
def test_short_bodies_of_every_length(text_size):
    cipher, oracle = EaxPrime(KEY), TextbookEax(KEY)
    for body_size in range(71):
        check(cipher, oracle, pattern(text_size), pattern(body_size)[::-1])


@pytest.mark.parametrize(
    "size", [495, 496, 497, 511, 512, 513, 527, 528, 529, 544, 1500, 16_416, 16_417, 32_801, 65_535, 65_536]
)
def test_long_bodies(size):
    check(EaxPrime(KEY), TextbookEax(KEY), HEADER, pattern(size))


@settings(deadline=None)
@given(key=st.binary(min_size=16, max_size=16), messages=st.lists(st.tuples(st.binary(min_size=17), st.binary())))
def test_messages_one_after_the_other(key, messages):
    cipher, oracle = EaxPrime(key), TextbookEax(key)
    for text, body in messages:
        check(cipher, oracle, text, body)


def test_the_counter_runs_over():
    # A header whose counter has FFH as its last octet, so that the first step carries. Octet 14 begins below 80H, so no
    # carry can go further than that within half a MiB.
    oracle = TextbookEax(KEY)
    texts = (HEADER + i.to_bytes(2) for i in range(2**16))
    text = next(text for text in texts if oracle.seal(text, b"").counter[15] == 0xFF)
    check(EaxPrime(KEY), oracle, text, pattern(100))


# ── What must be refused


def test_every_flipped_bit_is_refused():
    v = PUBLISHED["published-1"]
    cipher = EaxPrime(v.key)
    whole = v.text + v.ciphertext + v.mac
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        text, rest = changed[: len(v.text)], changed[len(v.text) :]
        with pytest.raises(SecurityError) as info:
            cipher.open(text, rest[:-4], rest[-4:])
        assert info.value.reason == "bad-mac"
    assert cipher.open(v.text, v.ciphertext, v.mac) == v.body


def test_every_flipped_bit_of_a_readable_message_is_refused():
    v = PUBLISHED["published-5-authentication-only"]
    cipher = EaxPrime(v.key)
    for bit in range(8 * len(v.text + v.mac)):
        changed = bytearray(v.text + v.mac)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SecurityError, match="MAC does not hold"):
            cipher.verify(changed[:-4], changed[-4:])


@pytest.mark.parametrize(
    "mac",
    [
        pytest.param(b"", id="none"),
        pytest.param(bytes.fromhex("6555C0"), id="cut-short"),
        pytest.param(bytes.fromhex("6555C02900"), id="too-long"),
        pytest.param(bytes.fromhex("29C05565"), id="turned-round-as-an-old-draft-had-it"),
        pytest.param(bytes(4), id="zero"),
    ],
)
def test_other_macs_are_refused(mac):
    v = PUBLISHED["published-1"]
    with pytest.raises(SecurityError) as info:
        EaxPrime(v.key).open(v.text, v.ciphertext, mac)
    assert info.value.reason == "bad-mac"


def test_nothing_is_deciphered_under_a_bad_mac(monkeypatch):
    from c1222.security import eax

    v = PUBLISHED["published-1"]
    cipher = EaxPrime(v.key)
    monkeypatch.setattr(eax._Worker, "stream", lambda *_: pytest.fail("deciphered before the MAC held"))
    with pytest.raises(SecurityError):
        cipher.open(v.text, v.ciphertext, bytes(4))


CALLS = {
    "seal": lambda cipher, text: cipher.seal(text, b"body"),
    "open": lambda cipher, text: cipher.open(text, b"body", bytes(4)),
    "authenticate": lambda cipher, text: cipher.authenticate(text),
    "verify": lambda cipher, text: cipher.verify(text, bytes(4)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("size", range(17))
def test_short_text_is_refused(call, size):
    with pytest.raises(SecurityError, match=f"has {size} octets") as info:
        call(EaxPrime(KEY), pattern(size))
    assert info.value.reason == "short-header"


@pytest.mark.parametrize("key", [bytes(16), KEY, b"any key at all.."], ids=["zero", "published", "any"])
@pytest.mark.parametrize("size", range(1, 16))
def test_why_short_text_is_refused(key, size):
    """ePrint 2012/018: with N = C || 80 00.. both chains meet in one block, and the tag is zero under every key."""
    ciphertext = pattern(size)
    text = ciphertext + b"\x80" + bytes(15 - size)
    assert TextbookEax(key).open(text, ciphertext, bytes(4)) is not None  # a forgery, and it knows no key
    assert TextbookEax(key).open(ciphertext, text, bytes(4)) is not None  # the same with the roles exchanged
    assert TextbookEax(key).open(text + b"\0", ciphertext, bytes(4)) is None  # one octet more, and it is over
    for n, c in ((text, ciphertext), (ciphertext, text)):
        with pytest.raises(SecurityError) as info:
            EaxPrime(key).open(n, c, bytes(4))
        assert info.value.reason == "short-header"


# ── One object, much used


def test_any_kind_of_octets():
    v = PUBLISHED["published-4"]
    cipher = EaxPrime(bytearray(v.key))
    wide = memoryview(bytes(2 * len(v.body)))[::2]  # not in one piece
    for kind in (bytes, bytearray, memoryview):
        sealed = cipher.seal(kind(v.text), kind(v.body))
        assert sealed == (v.ciphertext, v.mac)
        assert [type(part) for part in sealed] == [bytes, bytes]
        opened = cipher.open(kind(v.text), kind(v.ciphertext), kind(v.mac))
        assert opened == v.body
        assert type(opened) is bytes
    assert cipher.seal(v.text, wide) == cipher.seal(v.text, wide.tobytes())


WRONG = {
    "text-str": lambda cipher, v: cipher.seal("text" * 9, v.body),
    "text-list": lambda cipher, v: cipher.seal([1] * 40, v.body),
    "text-none": lambda cipher, v: cipher.authenticate(None),
    "body-str": lambda cipher, v: cipher.seal(v.text, "body"),
    "ciphertext-number": lambda cipher, v: cipher.open(v.text, 16, v.mac),
    "mac-str": lambda cipher, v: cipher.open(v.text, v.ciphertext, "abcd"),
    "mac-none": lambda cipher, v: cipher.verify(v.text, None),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG.keys())
def test_after_a_wrong_type_the_object_is_right(call):
    v = PUBLISHED["published-3"]
    cipher = EaxPrime(v.key)
    for _ in range(3):
        with pytest.raises(TypeError):
            call(cipher, v)
        assert cipher.seal(v.text, v.body) == (v.ciphertext, v.mac)
        assert cipher.open(v.text, v.ciphertext, v.mac) == v.body


@pytest.mark.parametrize("step", ["mac", "stream"])
def test_after_an_exception_in_the_middle_the_object_is_right(monkeypatch, step):
    from c1222.security import eax

    v = PUBLISHED["published-3"]
    cipher = EaxPrime(v.key)
    cipher.seal(v.text, v.body)
    whole = getattr(eax._Worker, step)

    def interrupted(worker, *arguments):
        whole(worker, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(eax._Worker, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            cipher.seal(v.text, v.body)
    assert cipher.seal(v.text, v.body) == (v.ciphertext, v.mac)


def test_a_call_inside_a_call(monkeypatch):
    """As a signal handler or a finalizer may make it, between any two steps."""
    from c1222.security import eax

    v, w = PUBLISHED["published-3"], RECORDED["example-8-response"]
    cipher, oracle = EaxPrime(v.key), TextbookEax(v.key)
    whole, inside = eax._Worker.mac, []

    def interrupted(worker, *arguments):
        if not inside:
            inside.append(True)
            other = oracle.seal(w.text, w.body)
            assert cipher.seal(w.text, w.body) == (other.ciphertext, other.mac)
            inside.clear()
        return whole(worker, *arguments)

    monkeypatch.setattr(eax._Worker, "mac", interrupted)
    assert cipher.seal(v.text, v.body) == (v.ciphertext, v.mac)


def test_threads_share_one_object():
    cipher, oracle = EaxPrime(KEY), TextbookEax(KEY)
    cases = [(HEADER + bytes([i]), pattern(size)) for i, size in enumerate((0, 1, 16, 33, 255, 600, 3000, 40_000))]
    expected = [oracle.seal(text, body) for text, body in cases]

    def hammer(turn):
        for i in range(300):
            which = (i * 5 + turn) % len(cases)
            text, body = cases[which]
            right = expected[which]
            assert cipher.seal(text, body) == (right.ciphertext, right.mac)
            assert cipher.open(text, right.ciphertext, right.mac) == body
            with pytest.raises(SecurityError):
                cipher.open(text, right.ciphertext, xor(right.mac, b"\0\0\0\1"))
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(hammer, range(8)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of fork beside threads
def test_parent_and_child_after_a_fork():
    v = PUBLISHED["published-4"]
    cipher = EaxPrime(v.key)
    cipher.seal(HEADER, b"before")
    child = os.fork()
    if child == 0:
        os._exit(0 if cipher.seal(v.text, v.body) == (v.ciphertext, v.mac) else 1)
    assert cipher.seal(v.text, v.body) == (v.ciphertext, v.mac)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# ── The key stays inside


MARKER = b"MARKER-KEY-16oct"


def test_the_key_is_not_shown():
    cipher = EaxPrime(MARKER)
    seen = [repr(cipher), str(cipher), f"{cipher}", repr(vars(EaxPrime))]
    for call in (
        lambda: EaxPrime(MARKER + b"x"),
        lambda: EaxPrime(MARKER[:-1]),
        lambda: cipher.seal(b"", b""),
        lambda: cipher.open(HEADER, b"", b"1234"),
        lambda: pickle.dumps(cipher),
        lambda: copy.copy(cipher),
        lambda: copy.deepcopy(cipher),
    ):
        with pytest.raises((SecurityError, TargetError, TypeError)) as info:
            call()
        seen += [str(info.value), repr(info.value), "".join(traceback.format_exception(info.value))]
    shown = "\n".join(seen)
    for form in ("MARKER-KEY", MARKER.hex(), MARKER.hex().upper()):
        assert form not in shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_pickle_of_any_kind(protocol):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(EaxPrime(KEY), protocol)


@pytest.mark.parametrize("size", [0, 15, 17, 24, 32])
def test_other_key_lengths_are_refused(size):
    with pytest.raises(TargetError, match=f"has {size}"):
        EaxPrime(bytes(size))
