"""Tables inside captures: what is kept of each meter, and what that decodes."""

from datetime import datetime

import pytest
from capture_building import HEAD_END, METER, answer, clear, decoded, piece
from construct import this
from table_octets import (
    ST0,
    ST0_BIG,
    ST0_TEXT,
    ST1_BCD,
    ST1_GE,
    ST21,
    ST23,
    ST23_BIG,
    ok,
    read,
    read_part,
    write,
    write_part,
)

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import UINT8
from c1219_tables.registry import MakerLayouts, Registry
from c1219_tables.schema.dialect import Array, Rest, Struct, note
from c1219_tables.table import Table
from c1222.capture.decode import Decoder
from c1222.capture.source import DEFAULT
from c1222.capture.summary import Summary
from c1222.capture.tables import CapturedTables
from c1222.pcap.flow import Flow
from c1222.security.keys import KeyRing

MT17 = 2048 + 17


def exchange_of(service, result, number, *, meter=METER, flow=None):
    """A request and its answer, in the clear."""
    place = {} if flow is None else {"flow": flow}
    back = {} if flow is None else {"flow": Flow(flow.destination, flow.destination_port, *flow[:2], flow.protocol)}
    titles = {"called": meter, "calling": HEAD_END if meter else ""}
    asked = clear(service, ident=number, **titles)
    told = answer(result, answers=number, called=titles["calling"], calling=meter)
    return [piece(asked, 2 * number, **place), piece(told, 2 * number + 1, **back)]


def views(steps, tables=None):
    """What each of (service, result) said of its table; the decoder knows `tables` beforehand."""
    decoder = Decoder(KeyRing(), lambda _: None, DEFAULT, tables)
    found = []
    for number, (service, result, *more) in enumerate(steps, 1):
        pieces = exchange_of(service, result, number, **(more[0] if more else {}))
        for exchange in [done for one in pieces for done in decoder.feed(one)]:
            message = exchange.request if service[:2] in ("40", "4F") else exchange.response
            found.append(message.services[0].table)
    return found


def test_a_table_is_read_with_what_came_before():
    *_, view = views([(read(0), ok(ST0)), (read(21), ok(ST21)), (read(23), ok(ST23))])
    assert (view.table.label, view.offset, view.is_whole) == ("ST-23", 0, True)
    assert (view.needs, view.problem, view.assumed) == ((), "", "")
    block = view.decoded.tot_data_block
    assert view.decoded.nbr_demand_resets == 5
    assert block.summations == [1_000_000, -1]
    assert [time.value for time in block.demands[0].event_time] == [datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 15)]
    assert block.demands[0].demand == [500, 450]
    assert view.decoded.tier_data_block[0].summations == [250_000, 0]


def test_forward_and_once():
    early, st0, still_early, st21, late = views(
        [(read(23), ok(ST23)), (read(0), ok(ST0)), (read(23), ok(ST23)), (read(21), ok(ST21)), (read(23), ok(ST23))]
    )
    assert (early.needs, early.decoded, early.octets) == ((0, 21), None, bytes.fromhex(ST23))
    assert still_early.needs == (21,)
    assert st0.decoded is not None
    assert st21.decoded is not None
    assert late.decoded.nbr_demand_resets == 5
    assert early.decoded is None


def test_the_latest_reading_counts():
    steps = [(read(0), ok(ST0)), (read(21), ok(ST21)), (read(0), ok(ST0_BIG)), (read(23), ok(ST23_BIG))]
    assert views(steps)[-1].decoded.tot_data_block.summations == [1_000_000, -1]


def test_meters_are_told_apart_by_title():
    other = {"meter": ".5"}
    steps = [(read(0), ok(ST0)), (read(21), ok(ST21)), (read(23), ok(ST23), other), (read(23), ok(ST23))]
    assert [view.needs for view in views(steps)] == [(), (), (0, 21), ()]


def test_meters_without_titles_are_told_apart_by_address():
    one = {"meter": "", "flow": Flow("192.0.2.1", 40000, "192.0.2.2", 1153, "tcp")}
    same = {"meter": "", "flow": Flow("192.0.2.1", 40001, "192.0.2.2", 1153, "tcp")}
    other = {"meter": "", "flow": Flow("192.0.2.1", 40000, "192.0.2.3", 1153, "tcp")}
    steps = [
        (read(0), ok(ST0), one),
        (read(21), ok(ST21), one),
        (read(23), ok(ST23), other),
        (read(23), ok(ST23), same),
    ]
    assert [view.needs for view in views(steps)] == [(), (), (0, 21), ()]


