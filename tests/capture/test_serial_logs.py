"""Raw logs, one file a direction: the order of what was said is found again."""

import pytest
from capture_building import codes as codes_of
from serial_building import (
    ACK,
    LOGON,
    NAK,
    READ_1,
    ST_1,
    WALK,
    WALK_PAIRS,
    codes,
    in_several,
    packet,
    pairs_of,
    talk,
)

from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.serial_logs import decode_logs
from c1222.errors import CaptureError

READ, TABLE, OK = "300001", ST_1[6:-2].hex(), "00"
LOGON_HEX = LOGON[6:-2].hex()


def logs(said):
    return tuple(b"".join(octets for way, octets in said if way == which) for which in ("out", "in"))


def decode(sent, received, folder):
    """Exchanges and remarks; None for a log that is not there."""
    paths = []
    for name, octets in (("sent", sent), ("received", received)):
        paths.append(str(folder / name) if octets is not None else None)
        if octets is not None:
            (folder / name).write_bytes(octets)
    found = list(decode_logs(*paths))
    return (
        [one for one in found if isinstance(one, Exchange)],
        [one for one in found if isinstance(one, CaptureRemark)],
    )


def as_hex(octets):
    return b"# a log\n" + b"\n".join(octets[at : at + 7].hex(" ").encode() for at in range(0, len(octets), 7))


@pytest.mark.parametrize("write", [bytes, as_hex, lambda octets: octets.hex().encode()], ids=["raw", "hex", "one-line"])
def test_the_walk_through(write, tmp_path):
    sent, received = logs(talk(WALK))
    exchanges, remarks = decode(write(sent), write(received), tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])
    assert [each.request.place.packet for each in exchanges] == [1, 2, 3, 4, 5]
    assert [each.response.place.packet for each in exchanges] == [1, 2, 3, 4, 5]
    # Sent: requests of 9, 13, 21, 29 octets, an ACK behind each. Received: an ACK before answers of 13, 13, 9, 9.
    assert [each.request.place.file_offset for each in exchanges] == [0, 10, 24, 46, 76]
    assert [each.response.place.file_offset for each in exchanges] == [1, 15, 29, 39, 49]
    assert exchanges[0].request.place.file == str(tmp_path / "sent")
    assert exchanges[0].response.place.file == str(tmp_path / "received")


def test_without_signals(tmp_path):
    sent, received = logs([one for one in talk(WALK) if one[1] != ACK])
    exchanges, remarks = decode(sent, received, tmp_path)
    assert (pairs_of(exchanges), remarks) == (WALK_PAIRS, [])


def test_a_request_that_was_not_answered(tmp_path):
    """No ACK stands behind it in what was sent: the next answer is not its."""
    sent = LOGON + READ_1 + ACK
    exchanges, remarks = decode(sent, ACK + ACK + ST_1, tmp_path)
    assert (pairs_of(exchanges), remarks) == ([(LOGON_HEX, None), (READ, TABLE)], [])


def test_repeated_both_ways(tmp_path):
    said = [
        *(("out", READ_1), ("out", READ_1), ("in", ACK), ("in", ST_1[:-1] + b"\0"), ("out", NAK)),
        *(("in", ST_1), ("out", ACK), ("in", ST_1), ("out", ACK)),
        *talk([(LOGON, packet(OK))]),
    ]
    exchanges, remarks = decode(*logs(said), tmp_path)
    assert pairs_of(exchanges) == [(READ, TABLE), (LOGON_HEX, OK)]
    assert sorted(codes(remarks)) == ["packet-broken", "packet-repeated", "packet-repeated"]
    broken = next(remark for remark in remarks if remark.code == "packet-broken")
    assert (broken.file, broken.packet, broken.file_offset) == (str(tmp_path / "received"), 1, 1)


