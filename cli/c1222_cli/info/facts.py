"""What identify and tables 0, 1, 3, 5 and 6 say of a meter, as facts in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from c1219_tables.codes.nameplate import nameplate_type
from c1219_tables.formats import NI_FMAT1, NI_FMAT2, Formats
from c1219_tables.schema.layout import Decoded
from c1219_tables.standard.general import DEVICE_IDENT_TBL, GEN_CONFIG_TBL, GENERAL_MFG_ID_TBL
from c1219_tables.standard.general import ED_MODE_STATUS_TBL as STATUS
from c1219_tables.standard.general import UTIL_INFO_TBL as UTILITY
from c1219_tables.table import DecodedTable, table_label
from c1222.session.operations.logon import identity_in_words
from c1222_cli.fields import members_text
from c1222_cli.read.declared import declared
from c1222_cli.read.words import words

TABLES = (0, 1, 3, 5, 6)

NO_NAME = "(not set)"
_PARTIAL_READS = ("none", "by offset", "by index", "by offset and by index")
"""By data_access_method of table 0."""


class Fact(NamedTuple):
    """name: for programs. label, words: for people. number: the table that says it; None: the answer to Identify."""

    name: str
    label: str
    words: str
    number: int | None


def facts(identity: Decoded | None, tables: Mapping[int, DecodedTable]) -> list[Fact]:
    """All that is known, in the order of a page."""
    found = list(_identity(identity)) if identity is not None else []
    for number, tell in _TELLERS.items():
        if number in tables:
            found += [Fact(name, label, text, number) for name, label, text in tell(tables[number])]
    return found


Told = Iterator[tuple[str, str, str]]


def _identity(identity: Decoded) -> Iterator[Fact]:
    yield Fact("protocol", "speaks", identity_in_words(identity), None)
    features = [f"{feature['code']:02X}" for feature in identity["data"]["features"]]
    if features:
        yield Fact("features", "features", ", ".join(features), None)


def _maker(table: DecodedTable) -> Told:
    yield "manufacturer", "manufacturer", _text(table["manufacturer"])
    yield "ed_model", "model", _text(table["ed_model"])
    yield "mfg_serial_number", "serial number", _text(table["mfg_serial_number"])
    yield "hw_version", "hardware", f"{table['hw_version_number']}.{table['hw_revision_number']}"
    yield "fw_version", "firmware", f"{table['fw_version_number']}.{table['fw_revision_number']}"


def _formats(table: DecodedTable) -> Told:
    first, second = table["format_control_1"], table["format_control_2"]
    known = declared(GEN_CONFIG_TBL)

    def meaning(name: str, value: int) -> str:
        return known.codes(name).get(int(value), f"code {int(value)}")

    edition = {1: "1997", 2: "a later edition than 1997"}.get(table["std_version_no"], f"{table['std_version_no']}")
    yield "standard", "standard", f"C12.19, {edition}, revision {table['std_revision_no']}"
    yield "kind", "kind of meter", nameplate_type(table["nameplate_type"]).meaning
    yield "device_class", "device class", words("device_class", table["device_class"], known) or ""
    yield "octet_order", "octet order", meaning("data_order", first["data_order"])
    yield "text", "text", meaning("char_format", first["char_format"])
    yield "clock", "clock", meaning("tm_format", second["tm_format"])
    yield "numbers", "numbers", _numbers(table)
    yield "identifiers", "identifiers", meaning("id_form", second["id_form"])
    yield "partial_reads", "partial reads", _PARTIAL_READS[second["data_access_method"]]
    for name, label in (
        ("std_tbls_used", "tables"),
        ("std_tbls_write", "  may be written"),
        ("mfg_tbls_used", "maker's tables"),
        ("mfg_tbls_write", "  may be written"),
        ("std_proc_used", "procedures"),
        ("mfg_proc_used", "maker's procedures"),
    ):
        yield name, label, members_text(table[name]).replace("empty", "none")


def _numbers(table: DecodedTable) -> str:
    formats = Formats.of(table)
    said = []
    for ni_format in (NI_FMAT1, NI_FMAT2):
        try:
            said.append(f"{ni_format.name_of_type} {ni_format.of(formats).name_of_type}")
        except ValueError as exc:
            said.append(str(exc))
    return ", ".join(said)


def _status(table: DecodedTable) -> Told:
    known = declared(STATUS)
    yield "mode", "mode", words("ed_mode", table["ed_mode"], known) or ""
    conditions = [
        _condition(name, known.notes)
        for field in ("ed_std_status1", "ed_std_status2")
        for name, is_set in table[field].items()
        if is_set
    ]
    yield "conditions", "conditions", "; ".join(conditions) or "none that need attention"
    yield "maker_conditions", "maker's conditions", members_text(table["ed_mfg_status"]).replace("empty", "none")


def _condition(name: str, notes: Mapping[str, str]) -> str:
    """`the clock is in error`, of clock_error_flag; bits that are not public by their name."""
    return notes.get(name, "").partition(";")[0] or name


def _identification(table: DecodedTable) -> Told:
    yield "identification", "utility's name of it", _text(table["identification"])


def _utility(table: DecodedTable) -> Told:
    """Elements that hold something, by their names."""
    known = declared(UTILITY)
    for name, value in table.items():
        is_empty = isinstance(value, bytes) and not value.strip(b"\x00 ")
        text = _text(value) if isinstance(value, str) else words(name, value, known)
        if text is not None and not is_empty and text not in (NO_NAME, "0"):
            yield name, name, text


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex(" ")
    return str(value).strip(" \x00") or NO_NAME


_TELLERS: dict[int, Callable[[DecodedTable], Told]] = {
    GENERAL_MFG_ID_TBL.number: _maker,
    DEVICE_IDENT_TBL.number: _identification,
    GEN_CONFIG_TBL.number: _formats,
    STATUS.number: _status,
    UTILITY.number: _utility,
}
"""Which table tells what, in the order of a page."""

TITLES: Mapping[int | None, str] = {
    None: "answer to Identify",
    **{number: f"{table_label(number)} {name}" for number, name in (
        (1, "who made it"),
        (5, "what the utility calls it"),
        (0, "formats, and what it has"),
        (3, "how it is"),
        (6, "utility information"),
    )},
}  # fmt: skip
"""Headings of a page, in their order, by the table that speaks below them."""
