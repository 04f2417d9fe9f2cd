import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest

from c1222.errors import TargetError
from c1222.settings.options import KINDS, OPTIONS
from c1222.settings.targets import Target, is_target, parse_target

MARKER = "s3cretMARKER"


def refused(text, **options):
    """The message of the TargetError, after looking for the marker in everything that could be printed of it."""
    with pytest.raises(TargetError) as info:
        parse_target(text, **options)
    chained = info.value
    while chained is not None:
        assert MARKER not in repr(chained)
        chained = chained.__context__
    assert MARKER not in "".join(traceback.format_exception(info.value))
    return str(info.value)


# ── Kinds and places


@pytest.mark.parametrize(
    ("text", "scheme", "place", "port", "protocol"),
    [
        ("sim:", "sim", "", None, "c1218"),
        ("sim:?protocol=c1222", "sim", "", None, "c1222"),
        ("dump:house.json", "dump", "house.json", None, None),
        (r"dump:C:\meters\house.json", "dump", r"C:\meters\house.json", None, None),
        ("optical:/dev/ttyUSB0", "optical", "/dev/ttyUSB0", None, "c1218"),
        ("OPTICAL:COM3", "optical", "COM3", None, "c1218"),
        (r"optical:\\.\COM10", "optical", r"\\.\COM10", None, "c1218"),
        ("optical:///dev/ttyUSB0", "optical", "///dev/ttyUSB0", None, "c1218"),
        ("serial:/dev/a%3Fb", "serial", "/dev/a?b", None, "c1218"),
        ("serial:/dev/100%", "serial", "/dev/100%", None, "c1218"),
        ("rfc2217://192.0.2.7:2217", "rfc2217", "192.0.2.7", 2217, "c1218"),
        ("socket://bridge.example:7000", "socket", "bridge.example", 7000, "c1218"),
        ("c1218+tcp://[2001:db8::7]:7000", "c1218+tcp", "2001:db8::7", 7000, "c1218"),
        ("c1221+tcp://host:7000", "c1221+tcp", "host", 7000, "c1221"),
        ("modem:/dev/ttyS0?number=5550100", "modem", "/dev/ttyS0", None, "c1221"),
        ("tcp://host", "tcp", "host", 1153, "c1222"),
        ("tcp://host/", "tcp", "host", 1153, "c1222"),
        ("tcp://host:", "tcp", "host", 1153, "c1222"),
        ("tcp://host:65535", "tcp", "host", 65535, "c1222"),
        ("udp://[::1]", "udp", "::1", 1153, "c1222"),
        ("udp://[::ffff:192.0.2.7]:1", "udp", "::ffff:192.0.2.7", 1, "c1222"),
        ("udp://[fe80::1%eth0]:1153", "udp", "fe80::1%eth0", 1153, "c1222"),
        ("udp://[fe80::1%25eth0]:1153", "udp", "fe80::1%eth0", 1153, "c1222"),
        ("@house", "@", "house", None, None),
        ("@house 7/b", "@", "house 7/b", None, None),
    ],
)
def test_places(text, scheme, place, port, protocol):
    target = parse_target(text)
    assert (target.scheme, target.place, target.port, target.protocol) == (scheme, place, port, protocol)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("sim:?seed=4", "sim:"),
        ("optical:COM3?baud=9600", "optical:COM3"),
        ("tcp://host", "tcp://host:1153"),
        ("udp://[2001:db8::7]?retries=1", "udp://[2001:db8::7]:1153"),
        ("@house?timeout=3", "@house"),
    ],
)
def test_label_is_a_target_again(text, label):
    target = parse_target(text)
    assert target.label == label
    assert parse_target(label) == Target(target.scheme, target.place, target.port)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_example_of_each_kind(kind):
    assert parse_target(kind.example).kind is kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "optical:/dev/ttyUSB0, tcp://host or @name"),
        ("23", "optical:/dev/ttyUSB0, tcp://host or @name"),
        ("opticl:/dev/ttyUSB0", "did you mean optical?"),
        ("https://host", "no kind of target is called https"),
        ("sim:1", "sim:?seed=1"),
        ("sim://", "sim:?seed=1"),
        ("dump:", "the path of a file"),
        ("optical:", "a serial port"),
        ("optical:?baud=9600", "a serial port"),
        ("optical://COM3", "optical:/dev/ttyUSB0"),
        ("modem:/dev/ttyS0", "needs the number"),
        ("tcp:host", "//host"),
        ("tcp://", "//host"),
        ("tcp://host/path", "//host"),
        ("tcp://ho st", "//host"),
        ("tcp://host:http", "//host"),
        ("tcp://host:0", "from 1 to 65535"),
        ("tcp://host:65536", "from 1 to 65535"),
        ("tcp://host:99999999999999999999", "from 1 to 65535"),
        ("tcp://2001:db8::7", "stands in brackets: tcp://[2001:db8::7]:1153"),
        ("udp://[2001:db8::7", "//host"),
        ("udp://[2001:db8:7]", "//host"),
        ("udp://[192.0.2.7]", "//host"),
        ("rfc2217://host", "needs a port"),
        ("@", "the name of a meter"),
    ],
)
def test_places_that_cannot_be(text, says):
    assert says in refused(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("sim:", True), ("@house", True), ("optical:COM3", True), ("nonsense:", True)]
    + [(text, False) for text in ("", "23", "ST-23", "21..28", "23.tot_data_block.summations", "a@b")],
)
def test_first_argument_is_a_target(text, answer):
    assert is_target(text) is answer


