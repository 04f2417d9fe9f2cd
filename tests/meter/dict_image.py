"""A meter whose tables are a dict of octets: the ones of a GE I-210+c that protocol.md quotes, and some of our own.

Nothing of it is worked out by the code under test.
"""

from datetime import UTC, datetime, timedelta

from c1222.meter.device.access import SIMULATION
from c1222.meter.device.device import Device

START = datetime(2026, 1, 1, tzinfo=UTC)

# GE I-210+c, its table 0: little endian, procedures with 8 octets of parameters and 12 of an answer.
ST_0 = bytes.fromhex(
    "020a8a474520200200080c02000f0f030c0104eff9e19e030078e08119000000800b01000000000000007c5c30600086ff7906230f00"
    "000000000000dfda7108e0f8e102030068608008000000000a00000000000000005c141060008284"
)
# protocol.md 8.4: manufacturer, model, hardware 1.9, firmware 2.0, serial number.
ST_1 = b"GE  I210+c  \x01\x09\x02\x00" + b"00000001".ljust(16)
ST_3 = bytes.fromhex("0140000000")
ST_5 = b"  0000000001        "
ST_6 = b"UTILITY"
# Two passwords of 20 octets, no keys, two rules: fields of 8 and, in the meter's order, 16 bits.
ST_41 = bytes.fromhex("02 14 00 00 0200")
ST_42 = b"NEWREADER".ljust(20) + b"\x01" + b"NEWENGINEER".ljust(20) + b"\x03"
# 1000 octets that add up to 124,500, which is 84 above a multiple of 256.
ST_64 = bytes(range(250)) * 4
ST_64_CHECKSUM = 256 - 84

TABLES = {0: ST_0, 1: ST_1, 3: ST_3, 5: ST_5, 6: ST_6, 8: b"", 41: ST_41, 64: ST_64}
WRITE_ONLY = {7, 42, 45}
READ_ONLY = {0, 1}


class DictImage:
    """An Image. written, ran: what was asked of it, in order. results: procedure -> what it comes to."""

    def __init__(self, **more):
        self.tables = {**TABLES, **{int(name.removeprefix("st_")): octets for name, octets in more.items()}}
        self.written = []
        self.ran = []
        self.results = {10: (0, b"\x01\x02\x03"), 3: (4, b"")}

    def numbers(self):
        return frozenset(self.tables) | WRITE_ONLY

    def read(self, number, at):
        return self.tables[number]

    def write(self, number, octets, at):
        if number in READ_ONLY:
            raise PermissionError(number)
        if number == 6 and octets[:1] == b"\xff":
            raise ValueError("a text never begins so")
        if number not in WRITE_ONLY:
            self.tables[number] = octets
        self.written.append((number, octets, at))

    def run(self, procedure, parameters, at):
        self.ran.append((procedure, parameters, at))
        return self.results.get(procedure, (6, b""))


def true_time(now):
    return START + timedelta(seconds=now)


def device(image=None, access=SIMULATION, **options):
    return Device(image or DictImage(), access, true_time=true_time, **options)
