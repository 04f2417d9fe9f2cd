"""Requests and answers: who answers whom, by A4 and titles, by the flow, and what comes out without an answer."""

import pytest
from capture_building import (
    ANSWER8,
    HEAD_END,
    METER,
    MODE1,
    READ,
    READ_OK,
    REQUEST8,
    THERE,
    answer,
    clear,
    codes,
    decoded,
    piece,
)

from c1222.capture.source import Limits

BACK = THERE.reverse
OTHER = THERE._replace(source_port=40001)
# The same names as HEAD_END and METER below, written absolute: the root is 2.16.124.113620.1.22.0.
ABSOLUTE_METER = "06 0B 60 7C 86 F7 54 01 16 00 7B C1 75"


def pairs(*pieces, limits=None):
    """Packets of request and answer, in the order in which the exchanges came."""
    exchanges, _ = decoded(pieces) if limits is None else decoded(pieces, limits=limits)
    return [tuple(None if m is None else m.place.packet for m in (each.request, each.response)) for each in exchanges]


def test_example_8_where_both_travel_the_same_way():
    assert pairs(piece(REQUEST8, 1), piece(ANSWER8, 2)) == [(1, 2)]
    assert pairs(piece(REQUEST8, 1), piece(ANSWER8, 2, flow=BACK)) == [(1, 2)]
    assert pairs(piece(REQUEST8, 1, flow=None), piece(ANSWER8, 2, flow=None)) == [(1, 2)]
    # On another connection, as RFC 6142 allows.
    assert pairs(piece(REQUEST8, 1), piece(ANSWER8, 2, flow=OTHER.reverse)) == [(1, 2)]


def test_answers_in_any_order():
    assert pairs(
        clear(READ, ident=1),
        clear(READ, ident=2),
        clear(READ, ident=3),
        answer(READ_OK, answers=2),
        answer(READ_OK, answers=3),
        answer(READ_OK, answers=1),
    ) == [(2, 4), (3, 5), (1, 6)]


def test_same_id_of_other_nodes():
    assert pairs(
        clear(READ, called=METER),
        clear(READ, called=".5"),
        answer(READ_OK, calling=".5"),
        answer(READ_OK, calling=METER),
    ) == [(2, 3), (1, 4)]


def test_titles_may_be_written_in_the_other_form():
    back = answer(READ_OK).replace(bytes.fromhex("A60580037BC175"), bytes.fromhex("A60D" + ABSOLUTE_METER))
    back = bytes([0x60, back[1] + 8]) + back[2:]
    assert pairs(clear(READ), back) == [(1, 2)]


def test_answer_of_a_stranger():
    exchanges, _ = decoded([clear(READ), answer(READ_OK, calling=".5"), answer(READ_OK, answers=2)])
    assert [(e.request is None, e.response is None) for e in exchanges] == [(True, False), (True, False), (False, True)]
    assert codes(exchanges[0].response) == ["request-unknown"]


def test_without_a4_the_latest_request_is_answered():
    back = answer(READ_OK, answers=None)
    exchanges, _ = decoded([clear(READ, ident=1), clear(READ, ident=2), back])
    assert exchanges[0].request.place.packet == 2
    assert codes(exchanges[0].response) == ["missing-a4"]
    assert pairs(clear(READ, ident=1), clear(READ, ident=2), back, back) == [(2, 3), (1, 4)]


def test_without_titles_by_the_flow():
    ask, back = clear(READ, called="", calling=""), answer(READ_OK, called="", calling="")
    assert pairs(piece(ask, 1), piece(back, 2, flow=BACK)) == [(1, 2)]
    assert pairs(piece(ask, 1), piece(ask, 2, flow=OTHER), piece(back, 3, flow=BACK)) == [(1, 3), (2, None)]
    without_id = answer(READ_OK, called="", calling="", answers=None)
    assert pairs(piece(ask, 1), piece(ask, 2, flow=OTHER), piece(without_id, 3, flow=OTHER.reverse)) == [
        (2, 3),
        (1, None),
    ]
    # In hex text there is no flow.
    assert pairs(piece(ask, 1, flow=None), piece(back, 2, flow=None)) == [(1, 2)]