def test_a_nak_for_silence_takes_no_packet(tmp_path):
    said = [("out", READ_1), ("out", NAK), ("in", ACK), ("in", ST_1), ("out", ACK), *talk([(LOGON, packet(OK))])]
    exchanges, remarks = decode(*logs(said), tmp_path)
    assert (pairs_of(exchanges), remarks) == ([(READ, TABLE), (LOGON_HEX, OK)], [])


@pytest.mark.parametrize("signals", [True, False])
def test_several_packets_both_ways(signals, tmp_path):
    write, answer = bytes.fromhex("400007 0041") + bytes(66), bytes.fromhex("00 0060") + bytes(97)
    said = []
    for request, reply in ((write, b"\x00"), (b"\x30\x00\x08", answer)):
        for way, back, message in (("out", "in", request), ("in", "out", reply)):
            parts = in_several(message, 56) if len(message) > 56 else [packet(message)]
            said += [one for part in parts for one in ((way, part), (back, ACK)) if signals or one[1] != ACK]
    exchanges, remarks = decode(*logs(said), tmp_path)
    assert pairs_of(exchanges) == [(write.hex(), OK), ("300008", answer.hex())]
    assert remarks == []


def test_one_log_alone(tmp_path):
    sent, received = logs(talk(WALK))
    exchanges, _ = decode(sent, None, tmp_path)
    assert pairs_of(exchanges) == [(request, None) for request, _ in WALK_PAIRS]
    exchanges, _ = decode(None, received, tmp_path)
    assert pairs_of(exchanges) == [(None, answer) for _, answer in WALK_PAIRS]
    assert {code for each in exchanges for code in codes_of(each.response)} == {"request-unknown"}


@pytest.mark.parametrize("cut", range(0, 149, 3))
def test_a_log_that_ends_early(cut, tmp_path):
    """Answers that are there never go to another request than theirs."""
    sent, received = logs(talk(WALK))
    exchanges, _ = decode(sent, received[:cut] or b"\x06", tmp_path)
    answered = [pair for pair in pairs_of(exchanges) if pair[1]]
    assert answered == WALK_PAIRS[: len(answered)]


def test_hex_that_is_damaged(tmp_path):
    sent, received = logs(talk(WALK))
    exchanges, remarks = decode(b"log begun at 12\n" + as_hex(sent) + b"\nbye\nand bye\n", received, tmp_path)
    assert pairs_of(exchanges) == WALK_PAIRS
    assert [(remark.code, remark.packet, remark.kind) for remark in remarks] == [
        ("line-undecodable", 1, "undecodable"),
        ("line-undecodable", None, "undecodable"),
    ]
    assert "2 more lines" in remarks[1].text


def test_what_is_no_log(tmp_path):
    exchanges, remarks = decode(bytes(range(256)), b"\xff" * 100, tmp_path)
    assert exchanges == []
    assert {"not-c1218", "line-noise"} <= set(codes(remarks))


@pytest.mark.parametrize("which", ["sent", "received"])
def test_files_that_cannot_be_read(which, tmp_path):
    (tmp_path / "good").write_bytes(READ_1)
    (tmp_path / "empty").write_bytes(b"")
    other = "received" if which == "sent" else "sent"
    for bad, why in (("missing", "No such file"), ("empty", "is empty"), ("", "directory")):
        paths = {which: str(tmp_path / bad), other: str(tmp_path / "good")}
        with pytest.raises(CaptureError, match=why) as info:
            list(decode_logs(**paths))
        assert info.value.file == str(tmp_path / bad)


def test_how_much_was_read_is_told(tmp_path):
    (tmp_path / "a").write_bytes(READ_1 * 10_000)
    (tmp_path / "b").write_bytes(as_hex(ST_1))
    heard = []
    list(decode_logs(str(tmp_path / "a"), str(tmp_path / "b"), on_read=heard.append))
    assert heard == sorted(heard)
    assert heard[-1] == 110_000 + len(as_hex(ST_1))
