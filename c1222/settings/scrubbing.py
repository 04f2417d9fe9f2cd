"""A dump that can be shown to others: what tells one meter from another, and what is secret, made unrecognisable.

Only what the declarations of the standard tables say is found. Tables of a maker, and tables whose layout nobody
knows, may hold a serial number all the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from c1219_tables.context import MeterTables
from c1219_tables.errors import LayoutError
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.table import is_secret, table_label
from c1222.psem.responses import decode_response, encode_response
from c1222.psem.services import BY_NAME
from c1222.settings.dump_files import Dump, Refusal

__all__ = ["SERIALS", "Scrub", "scrubbed"]

Scrub = Literal["serial", "secrets"]

SERIALS: Mapping[int, tuple[str, ...]] = {
    1: ("mfg_serial_number",),
    5: ("identification",),
    6: (
        "owner_name", "utility_div", "service_point_id", "elec_addr", "device_id", "util_ser_no", "customer_id",
        "coordinate_1", "coordinate_2", "coordinate_3", "programmer_name", "misc_id",
    ),
}  # fmt: skip
"""Elements that name this meter, its place, its owner or its customer, by table."""

IDENTIFY = BY_NAME["identify"].code
STAYS = " \0-./_:,#"
"""Characters that say nothing by themselves; digits become 0, all others X."""


def scrubbed(dump: Dump, tables: MeterTables, what: frozenset[Scrub]) -> Dump:
    """The dump without serial numbers, without secrets, or without both; every table keeps its size.

    Digits become 0 and letters X; octets that are no text, secrets among them, become 00.

    tables: decoded tables of the same meter. What cannot be decoded, and so cannot be scrubbed, is left out, and said
    among what was refused.
    """
    kept, left_out = dict(dump.tables), {}
    for number in dump.tables:
        declared = tables.registry.table(number)
        if not ("serial" in what and number in SERIALS) and not ("secrets" in what and is_secret(declared)):
            continue
        try:
            kept[number] = _table(number, dump.tables[number], tables, what)
        except LayoutError as exc:
            del kept[number]
            left_out[number] = Refusal(
                "", f"{table_label(number)} is left out, as it cannot be scrubbed: {exc.problem}"
            )
    hides = "serial" in what
    return replace(
        dump,
        tables=kept,
        times={number: time for number, time in dump.times.items() if number in kept},
        refused={**dump.refused, **left_out},
        identity=_identity(dump.identity) if hides else dump.identity,
        meter="" if hides else dump.meter,
        scrubbed=tuple(sorted({*dump.scrubbed, *what})),
    )


def _table(number: int, octets: bytes, tables: MeterTables, what: frozenset[Scrub]) -> bytes:
    declared = tables.registry.table(number)
    value = declared.decode(octets, tables.params(), dialect=tables.dialect, tolerant=True)
    if "serial" in what:
        for name in SERIALS.get(number, ()):
            value[name] = _blank(value[name])
    if "secrets" in what:
        _blank_secrets(value)
    # Nobody knows what stands behind the layout: a serial number, perhaps, or a password.
    value.trailing = bytes(len(value.trailing))
    made = declared.encode(value, tables.params(), dialect=tables.dialect)
    if len(made) != len(octets):
        raise LayoutError("it would change its size", layout=declared.label)
    return made


def _blank(value: Any) -> Any:
    """Text or octets of the same length that say nothing."""
    if isinstance(value, str):
        return "".join("0" if each.isdigit() else each if each in STAYS else "X" for each in value)
    return bytes(len(value)) if isinstance(value, bytes) else value


def _blank_secrets(value: Any) -> None:
    """Set octets declared secret to zero, wherever they stand in a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(members):
        if isinstance(member, SecretOctets):
            value[key] = SecretOctets(len(member))
        else:
            _blank_secrets(member)


def _identity(answer: bytes | None) -> bytes | None:
    """An answer to Identify whose identification says nothing; None for one that cannot be read."""
    if answer is None:
        return None
    try:
        said = decode_response(answer, service=IDENTIFY)
        for feature in said.data.features if said.data else ():
            if feature.code == 0x07:
                identity = feature.value.identity
                identity["octets"] = _blank(identity.octets.decode("latin-1")).encode("latin-1")
            elif not isinstance(feature.value, dict):
                return None  # a feature that nobody knows, and all behind it
        return encode_response(said, service=IDENTIFY)
    except (LayoutError, AttributeError, TypeError):
        return None
