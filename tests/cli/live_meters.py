"""Meters that say what a script says, behind the commands that talk to one. All octets are typed by hand."""

import sys
from pathlib import Path

from c1219_tables.registry import STANDARD
from c1222.session.settings import Credentials

sys.path.append(str(Path(__file__).parents[1] / "session"))

from scripted import ScriptedMeter, meter_on, table_data

__all__ = ["TABLES", "ScriptedMeter", "full_read", "meter_on", "script", "served", "table_data"]

# Little endian, ISO 646, binary clock fields, partial reads by offset, NI_FMAT1 INT48 (10), NI_FMAT2 INT32 (8); device
# class "TEST", electric; std_tbls_used of 8 octets: 0 1 3 5, 21 23, 42; one octet of procedures: 0 and 3.
ST0 = """
02 0a 8a 54455354 02 00 08 0c 02 00 08 00 01 00 01 00
2b 00 a0 00 00 04 00 00  09  20 00 00 00 00 00 00 00
"""
# protocol.md 8.4, a GE I-210+c with its serial number replaced.
ST1 = "47452020 493231302b632020 01 09 02 00 30303030303030312020202020202020"
# Metering; clock error (bit 6); nothing more.
ST3 = "01 4000 00 00"
# No optional parts, 2 summations, 1 demand of 1 occurrence, no tiers.
ST21 = "00 00 00 02 01 00 01 00 00 00"
# 12345 and 1; demand 42.
ST23 = "393000000000 010000000000 2a000000"

TABLES = {number: bytes.fromhex(text) for number, text in {0: ST0, 1: ST1, 3: ST3, 21: ST21, 23: ST23}.items()}


def full_read(number):
    return b"\x30" + number.to_bytes(2, "big")


def script(tables=TABLES, **more):
    """Identify as C12.18 1.0 and let the user "" in; tables that are not there are answered with iar (05)."""
    answers = {b"\x20": bytes.fromhex("00 00 01 00 00"), b"\x50\x00\x00" + b" " * 10: b"\x00"}
    answers |= {b"\x52": b"\x00", b"\x21": b"\x00"}
    # Negotiate grants one packet of 256 octets.
    answers[bytes.fromhex("61 0400 ff 06")] = bytes.fromhex("00 0100 01 06")
    answers |= {full_read(number): b"\x00" + table_data(octets) for number, octets in tables.items()}
    return answers | more


def served(monkeypatch, answers, *, tamper=None, label="line"):
    """Commands meet this meter, whatever target they are given. Returns it; `.ways` are the options they came with."""
    side = ScriptedMeter(answers, otherwise=b"\x05")
    side.ways = []

    def open_meter(target, way, registry=None):
        side.ways.append((target, way))
        meter = meter_on(side, who=Credentials(user=way.user or ""), tamper=tamper, registry=registry or STANDARD)
        meter._transport.label = label
        try:
            return meter.open()
        except BaseException:
            meter.close()
            raise

    monkeypatch.setattr("c1222_cli.live.open_meter", open_meter)
    return side