@pytest.mark.parametrize(
    ("ask", "back"),
    [
        pytest.param(clear(READ), answer(READ_OK, called="", calling=""), id="answer-without"),
        pytest.param(clear(READ, called="", calling=""), answer(READ_OK), id="request-without"),
        pytest.param(clear(READ), answer(READ_OK, called="", calling="", answers=None), id="answer-without-a4-too"),
        pytest.param(MODE1, answer("00", "00", answers=None), id="mode-1-without-titles"),
    ],
)
def test_titles_on_one_side_only(ask, back):
    assert pairs(piece(ask, 1), piece(back, 2, flow=BACK)) == [(1, 2)]
    assert pairs(piece(ask, 1), piece(back, 2, flow=OTHER.reverse)) == [(None, 2), (1, None)]


def test_titles_are_not_overruled_by_the_flow():
    """A concentrator speaks for many meters through one connection."""
    back = answer(READ_OK, calling=".5", answers=1)
    assert pairs(piece(clear(READ, ident=1), 1), piece(back, 2, flow=BACK)) == [(None, 2), (1, None)]


def test_retransmitted_request():
    """The first one is answered; the second waits, for the answer may come twice as well."""
    ask, back = clear(READ), answer(READ_OK)
    assert pairs(ask, ask, back) == [(1, 3), (2, None)]
    assert pairs(ask, ask, back, back) == [(1, 3), (2, 4)]


def test_requests_of_both_sides():
    """Either side may ask: RFC 6142."""
    there, back = clear(READ, ident=1), clear(READ, called=HEAD_END, calling=METER, ident=1)
    assert pairs(
        piece(there, 1),
        piece(back, 2, flow=BACK),
        piece(answer(READ_OK, answers=1), 3, flow=BACK),
        piece(clear(READ_OK, ident=9, answers=1), 4),
    ) == [(1, 3), (2, 4)]


def test_unanswered_come_out_in_order():
    assert pairs(clear(READ, ident=1), clear(READ, ident=2)) == [(1, None), (2, None)]


def test_one_way_does_not_wait():
    one_way = clear(READ, control=0x82)
    exchanges, _ = decoded([clear(READ, ident=7), one_way, answer(READ_OK)])
    assert [(e.request and e.request.place.packet, e.response is None) for e in exchanges] == [
        (2, True),
        (None, False),
        (1, True),
    ]
    assert codes(exchanges[1].response) == ["request-unknown"]


def test_answer_that_wants_no_answer_is_an_answer():
    """ITR answers with response control "never": protocol reference, section 3."""
    assert pairs(clear(READ), answer(READ_OK, control=0x82)) == [(1, 2)]


def test_answer_on_exception_only_is_waited_for():
    assert pairs(clear(READ, control=0x81), answer("03")) == [(1, 2)]


def test_at_most_so_many_wait():
    pieces = [piece(clear(READ, ident=n), n) for n in range(1, 6)]
    found = pairs(
        *pieces,
        piece(answer(READ_OK, answers=1), 6),
        piece(answer(READ_OK, answers=5), 7),
        limits=Limits(max_pending=3),
    )
    assert found == [(1, None), (2, None), (None, 6), (5, 7), (3, None), (4, None)]


def test_at_most_so_many_octets_wait():
    large = clear("40 0001 0100" + "00" * 256 + "00")
    limits = Limits(max_pending_octets=3 * len(large))
    assert pairs(*[large] * 5, limits=limits) == [(n, None) for n in range(1, 6)]
    exchanges, _ = decoded([large] * 5, limits=limits)
    assert len(exchanges) == 5
    # One that is larger than all may be waits all the same, alone.
    assert pairs(large, answer("00"), limits=Limits(max_pending_octets=10)) == [(1, 2)]


def test_so_long_they_wait():
    limits = Limits(answer_seconds=60)
    back = answer(READ_OK)
    assert pairs(piece(clear(READ), 1, seconds=0), piece(back, 2, seconds=60), limits=limits) == [(1, 2)]
    late = [
        piece(clear(READ, ident=1), 1, seconds=0),
        piece(clear(READ, ident=2), 2, seconds=61),
        piece(back, 3, seconds=61),
    ]
    assert pairs(*late, limits=limits) == [(1, None), (None, 3), (2, None)]


