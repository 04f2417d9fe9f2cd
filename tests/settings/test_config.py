import traceback
from pathlib import Path

import pytest

from c1222.errors import TargetError
from c1222.link import Toggle
from c1222.security.keys import Key
from c1222.settings.config import read_config
from c1222.settings.makes import BUILT_IN, by_name
from c1222.settings.targets import parse_target

MARKER = "s3cretMARKER"
HEX = "0102030405060708090a0b0c0d0e0f10"
OTHER_HEX = "6624c7e23034e4036fe5cb3a8b5dab44"

HOUSE = """
[meter.house]
target = "tcp://192.0.2.7"
called = ".123.8437"
user = "reader"
user_id = 1
password = "env:PW"
key = { 2 = "env:K" }
"""


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A project's folder and a user's folder; returns what writes a file and reads the configuration."""
    project, user = tmp_path / "project", tmp_path / "user"
    for folder in (project, user / "c1222"):
        folder.mkdir(parents=True)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: user / name)
    monkeypatch.chdir(project)
    monkeypatch.setenv("PW", "pw")
    monkeypatch.setenv("K", HEX)
    monkeypatch.setenv("OTHER", OTHER_HEX)

    class House:
        def project(self, text):
            (project / "c1222.toml").write_text(text, encoding="utf-8")
            return self

        def user(self, text):
            (user / "c1222" / "c1222.toml").write_text(text, encoding="utf-8")
            return self

        def read(self, **environ):
            return read_config(environ=environ)

    found = House()
    found.folder, found.user_folder = project, user / "c1222"
    return found


def refused(call, *arguments, **options):
    """The message of the TargetError, after looking for the marker in everything that could be printed of it."""
    with pytest.raises(TargetError) as info:
        call(*arguments, **options)
    chained = info.value
    while chained is not None:
        assert MARKER not in repr(chained) + repr(vars(chained))
        chained = chained.__context__
    assert MARKER not in "".join(traceback.format_exception(info.value))
    return str(info.value)


# ── Files


def test_nothing_is_configured(house):
    config = house.read()
    assert (config.files, config.meters, config.environment) == ((), {}, {})
    assert config.profiles == BUILT_IN


def test_both_files_are_read(house):
    config = house.project(HOUSE).user('[meter.barn]\ntarget = "sim:"').read()
    assert config.files == (Path("c1222.toml"), house.user_folder / "c1222.toml")
    assert set(config.meters) == {"house", "barn"}


def test_a_meter_of_both_files_is_the_projects_as_a_whole(house):
    """Otherwise a project's file could send the user's password to its own target."""
    config = house.user(HOUSE).project('[meter.house]\ntarget = "tcp://192.0.2.66"').read()
    assert config.meters["house"].target.place == "192.0.2.66"
    assert config.meters["house"].said == {}


def test_a_variable_names_one_file_instead(house, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text('[meter.third]\ntarget = "sim:"')
    config = house.project(HOUSE).user(HOUSE).read(C1222_CONFIG=str(other))
    assert (config.files, list(config.meters)) == ((other,), ["third"])
    assert "nowhere.toml" in refused(house.read, C1222_CONFIG="nowhere.toml")


def test_another_folder(house, tmp_path):
    (tmp_path / "c1222.toml").write_text(HOUSE)
    assert list(read_config(environ={}, folder=tmp_path).meters) == ["house"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[meter.house\n", "c1222.toml, line 1: not valid TOML"),
        ("meters = 1", "no section is called meters; did you mean meter?"),
        ("[profil.x]", "did you mean profile?"),
        ("meter = 1", "every meter has a name: [meter.NAME]"),
        ('[meter]\ntarget = "sim:"', "every meter has a name: [meter.NAME]"),
        ("[meter.house]", 'c1222.toml: [meter.house]: its target is missing: target = "tcp://192.0.2.7"'),
        ('[meter."a b"]', 'c1222.toml: [meter."a b"]: its target'),
        ('[meter.house]\ntaget = "sim:"', "[meter.house]: no key is called taget; did you mean target?"),
        ('[meter.house]\ntarget = "tpc://host"', "[meter.house]: no kind of target is called tpc; did you mean tcp?"),
        ('[meter.house]\ntarget = "@barn"', "[meter.house]: the target of a meter is the way to it"),
        ('[meter.house]\ntarget = "tcp://h"\nbaud = 300', "[meter.house]: tcp: no option is called baud"),
        ('[meter.house]\ntarget = "tcp://h?retries=1"\nretries = 1', "retries is said twice"),
        ('[meter.house]\ntarget = "tcp://h"\nretries = 1.5', "[meter.house]: retries wants a number from 0 to 20"),
        ('[meter.house]\ntarget = "sim:"\nuser_id = 65536', "user_id wants a number from 0 to 65535"),
        ('[meter.house]\ntarget = "sim:"\nuser = "elevenchars"', "user wants a name of at most 10 characters"),
        ('[meter.house]\ntarget = "sim:"\npassword_pad = "30"', "password_pad wants 20 or 00"),
        ('[meter.house]\ntarget = "sim:"\nkey = { two = "env:K" }', "key: a key id is a number from 0 to 255"),
        ('[meter.house]\ntarget = "sim:"\nkey = { 256 = "env:K" }', "key: a key id is a number from 0 to 255"),
        ('[meter.house]\ntarget = "sim:"\nkeys = []', "keys wants the path of a file"),
        ('[meter.house]\ntarget = "sim:"\nkeys = ["a", 1]', "keys wants the path of a file"),
        ("[profile.ours]\nretries = 999", "c1222.toml: [profile.ours]: retries wants a number from 0 to 20"),
        ("[profile.ours]\nretrys = 1", "[profile.ours]: no field of a profile is called retrys; did you mean retries?"),
        ('[profile.ours]\nbase = "ge-kw"', "[profile.ours]: base: no profile is called ge-kw; did you mean ge-kv?"),
        ("[profile.ours]\nbase = 1", "[profile.ours]: base wants the name of a profile"),
        ('[profile.a]\nbase = "b"\n[profile.b]\nbase = "a"', "stands on"),
        ('[profile.a]\nbase = "a"', "[profile.a]: base: no profile is called a"),
    ],
)
def test_files_that_cannot_be(house, text, says):
    assert says in refused(house.project(text).read)


@pytest.mark.parametrize(
    "text",
    [
        f'password = "{MARKER}"',
        f"password = {{ plain = '{MARKER}' }}",
        f'passwrod = "{MARKER}"',
        f'key = {{ 2 = "{MARKER}" }}',
        f'key = {{ {MARKER} = "env:K" }}',
        f'key = "{MARKER}"',
        f'key_id = "{MARKER}"',
        f'called = "{MARKER}"',
        f'"{MARKER * 2}" = 1',
        f"password = '{MARKER}",
        f"password = {MARKER}",
    ],
)
def test_secrets_in_a_file_are_refused_unseen(house, text):
    refused(house.project(f'[meter.house]\ntarget = "tcp://h"\n{text}\n').read)


def test_a_target_with_a_password_in_a_file_is_refused_unseen(house):
    says = refused(house.project(f'[meter.house]\ntarget = "tcp://u:{MARKER}@h"').read)
    assert "c1222.toml: [meter.house]: tcp: a user or a password is never part of a target" in says


def test_octets_that_are_no_text(house):
    (house.folder / "c1222.toml").write_bytes(b"\xff" + MARKER.encode())
    assert refused(house.read) == "c1222.toml: not a text file in UTF-8"


def test_relative_paths_start_at_the_file_that_says_them(house, monkeypatch, tmp_path):
    secret = house.user_folder / "pw"
    secret.write_bytes(b"from a file\n")
    secret.chmod(0o600)
    house.user(
        '[meter.a]\ntarget = "dump:a.json"\npassword = "file:pw"\nkeys = ["k.toml", "~/k"]\n'
        '[meter.b]\ntarget = "sim:"\nimage = "b.json"'
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    config = house.read()
    a, b = config.meter("a"), config.meter("b")
    assert a.target.place == str(house.user_folder / "a.json")
    assert a.said["keys"] == (house.user_folder / "k.toml", tmp_path / "k")
    assert a.said["password"].secret() == b"from a file"
    assert b.target.options == {"image": house.user_folder / "b.json"}


# ── Profiles


def test_profiles_of_files(house):
    config = house.project(
        '[profile.b]\nbase = "a"\nretries = 1\n[profile.a]\nbase = "ge-kv"\ntoggle = "unchecked"\nretries = 2'
    ).read()
    a, b = config.profiles["a"], config.profiles["b"]
    assert (a.name, a.identity, a.toggle, a.retries) == ("a", 0x40, Toggle.UNCHECKED, 2)
    assert (b.name, b.identity, b.toggle, b.retries) == ("b", 0x40, Toggle.UNCHECKED, 1)


def test_a_built_in_profile_can_be_replaced_by_one_of_its_name(house):
    config = house.project('[profile.ge-kv]\nbase = "ge-kv"\nidentity = 7').read()
    assert config.profiles["ge-kv"].identity == 7
    assert config.profiles["ge-kv"].toggle is Toggle.ALTERNATES
    assert by_name("ge-kv").identity == 0x40


def test_a_profile_without_a_base_stands_on_the_default(house):
    assert house.project("[profile.x]\nlogoff = false").read().profiles["x"].packet_size == 1024


# ── Which meter


def meant(config, text):
    return config.meant(parse_target(text))


def test_meter_of_a_file(house):
    meter = meant(house.project(HOUSE).read(), "@house")
    assert (meter.name, meter.place) == ("house", "c1222.toml: [meter.house]")
    assert meter.target.label == "tcp://192.0.2.7:1153"
    assert meter.target.options == {"called": ".123.8437"}
    assert (meter.said["user"], meter.said["user_id"]) == ("reader", 1)
    assert meter.said["password"].secret() == b"pw"
    assert meter.said["key"][2].key() == Key(bytes.fromhex(HEX))


def test_target_itself(house):
    meter = meant(house.project(HOUSE).read(), "tcp://192.0.2.8?id_width=2&profile=itron-c1222")
    assert (meter.name, meter.target.place, meter.said) == ("", "192.0.2.8", {"profile": "itron-c1222"})


def test_options_of_a_name_go_before_those_of_its_section(house):
    meter = meant(house.project(HOUSE + "retries = 5\ntimeout = 9").read(), "@house?retries=1")
    assert meter.target.options == {"called": ".123.8437", "retries": 1, "timeout": 9.0}


def test_a_name_takes_what_its_target_takes(house):
    assert "no option is called baud" in refused(meant, house.project(HOUSE).read(), "@house?baud=300")


def test_unknown_meter(house):
    says = refused(meant, house.project(HOUSE).read(), "@hose")
    assert says == "no meter is called hose; did you mean house? (there are: house)"


def test_unknown_meter_without_any_file(house):
    assert "there is no c1222.toml, neither here nor in" in refused(meant, house.read(), "@house")


def test_unknown_meter_may_be_a_secret(house):
    assert "has such a name" in refused(house.project(HOUSE).read().meter, f"{MARKER}?{MARKER}")


def test_environment_goes_before_files(house):
    house.project(HOUSE + 'profile = "ge-kv"\npassword_pad = "00"\n')
    environ = {
        "C1222_TARGET": "@house",
        "C1222_PROFILE": "ge-kv2",
        "C1222_USER": "someone",
        "C1222_USER_ID": "7",
        "C1222_PASSWORD": "env:OTHER",
        "C1222_PASSWORD_PAD": "20",
        "C1222_KEYS": "other.toml",
    }

    def summary(meter):
        said = dict(meter.said)
        return said | {
            "password": said["password"].text,
            "key": {n: each.text for n, each in said.get("key", {}).items()},
        }

    config = house.read(**environ)
    assert summary(meant(house.read(), "@house")) == {
        "profile": "ge-kv",
        "user": "reader",
        "user_id": 1,
        "password": "env:PW",
        "password_pad": 0x00,
        "key": {2: "env:K"},
    }
    assert config.environment["target"] == "@house"
    assert summary(meant(config, "@house")) == {
        "profile": "ge-kv2",
        "user": "someone",
        "user_id": 7,
        "password": "env:OTHER",
        "password_pad": 0x20,
        "key": {},  # keys come from one place alone
        "keys": (Path("other.toml"),),
    }
    assert meant(config, "@house?profile=default").said["profile"] == "default"


def test_what_the_environment_does_not_say_is_left_to_the_file(house):
    said = meant(house.project(HOUSE).read(C1222_USER="someone"), "@house").said
    assert (said["user"], said["user_id"], set(said["key"])) == ("someone", 1, {2})


def test_an_empty_variable_says_nothing(house):
    assert house.read(C1222_TARGET="", C1222_CONFIG="").environment == {}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("C1222_PASSWORD", MARKER, "C1222_PASSWORD: password: this is not a reference"),
        ("C1222_USER_ID", MARKER, "C1222_USER_ID: user_id wants a number from 0 to 65535"),
        ("C1222_USER", MARKER, "C1222_USER: user wants a name"),
    ],
)
def test_variables_that_cannot_be(house, variable, value, says):
    assert says in refused(house.read, **{variable: value})


def test_a_key_may_be_asked_for(house):
    config = house.project('[meter.a]\ntarget = "sim:"\nkey = { 2 = "prompt" }').read()
    asked = []
    key = config.meter("a").said["key"][2].key(lambda what: asked.append(what) or HEX)
    assert key == Key(bytes.fromhex(HEX))
    assert asked == ["c1222.toml: [meter.a]: key 2"]


def test_nothing_shows_a_secret(house):
    meter = meant(house.project(HOUSE).read(), "@house")
    meter.said["password"].secret()
    assert HEX not in repr(meter)
    assert "'pw'" not in repr(meter)
