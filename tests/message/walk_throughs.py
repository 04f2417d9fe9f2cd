"""The whole C12.22 messages of protocol.md section 8, typed as it shows them, and what they say."""

from typing import NamedTuple


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


METER = "06 0F 2B060104018285638E7F85F1C24E00"  # 1.3.6.1.4.1.33507.1919.12345678.0
CLIENT = "06 08 2B06010401828563"  # 1.3.6.1.4.1.33507
ID = "A8 06 02 04 13E81421"  # 333976609
ASKED = f"A2 11 {METER} A6 0A {CLIENT} {ID}"  # 39 octets
ANSWERED = f"A2 0A {CLIENT} A6 11 {METER} {ID}"  # 39 octets


class WalkThrough(NamedTuple):
    """request: service that is answered, None for a request. services: those of the envelope, None when enciphered."""

    octets: bytes
    control: int
    services: list[bytes] | None
    request: int | None = None


def walk(text: str, control: int, *services: str, request: int | None = None) -> WalkThrough:
    return WalkThrough(octets(text), control, [octets(service) for service in services], request)


IDENTIFIED = "00 03 01 00 04 06082B06010401828563 05 08 06 06082B06010401828563 07 0B 01 000102030A040D050607 00"
REGISTER = "27 FD EF 01828563 06082B06010401828563 06082B06010401828563 08 66697A7A62757A7A 010203 04 62656566"
REGISTERED = "00 06082B06010401828563 0E10 000000 EF"

CLEAR = {
    # Lengths: 39 octets of titles and id, then BE: 9 -> 30H, 50 -> 59H, 23 -> 3EH, 11 -> 32H ...
    "8.5-identify": walk(f"60 30 {ASKED} BE 07 28 05 81 03 80 01 20", 0x80, "20"),
    "8.5-identified": walk(f"60 59 {ANSWERED} BE 30 28 2E 81 2C 80 2A {IDENTIFIED}", 0x80, IDENTIFIED, request=0x20),
    "8.6-logon": walk(
        f"60 3E {ASKED} BE 15 28 13 81 11 80 0F 50 1234 68656C6C6F776F726C64 0000",
        0x80,
        "50 1234 68656C6C6F776F726C64 0000",
    ),
    "8.6-logged-on": walk(f"60 32 {ANSWERED} BE 09 28 07 81 05 80 03 00 0000", 0x80, "00 0000", request=0x50),
    "8.7-read": walk(f"60 36 {ASKED} BE 0D 28 0B 81 09 80 07 31 0000 0000 0001", 0x80, "31 0000 0000 0001"),
    "8.7-data": walk(
        f"60 3B {ANSWERED} BE 12 28 10 81 0E 80 0C 00 0008 7465737464617461 00",
        0x80,
        "00 0008 7465737464617461 00",
        request=0x31,
    ),
    "8.8-register": walk(f"60 5B {ASKED} BE 32 28 30 81 2E 80 2C {REGISTER}", 0x80, REGISTER),
    "8.8-registered": walk(f"60 40 {ANSWERED} BE 17 28 15 81 13 80 11 {REGISTERED}", 0x80, REGISTERED, request=0x27),
    # 8.12 gives the envelopes; the header is that of 8.5. Security: 15H octets, so 81 17, 28 19, BE 1B.
    "8.12-security": walk(
        f"60 44 {ASKED} BE 1B 28 19 81 17 80 15 51 0000000000000000 70617373776F726431323334",
        0x80,
        "51 0000000000000000 70617373776F726431323334",
    ),
    "8.12-isss": walk(f"60 30 {ANSWERED} BE 07 28 05 81 03 80 01 0A", 0x80, "0A", request=0x20),
    # Trace is answered with 1CH octets, so 81 1E, 28 20, BE 22.
    "8.12-traced": walk(
        f"60 4B {ANSWERED} BE 22 28 20 81 1E 80 1C 00 {CLIENT} {METER}", 0x80, f"00 {CLIENT} {METER}", request=0x26
    ),
}
SECRET = {
    "8.9-example-8": WalkThrough(
        octets(
            "60 4F A2 05 80 03 7BC175 A6 04 80 02 7B04 A8 03 02 01 03"
            "AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48F3D061 BE 2A 28 28 81 26 88"
            "41D10CDA76206811B36F781489A11997773E117CB07AA3AA40374A7107C50DA7F7 99C5D4E8"
        ),
        0x88,
        None,
    ),
    "8.10-example-8": WalkThrough(
        octets(
            "60 48 A2 04 80 02 7B 04 A4 03 02 01 03 A6 05 80 03 7B C1 75 A8 03 02 01 03"
            "AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 60 BE 1E 28 1C 81 1A 88"
            "4B AE E4 34 96 31 AB 5E 56 A0 E6 E0 E9 0D FA D5 58 59 1E E4 EA 33 4C B2 68"
        ),
        0x88,
        None,
    ),
    "8.11-ipv4": WalkThrough(
        octets(
            f"60 47 {ASKED} AC 0F A2 0D A0 0B A1 09 80 01 00 81 04 4C 97 F4 89 BE 0D 28 0B 81 09 88 65F1E271 A71F7F27"
        ),
        0x88,
        None,
    ),
    "8.13-first": WalkThrough(
        octets(
            "6058A20580037BC175A60480027B04A803020100AC0FA20DA00BA10980010281046B02F948BE332831812F88A8FEF6B23FE8AFFDE4"
            "DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301BA1A3D3B"
        ),
        0x88,
        None,
    ),
    "8.13-second": WalkThrough(
        octets("6027A20580037BC175A60480027B04A803020101BE132811810F88B0BB33AA66AC57DF2BA12557668C"), 0x88, None
    ),
    "8.14-mode-1": WalkThrough(
        octets(
            "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84"
            "17 51 3030303030303030303030303030303030303030 0000 03 300001 03 300005 5D970AF7"
        ),
        0x84,
        None,
    ),
}
EVERY = {**CLEAR, **SECRET}
