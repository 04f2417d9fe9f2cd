"""Properties of everything that is declared: values come back as they were, octets come back or are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from values_of_layouts import values
from walk_throughs import EVERY

from c1219_tables.schema.compiler import UNUSUAL, compiled
from c1219_tables.schema.cursor import Cursor
from c1219_tables.schema.layout import Decoded
from c1222.errors import MessageError
from c1222.message.acse import APDU
from c1222.message.epsem import BODY, EPSEM
from c1222.psem.requests import REQUEST
from c1222.psem.responses import RESPONSE
from c1222.psem.services import SERVICES

PROPERTY = settings(database=None, deadline=None, max_examples=250)
FORMS = st.booleans()
SERVICE = st.one_of(st.sampled_from([service.code for service in SERVICES]), st.integers(0, 255), st.none())

LAYOUTS = {
    "request": (REQUEST, st.fixed_dictionaries({"c1222": FORMS})),
    "response": (RESPONSE, st.fixed_dictionaries({"c1222": FORMS, "service": SERVICE})),
    "apdu": (APDU, st.just({})),
    "epsem": (EPSEM, st.just({})),
    "body": (BODY, st.fixed_dictionaries({"ed_class_included": st.booleans()})),
}
FAST = {layout.name: compiled(layout.construct) for layout, _ in LAYOUTS.values()}
EACH = pytest.mark.parametrize("name", LAYOUTS)


def plain(value):
    """Without the marks of the decoder: dicts and lists alone."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@EACH
@PROPERTY
@given(data=st.data())
def test_every_value_encodes_and_decodes_to_itself(name, data):
    layout, params = LAYOUTS[name]
    given_params = data.draw(params, label="params")
    value = data.draw(values(layout, **given_params), label="value")
    octets = layout.encode(value, **given_params)
    decoded = layout.decode(octets, **given_params)
    assert plain(decoded) == value
    the_fast_decoder_agrees(layout, octets, given_params)
    # Once from what was kept, once from the bare value: new values are in the usual form already.
    assert layout.encode(decoded, **given_params) == octets
    assert layout.encode(plain(decoded), **given_params) == octets


def the_fast_decoder_agrees(layout, octets, params):
    """The generated decoder gives what the plain one gives, and only where that one has nothing to remark."""
    try:
        fast = FAST[layout.name](octets, params)
    except UNUSUAL:
        return
    cursor = Cursor(octets)
    assert layout.construct._parse(cursor, {"_params": params}, "") == fast
    assert cursor.pos == len(octets)
    assert (cursor.remarks, cursor.forms) == ([], {})


def either_comes_out_again_or_is_refused(layout, octets, params):
    """Anything but MessageError is a failure of the test."""
    the_fast_decoder_agrees(layout, octets, params)
    try:
        decoded = layout.decode(octets, **params)
    except MessageError as error:
        place = error.offset
        refusal = str(error)
    else:
        assert isinstance(decoded, Decoded)
        assert layout.encode(decoded, **params) == octets
        assert all(0 <= span.start <= span.end <= len(octets) for span in decoded.spans().values())
        assert all(0 <= remark.offset <= len(octets) for remark in decoded.remarks)
        return
    assert place is not None
    assert 0 <= place <= len(octets)
    assert refusal.startswith(layout.name)


@EACH
@PROPERTY
@given(data=st.data())
def test_any_octets_come_out_again_or_are_refused(name, data):
    layout, params = LAYOUTS[name]
    octets = data.draw(st.binary(max_size=60), label="octets")
    either_comes_out_again_or_is_refused(layout, octets, data.draw(params, label="params"))


EDIT = st.tuples(
    st.sampled_from(["set", "insert", "delete", "double", "cut"]),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=3),
)


def edited(octets, edits):
    """Octets with some changes, each at a place counted round and round."""
    out = bytearray(octets)
    for what, where, new in edits:
        at = where % (len(out) + 1)
        match what:
            case "set":
                out[at : at + 1] = new[:1]
            case "insert":
                out[at:at] = new
            case "delete":
                del out[at : at + len(new)]
            case "double":
                out[at:at] = out[at : at + 8]
            case "cut":
                del out[at:]
    return bytes(out)


@EACH
@PROPERTY
@given(data=st.data())
def test_damaged_octets_come_out_again_or_are_refused(name, data):
    layout, params = LAYOUTS[name]
    given_params = data.draw(params, label="params")
    whole = layout.encode(data.draw(values(layout, **given_params), label="value"), **given_params)
    # Blocks of 64 KiB are not more interesting when they are damaged, only slower.
    octets = edited(whole[:400], data.draw(st.lists(EDIT, max_size=4), label="edits"))
    either_comes_out_again_or_is_refused(layout, octets, given_params)


@settings(PROPERTY, max_examples=400)
@given(st.sampled_from(sorted(EVERY)), st.lists(EDIT, min_size=1, max_size=3))
def test_damaged_walk_throughs_come_out_again_or_are_refused(name, edits):
    either_comes_out_again_or_is_refused(APDU, edited(EVERY[name].octets, edits), {})


def long_form(octets, width):
    """The same APDU, every length of its outer two levels written in `width` octets, by hand."""

    def tlvs(content):
        at, found = 0, []
        while at < len(content):
            size = content[at + 1]
            found.append((content[at], content[at + 2 : at + 2 + size]))
            at += 2 + size
        return found

    def write(tag, content):
        return bytes([tag, 0x80 | width]) + len(content).to_bytes(width, "big") + content

    ((outer, elements),) = tlvs(octets)
    return write(
        outer,
        b"".join(write(tag, b"".join(write(*inner) for inner in tlvs(content))) for tag, content in tlvs(elements)),
    )


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("name", EVERY)
def test_long_forms_of_walk_throughs(name, width):
    octets = long_form(EVERY[name].octets, width)
    decoded = APDU.decode(octets)
    assert plain(decoded) == plain(APDU.decode(EVERY[name].octets))
    assert APDU.encode(decoded) == octets
    assert APDU.encode(plain(decoded)) == EVERY[name].octets
