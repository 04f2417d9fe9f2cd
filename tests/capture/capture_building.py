"""Messages for the tests of c1222.capture, typed from the protocol reference, and ways to bring them to the decoder.

Sources: example 8, 8.13 and 8.14 and the synthetic captures as annotated in the protocol reference, section 8; what is
said of them there (plaintexts, titles, ids) are the expected values of the tests.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from c1222.capture.decode import Decoder, decode_files
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.source import DEFAULT, Limits, Piece, Place
from c1222.pcap.flow import Flow
from c1222.security.keys import Key, KeyRing

FIXTURES = Path(__file__).parents[2] / "fixtures" / "captures"
PUBLISHED = FIXTURES / "published_vectors.pcapng"

KEY_EXAMPLE8 = "01020304050607080102030405060708"  # of vectors 1 and 2 of the EAX' paper too
KEY_IPV4 = "6624C7E23034E4036FE5CB3A8B5DAB44"  # of vectors 4 and 5
KEY_VECTOR3 = "102030405060708090A0B0C0D0E0F000"
KEY_ZERO = "00" * 16

NS = 1_000_000_000


def octets(*parts: str) -> bytes:
    return bytes.fromhex("".join(parts))


REQUEST8 = octets(
    "60 4F A2 05 80 03 7B C1 75 A6 04 80 02 7B 04 A8 03 02 01 03",
    "AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61 BE 2A 28 28 81 26 88",
    "41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5 0D A7 F7 99 C5 D4 E8",
)
ANSWER8 = octets(
    "60 48 A2 04 80 02 7B 04 A4 03 02 01 03 A6 05 80 03 7B C1 75 A8 03 02 01 03",
    "AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 60 BE 1E 28 1C 81 1A 88",
    "4B AE E4 34 96 31 AB 5E 56 A0 E6 E0 E9 0D FA D5 58 59 1E E4 EA 33 4C B2 68",
)
TEXT8 = octets("17 51 50415353574F5244 202020202020202020202020 0002 08 3F 0001 000010 0010")
TEXT8_ANSWER = octets("14 00 0010 4D414E55464143545552455220534E20 92")

# A session: the second message has no authentication value of its own.
SESSION_FIRST = octets(
    "6058A20580037BC175A60480027B04A803020100AC0FA20DA00BA10980010281046B02F948BE332831812F88",
    "A8FEF6B23FE8AFFDE4DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301BA1A3D3B",
)
SESSION_FIRST_TEXT = octets("0F 50 0002", "00" * 10, "003C 15 51", "30" * 20, "03 30 0001")
SESSION_SECOND = octets(
    "6027A20580037BC175A60480027B04A803020101BE132811810F88B0BB33AA66AC57DF2BA12557668C",
)
SESSION_SECOND_TEXT = octets("03 30 0000 03 30 0005 01 52")

# Mode 1, no titles, key id 0, key all zero.
MODE1 = octets(
    "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE292827812584",
    "175130303030303030303030303030303030303030300000 03300001 03300005 5D970AF7",
)
MODE1_TEXT = octets("17 51", "30" * 20, "0000 03 30 0001 03 30 0005")

IDENTIFY = octets(
    "60 30 A2 11 06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00 A6 0A 06 08 2B 06 01 04 01 82 85 63",
    "A8 06 02 04 13 E8 14 21 BE 07 28 05 81 03 80 01 20",
)
IDENTIFY_ANSWER = octets(
    "60 59 A2 0A 06 08 2B 06 01 04 01 82 85 63 A6 11 06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00",
    "A8 06 02 04 13 E8 14 21 BE 30 28 2E 81 2C 80 2A 00 03 01 00 04 06 08 2B 06 01 04 01 82 85 63 05 08",
    "06 06 08 2B 06 01 04 01 82 85 63 07 0B 01 00 01 02 03 0A 04 0D 05 06 07 00",
)

HEAD_END, METER = ".123.4", ".123.8437"
TITLES = {HEAD_END: "80 02 7B 04", METER: "80 03 7B C1 75", "": "", ".5": "80 01 05"}
THERE = Flow("192.0.2.1", 40000, "192.0.2.2", 1153, "tcp")


def tlv(tag: int, content: bytes) -> bytes:
    """X.690."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content


