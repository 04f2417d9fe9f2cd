"""C12.22 without c1222: BER, canonical headers and segments as protocol.md says, EAX' of the textbook."""

from security.textbook_eax import TextbookEax

ROOT = bytes.fromhex("607C86F754011600")
KEY = bytes.fromhex("01020304050607080102030405060708")
"""Of the published example 8, key id 2."""
METER = bytes.fromhex("80 03 7BC175")
"""Its title .123.8437, relative."""
CLIENT = bytes.fromhex("80 02 7B04")
"""Title .123.4."""


def tlv(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


def unsigned(number):
    """In the fewest octets."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def integer(tag, number):
    """An element with a number in it."""
    return tlv(tag, tlv(0x02, unsigned(number)))


def parts(octets):
    """(tag, content, raw) of elements side by side."""
    at, found = 0, []
    while at < len(octets):
        start, first, at = at, octets[at + 1], at + 2
        width = first & 0x7F if first & 0x80 else 0
        size = int.from_bytes(octets[at : at + width], "big") if width else first
        at += width + size
        found.append((octets[start], octets[at - size : at], octets[start:at]))
    return found


def absolute(tag, title):
    """A title element as the canonical header has it."""
    assert title[0] in (0x06, 0x80)
    assert title[1] == len(title) - 2
    return tlv(tag, tlv(0x06, ROOT + title[2:])) if title[0] == 0x80 else tlv(tag, title)


def authentication(key_id, iv):
    return tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA1, tlv(0x80, bytes([key_id])) + tlv(0x81, iv)))))


def services(*octets):
    return b"".join(unsigned_length(each) + each for each in octets)


def unsigned_length(octets):
    return tlv(0, octets)[1 : len(tlv(0, octets)) - len(octets)]


def services_in(text):
    """Services behind their lengths: the same form as elements without tags."""
    found = []
    while text:
        ((_, service, raw), *_) = parts(b"\x00" + text)
        found.append(service)
        text = text[len(raw) - 1 :]
    return found


def header(elements, control, size, key_id, iv):
    """The canonical header (protocol.md 5.3). elements: raw, by tag. size: octets of the text, without the MAC."""
    whole = tlv(0xBE, tlv(0x28, tlv(0x81, bytes([control]) + bytes(size + 4))))
    out = b""
    for tag in (0xA2, 0xA4, 0xA7, 0xA8, 0xAC):
        if tag in elements:
            out += absolute(tag, parts(elements[tag])[0][1]) if tag == 0xA2 else elements[tag]
    out += whole[: len(whole) - size - 4]
    if 0xA6 in elements:
        out += absolute(0xA6, parts(elements[0xA6])[0][1])
    return out + bytes([key_id]) + iv


def message(text, *, control=0x80, key=None, key_id=2, iv=b"\x48\xf3\xd0\x60", **elements):
    """A whole APDU. elements: a2=, a4=, a6=, a7=, a8=: contents (titles as octets with their tag, ids as numbers)."""
    raw = {}
    for name in ("a2", "a4", "a6", "a7", "a8"):
        value = elements.get(name)
        if value is not None:
            tag = int(name, 16)
            raw[tag] = integer(tag, value) if isinstance(value, int) else tlv(tag, value)
    envelope = bytes([control]) + text
    if control & 0x0C:
        raw[0xAC] = authentication(key_id, iv)
        covered = header(raw, control, len(text), key_id, iv)
        eax = TextbookEax(key)
        if control & 0x0C == 0x08:
            steps = eax.seal(covered, text)
            envelope = bytes([control]) + steps.ciphertext + steps.mac
        else:
            envelope += eax.seal(covered + text, b"").mac
    order = [raw[tag] for tag in (0xA2, 0xA4, 0xA6, 0xA7, 0xA8, 0xAC) if tag in raw]
    return tlv(0x60, b"".join(order) + tlv(0xBE, tlv(0x28, tlv(0x81, envelope))))


def cut(apdu, largest):
    """An APDU in segments of that many octets of it each (protocol.md 6)."""
    elements = {tag: raw for tag, _, raw in parts(parts(apdu)[0][1])}
    before = elements.get(0xA2, b"") + integer(0xA3, len(apdu)) + elements.get(0xA6, b"") + elements[0xA8]
    return [
        tlv(0x60, before + tlv(0xBE, tlv(0x28, tlv(0x02, unsigned(at)) + tlv(0x81, apdu[at : at + largest]))))
        for at in range(0, len(apdu), largest)
    ]


class Opened:
    """A request, taken apart and its MAC checked."""

    def __init__(self, apdu, key):
        ((tag, content, raw),) = parts(apdu)
        assert (tag, raw) == (0x60, apdu)
        self.elements = {tag: raw for tag, _, raw in parts(content)}
        contents = {tag: content for tag, content, _ in parts(content)}
        self.id = int.from_bytes(parts(contents[0xA8])[0][1], "big")
        self.called, self.calling = contents.get(0xA2), contents.get(0xA6)
        envelope = {tag: content for tag, content, _ in parts(parts(contents[0xBE])[0][1])}[0x81]
        self.control = envelope[0]
        text = envelope[1:]
        if self.control & 0x0C:
            text, mac = text[:-4], text[-4:]
            inner = parts(parts(parts(parts(contents[0xAC])[0][1])[0][1])[0][1])
            ((_, key_id, _), (_, iv, _)) = inner
            self.key_id, self.iv = key_id[0], iv
            covered = header(self.elements, self.control, len(text), self.key_id, iv)
            eax = TextbookEax(key)
            if self.control & 0x0C == 0x08:
                text = eax.open(covered, text, mac)
                assert text is not None, "the MAC does not hold"
            else:
                assert eax.seal(covered + text, b"").mac == mac, "the MAC does not hold"
        self.services = services_in(text)