def test_a_title_says_who_it_is_wherever_it_comes_from():
    there = {"flow": Flow("192.0.2.1", 40000, "192.0.2.2", 1153, "tcp")}
    elsewhere = {"flow": Flow("198.51.100.1", 40000, "198.51.100.2", 1153, "udp")}
    steps = [(read(0), ok(ST0), there), (read(21), ok(ST21), there), (read(23), ok(ST23), elsewhere)]
    assert views(steps)[-1].needs == ()


def test_a_wrong_checksum_is_shown_and_not_kept():
    st0, st21, st23 = views([(read(0), ok(ST0, checksum=0)), (read(21), ok(ST21)), (read(23), ok(ST23))])
    assert st0.decoded.format_control_1.char_format == 1
    assert st21.needs == (0,)
    assert 0 in st23.needs


NOT_KEPT = [
    pytest.param((write(0, ST0), "00"), id="written"),
    pytest.param((read(0), "02"), id="refused"),
    pytest.param((read_part(0, 0, 19), ok(ST0[:56])), id="a-part"),
    pytest.param((read(0), ok("02 3B")), id="does-not-fit"),
]


@pytest.mark.parametrize("step", NOT_KEPT)
def test_what_is_not_kept(step):
    assert views([step, (read(21), ok(ST21)), (read(23), ok(ST23))])[-1].needs == (0, 21)


NOTHING = [
    pytest.param((read(1), "02"), id="refused"),
    pytest.param(("31 0001 0000 0001", ok("00")), id="by-index"),
    pytest.param(("20", "00 00 01 00 00"), id="no-table"),
    pytest.param((read(1), "00 0003 01"), id="undecodable"),
]


@pytest.mark.parametrize("step", NOTHING)
def test_where_no_table_is_shown(step):
    assert views([step]) == [None]


def test_an_answer_without_its_request_shows_no_table():
    (exchange,), _ = decoded([answer(ok(ST1_GE), answers=7)])
    assert exchange.request is None
    assert exchange.response.services[0].table is None


@pytest.mark.parametrize(
    ("octets", "serial", "form"),
    [
        (ST1_GE, "00000001        ", "32 octets are the form with text identifiers (ID_FORM 0)"),
        (ST1_BCD, "0000000012345678", "24 octets are the form with BCD identifiers (ID_FORM 1)"),
    ],
)
def test_table_1_without_table_0_is_assumed(octets, serial, form):
    (view,) = views([(read(1), ok(octets))])
    assert view.decoded.mfg_serial_number == serial
    assert view.assumed == f"ST-0 was not read: {form}"


def test_table_1_is_not_assumed_where_table_0_is_known():
    assert views([(read(0), ok(ST0)), (read(1), ok(ST1_BCD))])[1].assumed == ""


def test_table_1_of_another_length_needs_table_0():
    (view,) = views([(read(1), ok(ST1_BCD + "00"))])
    assert (view.needs, view.decoded, view.assumed) == ((0,), None, "")


def test_a_part_says_which_elements_it_touches():
    *_, view = views([(read(0), ok(ST0)), (read(21), ok(ST21)), (read_part(23, 5, 6), ok("FF FF FF FF E0 5D"))])
    assert (view.is_whole, view.offset, view.decoded) == (False, 5, None)
    assert [(each.span.field, each.span.start, each.span.end, each.is_whole, each.value) for each in view.touched] == [
        ("tot_data_block.summations[1]", 5, 9, True, -1),
        ("tot_data_block.demands[0].event_time[0]", 9, 13, False, None),
    ]


def test_a_part_before_its_dimensions_names_them():
    (view,) = views([(read_part(23, 5, 6), ok("FF FF FF FF E0 5D"))])
    assert (view.touched, view.needs) == ((), (0, 21))


def test_a_part_that_is_all_of_a_table_is_kept():
    """ST-0 has 31 octets, as its own sizes say; ST-21 has ten."""
    found = views(
        [
            (read_part(0, 0, 31), ok(ST0)),
            (read_part(21, 0, 10), ok(ST21)),
            (read(23), ok(ST23)),
        ]
    )
    assert [view.is_whole for view in found] == [False, False, True]
    assert found[2].decoded["nbr_demand_resets"] == 5


@pytest.mark.parametrize(
    ("offset", "octets"),
    [
        pytest.param(0, ST0[:-3], id="an-octet-less"),
        pytest.param(0, ST0 + "00", id="an-octet-more"),
        pytest.param(1, ST0, id="not-the-beginning"),
    ],
)
def test_a_part_that_is_not_all_of_a_table_is_not_kept(offset, octets):
    count = len(bytes.fromhex(octets))
    _, view = views([(read_part(0, offset, count), ok(octets)), (read(21), ok(ST21))])
    assert view.needs == (0,)


