"""Messages as hex text, typed from the published examples and walk-throughs, and how the tests run the command.

Sources: docs/sources.md; example 8 of the standard as in the public capture c1222_std_example8.pcap, the synthetic
captures of icsnpp-c1222 (BSD-3), a session recorded with C12Adapter's reader, one message of its c1222client.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from c1222_cli.main import main

KEY_2 = "01020304050607080102030405060708"
KEY_0 = "6624C7E23034E4036FE5CB3A8B5DAB44"

# Example 8: Security with user id 2 and password "PASSWORD", 16 octets of ST-1 from octet 16; then the answer.
EXAMPLE_8_REQUEST = (
    "60 4F  A2 05 80 03 7B C1 75  A6 04 80 02 7B 04  A8 03 02 01 03"
    "  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61"
    "  BE 2A 28 28 81 26  88"
    "  41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5 0D A7 F7"
    "  99 C5 D4 E8"
).replace("  ", " ")
EXAMPLE_8_RESPONSE = (
    "60 48  A2 04 80 02 7B 04  A4 03 02 01 03  A6 05 80 03 7B C1 75  A8 03 02 01 03"
    "  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 60"
    "  BE 1E 28 1C 81 1A  88"
    "  4B AE E4 34 96 31 AB 5E 56 A0 E6 E0 E9 0D FA D5 58 59 1E E4 EA  33 4C B2 68"
).replace("  ", " ")
EXAMPLE_8 = f"# example 8\n{EXAMPLE_8_REQUEST}\n{EXAMPLE_8_RESPONSE}\n"

# Full read of ST-1 from an Elster A3R, key 0 (c1222overIPv4.cap; protocol reference, 8.11).
IPV4 = (
    "6047 A211060F2B060104018285638E7F85F1C24E00 A60A06082B06010401828563 A806020413E81421"
    " AC0FA20DA00BA10980010081044C97F489 BE0D280B8109 88 65F1E271 A71F7F27\n"
    "606D A20A06082B06010401828563 A406020413E81421 A611060F2B060104018285638E7F85F1C24E00 A80302012C"
    " AC0FA20DA00BA10980010081044C97F489 BE2E282C812A 88"
    " E6976BE9206159CCEA0CD39941F3F24409E294A1F98463865E8B96C5E576039A90E4E70FA1 38A2D998\n"
)

METER = "06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00"  # 1.3.6.1.4.1.33507.1919.12345678.0
HOST = "06 08 2B 06 01 04 01 82 85 63"  # 1.3.6.1.4.1.33507
ID = "A8 06 02 04 13 E8 14 21"

IDENTIFY = (
    f"60 30 A2 11 {METER} A6 0A {HOST} {ID} BE 07 28 05 81 03 80 01 20\n"
    f"60 59 A2 0A {HOST} A6 11 {METER} {ID} BE 30 28 2E 81 2C 80 2A 00 03 01 00 04 {HOST} 05 08 06 {HOST}"
    " 07 0B 01 00 01 02 03 0A 04 0D 05 06 07 00\n"
)
# One element of ST-0 by index; the answer "testdata" has checksum 00 where A6 is right.
INDEX_READ = (
    f"60 36 A2 11 {METER} A6 0A {HOST} {ID} BE 0D 28 0B 81 09 80 07 31 00 00 00 00 00 01\n"
    f"60 3B A2 0A {HOST} A6 11 {METER} {ID} BE 12 28 10 81 0E 80 0C 00 00 08 74 65 73 74 64 61 74 61 00\n"
)
SECURITY = (
    f"60 44 A2 11 {METER} A6 0A {HOST} {ID} BE 1B 28 19 81 17 80 15 51"
    " 00 00 00 00 00 00 00 00 70 61 73 73 77 6F 72 64 31 32 33 34\n"
    f"60 30 A2 0A {HOST} A6 11 {METER} {ID} BE 07 28 05 81 03 80 01 00\n"
)
ISSS = (
    f"60 30 A2 11 {METER} A6 0A {HOST} {ID} BE 07 28 05 81 03 80 01 20\n"
    f"60 30 A2 0A {HOST} A6 11 {METER} {ID} BE 07 28 05 81 03 80 01 0A\n"
)
# Two messages of one session; the second carries no key id and iv of its own.
SESSION = (
    "6058A20580037BC175A60480027B04A803020100AC0FA20DA00BA10980010281046B02F948BE332831812F88A8FEF6B23FE8AFFDE4DB87B3"
    "64B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301BA1A3D3B\n"
    "6027A20580037BC175A60480027B04A803020101BE132811810F88B0BB33AA66AC57DF2BA12557668C\n"
)
# Mode 1, no titles, key id 0, a key of zeros.
AUTHENTICATED = (
    "6044A8060204A24369A5AC0FA20DA00BA10980010081046B02F814BE292827812584"
    "17513030303030303030303030303030303030303030000003300001033000055D970AF7\n"
)


def tlv(tag: int, content: bytes) -> bytes:
    """A BER element of less than 256 octets."""
    length = bytes([len(content)]) if len(content) < 0x80 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def clear_apdu(*services: bytes, behind: bytes = b"", before: bytes = b"", number: int = 1) -> str:
    """Hex text of a message without titles and security; behind: octets after the services."""
    envelope = b"\x80" + b"".join(bytes([len(service)]) + service for service in services) + behind
    information = tlv(0xBE, tlv(0x28, tlv(0x81, envelope)))
    return tlv(0x60, tlv(0xA8, tlv(0x02, bytes([number]))) + before + information).hex() + "\n"


def table_data(octets: bytes) -> bytes:
    """Count, octets and checksum."""
    return len(octets).to_bytes(2, "big") + octets + bytes([-sum(octets) & 0xFF])


def exchange(*pairs: tuple[bytes, bytes], number: int = 1) -> str:
    """Requests in one message, and their answers in another."""
    asked = clear_apdu(*(request for request, _ in pairs), number=number)
    before = tlv(0xA4, tlv(0x02, bytes([number])))
    return asked + clear_apdu(*(answer for _, answer in pairs), before=before, number=number)


def read(number: int, octets: str) -> tuple[bytes, bytes]:
    """A full read and its answer."""
    return b"\x30" + number.to_bytes(2, "big"), b"\x00" + table_data(bytes.fromhex(octets))


def decode(text: str | bytes, *arguments: str, env: dict[str, str] | None = None) -> Result:
    """`c1222 decode - ARGUMENTS` with `text` on standard input."""
    return CliRunner().invoke(main, ["decode", "-", *arguments], input=text, env=env)


def command(*arguments: str, **options) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    code = "from c1222_cli.main import main; main(prog_name='c1222')"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, **options)


def public_captures() -> list[Path]:
    """The public capture files, [] where they are not at hand."""
    folder = os.environ.get("C1222_PUBLIC_CAPTURES")
    return sorted(Path(folder).glob("*.*cap")) if folder else []


NEEDS_CAPTURES = pytest.mark.skipif(not public_captures(), reason="C1222_PUBLIC_CAPTURES names no folder of captures")
