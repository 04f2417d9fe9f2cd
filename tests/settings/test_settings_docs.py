"""docs/targets.md and docs/configuration.md say what the code says: each row of their tables is made here anew."""

import re
from pathlib import Path

import pytest

from c1222.link import Toggle
from c1222.session.settings import BAD_MACS, IV_AHEAD
from c1222.settings.config import VARIABLES, read_config
from c1222.settings.makes import BUILT_IN, DEFAULT
from c1222.settings.nonce_store import STATE
from c1222.settings.options import KINDS, OPTIONS
from c1222.settings.profiles import FIELDS
from c1222.settings.secrets import SOURCES, check_reference
from c1222.settings.sections import LOGIN
from c1222.settings.targets import parse_target
from c1222_cli.keys import SOURCES as COMMAND_SOURCES

DOCS = Path(__file__).parent.parent.parent / "docs"
TARGETS = (DOCS / "targets.md").read_text(encoding="utf-8")
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
UNSET = "as the protocol says"


def rows(page, header):
    """The rows of the table whose head begins with `header`."""
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert found, header
    return found[1].splitlines()


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def taken_by(name):
    takers = [scheme for scheme, kind in KINDS.items() if name in kind.takes and scheme != "@"]
    everywhere = len(takers) == len(KINDS) - 1
    return "all" if everywhere else " ".join(takers)


def shown(value):
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        value.value if isinstance(value, Toggle) else f"{value:g}" if isinstance(value, float) else str(value) or "any"
    )


def field_default(name):
    return "20" if name == "password_pad" else shown(getattr(DEFAULT, name))


def differences(profile):
    values = {name: getattr(profile, name) for name in profile.reasons}
    words = {name: "00" if name == "password_pad" else shown(value) for name, value in values.items()}
    if "dialect" in words:
        words["dialect"] = " ".join(f"{name}={shown(value)}" for name, value in profile.dialect.items())
    return "<br>".join(f"`{name}` {words[name]} ({reason})" for name, reason in profile.reasons.items()) or "-"


def test_kinds():
    assert rows(TARGETS, "target") == [
        row(f"`{kind.example}`", kind.protocol or "-", kind.purpose) for kind in KINDS.values()
    ]


def test_options():
    assert rows(TARGETS, "option") == [
        row(f"`{option.name}`", option.value.words, option.purpose, taken_by(option.name))
        for option in OPTIONS.values()
    ]


def test_keys_of_a_meter():
    assert rows(CONFIGURATION, "key") == [row(f"`{name}`", purpose) for name, purpose in LOGIN.items()]


def test_variables():
    assert rows(CONFIGURATION, "variable") == [
        row(f"`{variable}`", f"`{name}`") for name, variable in VARIABLES.items()
    ]


def test_fields_of_profiles():
    assert rows(CONFIGURATION, "field") == [
        row(f"`{name}`", value.words, field_default(name), purpose) for name, (value, purpose) in FIELDS.items()
    ]


def test_built_in_profiles():
    assert rows(CONFIGURATION, "profile") == [row(f"`{name}`", differences(each)) for name, each in BUILT_IN.items()]


@pytest.mark.parametrize("page", [TARGETS, CONFIGURATION], ids=["targets", "configuration"])
def test_targets_in_examples_can_be_used(page):
    schemes = "|".join(re.escape(scheme) for scheme in KINDS if scheme != "@")
    shown = re.findall(rf"(?:^|[\s`'\"])((?:(?:{schemes}):|@\w)[^\s`'\"]*)", page)
    assert len(shown) >= 5
    for text in shown:
        if "..." not in text:
            parse_target(text)


def test_the_example_configuration_can_be_used(tmp_path, monkeypatch):
    example = re.search(r"```toml\n(.*?)```", CONFIGURATION, re.DOTALL)
    (tmp_path / "c1222.toml").write_text(example[1], encoding="utf-8")
    config = read_config(environ={"C1222_CONFIG": str(tmp_path / "c1222.toml")})
    assert set(config.meters) == {"house", "bench", "simulated"}
    house, bench, simulated = (config.meant(parse_target(name)) for name in ("@house", "@bench", "@simulated"))
    assert (house.target.label, house.target.options["called"]) == ("tcp://192.0.2.7:1153", ".123.8437")
    assert (house.said["user"], house.said["user_id"], house.said["password"].text) == (
        "reader",
        1,
        "env:HOUSE_PASSWORD",
    )
    assert (house.said["key"][2].text, config.profiles[house.said["profile"]].id_width) == ("file:house.key", 2)
    ours = config.profiles[bench.said["profile"]]
    assert (ours.name, ours.packet_size, ours.retries, ours.model) == ("our-a3", 256, 1, "A3")
    assert simulated.target.options["seed"] == 7


def test_references_to_secrets():
    references = [line.split("|")[1].strip().strip("`") for line in rows(CONFIGURATION, "reference")]
    assert f"{', '.join(references[:-1])} or {references[-1]}" == SOURCES
    for reference in references:
        check_reference(reference)


def test_the_words_of_the_command_are_the_library_s():
    assert COMMAND_SOURCES == SOURCES


def test_limits_of_message_safety():
    page = " ".join((DOCS / "message-safety.md").read_text(encoding="utf-8").split())
    assert f"so {IV_AHEAD / 60:g} minutes ahead of ours is the most" in page
    assert f"After {BAD_MACS} in one conversation" in page
    assert f"`{STATE}` says" in page
