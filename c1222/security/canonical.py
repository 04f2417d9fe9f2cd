"""The canonical header: the octets of a message that its MAC covers although they are not services.

Each element as it stands on the wire, tag and length included, in an order of its own:
A1, A2 (title made absolute), A4, A7, A8, 8B, AC, BE up to the EPSEM control octet, A6 (title made absolute), then the
key id and the iv once more, bare. It is cut from the raw octets: a value that is encoded anew may not be what was sent.

Sources: docs/sources.md, WS and ADP (one author); verified on the published vectors and on messages of real meters.
A1 and 8B in it are seen with WS and ADP only, which differ: `header_forms` gives the readings to try.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from c1219_tables.schema.ber import encode_length, read_length, walk
from c1222.errors import MessageError
from c1222.titles import ABSOLUTE, RELATIVE_ACSE, RELATIVE_DATA, ROOT

_BEFORE_BE = (0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0x8B, 0xAC)
_TITLES = (0xA2, 0xA6)


@dataclass(frozen=True, slots=True)
class Secured:
    """The raw parts of an APDU that security needs.

    elements: raw octets by tag, tag and length included. be_header: BE up to and with the control octet.
    text: what stands between control octet and MAC. mac: the last octets of the envelope, 4 of them.
    """

    elements: dict[int, bytes]
    be_header: bytes
    text: bytes
    mac: bytes


def secured_parts(apdu: bytes) -> Secured:
    """The parts of an encoded APDU whose security mode is 1 or 2. Raises MessageError where they are not there."""
    try:
        length, start = read_length(apdu, 1, len(apdu))
        elements = {at.tag: at for at in walk(apdu, start, start + length)}
        user_information = elements[0xBE]
        (external,) = walk(apdu, user_information.content, user_information.end)
        envelope = {at.tag: at for at in walk(apdu, external.content, external.end)}[0x81]
    except (ValueError, KeyError, IndexError) as exc:
        raise MessageError(
            "no EPSEM envelope where BE 28 81 holds one", layout="APDU", field="user_information"
        ) from exc
    if envelope.end - envelope.content < 5:
        problem = f"{envelope.end - envelope.content} octets are too few for a control octet and a MAC"
        raise MessageError(problem, layout="APDU", field="user_information.octets", offset=envelope.content)
    return Secured(
        {tag: apdu[at.start : at.end] for tag, at in elements.items() if tag != 0xBE},
        apdu[user_information.start : envelope.content + 1],
        apdu[envelope.content + 1 : envelope.end - 4],
        apdu[envelope.end - 4 : envelope.end],
    )


def canonical_header(parts: Secured, key_id: bytes, iv: bytes, *, root: bytes = ROOT, mechanism: bool = True) -> bytes:
    """The header of a secured message.

    key_id: its octet, or b"" where AC is there and has none; iv: 4 octets. Both come from memory where AC is absent.
    root: content octets that relative titles hang from. mechanism: whether 8B, where it is there, is covered.
    """
    elements = parts.elements
    out = bytearray()
    for tag in _BEFORE_BE:
        if tag in elements and (mechanism or tag != 0x8B):
            out += _absolute(elements[tag], root) if tag in _TITLES else elements[tag]
    out += parts.be_header
    if 0xA6 in elements:
        out += _absolute(elements[0xA6], root)
    return bytes(out) + key_id + iv


def header_forms(parts: Secured, key_id: bytes, iv: bytes) -> Iterator[bytes]:
    """The headers that deployed software may have meant, the usual one first; the MAC decides.

    With A1 present, ADP takes its identifier as the root of relative titles, WS the standard root.
    With 8B present, WS covers it, ADP does not.
    """
    roots = [ROOT]
    if 0xA1 in parts.elements and any(_is_relative(parts.elements.get(tag)) for tag in _TITLES):
        roots += _context_root(parts.elements[0xA1])
    for root in roots:
        yield canonical_header(parts, key_id, iv, root=root)
        if 0x8B in parts.elements:
            yield canonical_header(parts, key_id, iv, root=root, mechanism=False)


def _inner(element: bytes) -> tuple[int, bytes]:
    """Tag and content of the identifier that stands alone in an element; tag -1 where it does not."""
    try:
        _, content = read_length(element, 1, len(element))
        (inner,) = walk(element, content, len(element))
    except ValueError:
        return -1, b""
    return inner.tag, element[inner.content : inner.end]


def _is_relative(element: bytes | None) -> bool:
    return element is not None and _inner(element)[0] in (RELATIVE_ACSE, RELATIVE_DATA)


def _context_root(element: bytes) -> list[bytes]:
    tag, content = _inner(element)
    return [content] if tag == ABSOLUTE else []


def _absolute(element: bytes, root: bytes) -> bytes:
    """A title element with its title made absolute, lengths made anew; an absolute one as it stands."""
    tag, content = _inner(element)
    if tag not in (RELATIVE_ACSE, RELATIVE_DATA):
        return element
    title = bytes([ABSOLUTE]) + encode_length(len(root) + len(content)) + root + content
    return element[:1] + encode_length(len(title)) + title