# ── Options


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("optical:/dev/x?baud=9600&max_baud=28800", {"baud": 9600, "max_baud": 28800}),
        ("optical:/dev/x?dtr=no&rts=yes&echo=ON", {"dtr": False, "rts": True, "echo": True}),
        ("optical:/dev/x?identity=0x40", {"identity": 64}),
        ("optical:/dev/x?turn_around=0&wakeup=1", {"turn_around": 0.0, "wakeup": True}),
        ("optical:/dev/x?turn-around=0.02", {"turn_around": 0.02}),
        ("optical:/dev/x?packet_size=8192&nbr_packets=255", {"packet_size": 8192, "nbr_packets": 255}),
        ("optical:/dev/x?", {}),
        ("optical:/dev/x?&retries=0&", {"retries": 0}),
        ("c1221+tcp://host:1?timeout=30&retries=20", {"timeout": 30.0, "retries": 20}),
        ("modem:/dev/x?number=+1-555-0100", {"number": "+1-555-0100"}),
        ("modem:/dev/x?number=9%2C5550100", {"number": "9,5550100"}),
        ("tcp://host?called=.123.8437&calling=.123.4", {"called": ".123.8437", "calling": ".123.4"}),
        ("tcp://host?security=encrypt&key-id=2&session=yes", {"security": "encrypt", "key_id": 2, "session": True}),
        ("udp://host?id_width=2&services=1&segment=500", {"id_width": 2, "services": 1, "segment": 500}),
        ("sim:?seed=1&image=a%20b", {"seed": 1, "image": Path("a b")}),
        ("sim:?clock=2026-01-01T00:00:00Z", {"clock": datetime(2026, 1, 1, tzinfo=UTC)}),
        ("sim:?clock=2026-01-01T00:00:00%2B01:00", {"clock": datetime(2025, 12, 31, 23, tzinfo=UTC)}),
        ("dump:x?profile=ge-i210+c", {"profile": "ge-i210+c"}),
        ("@house?baud=300&session=no", {"baud": 300, "session": False}),
    ],
)
def test_options(text, options):
    found = parse_target(text).options
    assert found == options
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in options.items()
    }


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("baud=fast", "baud wants a number from 50 to 1000000"),
        ("baud=", "baud wants"),
        ("baud=49", "baud wants"),
        ("baud=٩٦٠٠", "baud wants"),
        ("identity=-1", "identity wants a number from 0 to 255"),
        ("identity=256", "identity wants"),
        ("packet_size=31", "packet_size wants"),
        ("dtr=low", "dtr wants yes or no"),
        ("timeout=0", "timeout wants seconds, more than 0"),
        ("timeout=nan", "timeout wants"),
        ("timeout=1e3", "timeout wants"),
        ("timeout", "name=value"),
        ("timeout=1&timeout=1", "timeout is there twice"),
        ("turn-around=1&turn_around=1", "turn_around is there twice"),
        ("pakcet_size=64", "did you mean packet_size?"),
        ("colour=red", "(there are: profile, baud, max_baud, dtr"),
        ("called=.1.2", "no option is called called"),
        ("seed=1", "no option is called seed"),
    ],
)
def test_options_that_cannot_be(option, says):
    assert says in refused(f"optical:/dev/x?{option}")


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("called=.1..2", "called wants an ApTitle"),
        ("called=", "called wants an ApTitle"),
        ("calling=.", "calling wants an ApTitle"),
        ("security=none", "security wants clear, auth or encrypt"),
        ("key-id=256", "key_id wants"),
        ("id_width=5", "id_width wants a number from 2 to 4"),
        ("baud=9600", "no option is called baud (there are: profile, called"),
    ],
)
def test_options_of_messages_that_cannot_be(option, says):
    assert says in refused(f"tcp://host?{option}")