def test_without_times_nobody_is_given_up():
    pieces = [piece(clear(READ, ident=n), n) for n in range(1, 4)]
    pieces = [type(p)(p.octets, type(p.place)(p.place.file, p.place.packet)) for p in pieces]
    assert pairs(*pieces) == [(1, None), (2, None), (3, None)]


# --- which service each answer is for -------------------------------------------------------------------------------

SECURITY = "51" + "30" * 20 + "0002"


def answered(asked: list[str], *answers: str):
    """Codes that the answers are taken to belong to, and the codes of the remarks."""
    ((exchange,), _) = decoded([clear(*asked), answer(*answers)])
    return [s.request for s in exchange.response.services], codes(exchange.response)


def test_one_answer_for_each_service():
    assert answered([SECURITY, READ, "52"], "00", READ_OK, "00") == ([0x51, 0x30, 0x52], [])


def test_no_answer_to_security():
    assert answered([SECURITY, READ, "52"], READ_OK, "00") == ([0x30, 0x52], ["answer-count"])


def test_fewer_answers():
    assert answered([READ, READ, "52"], READ_OK, "01") == ([0x30, 0x30], ["answer-count"])
    assert answered([SECURITY, READ, "52"], "01") == ([0x51], ["answer-count"])


def test_more_answers():
    assert answered([READ], READ_OK, "00") == ([0x30, None], ["answer-count"])


DATA_OK = "00 0005 0140000000 bf"  # 40 and 01 are 41, negated BF


@pytest.mark.parametrize(
    ("asked", "answers", "found", "text"),
    [
        pytest.param(
            [SECURITY, "30 0003", "30 0005"], ["00", DATA_OK], [0x51, 0x30], "2 answers to 3 services", id="answered"
        ),
        pytest.param(
            [SECURITY, "30 0003", "30 0005"],
            [DATA_OK, DATA_OK],
            [0x30, 0x30],
            "no answer to Security, the others are taken in order",
            id="not-answered",
        ),
        pytest.param(
            [SECURITY, "30 0003", "30 0005", "30 0006"],
            [DATA_OK, "00 0000 00"],
            [0x30, 0x30],
            "2 answers to 4 services",
            id="not-answered-and-one-more-missing",
        ),
        pytest.param(
            ["50 0002" + "20" * 10 + "003C", SECURITY, "30 0003", "30 0005"],
            ["00 003C", DATA_OK, DATA_OK],
            [0x50, 0x30, 0x30],
            "no answer to Security, the others are taken in order",
            id="not-answered-behind-logon",
        ),
        pytest.param(
            [SECURITY, "20", "52"], ["00", "00"], [0x51, 0x20], "2 answers to 3 services", id="identify-brings-data"
        ),
        pytest.param(
            [SECURITY, "30 0003", "30 0005"],
            ["03", DATA_OK],
            [0x51, 0x30],
            "2 answers to 3 services, taken in order; it is not sure whether Security has one",
            id="refusal",
        ),
        pytest.param(
            [SECURITY, "40 0003 0001 07 F9", "30 0005"],
            ["00", DATA_OK],
            [0x51, 0x40],
            "2 answers to 3 services, taken in order; it is not sure whether Security has one",
            id="write-says-ok-alone-too",
        ),
        pytest.param(
            ["30 0003", SECURITY, "30 0005"], [DATA_OK], [0x30], "1 answers to 3 services", id="cut-before-security"
        ),
    ],
)
def test_an_answer_is_missing(asked, answers, found, text):
    ((exchange,), _) = decoded([clear(*asked), answer(*answers)])
    response = exchange.response
    assert [service.request for service in response.services] == found
    assert [remark.text for remark in response.remarks if remark.code == "answer-count"] == [text]


def test_octets_go_to_the_table_that_was_asked():
    """Security is answered, ST-3 too; the answer of ST-5 is missing."""
    ((exchange,), _) = decoded([clear(SECURITY, "30 0003", "30 0005"), answer("00", DATA_OK)])
    security, table = exchange.response.services
    assert security.table is None
    assert (table.table.table.number, table.table.octets.hex()) == (3, "0140000000")
