"""What a write changes, field by field, and what it sends."""

from collections.abc import Iterable, Iterator
from typing import Any

from c1219_tables.schema.dialect import SecretOctets
from c1222.capture.mask import MASKED
from c1222.session.operations.write_plan import WritePlan
from c1222_cli.fields import field_words, last_name
from c1222_cli.talk import clean


def changes_in_words(plans: Iterable[WritePlan]) -> Iterator[str]:
    """`owner_name: "ELECTRIC COMPANY" -> "ACME"` under the name of each table."""
    for plan in plans:
        yield clean(f"{plan.label} {plan.before.table.name}")
        if not plan.differences:
            yield "  nothing changes: it is like this already"
        for change in plan.differences:
            name = change.path or "octets beyond its layout"
            yield clean(f"  {name}: {_words(change.path, change.old)} -> {_words(change.path, change.new)}")


def services_in_words(plans: Iterable[WritePlan], *, c1222: bool) -> Iterator[str]:
    """What is sent, request by request, with its octets."""
    for plan in plans:
        for write in plan.writes:
            yield str(write)
            yield f"  {MASKED if plan.is_secret else write.encoded(c1222=c1222).hex(' ')}"


def _words(path: str, value: Any) -> str:
    if isinstance(value, SecretOctets):
        return MASKED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        return value.hex(" ") or "empty"
    return "nothing" if value is None else field_words(last_name(path), value)
