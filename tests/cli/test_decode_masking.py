"""Passwords and keys are in no output unless asked for."""

import base64
import json

import pytest
from click.testing import CliRunner
from decode_masking_vectors import SECRET, WITH_SECRET
from decode_vectors import AUTHENTICATED, EXAMPLE_8, clear_apdu, decode, exchange, table_data, tlv
from table_vectors import SECRET_LAYOUT, ST0, ST41

from c1222_cli.main import main

MARKS = [
    text
    for at in range(len(SECRET) - 8)
    for part in [SECRET[at : at + 8]]
    for text in (part.decode(), part.hex(), part.hex(" "), base64.b64encode(part).decode().rstrip("=")[:-1])
]
FORMS = [["--format", form] for form in ("table", "plain", "json", "jsonl", "hex")] + [["--tree"]]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[-1])
@pytest.mark.parametrize("text", WITH_SECRET.values(), ids=WITH_SECRET.keys())
def test_no_secret_in_any_output(text, form):
    shown = decode(text, *form, "-vv").output.lower()
    assert [mark for mark in MARKS if mark.lower() in shown] == []


SHOWN = [
    name for name in WITH_SECRET if not name.startswith(("line-", "half-", "logon-", "tag-damaged-to-a-mechanism-name"))
]
"""Lines that are not hex are never shown; a Logon shows the same octets as numbers and text, a name as its arcs."""


@pytest.mark.parametrize("form", [["--format", "json"], ["--format", "hex"], ["--tree"]], ids=lambda form: form[-1])
@pytest.mark.parametrize("name", SHOWN)
def test_secrets_are_shown_when_asked(name, form):
    shown = "".join(decode(WITH_SECRET[name], *form, "--show-secrets").stdout.split()).lower()
    # The tree has names between octets; what is shown of a whole secret is its beginning there.
    assert SECRET[:6].hex() in shown


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[-1])
def test_mode_1_without_a_key_is_masked_too(form):
    """Its text is readable whether the MAC can be checked or not."""
    shown = decode(AUTHENTICATED, *form).output
    assert "30" * 8 not in shown
    assert "30 30 30 30 30 30 30 30" not in shown
    assert "00000000" not in shown.replace("0" * 8 + "-", "")


def test_ciphertext_is_no_secret():
    assert "41d10cda76206811" in decode(EXAMPLE_8, "--format", "json").stdout
    assert "41d10cda76206811" in decode(EXAMPLE_8, "--format", "hex", "--key", "2=env:K2").stdout
    # Deciphered, the tree shows the text, not what stood in its place.
    assert "41 d1 0c da" not in decode(EXAMPLE_8, "--tree", "--key", "2=env:K2").stdout


def answers(text: str) -> list[dict]:
    """The services of the response in JSON."""
    return json.loads(decode(text, "--format", "jsonl").stdout.splitlines()[1])["response"]["services"]


def test_the_length_of_what_is_masked_is_told():
    text = clear_apdu(b"\x00\x00\x03\x01\x02\x03\xfa", before=tlv(0xA4, tlv(2, b"\x01")))
    assert [(s["data"], s["length"], s["table"]) for s in answers(text)] == [("masked", 7, None)]
    hexed = decode(text, "--format", "hex").stdout
    assert "07002a2a2a2a2a2a" in "".join(hexed.split()).lower()


def test_other_procedures_are_shown():
    (service,) = answers(exchange((b"\x30\x00\x07", b"\x00" + table_data(b"\x0a\x00\x01"))))
    assert service["data"]["blocks"] == [{"data": "0a0001", "checksum": 0xF5}]


def test_answers_that_may_be_shifted_are_shown_where_none_is_secret():
    """Security, ST-3, ST-5: the first refusal may be that of either."""
    asked = clear_apdu(b"\x51" + bytes(20), b"\x30\x00\x03", b"\x30\x00\x05")
    told = clear_apdu(b"\x03", b"\x00\x00\x01\x07\xf9", before=tlv(0xA4, tlv(2, b"\x01")), number=2)
    assert answers(asked + told)[1]["data"]["blocks"] == [{"data": "07", "checksum": 0xF9}]