def test_octets_that_may_be_of_another_table_are_not_kept():
    """Security, ST-0, ST-0: is the refusal that of Security?"""
    asked = clear("51" + "30" * 20, read(0), read(0), ident=1), answer("03", ok(ST0), answers=1)
    exchanges, _ = decoded([*asked, clear(read(21), ident=2), answer(ok(ST21), answers=2)])
    assert exchanges[0].response.services[1].table.decoded is not None
    assert exchanges[1].response.services[0].table.needs == (0,)


def test_a_part_of_table_1_is_assumed():
    # Example 8: offset 16, 16 octets.
    (view,) = views([(read_part(1, 16, 16), ok("4D 41 4E 55 46 41 43 54 55 52 45 52 20 53 4E 20"))])
    (touched,) = view.touched
    assert (touched.span.field, touched.value) == ("mfg_serial_number", "MANUFACTURER SN ")
    assert view.assumed


WRITES = [
    pytest.param(write(21, ST21), True, id="whole"),
    pytest.param(write_part(21, 3, "07"), False, id="part"),
]


@pytest.mark.parametrize(("service", "is_whole"), WRITES)
def test_writes(service, is_whole):
    _, view = views([(read(0), ok(ST0)), (service, "00")])
    assert view.is_whole is is_whole
    if is_whole:
        assert view.decoded.nbr_summations == 2
    else:
        # Table 21: flags 1 and 2, NBR_SELF_READS, then NBR_SUMMATIONS.
        assert [(each.span.field, each.value) for each in view.touched] == [("nbr_summations", 7)]


def test_what_a_meter_is_asked_to_write_is_read_with_its_own_tables():
    steps = [
        (read(0), ok(ST0)),
        (read(21), ok(ST21)),
        (write(23, ST23), "00"),
        (write(23, ST23), "00", {"meter": ".5"}),
    ]
    *_, own, other = views(steps)
    assert own.decoded.nbr_demand_resets == 5
    assert other.needs == (0, 21)


def test_octets_that_do_not_fit_are_remarked():
    pieces = [one for step in ((read(0), "02 3B", 1),) for one in exchange_of(step[0], ok(step[1]), step[2])]
    (exchange,), _ = decoded(pieces)
    view = exchange.response.services[0].table
    assert view.problem == "ST-0 format_control_3: 1 octet wanted, 0 left (offset 2)"
    (remark,) = exchange.response.remarks
    assert (remark.code, remark.kind, remark.field) == ("table-misfit", "note", "services[0]")


def test_octets_behind_the_layout_are_remarked_and_kept():
    (exchange,), _ = decoded(exchange_of(read(0), ok(ST0 + "AA BB"), 1))
    view = exchange.response.services[0].table
    assert view.decoded.trailing == b"\xaa\xbb"
    (remark,) = exchange.response.remarks
    assert (remark.code, remark.text) == ("table-size", "ST-0: 2 octets more than its layout has")


def test_the_summary_names_the_tables_that_would_help():
    summary = Summary()
    for exchange in decoded(exchange_of(read(23), ok(ST23), 1))[0]:
        summary.exchange(exchange)
    assert summary.missing_tables == {0, 21}


# ── what is known beforehand


def known(**tables):
    return {int(name.removeprefix("st")): bytes.fromhex(octets) for name, octets in tables.items()}


def test_known_tables_hold_for_every_meter():
    tables = CapturedTables(known(st0=ST0, st21=ST21))
    steps = [(read(23), ok(ST23)), (read(23), ok(ST23), {"meter": ".5"})]
    assert [view.decoded.nbr_demand_resets for view in views(steps, tables)] == [5, 5]


def test_a_meter_s_own_tables_come_before_known_ones():
    tables = CapturedTables(known(st0=ST0, st21=ST21))
    _, own, other = views(
        [(read(0), ok(ST0_BIG)), (read(23), ok(ST23_BIG)), (read(23), ok(ST23), {"meter": ".5"})], tables
    )
    for view in (own, other):
        assert view.decoded.tot_data_block.summations == [1_000_000, -1]


def test_known_tables_that_no_other_needs_are_not_looked_at():
    CapturedTables(known(st0=ST0, st23="00"))


def test_known_tables_that_do_not_fit():
    with pytest.raises(TableError, match="ST-21") as info:
        CapturedTables(known(st0=ST0, st21="56 22"))
    assert info.value.table == 21


def test_known_tables_that_lack_one():
    with pytest.raises(MissingTableError) as info:
        CapturedTables(known(st62="00"))
    assert 61 in info.value.needed


# ── bounds


def meters(count):
    return [f"192.0.2.{number}" for number in range(10, 10 + count)]


