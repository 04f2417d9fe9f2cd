"""EAX' as a textbook would write it: AES one block at a time, octets in lists, no trick. The oracle of the tests.

It shares nothing with c1222.security.eax and does not refuse a short N, so that the known forgery can be shown.
`double` is a parameter only to show that the other direction, the one of CMAC, does not give the published values.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Block = bytes


def double_little_endian(block: Block) -> Block:
    """Octet 0 is the least significant: EAX'."""
    out, carry = [], 0
    for octet in block:
        out.append((octet << 1 | carry) & 0xFF)
        carry = octet >> 7
    if carry:
        out[0] ^= 0x87
    return bytes(out)


def double_big_endian(block: Block) -> Block:
    """Octet 15 is the least significant: CMAC (RFC 4493) and plain EAX."""
    return double_little_endian(block[::-1])[::-1]


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


@dataclass
class Steps:
    """Everything that is computed on the way, under the names of the standard's authors."""

    n: Block
    counter: Block
    ciphertext: bytes
    c: Block | None
    tag: Block

    @property
    def mac(self) -> bytes:
        return self.tag[12:]


class TextbookEax:
    def __init__(self, key: bytes, double: Callable[[Block], Block] = double_little_endian) -> None:
        self._ecb = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        self.l = self.aes(bytes(16))
        self.d = double(self.l)
        self.q = double(self.d)

    def aes(self, block: Block) -> Block:
        return self._ecb.update(block)

    def mac(self, start: Block, message: bytes) -> Block:
        blocks = [message[i : i + 16] for i in range(0, len(message), 16)] or [b""]
        last = blocks.pop()
        full = len(last) == 16
        last = xor(last, self.d) if full else xor(last + b"\x80" + bytes(15 - len(last)), self.q)
        state = start
        for block in [*blocks, last]:
            state = self.aes(xor(state, block))
        return state

    def keystream(self, counter: Block, size: int) -> bytes:
        number = int.from_bytes(counter, "big")
        stream = b""
        while len(stream) < size:
            stream += self.aes((number % 2**128).to_bytes(16, "big"))
            number += 1
        return stream[:size]

    def seal(self, text: bytes, body: bytes) -> Steps:
        n, counter = self._header(text)
        ciphertext = xor(body, self.keystream(counter, len(body)))
        return self._steps(n, counter, ciphertext)

    def open(self, text: bytes, ciphertext: bytes, mac: bytes) -> bytes | None:
        """The body, or None when the MAC does not hold."""
        n, counter = self._header(text)
        if self._steps(n, counter, ciphertext).mac != mac:
            return None
        return xor(ciphertext, self.keystream(counter, len(ciphertext)))

    def _header(self, text: bytes) -> tuple[Block, Block]:
        n = self.mac(self.d, text)
        counter = bytearray(n)
        counter[12] &= 0x7F
        counter[14] &= 0x7F
        return n, bytes(counter)

    def _steps(self, n: Block, counter: Block, ciphertext: bytes) -> Steps:
        if not ciphertext:
            return Steps(n, counter, b"", None, n)
        c = self.mac(self.q, ciphertext)
        return Steps(n, counter, ciphertext, c, xor(n, c))