@pytest.mark.parametrize("clock", ["2026-01-01T00:00:00", "yesterday", "", "0001-01-01T00:00:00%2B01:00"])
def test_a_clock_needs_its_zone(clock):
    assert "a time with its zone, as 2026-01-01T00:00:00Z" in refused(f"sim:?clock={clock}")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_option_of_a_kind_is_declared(kind):
    assert set(kind.takes) <= set(OPTIONS)
    assert len(set(kind.takes)) == len(kind.takes)


def test_an_option_is_asked_for_by_its_type():
    target = parse_target("tcp://host?timeout=10")
    assert target.option("timeout", float) == 10.0
    assert target.option("called", str) is None


def test_more_options():
    target = parse_target("tcp://host?timeout=10&retries=1").with_options({"retries": 2, "services": 3})
    assert target.options == {"timeout": 10.0, "retries": 2, "services": 3}
    with pytest.raises(TargetError, match="no option is called baud"):
        target.with_options({"baud": 300})


def test_a_target_does_not_change():
    options = parse_target("tcp://host?timeout=10").options
    with pytest.raises(TypeError):
        options["timeout"] = 1


def test_targets_can_be_kept_in_sets():
    assert len({parse_target("tcp://host"), parse_target("tcp://host:1153"), parse_target("udp://host")}) == 2


# ── Files


def test_relative_paths_start_where_it_should(tmp_path):
    assert parse_target("dump:a/b.json", folder=tmp_path).place == str(tmp_path / "a" / "b.json")
    assert parse_target("sim:?image=m.json", folder=tmp_path).options == {"image": tmp_path / "m.json"}
    assert parse_target(f"dump:{tmp_path / 'm.json'}", folder=Path("elsewhere")).place == str(tmp_path / "m.json")


def test_paths_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert parse_target("dump:~/m.json").place == str(tmp_path / "m.json")
    assert parse_target("sim:?image=~/m.json", folder=Path("x")).options == {"image": tmp_path / "m.json"}
    assert "no such home folder" in refused("dump:~nobody-of-this-name/m.json")


# ── Secrets


@pytest.mark.parametrize(
    "text",
    [
        f"tcp://user:{MARKER}@host",
        f"tcp://{MARKER}@host:1153",
        f"udp://user:{MARKER}@[::1]",
        f"socket://user:{MARKER}@host:1",
        f"tcp://host?password={MARKER}",
        f"tcp://host?PassWord={MARKER}",
        f"tcp://host?key={MARKER}",
        f"tcp://host?user={MARKER}",
        f"optical:/dev/x?user-id={MARKER}",
        f"@house?password={MARKER}",
        f"sim:?pw={MARKER}",
    ],
)
def test_secrets_are_refused_unseen(text):
    assert "--password SOURCE" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        f"tcp://user:{MARKER}?x@host",
        f"tcp://host?{MARKER}",
        f"tcp://host?{MARKER * 3}=1",
        f"tcp://host?key-id={MARKER}",
        f"tcp://host?called={MARKER}",
        f"tcp://host?security={MARKER}",
        f"tcp://host:{MARKER}",
        f"optical:/dev/x?baud={MARKER}",
        f"optical:/dev/x?timeout={MARKER}",
        f"optical:/dev/x?dtr={MARKER}",
        f"sim:?clock={MARKER}",
        f"nonsense:{MARKER}",
        f"{MARKER} {MARKER}:",
    ],
)
def test_what_does_not_fit_is_not_repeated(text):
    refused(text)
