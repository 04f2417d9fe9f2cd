from dataclasses import fields, replace

import pytest

from c1219_tables.table import DIALECT
from c1222.errors import TargetError
from c1222.link import C1218, C1221, LinkSettings, Toggle
from c1222.settings.makes import BUILT_IN, DEFAULT, by_name, for_identity
from c1222.settings.profiles import FIELDS, Profile, changed

EACH = pytest.mark.parametrize("profile", BUILT_IN.values(), ids=BUILT_IN)
OTHERS = {"name", "dialect", "reasons"}


@EACH
def test_every_difference_has_its_reason(profile):
    differs = {
        field.name
        for field in fields(Profile)
        if field.name not in ("name", "reasons") and getattr(profile, field.name) != getattr(DEFAULT, field.name)
    }
    assert set(profile.reasons) == differs
    assert all(reason.split()[0].strip(":,").isupper() for reason in profile.reasons.values()), "a source begins each"


@EACH
def test_every_value_could_be_written_in_a_file(profile):
    for name in profile.reasons:
        value = getattr(profile, name)
        if name == "dialect":
            assert set(value) <= set(DIALECT)
        elif name == "password_pad":
            assert value in (0x20, 0x00)
        else:
            assert FIELDS[name][0].from_toml(value.value if isinstance(value, Toggle) else value) is not None


@EACH
def test_every_profile_makes_a_link(profile):
    assert profile.link_settings().identity == profile.identity


def test_every_field_can_be_configured():
    assert {field.name for field in fields(Profile)} == OTHERS | set(FIELDS)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        # From the maker facts of the reference, and its protocol part.
        ("ge-i210+c", {"packet_size": 256, "nbr_packets": 1, "password_pad": 0x20, "identity": 0}),
        ("ge-kv", {"identity": 0x40, "toggle": Toggle.ALTERNATES, "dialect": {"event_seq_nbr": False}}),
        ("ge-kv2", {"identity": 0x40, "toggle": Toggle.ALTERNATES, "packet_size": 180}),
        ("elster-a3", {"packet_size": 1024, "nbr_packets": 255, "toggle": Toggle.UNCHECKED}),
        ("elster-a1800", {"toggle": Toggle.UNCHECKED}),
        ("itron-sentinel", {"packet_size": 128, "nbr_packets": 1, "password_pad": 0, "toggle": Toggle.ECHOES}),
        ("itron-c1222", {"id_width": 2}),
        ("landis-gyr-s4", {"turn_around": 0.01, "identity": 0, "toggle": Toggle.ALTERNATES}),
        ("identity-5", {"identity": 5}),
    ],
)
def test_facts_of_makes(name, facts):
    profile = by_name(name)
    assert {fact: getattr(profile, fact) for fact in facts} == facts


def test_unknown_profile_names_those_there_are():
    with pytest.raises(TargetError, match=r"did you mean ge-kv\? \(there are: default, ge-i210\+c"):
        by_name("ge-kw")


# ── Table 1


@pytest.mark.parametrize(
    ("manufacturer", "model", "names"),
    [
        pytest.param("GE  ", "I210+c  ", ["ge-i210+c"], id="recorded-i210+c"),
        pytest.param("EE  ", "A3R     ", ["elster-a3"], id="captured-a3r"),
        pytest.param("EE", "A3", ["elster-a3"], id="without-padding"),
        pytest.param("EE  ", "A1800   ", ["elster-a1800"], id="a1800"),
        pytest.param("GE  ", "A3R", [], id="model-of-another-maker"),
        pytest.param("ACME", "X1", [], id="nobody-knows-it"),
        pytest.param("", "", [], id="says-nothing"),
    ],
)
def test_suggestions(manufacturer, model, names):
    assert [profile.name for profile in for_identity(manufacturer, model)] == names


