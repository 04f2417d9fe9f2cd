"""EAX' against a direct port and against what the library allows: `python benchmarks/bench_eax.py`.

The port does what the reference text says, with fresh objects and subkeys in every call, as the public C++ and Java
code does. The limit is one CBC pass and one CTR pass over the same octets, in contexts that exist already: EAX' cannot
need less. All of them take turns in one process, so that a busy machine is busy for all. Microseconds are information;
what is asserted are ratios, with a quarter of slack, and that the outputs are equal.
"""

import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from statistics import median, quantiles
from time import perf_counter

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, ECB

from c1222.security.eax import EaxPrime

ROUNDS = 15
ROUND_SECONDS = 0.02
SIZES = (16, 64, 256, 1500, 65_535)
LARGE = 65_536
GOAL_OVER_PORT = 7.0  # at 64 octets
GOAL_OF_LIMIT = 0.75  # at 64 KiB
SLACK = 0.75

KEY = bytes.fromhex("01020304050607080102030405060708")
TEXT = bytes(range(60))

Call = Callable[[], object]


def port_seal(key: bytes, text: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The direct port."""
    d = port_doubled(Cipher(AES(key), ECB()).encryptor().update(bytes(16)))
    q = port_doubled(d)
    n = port_mac(key, d, text, d, q)
    counter = bytearray(n)
    counter[12] &= 0x7F
    counter[14] &= 0x7F
    ciphertext = Cipher(AES(key), CTR(bytes(counter))).encryptor().update(body)
    c = port_mac(key, q, ciphertext, d, q)
    return ciphertext, bytes(x ^ y for x, y in zip(n[12:], c[12:], strict=True))


def port_mac(key: bytes, start: bytes, message: bytes, d: bytes, q: bytes) -> bytes:
    blocks, tail = bytearray(message), d
    if len(message) % 16:
        blocks += b"\x80" + bytes(15 - len(message) % 16)
        tail = q
    for i in range(16):
        blocks[i - 16] ^= tail[i]
    return Cipher(AES(key), CBC(start)).encryptor().update(blocks)[-16:]


def port_doubled(block: bytes) -> bytes:
    out, carry = bytearray(16), 0
    for i, octet in enumerate(block):
        out[i] = (octet << 1 | carry) & 0xFF
        carry = octet >> 7
    if carry:
        out[0] ^= 0x87
    return bytes(out)


def take_turns(calls: dict[str, Call]) -> dict[str, list[float]]:
    """Microseconds for one call, one value for each round."""
    repeats = {}
    for name, call in calls.items():
        start = perf_counter()
        for _ in range(5):
            call()
        repeats[name] = max(5, int(ROUND_SECONDS / ((perf_counter() - start) / 5)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((perf_counter() - start) / repeats[name] * 1e6)
    return times


def shown(values: list[float]) -> str:
    low, _, high = quantiles(values, n=4)
    middle = median(values)
    return f"{middle:8.2f} us (IQR {100 * (high - low) / middle:4.1f} %)"


def main() -> int:
    load = f", load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()}, cryptography {version('cryptography')}, {platform.machine()}{load}")
    print(f"{ROUNDS} rounds in turns, header of {len(TEXT)} octets; port / ours is how many times faster ours is\n")

    cipher = EaxPrime(KEY)
    over_port = {}
    for size in SIZES:
        body = bytes(i * i & 0xFF for i in range(size))
        ciphertext, mac = cipher.seal(TEXT, body)
        assert (ciphertext, mac) == port_seal(KEY, TEXT, body), f"outputs differ at {size} octets"
        assert cipher.open(TEXT, ciphertext, mac) == body, f"open does not undo seal at {size} octets"
        times = take_turns(
            {
                "port": lambda body=body: port_seal(KEY, TEXT, body),
                "seal": lambda body=body: cipher.seal(TEXT, body),
                "open": lambda ciphertext=ciphertext, mac=mac: cipher.open(TEXT, ciphertext, mac),
            }
        )
        over_port[size] = median(times["port"]) / median(times["seal"])
        print(
            f"{size:6} octets   port {shown(times['port'])}   seal {shown(times['seal'])}   open {shown(times['open'])}"
            f"   port / seal {over_port[size]:5.2f}"
        )

    body = bytes(LARGE)
    cbc_update = Cipher(AES(KEY), CBC(bytes(16))).encryptor().update
    ctr_update = Cipher(AES(KEY), CTR(bytes(16))).encryptor().update
    times = take_turns(
        {"limit": lambda: (cbc_update(body), ctr_update(body)), "seal": lambda: cipher.seal(TEXT, body)},
    )
    of_limit = median(times["limit"]) / median(times["seal"])
    print(
        f"\n{LARGE:6} octets   CBC + CTR {shown(times['limit'])}   seal {shown(times['seal'])}   {of_limit:.0%} of it"
    )

    met = over_port[64] >= GOAL_OVER_PORT * SLACK and of_limit >= GOAL_OF_LIMIT * SLACK
    print(
        f"\ngoals: {GOAL_OVER_PORT}x the port at 64 octets, {GOAL_OF_LIMIT:.0%} of the limit at 64 KiB, with "
        f"{1 - SLACK:.0%} slack: {'met' if met else 'NOT MET'}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
