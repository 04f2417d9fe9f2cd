"""tshark dissects and authenticates all that our client and the simulated meter say to each other, in every mode.

It fails messages of a session that have no authentication value of their own, and secured messages without a called
title (tests/capture/test_against_tshark.py). Our client and our meter send neither, so none is excepted here, and that
there are none is asserted. SEGMENTS are the one exception: tshark does not know them and calls each one malformed. They
are counted, and judged once they are put together.
"""

import pytest
from conversations import ASKED, LARGE, LOGOFF, LOGON, OK, OUR_SEGMENTS, SECURITY, TABLES, WAYS, Way, converse, talk
from dissector import DISSECTORS_WARNING, NEEDED, datagrams, dissect, whole
from loop_thread import served

from c1222.connection.connect import connect
from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import PUBLIC_KEYS
from c1222.meter.simulated import SimulatedMeter
from c1222.settings.config import Config
from c1222.transport.listen import listen_tcp, listen_udp

pytestmark = NEEDED

SEGMENTS = 5
"""In a conversation over UDP: two of our write of table 6, three of the answer with table 26."""
TITLES = [".123.8437"], [".123.4"]


def numbers(values):
    return [int(value, 0) for value in values]


def assert_authenticated(rows, mode):
    """Every message is alone in its packet, has both titles, and where it is secured key id and iv and a good MAC."""
    for index, row in enumerate(rows):
        called, calling = TITLES if index % 2 == 0 else TITLES[::-1]
        assert (row["c1222.called_ap_title_rel"], row["c1222.calling_ap_title_rel"]) == (called, calling)
        assert row["c1222.MESSAGE_element"] == ["1"]
        assert numbers(row["c1222.epsem.flags.security"]) == [mode]
        assert row["c1222.key_id_element"] == ["02"] * bool(mode)
        assert len(row["c1222.iv_element"]) == bool(mode)
        assert numbers(row["c1222.crypto_good"]) == [1] * bool(mode)
        assert numbers(row["c1222.crypto_bad"]) == [0] * bool(mode)
        assert not row["c1222.bad_checksum"]


def assert_without_complaint(rows):
    assert not any(row["_ws.malformed"] for row in rows)
    assert max((n for row in rows for n in numbers(row["_ws.expert.severity"])), default=0) < DISSECTORS_WARNING


def exchanges(rows):
    """Codes of the services of each request, the table of its last one, the codes of the answers."""
    found = []
    for asked, answered in zip(rows[::2], rows[1::2], strict=True):
        tables = numbers(asked["c1222.read.table"] + asked["c1222.write.table"])
        assert not asked["c1222.err"]
        assert not answered["c1222.cmd"]
        found.append((numbers(asked["c1222.cmd"]), tables[-1] if tables else None, numbers(answered["c1222.err"])))
    return found


def assert_as_asked(rows, way):
    """The typed part of the conversation is there as typed; in between the tables, read as the client likes."""
    found, first, last = exchanges(rows), list(way.exchanges(ASKED)), list(way.exchanges(LARGE))
    if way.session:
        first = [([LOGON], None, [OK]), ([SECURITY], None, [OK]), *first]
        last = [*last, ([LOGOFF], None, [OK])]
    assert found[: len(first)] == first
    assert found[-len(last) :] == last
    free = rows[2 * len(first) : -2 * len(last)]
    assert {n for row in free for n in numbers(row["c1222.read.table"])} == set(TABLES)
    assert {n for row in free for n in numbers(row["c1222.err"])} == {OK}


def assert_all_is_well(trace, way, folder):
    rows = dissect(trace, folder, "tcp.len > 0 || udp")
    if way.wire == "udp":
        malformed = [row["frame.number"] for row in rows if row["_ws.malformed"]]
        assert_without_complaint([row for row in rows if row["frame.number"] not in malformed])
        segments, messages = whole(datagrams(trace), folder / "whole.pcap")
        assert len(malformed) == segments == SEGMENTS
        rows = dissect(folder / "whole.pcap", folder, "udp")
        assert len(rows) == messages
    assert_without_complaint(rows)
    messages = [row for row in rows if row["c1222.MESSAGE_element"]]
    # A message in several packets of TCP is dissected with the last of them: table 26 is in three.
    assert len(rows) - len(messages) == (2 if way.wire == "tcp" else 0)
    assert_authenticated(messages, way.mode)
    assert_as_asked(messages, way)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_everything_is_dissected_and_authenticated(way, tmp_path):
    converse(way, tmp_path / "trace.pcapng")
    assert_all_is_well(tmp_path / "trace.pcapng", way, tmp_path)


@pytest.mark.parametrize(
    ("wire", "listen", "options"),
    [("tcp", listen_tcp, ""), ("udp", listen_udp, f"&segment={OUR_SEGMENTS}")],
    ids=["tcp", "udp"],
)
def test_over_sockets(wire, listen, options, tmp_path):
    """The same between `connect`, with the trace that it keeps, and a listener on the loopback interface."""
    simulated, trace = SimulatedMeter(), tmp_path / "trace.pcapng"
    with served(lambda: listen("127.0.0.1", 0, lambda peer: simulated.network(wire == "udp"))) as label:
        target = f"{label}?called=.123.8437&key_id=2&session=yes{options}"
        who = {"user": "ENGINEER", "user_id": 2, "password": b"ENGINEER"}
        with connect(target, **who, keys=PUBLIC_KEYS, trace=trace, config=Config()) as meter:
            talk(meter)
    assert_all_is_well(trace, Way(wire, SecurityMode.ENCRYPTED, session=True, password=True), tmp_path)