def test_the_closest_comes_first():
    narrow = Profile("a3r", manufacturer="EE", model="A3R")
    maker = Profile("maker", manufacturer="EE")
    found = for_identity("EE  ", "A3R     ", {**BUILT_IN, "maker": maker, "a3r": narrow})
    assert [profile.name for profile in found] == ["a3r", "elster-a3", "maker"]


# ── What flows on


def test_default_link_is_that_of_the_standard():
    assert DEFAULT.link_settings() == C1218
    assert DEFAULT.link_settings(C1221) == C1221


def test_what_a_link_takes_from_a_profile():
    profile = Profile(
        "x", identity=5, toggle=Toggle.ECHOES, baud=1200, inter_character=0.25, response=1.5, timeout=20.0, retries=7
    )
    assert profile.link_settings() == LinkSettings(
        identity=5, toggle=Toggle.ECHOES, baud=1200, inter_character=0.25, response=1.5, traffic=20.0, retries=7
    )


def test_sizes_are_for_negotiate_and_not_for_the_beginning():
    assert DEFAULT.packet_size == 1024
    assert (DEFAULT.link_settings().packet_size, DEFAULT.link_settings().nbr_packets) == (64, 1)


def test_a_network_keeps_having_no_speed():
    assert Profile("x", baud=300).link_settings(replace(C1218, baud=None)).baud is None


@pytest.mark.parametrize(
    ("max_baud", "rates"),
    [
        (None, ()),
        (300, (300,)),
        (1200, (1200, 600, 300)),
        (40_000, (38400, 28800, 19200, 14400, 9600, 4800, 2400, 1200, 600, 300)),
    ],
)
def test_speeds_to_ask_for(max_baud, rates):
    assert Profile("x", max_baud=max_baud).rates == rates


def test_options_of_a_target_go_first():
    profile = by_name("ge-kv").with_options({"identity": 1, "timeout": 9.0, "called": ".1.2", "profile": "ge-kv"})
    assert profile == replace(by_name("ge-kv"), identity=1, timeout=9.0)


# ── Fields as a file says them


def test_changed():
    profile = changed(
        by_name("ge-kv"),
        "ours",
        {
            "identity": 1,
            "toggle": "echoes",
            "password-pad": "00",
            "logoff": False,
            "timeout": 8,
            "dialect": {"lp_set1_int16": True},
        },
        place="here",
    )
    assert profile == Profile(
        "ours",
        identity=1,
        toggle=Toggle.ECHOES,
        password_pad=0,
        logoff=False,
        timeout=8.0,
        dialect={"event_seq_nbr": False, "lp_set1_int16": True},
    )
    assert set(profile.reasons) == set(), "what was said anew has no reason of ours"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"pakcet_size": 64}, "here: no field of a profile is called pakcet_size; did you mean packet_size?"),
        ({"packet_size": 1}, "here: packet_size wants a number from 32 to 8192"),
        ({"packet_size": True}, "here: packet_size wants"),
        ({"toggle": "sometimes"}, "here: toggle wants unchecked, alternates or echoes"),
        ({"negotiate": 1}, "here: negotiate wants yes or no"),
        ({"timeout": True}, "here: timeout wants seconds"),
        ({"timeout": float("nan")}, "here: timeout wants seconds"),
        ({"timeout": float("inf")}, "here: timeout wants seconds"),
        ({"password_pad": 21}, "here: password_pad wants 20 or 00"),
        ({"model": "longer than eight"}, "here: model wants"),
        ({"dialect": True}, "here: dialect wants names"),
        ({"dialect": {"event_seq_nr": False}}, "here: no dialect is called event_seq_nr; did you mean event_seq_nbr?"),
        ({"dialect": {"event_seq_nbr": 0}}, "here: dialect.event_seq_nbr wants true or false"),
        ({"name": "x"}, "here: no field of a profile is called name"),
        ({"reasons": {}}, "here: no field of a profile is called reasons"),
    ],
)
def test_changes_that_cannot_be(values, says):
    with pytest.raises(TargetError) as info:
        changed(DEFAULT, "ours", values, place="here")
    assert says in str(info.value)
