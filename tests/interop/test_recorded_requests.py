"""Requests of other clients, sent over a plain TCP socket: no code of ours asks, and tshark judges what comes back.

The requests were recorded (protocol reference 8.11 and 8.13); their key is not one that the simulated meter has by
itself, so it is given to it. What 8.11 was answered with was recorded, too: those are the octets wanted here.
"""

import socket

from dissector import NEEDED, dissect, write
from loop_thread import served

from c1222.meter.image.image import StaticImage
from c1222.meter.ports.node import NodeSettings
from c1222.meter.simulated import SimulatedMeter
from c1222.security.keys import Key, KeyRing
from c1222.titles import ApTitle
from c1222.transport.listen import listen_tcp

pytestmark = NEEDED

KEY = "6624c7e23034e4036fe5cb3a8b5dab44"
TITLE = "1.3.6.1.4.1.33507.1919.12345678.0"
READ_1 = bytes.fromhex(
    "60 47 A2 11 06 0F 2B060104018285638E7F85F1C24E00 A6 0A 06 08 2B06010401828563 A8 06 02 04 13E81421"
    "AC 0F A2 0D A0 0B A1 09 80 01 00 81 04 4C97F489 BE 0D 28 0B 81 09 88 65F1E271 A71F7F27"
)
TABLE_1 = bytes.fromhex("45452020 4133522020202020 0200 0306 20202020202020203132333435363738")
TABLE_1_ANSWER = "0020" + TABLE_1.hex() + "21"

SESSION = [
    # Logon as user 2, Security with twenty times 30, read of table 1
    bytes.fromhex(
        "6058A20580037BC175A60480027B04A803020100AC0FA20DA00BA10980010281046B02F948BE332831812F88"
        "A8FEF6B23FE8AFFDE4DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301BA1A3D3B"
    ),
    # without an authentication value of its own: reads of tables 0 and 5, Logoff
    bytes.fromhex("6027A20580037BC175A60480027B04A803020101BE132811810F88B0BB33AA66AC57DF2BA12557668C"),
]
ZEROS_5 = "0005" + "00" * 5 + "00"


def answers(meter, requests):
    """What a meter says to requests that come one after the other over one connection."""
    found = []
    with (
        served(lambda: listen_tcp("127.0.0.1", 0, lambda peer: meter.network())) as label,
        socket.create_connection(("127.0.0.1", int(label.rpartition(":")[2])), timeout=10) as connection,
        connection.makefile("rb") as stream,
    ):
        for request in requests:
            connection.sendall(request)
            head = stream.read(2)
            assert head[1] < 0x80, "a length of one octet"
            found.append(head + stream.read(head[1]))
    return found


def ring(key_id):
    made = KeyRing()
    made.add(key_id, Key(bytes.fromhex(KEY)))
    return made


def test_a_read_of_table_1_is_answered_as_it_was(tmp_path):
    settings = NodeSettings(aliases=(ApTitle.parse(TITLE),))
    meter = SimulatedMeter(image=StaticImage({1: TABLE_1}), keys=ring(0), network=settings)
    write([READ_1, *answers(meter, [READ_1])], tmp_path / "said.pcap")
    asked, answered = dissect(tmp_path / "said.pcap", tmp_path, keys={0: KEY})
    assert asked["c1222.crypto_good"] == answered["c1222.crypto_good"] == ["1"]
    assert asked["c1222.read.table"] == ["0x0001"]
    assert answered["c1222.err"] == ["0x00"]
    assert answered["c1222.data"] == [TABLE_1_ANSWER]
    assert not answered["_ws.malformed"]


def test_a_session_is_answered(tmp_path):
    """The meter finds key id and iv of the second message in the first, as tshark does not; its answers have both.

    The password is wrong here: err, and everybody may read these tables.
    """
    meter = SimulatedMeter(image=StaticImage({0: bytes(5), 1: bytes(5), 5: bytes(5)}), keys=ring(2))
    said = answers(meter, SESSION)
    write([message for pair in zip(SESSION, said, strict=True) for message in pair], tmp_path / "said.pcap")
    rows = dissect(tmp_path / "said.pcap", tmp_path, keys={2: KEY})
    assert [row["c1222.crypto_bad"] for row in rows] == [["0"], ["0"], ["1"], ["0"]]
    assert [row["c1222.err"] for row in rows[1::2]] == [["0x00", "0x01", "0x00"], ["0x00", "0x00", "0x00"]]
    assert [row["c1222.data"] for row in rows[1::2]] == [["003c", ZEROS_5], [ZEROS_5, ZEROS_5]]
