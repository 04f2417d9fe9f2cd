"""Why a meter said no: its response code in words, and what its own tables tell of the reason."""

from collections.abc import Mapping
from typing import Any

from c1219_tables.schema.dialect import Record
from c1219_tables.table import MANUFACTURER, PENDING, table_label
from c1222.errors import ServiceError
from c1222.psem.responses import RESPONSE_CODES, response_name
from c1222.psem.services import service_name

_LOGON = ("logon", "security", "authenticate")
_NO_MATTER_WHICH: Mapping[str, str] = {
    "sns": "this meter does not have this service",
    "bsy": "it stayed busy however often it was asked; try later",
    "dnr": "its data did not get ready however often it was asked; try later",
    "dlk": "the data are locked; try later",
    "rno": "it wants to begin anew; connect again",
    "isss": "another step has to come first, or another session is open; wait for its time-out and connect again",
    "sme": "its security does not accept this key",
    "uat": "it does not know the ApTitle that was called; called= gives another",
    "nry": "it is registered to another master",
    "sgnp": "the answer would have to be cut and the way does not allow it",
}
_LOGGING_ON: Mapping[str, str] = {
    "err": "user, user id or password is not accepted (--user, --user-id, --password, --password-pad)",
    "isc": "user, user id or password is not accepted (--user, --user-id, --password, --password-pad)",
    "sme": "its security does not accept this key or password",
}
_TABLES: Mapping[str, str] = {
    "isc": "this user may not: another user or a password may be needed (--user, --password)",
    "iar": "the meter does not have it, or not in this way",
}


def asked_in_words(request: Record) -> str:
    """`full_read ST-23`, `logon`."""
    table = table_asked(request)
    return service_name(request.code) + ("" if table is None else f" {table_label(table)}")


def table_asked(request: Record) -> int | None:
    """Number of the table that a request is about, None where it is about none."""
    parameters: Any = request.get("parameters")
    table = parameters.get("table") if isinstance(parameters, Mapping) else None
    return table if isinstance(table, int) else None


def refusal(request: Record, code: int) -> ServiceError:
    """What a response code other than ok means for this request, as far as the code alone tells."""
    name, service = response_name(code), service_name(request.code)
    meaning = RESPONSE_CODES[code].meaning if code in RESPONSE_CODES else "a code that nobody named"
    if service in _LOGON:
        hint = _LOGGING_ON.get(name, _NO_MATTER_WHICH.get(name, ""))
    else:
        hint = _NO_MATTER_WHICH.get(name, _TABLES.get(name, "") if table_asked(request) is not None else "")
    what = asked_in_words(request)
    problem = f"{what} was refused with {name} ({meaning})"
    return ServiceError(problem, code=name, service=what, table=table_asked(request), hint=hint)


def unlisted(number: int, table_0: Mapping[str, Any]) -> str:
    """Why a table cannot be there, by the meter's table 0; "" where it lists it, or cannot tell."""
    if number >= PENDING:
        return ""
    kind, name = ("mfg_tbls_used", "manufacturer tables") if number >= MANUFACTURER else ("std_tbls_used", "tables")
    listed = table_0.get(kind)
    if listed is None or number % MANUFACTURER in listed:
        return ""
    near = sorted(listed, key=lambda other: abs(other - number % MANUFACTURER))[:4]
    nearby = ", ".join(str(other) for other in sorted(near))
    has = f" (it has {nearby} nearby)" if near else f" (it has no {name})"
    return f"table 0 of this meter does not list {table_label(number)}{has}"


def who_may(number: int, table_44: Mapping[str, Any], *, write: bool = False) -> str:
    """What the meter's own rules of access say of a table; "" where they have none for it."""
    deed = "write" if write else "read"
    for rule in table_44.get("access_control", ()):
        if _number(rule["access_table_def"]) != number:
            continue
        if rule["access_table_def"]["flag2" if write else "flag1"]:
            return f"table 44 lets anybody {deed} {table_label(number)}"
        groups = [str(group) for group in sorted(rule[deed])]
        if not groups:
            return f"table 44 lets no group {deed} {table_label(number)}"
        names = f"{', '.join(groups[:-1])} and {groups[-1]}" if groups[1:] else groups[0]
        return f"table 44 lets group{'s' if groups[1:] else ''} {names} {deed} {table_label(number)}"
    return ""


def _number(meant: Mapping[str, Any]) -> int | None:
    """Number of the table that a rule is about, None for a procedure."""
    if meant["proc_flag"]:
        return None
    return int(meant["tbl_proc_nbr"]) + (MANUFACTURER if meant["std_vs_mfg_flag"] else 0)
