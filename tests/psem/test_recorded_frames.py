"""Every recorded frame of a GE I-210+c: its service decodes, and encodes back to the same octets."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from c1222.psem.blocks import joined
from c1222.psem.requests import decode_request, encode_request
from c1222.psem.responses import decode_response, encode_response

CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")
pytestmark = pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")


def load(name):
    return (Path(CAPTURES) / "ge_i210c" / name).read_text()


@pytest.fixture(scope="module")
def pairs():
    """(request, response) payloads: stp, identity, ctrl, seq, length u16, data, crc u16 (protocol.md 1.1).

    The recording says which packets came over whole: one response of its 6,119 did not.
    """
    lines = [json.loads(line) for line in load("frames.jsonl").splitlines()]
    whole = [line for line in lines if line["request_crc_ok"] and line["response_crc_ok"]]
    assert len(lines) - len(whole) == 1
    return [(payload(line["request"]), payload(line["response"])) for line in whole]


def payload(packet):
    octets = bytes.fromhex(packet)
    length = int.from_bytes(octets[4:6], "big")
    assert octets[0] == 0xEE
    assert octets[3] == 0
    assert len(octets) == 6 + length + 2
    return octets[6:-2]


def test_requests(pairs):
    services = Counter()
    for octets, _ in pairs:
        decoded = decode_request(octets, c1222=False)
        assert decoded.code == octets[0]
        assert decoded.remarks == []
        assert encode_request(decoded, c1222=False) == octets
        services[decoded.code] += 1
    # The README of the recording: identify, terminate, full reads, logon, security, negotiate.
    assert {0x20, 0x21, 0x30, 0x50, 0x51, 0x61} <= set(services)


def test_responses(pairs):
    reads = 0
    for request, octets in pairs:
        decoded = decode_response(octets, service=request[0], c1222=False)
        assert decoded.code == octets[0]
        assert decoded.remarks == []
        assert encode_response(decoded, service=request[0], c1222=False) == octets
        reads += decoded.code == 0 and request[0] == 0x30
    assert reads


def test_reads_carry_the_tables(pairs):
    tables = {int(number): bytes.fromhex(octets) for number, octets in json.loads(load("tables.json")).items()}
    seen = set()
    for request, octets in pairs:
        if request[0] == 0x30 and octets[0] == 0:
            number = decode_request(request, c1222=False).parameters.table
            data = joined(decode_response(octets, service=0x30, c1222=False).data.blocks)
            # Table 52 is the clock: every read of it differs.
            assert data == tables[number] or number == 52
            assert len(data) == len(tables[number])
            seen.add(number)
    assert seen == set(tables)