def test_a_password_is_not_shown_as_another_table():
    """Security, ST-5, ST-42 and an answer too few: the octets that seem to be those of ST-5 may be those of ST-42."""
    asked = clear_apdu(b"\x51" + bytes(20), b"\x30\x00\x05", b"\x30\x00\x2a")
    told = clear_apdu(b"\x03", b"\x00" + table_data(SECRET), before=tlv(0xA4, tlv(2, b"\x01")), number=2)
    first, second = answers(asked + told)
    assert (first["request"], second["table"], second["data"]["blocks"]) == (
        "security",
        "ST-5",
        [{"data": "masked", "checksum": second["data"]["blocks"][0]["checksum"]}],
    )


def test_elements_of_a_message_without_services():
    """Titles and ids that are whole are shown; what may be a damaged envelope is not."""
    text = tlv(
        0x60,
        tlv(0xA6, b"\x80\x02\x7b\x04")
        + tlv(0xA8, tlv(2, b"\x01"))
        + tlv(0xAB, SECRET)
        + tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA1, tlv(0x80, b"\x02") + tlv(0x81, b"\x48\xf3\xd0\x61"))))),
    )
    (line,) = [
        found
        for found in map(json.loads, decode(text.hex() + "\n", "--format", "jsonl").stdout.splitlines())
        if found["type"] == "exchange"
    ]
    message = line["request"]
    assert (message["calling_ap_title"], message["calling_ap_invocation_id"]) == (".123.4", 1)
    assert message["apdu"]["mechanism_name_2006"] == "masked"
    assert message["apdu"]["calling_authentication_value"]["single_asn1_type"]["c1222"]["iv"] == "48f3d061"


# ── tables, decoded to their fields

ENTRY = SECRET + b"\x01"
TABLES = {
    "passwords-written": clear_apdu(b"\x40\x00\x2a" + table_data(ENTRY)),
    "passwords-pending": clear_apdu(b"\x40\x10\x2a" + table_data(ENTRY)),
    "passwords-too-many": clear_apdu(b"\x40\x00\x2a" + table_data(ENTRY + SECRET)),
    "passwords-in-part": clear_apdu(b"\x4f\x00\x2a\x00\x00\x00" + table_data(SECRET)),
    "passwords-in-smaller-part": clear_apdu(b"\x4f\x00\x2a\x00\x00\x02" + table_data(SECRET[2:])),
    "keys-read": exchange((b"\x30\x00\x2d", b"\x00" + table_data(SECRET))),
    "keys-of-a-later-table": exchange((b"\x30\x00\x2e", b"\x00" + table_data(SECRET))),
    "a-maker-s-secret": exchange((b"\x30\x08\x11", b"\x00" + table_data(ENTRY))),
    "a-maker-s-secret-in-part": clear_apdu(b"\x4f\x08\x11\x00\x00\x00" + table_data(SECRET)),
}


@pytest.fixture
def known(tmp_path):
    dims, schema = tmp_path / "dims.json", tmp_path / "maker.py"
    dims.write_text(f'{{"0": "{ST0}", "41": "{ST41}"}}')
    schema.write_text(SECRET_LAYOUT)
    return ["--dims", str(dims), "--schema", str(schema)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[-1])
@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_no_secret_of_a_table_in_any_output(text, form, known):
    shown = decode(text, *form, *known, "-vv").output.lower()
    assert [mark for mark in MARKS if mark.lower() in shown] == []


@pytest.mark.parametrize("name", TABLES)
def test_secrets_of_tables_are_shown_when_asked(name, known):
    for form in (["--format", "json"], ["--tree"]):
        shown = "".join(decode(TABLES[name], *form, *known, "--show-secrets").stdout.split()).lower()
        assert SECRET[2:8].hex() in shown


AT_HAND = [("42", ENTRY), ("45", SECRET), ("PT-42", ENTRY), ("MT-17", ENTRY), ("7", b"\x12\x00\x01" + SECRET)]
HAND_FORMS = [["--format", form] for form in ("table", "plain", "json", "jsonl", "hex")]


@pytest.mark.parametrize("form", HAND_FORMS, ids=lambda form: form[-1])
@pytest.mark.parametrize(("table", "octets"), AT_HAND, ids=lambda value: value if isinstance(value, str) else "")
def test_secrets_at_hand(table, octets, form, known):
    asked = ["decode", "--table", table, *known, *form, "-vv", octets.hex()]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert [mark for mark in MARKS if mark.lower() in result.output.lower()] == []
    shown = CliRunner().invoke(main, [*asked, "--show-secrets"]).output
    assert SECRET[:6].hex() in "".join(shown.split())
