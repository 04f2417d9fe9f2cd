"""What was wrong, odd or notable in captured traffic, with the place: never a stop.

A remark is of one kind, which decides the exit code of `c1222 decode`:

note           nothing is lost, a live session would go on
refused        decoded all the same, a live session would refuse it
no-key         secured, and no key was given for it
bad-mac        the key is there, the MAC does not hold
undecodable    octets that could not be decoded, or that the capture lacks
"""

from dataclasses import dataclass
from typing import Literal

from c1219_tables.schema import cursor
from c1222.errors import LayoutError
from c1222.pcap import remark as pcap_remark

Kind = Literal["note", "refused", "no-key", "bad-mac", "undecodable"]

_KINDS: dict[str, Kind] = {
    # security
    "no-key": "no-key",
    "bad-mac": "bad-mac",
    "short-header": "refused",
    "lower-mode": "refused",
    "reused-iv": "refused",
    "replayed": "refused",
    # pairing
    "missing-a4": "refused",
    "no-invocation-id": "refused",
    # what could not be read
    "message-undecodable": "undecodable",
    "body-undecodable": "undecodable",
    "service-undecodable": "undecodable",
    "message-cut": "undecodable",
    "not-c1222": "undecodable",
    "not-c1218": "undecodable",
    "packet-lost": "undecodable",
    "segment-missing": "undecodable",
    "segment-refused": "undecodable",
    "line-undecodable": "undecodable",
    # the capture file: what costs no octets of a message (all other codes of its readers do, or may)
    "gzip-trailing": "note",
    "block-length-differs": "note",
    "option-length": "note",
    "linktype-unknown": "note",
    "tcp-overlap-differs": "note",
    "tcp-before-start": "note",
    "tcp-after-end": "note",
}


@dataclass(frozen=True, slots=True)
class CaptureRemark:
    """One remark.

    code: short word for programs. kind: see above. text: sentence for people.
    file, packet: where in the capture (packets counted from 1; lines in hex text). file_offset: octets from its start.
    field: path of the element; message_offset: octets from the start of the message.
    """

    code: str
    kind: Kind
    text: str
    file: str = ""
    packet: int | None = None
    file_offset: int | None = None
    field: str = ""
    message_offset: int | None = None

    def __str__(self) -> str:
        places = (
            self.file,
            "" if self.packet is None else f"packet {self.packet}",
            "" if self.file_offset is None else f"file offset {self.file_offset}",
            self.field,
            "" if self.message_offset is None else f"octet {self.message_offset}",
        )
        place = ", ".join(part for part in places if part)
        return f"{place}: {self.text}" if place else self.text


def of_message(code: str, text: str, *, field: str = "", message_offset: int | None = None) -> CaptureRemark:
    """A remark about a message, of the kind that its code has. Its file and packet are those of the message."""
    return CaptureRemark(code, _KINDS.get(code, "note"), text, field=field, message_offset=message_offset)


def of_layout(remark: cursor.Remark, base: int | None, field: str = "") -> CaptureRemark:
    """What a layout tolerated.

    base: octets of the message before those that the layout decoded. field: path of the layout's root in the message.
    """
    offset = None if base is None or remark.offset is None else base + remark.offset
    return of_message(remark.code, remark.text, field=_joined(field, remark.field), message_offset=offset)


def of_error(code: str, error: LayoutError, base: int | None = 0, field: str = "") -> CaptureRemark:
    """Octets that did not fit a layout."""
    offset = None if base is None or error.offset is None else base + error.offset
    text = f"{error.layout}: {error.problem}" if error.layout else error.problem
    return of_message(code, text, field=_joined(field, error.field), message_offset=offset)


def in_file(
    code: str, text: str, file: str, packet: int | None = None, file_offset: int | None = None
) -> CaptureRemark:
    """A remark about a place in a file, of the kind that its code has."""
    return CaptureRemark(code, _KINDS.get(code, "note"), text, file, packet, file_offset)


def of_file(remark: pcap_remark.Remark, file: str) -> CaptureRemark:
    """A remark of the capture reader: octets of the file or the stream were lost, unless it is only bookkeeping."""
    return CaptureRemark(
        remark.code, _KINDS.get(remark.code, "undecodable"), remark.text, file, remark.packet, remark.offset
    )


def _joined(*fields: str) -> str:
    return ".".join(field for field in fields if field)