def clear(
    *services: str,
    called: str = METER,
    calling: str = HEAD_END,
    ident: int | None = 1,
    answers: int | None = None,
    control: int = 0x80,
) -> bytes:
    """An APDU in the clear. services: hex; ident: A8; answers: A4."""
    body = b"".join(tlv(0, octets(service))[1:] for service in services)
    parts = [
        tlv(0xA2, octets(TITLES[called])) if called else b"",
        b"" if answers is None else tlv(0xA4, bytes([2, 1, answers])),
        tlv(0xA6, octets(TITLES[calling])) if calling else b"",
        b"" if ident is None else tlv(0xA8, bytes([2, 1, ident])),
        tlv(0xBE, tlv(0x28, tlv(0x81, bytes([control]) + body))),
    ]
    return tlv(0x60, b"".join(parts))


def answer(*services: str, answers: int | None = 1, **more: object) -> bytes:
    """An APDU in the clear that travels back."""
    return clear(*services, **{"called": HEAD_END, "calling": METER, "ident": 9, "answers": answers} | more)  # type: ignore[arg-type]


READ, READ_OK = "30 0001", "00 0003 010203 FA"  # 01 02 03 has checksum FA: protocol reference, 2.3


def ring(*keys: tuple[int, str]) -> KeyRing:
    made = KeyRing()
    for key_id, key in keys:
        made.add(key_id, Key(bytes.fromhex(key)))
    return made


def all_keys() -> KeyRing:
    return ring((2, KEY_EXAMPLE8), (2, KEY_IPV4), (0, KEY_IPV4), (0, KEY_VECTOR3), (0, KEY_ZERO))


def piece(data: bytes, number: int = 1, *, flow: Flow | None = THERE, seconds: float | None = None) -> Piece:
    """A captured APDU in packet `number`, a second after the one before unless said otherwise."""
    time_ns = int((number if seconds is None else seconds) * NS)
    return Piece(data, Place("file.pcap", number, time_ns, flow, number))


def decoded(
    pieces: Iterable[Piece | bytes], keys: KeyRing | None = None, limits: Limits = DEFAULT
) -> tuple[list[Exchange], list[CaptureRemark]]:
    """What the decoder makes of captured APDUs, and its remarks that belong to no message."""
    remarks: list[CaptureRemark] = []
    decoder = Decoder(all_keys() if keys is None else keys, remarks.append, limits)
    exchanges = []
    for number, one in enumerate(pieces, 1):
        exchanges += decoder.feed(one if isinstance(one, Piece) else piece(one, number))
    return [*exchanges, *decoder.close()], remarks


def decoded_file(
    path: Path, keys: KeyRing | None = None, **options: object
) -> tuple[list[Exchange], list[CaptureRemark]]:
    """The same of a file."""
    found = list(decode_files([str(path)], all_keys() if keys is None else keys, **options))  # type: ignore[arg-type]
    return (
        [one for one in found if isinstance(one, Exchange)],
        [one for one in found if isinstance(one, CaptureRemark)],
    )


def messages(exchanges: Iterable[Exchange]) -> list:
    """All messages, in the order of their packets."""
    found = [m for each in exchanges for m in (each.request, each.response) if m is not None]
    return sorted(found, key=lambda message: (message.place.file, message.place.packet))


def services(message) -> list[str]:
    return [service.octets.hex() for service in message.services]


def codes(message) -> list[str]:
    return [remark.code for remark in message.remarks]


def public_captures() -> Path:
    """The folder of the public captures; skips the test where it is not there."""
    named = os.environ.get("C1222_PUBLIC_CAPTURES")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "captures"
    if not (folder / "c1222_std_example8.pcap").is_file():
        pytest.skip("the public captures are not here: set C1222_PUBLIC_CAPTURES to their folder")
    return folder