def st0_of(address):
    return read(0), ok(ST0), {"meter": "", "flow": Flow("192.0.2.1", 40000, address, 1153, "tcp")}


def st3_of(address):
    return read(3), ok("01 40 00 00 00"), {"meter": "", "flow": Flow("192.0.2.1", 40000, address, 1153, "tcp")}


BOUNDS = [
    pytest.param({"limit": 2}, [(0,), (), ()], id="meters"),
    pytest.param({"octets": 2 * 31}, [(0,), (), ()], id="octets"),
    pytest.param({}, [(), (), ()], id="none-reached"),
]


@pytest.mark.parametrize(("bounds", "needs"), BOUNDS)
def test_those_silent_longest_are_forgotten(bounds, needs):
    all_three = meters(3)
    steps = [*map(st0_of, all_three), *map(st3_of, all_three)]
    assert [view.needs for view in views(steps, CapturedTables(**bounds))[3:]] == needs


# ── makers


def maker(manufacturer, name):
    layout = Struct("phase" / UINT8 * note("1 to 3", "ACME"), "rest" / Rest() * note("more", "ACME"))
    return MakerLayouts(manufacturer, "*", {MT17: Table(MT17, name, layout, purpose="sags")}, origin=f"{name}.py")


GE, ACME = maker("GE", "GE_TBL"), maker("ACME", "ACME_TBL")


def test_layouts_of_a_maker_are_chosen_by_table_1():
    tables = CapturedTables(known(st0=ST0_TEXT), Registry((ACME, GE)))
    sags = (read(MT17), ok("02 AA"))
    before, _, after, other = views([sags, (read(1), ok(ST1_GE)), sags, (*sags, {"meter": ".5"})], tables)
    assert [view.table.name for view in (before, after, other)] == ["MFG_TBL_17", "GE_TBL", "MFG_TBL_17"]
    assert after.decoded == {"phase": 2, "rest": b"\xaa"}
    assert after.assumed == ""


def test_a_layout_for_meters_that_have_not_said_who_made_them_is_assumed():
    tables = CapturedTables(None, Registry((ACME,)), unidentified=Registry((ACME,)))
    before, _, after = views([(read(MT17), ok("02")), (read(1), ok(ST1_GE)), (read(MT17), ok("02"))], tables)
    assert before.table.name == "ACME_TBL"
    assert before.assumed == "ST-1 was not read: the layout is that of ACME_TBL.py"
    assert (after.table.name, after.assumed) == ("MFG_TBL_17", "")


def test_a_known_table_1_chooses_too():
    tables = CapturedTables(known(st0=ST0_TEXT, st1=ST1_GE), Registry((ACME, GE)))
    (view,) = views([(read(MT17), ok("02"))], tables)
    assert (view.table.name, view.assumed) == ("GE_TBL", "")


def test_tables_that_a_maker_s_layout_needs_are_kept():
    count = Table(2048, "COUNT", Struct("count" / UINT8 * note("values", "ACME")), purpose="how many")
    values = Struct("values" / Array(this._params.st2048.count, UINT8) * note("values", "ACME"))
    ge = MakerLayouts("GE", "*", {2048: count, MT17: Table(MT17, "VALUES", values, purpose="values")})
    tables = CapturedTables(known(st0=ST0_TEXT), Registry((ge,)))
    *_, view = views([(read(1), ok(ST1_GE)), (read(2048), ok("02")), (read(MT17), ok("07 08"))], tables)
    assert view.decoded["values"] == [7, 8]


# ── requests that wait


def test_a_write_is_decoded_when_it_waits_no_longer():
    """Decoded, a write takes many times the memory of its octets, and thousands of requests may wait."""

    class Heard(CapturedTables):
        calls = 0

        def look_at_request(self, message):
            self.calls += 1
            super().look_at_request(message)

    tables = Heard(known(st0=ST0))
    decoder = Decoder(KeyRing(), lambda _: None, DEFAULT, tables)
    for number in range(1, 4):
        assert not list(decoder.feed(piece(clear(write(21, ST21), ident=number), number)))
    assert tables.calls == 0
    views_of = [exchange.request.services[0].table for exchange in decoder.close()]
    assert [view.decoded.nbr_summations for view in views_of] == [2, 2, 2]
    assert tables.calls == 3


@pytest.mark.parametrize("control", [0x80, 0x82], ids=["never-answered", "wants-no-answer"])
def test_a_write_without_an_answer(control):
    decoder = Decoder(KeyRing(), lambda _: None, DEFAULT, CapturedTables(known(st0=ST0)))
    found = [*decoder.feed(piece(clear(write(21, ST21), control=control))), *decoder.close()]
    assert [exchange.request.services[0].table.decoded.nbr_summations for exchange in found] == [2]
