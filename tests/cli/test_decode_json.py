"""JSON of `c1222 decode`: documented, valid against its schema, complete."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from decode_masking_vectors import WITH_SECRET
from decode_vectors import (
    AUTHENTICATED,
    EXAMPLE_8,
    IDENTIFY,
    INDEX_READ,
    IPV4,
    ISSS,
    NEEDS_CAPTURES,
    SECURITY,
    SESSION,
    decode,
    public_captures,
)
from jsonschema import Draft202012Validator

from c1222_cli.main import main

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "decode.schema.json").read_text()))

VECTORS = {
    "example-8": EXAMPLE_8,
    "ipv4": IPV4,
    "identify": IDENTIFY,
    "index-read": INDEX_READ,
    "security": SECURITY,
    "isss": ISSS,
    "session": SESSION,
    "authenticated": AUTHENTICATED,
    **WITH_SECRET,
}


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("options", [[], ["--show-secrets"], ["--key", "2=env:K2", "--key", "0=env:K0"]], ids=" ".join)
@pytest.mark.parametrize("text", VECTORS.values(), ids=VECTORS.keys())
def test_output_is_valid(text, options):
    document = json.loads(decode(text, "--format", "json", *options).stdout)
    SCHEMA.validate(document)
    lines = [json.loads(line) for line in decode(text, "--format", "jsonl", *options).stdout.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    # Both forms say the same.
    assert [line for line in lines if line["type"] == "exchange"] == document["exchanges"]
    assert [line for line in lines if line["type"] == "remark"] == document["remarks"]
    assert {**lines[-1]} == {"type": "summary", **document["summary"]}
    assert lines[0]["schema_version"] == document["schema_version"] == 1


@NEEDS_CAPTURES
@pytest.mark.parametrize("path", public_captures(), ids=lambda path: path.name)
def test_public_captures_are_valid(path):
    for options in ([], ["--key", "2=env:K2", "--key", "0=env:K0"], ["--show-secrets"]):
        result = CliRunner().invoke(main, ["decode", str(path), "--format", "json", *options])
        document = json.loads(result.stdout)
        SCHEMA.validate(document)
        assert len(document["exchanges"]) == 1
        assert document["exchanges"][0]["request"]["time"]


def one(text, *options):
    (exchange,) = json.loads(decode(text, "--format", "json", *options).stdout)["exchanges"]
    return exchange


def test_example_8():
    exchange = one(EXAMPLE_8, "--key", "2=env:K2")
    request, response = exchange["request"], exchange["response"]
    assert request["length"] == 81
    assert request["packet"] == 2
    assert (request["calling_ap_title"], request["called_ap_title"]) == (".123.4", ".123.8437")
    assert (request["calling_ap_invocation_id"], request["called_ap_invocation_id"]) == (3, None)
    assert request["security"] == {
        "mode": "encrypted",
        "state": "opened",
        "key_id": 2,
        "iv": "48f3d061",
        "remembered": False,
        "mac": "99c5d4e8",
    }
    security, read = request["services"]
    assert (security["code"], security["name"], security["length"]) == (0x51, "security", 23)
    assert security["parameters"] == {"password": "masked", "user_id": 2}
    assert (read["name"], read["table"]) == ("offset_read", "ST-1")
    assert read["parameters"] == {"table": 1, "offset": 16, "octet_count": 16}
    assert (response["length"], response["called_ap_invocation_id"]) == (74, 3)
    (answer,) = response["services"]
    assert (answer["code"], answer["name"], answer["request"], answer["table"]) == (0, "ok", "offset_read", "ST-1")
    assert answer["data"] == {"blocks": [{"data": b"MANUFACTURER SN ".hex(), "checksum": 0x92}]}


def test_without_a_key():
    exchange = one(EXAMPLE_8)
    assert exchange["request"]["security"]["state"] == "no-key"
    assert exchange["request"]["security"]["key_id"] == 2
    assert exchange["request"]["services"] == []
    assert exchange["request"]["enciphered"].startswith("41d10cda")
    assert exchange["request"]["undecodable"] is None
    assert exchange["response"]["remarks"][0]["code"] == "no-key"


def test_a_session_says_what_was_remembered():
    document = json.loads(decode(SESSION, "--format", "json", "--key", "2=env:K0").stdout)
    first, second = (exchange["request"]["security"] for exchange in document["exchanges"])
    assert (first["remembered"], second["remembered"]) == (False, True)
    assert first["iv"] == second["iv"] == "6b02f948"


def test_what_cannot_be_decoded_is_there_when_asked_for():
    text = "60 05 01 02 03\n"
    assert one(text)["request"]["undecodable"] == "masked"
    assert one(text, "--show-secrets")["request"]["undecodable"] == "6005010203"
    assert one(text)["request"]["length"] == 5


def test_remarks_and_summary():
    document = json.loads(decode(INDEX_READ + "60 zz\n", "--format", "json").stdout)
    (remark,) = document["remarks"]
    assert (remark["code"], remark["kind"], remark["packet"]) == ("line-undecodable", "undecodable", 3)
    checksum = document["exchanges"][0]["response"]["remarks"][0]
    assert (checksum["code"], checksum["message_offset"]) == ("checksum-wrong", 60)
    assert document["summary"]["remarks"] == {
        "note": {"checksum-wrong": 1},
        "refused": {"missing-a4": 1},
        "undecodable": {"line-undecodable": 1},
    }
    assert document["summary"]["complete"] is True


def names_of(schema):
    """Every property that the schema names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from names_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from names_of(inner)


def test_every_name_is_documented():
    words = set(re.findall(r"`([a-z0-9_]+)`", (DOCS / "decode-json.md").read_text()))
    assert sorted(set(names_of(SCHEMA.schema)) - words) == []


def test_the_example_of_the_documentation_is_real():
    """The JSON in docs/decode-json.md is what the command gives for example 8."""
    text = (DOCS / "decode-json.md").read_text()
    documented = json.loads(re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0])
    document = json.loads(
        decode(EXAMPLE_8.removeprefix("# example 8\n"), "--format", "json", "--key", "2=env:K2").stdout
    )
    document["c1222_version"] = documented["c1222_version"]
    assert documented == document


def test_the_table_of_the_documentation_is_real():
    documented = json.loads(re.findall(r"```json\n(.*?)```", (DOCS / "decode-json.md").read_text(), re.DOTALL)[1])
    (answer,) = one(IPV4, "--key", "0=env:K0")["response"]["services"]
    assert answer["table_data"] == documented
