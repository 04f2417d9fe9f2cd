"""connect: targets become sessions. The simulated meter's facts are those that c1222/meter states of itself."""

import asyncio

import pytest

import c1222
from c1222.connection.options import line_options, network_options
from c1222.connection.plan import Login, make_plan
from c1222.errors import ServiceError, TargetError, TransportError
from c1222.message.epsem import SecurityMode
from c1222.security.keys import KeyRing
from c1222.session.settings import LineOptions
from c1222.settings.config import Config, read_config
from c1222.settings.makes import DEFAULT
from c1222.settings.targets import parse_target

PUBLIC_KEY = bytes(range(16))
"""Key 0 of the simulation, printed in its help."""


def plan(target, config=None, profile=None, **login):
    return make_plan(target, Login(**login), profile=profile, config=config or Config())


def configured(tmp_path, text, **environ):
    (tmp_path / "c1222.toml").write_text(text)
    return read_config(
        environ={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none"), **environ}, folder=tmp_path
    )


# -- From end to end --


@pytest.mark.parametrize(
    "target",
    [
        "sim:",
        "sim:?packet_size=64&nbr_packets=1",
        "sim:?protocol=c1222",
        "sim:?protocol=c1222&called=.123.8437&session=yes",
        "sim:?protocol=c1222&called=.123.8437&calling=.123.9&services=1",
    ],
)
def test_the_simulated_meter(target):
    with c1222.connect(target, config=Config()) as meter:
        assert meter.read(1).manufacturer == "SIM "
        assert len(meter.read_octets(64)) == 112860


@pytest.mark.parametrize("security", ["auth", "encrypt"])
def test_secured(security):
    target = f"sim:?protocol=c1222&called=.123.8437&security={security}"
    with c1222.connect(target, keys={0: PUBLIC_KEY}, config=Config()) as meter:
        assert meter.read("ST-1").ed_model == "SIMULATE"


def test_the_same_for_asyncio():
    async def read():
        async with await c1222.connect_async("sim:", config=Config()) as meter:
            return (await meter.read(1)).ed_model

    assert asyncio.run(read()) == "SIMULATE"


def test_the_same_seed_and_clock_give_the_same_meter():
    def octets(target):
        with c1222.connect(target, config=Config()) as meter:
            return meter.read_octets(23), meter.read_octets(52)

    assert octets("sim:?seed=7") == octets("sim:?seed=7")
    assert octets("sim:?seed=7")[0] != octets("sim:?seed=8")[0]
    # 2026-07-04 12:00 UTC is 08:00 in a zone 5 h west with daylight saving time: year 26, month 7, day 4, 8:00:00.
    assert octets("sim:?clock=2026-07-04T12:00:00Z")[1][:6] == bytes([26, 7, 4, 8, 0, 0])


def test_a_trace_is_for_its_owner_alone_and_never_overwrites(tmp_path):
    path = tmp_path / "session.pcapng"
    with c1222.connect("sim:", trace=path, config=Config()) as meter:
        meter.read(1)
    assert path.stat().st_mode & 0o077 == 0
    # protocol.md 1.2: the first packet of the session is Identify.
    assert bytes.fromhex("EE 00 00 00 00 01 20 13 10") in path.read_bytes()
    with pytest.raises(TargetError, match="exists already"):
        c1222.connect("sim:", trace=path, config=Config())


def test_a_wrong_password_closes_what_was_opened(tmp_path):
    path = tmp_path / "session.pcapng"
    with pytest.raises(ServiceError, match="password"):
        c1222.connect("sim:", user_id=1, password=b"not it", trace=path, config=Config())
    # Terminate, the last packet of the session, with either toggle (protocol.md 1.2).
    assert any(bytes.fromhex(packet) in path.read_bytes() for packet in ("EE0000000001219A01", "EE0020000001210B61"))


def test_nobody_listens():
    with pytest.raises(TransportError, match="refused"):
        c1222.connect("tcp://127.0.0.1:9", config=Config())


def test_telling_wants_no_answer():
    from c1222.psem.requests import request

    with c1222.connect("sim:?protocol=c1222&called=.123.8437", config=Config()) as meter:
        meter.tell(request("full_read", table=1))
        assert meter.read(1).ed_model == "SIMULATE"


# -- Plans --


def test_a_meter_of_the_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("HOUSE_PASSWORD", "from the file")
    config = configured(
        tmp_path,
        """
        [meter.house]
        target = "tcp://192.0.2.7"
        called = ".123.8437"
        profile = "ours"
        user = "reader"
        user_id = 3
        password = "env:HOUSE_PASSWORD"
        [profile.ours]
        retries = 1
        password_pad = "00"
        """,
    )
    made = plan("@house", config)
    assert (made.target.place, made.target.port) == ("192.0.2.7", 1153)
    assert (made.who.user, made.who.user_id, made.who.password, made.who.pad) == ("reader", 3, b"from the file", 0)
    assert network_options(made.target, made.profile, made.ring).retries == 1
    # What the caller says goes before it.
    assert plan("@house", config, user="other", password=b"mine").who.password == b"mine"
    assert "from the file" not in repr(made)


def test_a_name_that_is_not_configured():
    with pytest.raises(TargetError, match="no meter is called house"):
        plan("@house")


# -- Options --


def line(target):
    made = plan(target)
    options = line_options(made.target, made.profile)
    assert isinstance(options, LineOptions)
    return options


def test_an_optical_port():
    options = line("optical:/dev/ttyUSB0")
    # protocol.md 1.4
    assert (options.link.baud, options.link.response, options.link.traffic, options.link.retries) == (9600, 2, 6, 3)
    assert options.bauds == (9600,)


def test_speeds_up_to_the_one_that_was_named():
    # protocol.md 2.5: 300 600 1200 2400 4800 9600 14400 19200 28800 38400 57600, of which 11 can be offered.
    assert line("optical:/dev/ttyUSB0?max_baud=9600").bauds == (9600, 4800, 2400, 1200, 600, 300)


def test_a_modem_has_the_times_of_c1221():
    options = line("modem:/dev/ttyS0?number=1&timing_setup=yes")
    assert (options.link.inter_character, options.link.response, options.link.traffic) == (1, 4, 30)
    assert options.c1221
    assert options.timing_setup


def test_a_network_has_no_speed():
    assert line("c1218+tcp://192.0.2.7:7000").link.baud is None


def ring(*ids):
    keys = KeyRing()
    for key_id in ids:
        from c1222.security.keys import Key

        keys.add(key_id, Key(PUBLIC_KEY))
    return keys


@pytest.mark.parametrize(
    ("target", "ids", "mode", "key_id"),
    [
        ("tcp://h", (), SecurityMode.CLEAR, 0),
        ("tcp://h", (2,), SecurityMode.ENCRYPTED, 2),
        ("tcp://h?security=clear", (2,), SecurityMode.CLEAR, 0),
        ("tcp://h?security=auth", (2,), SecurityMode.AUTHENTICATED, 2),
        ("tcp://h?key-id=5", (2, 5), SecurityMode.ENCRYPTED, 5),
    ],
)
def test_who_gives_a_key_wants_it_used(target, ids, mode, key_id):
    options = network_options(parse_target(target), DEFAULT, ring(*ids))
    assert (options.mode, options.key_id) == (mode, key_id)


def test_which_of_two_keys_has_to_be_said():
    with pytest.raises(TargetError, match="key ids 2, 5; key-id="):
        network_options(parse_target("tcp://h"), DEFAULT, ring(2, 5))


@pytest.mark.parametrize(
    ("target", "segment"),
    [("udp://192.0.2.7", 548), ("udp://[2001:db8::7]", 1232), ("udp://h?segment=100", 100), ("tcp://192.0.2.7", None)],
)
def test_datagrams_that_every_path_takes(target, segment):
    # RFC 6142: 576 octets over IPv4, 1280 over IPv6, less 20 + 8 and 40 + 8 of headers.
    made = plan(target)
    assert network_options(made.target, made.profile, made.ring).segment == segment
