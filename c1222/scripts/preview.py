"""What a plan would send, as far as that is known before a meter is asked."""

from collections.abc import Iterator

from c1222.psem.blocks import blocks
from c1222.psem.requests import encode_request, request
from c1222.scripts.expectations import wanted_in_words
from c1222.scripts.steps import Expect, Read, RunProcedure, Step, Write

MOST = 48
"""Octets of a service that are shown."""


def services(step: Step) -> Iterator[str]:
    """Lines about a step: the services and octets that are known, and what the meter has a say in."""
    if isinstance(step, Read):
        for table in dict.fromkeys(place.table for place in step.fields):
            yield f"full_read    {_hex(encode_request(request('full_read', table=table)))}"
    elif isinstance(step, Write):
        yield from _write(step)
    elif isinstance(step, RunProcedure):
        yield from _procedure(step)
    elif isinstance(step, Expect):
        yield f"full_read    {_hex(encode_request(request('full_read', table=step.field.table)))}"
        yield f"wanted       {wanted_in_words(step)}"


def _write(step: Write) -> Iterator[str]:
    if isinstance(step.values, bytes):
        part = {} if step.offset is None else {"offset": step.offset}
        service = "full_write" if step.offset is None else "offset_write"
        octets = encode_request(request(service, table=step.table, **part, blocks=blocks(step.values)))
        yield f"{service:<12} {_hex(octets)}"
        yield "             or the smallest part of it that differs from what the meter has"
        return
    for path, value in step.values.items():
        yield f"{path} = {value!r}"
    yield "offset_write the smallest part that differs; its octets follow from the dimensions and formats of the meter"


def _procedure(step: RunProcedure) -> Iterator[str]:
    if step.sets_clock:
        yield f"date_time = {'now' if step.set_to is None else step.set_to.isoformat()}"
    if isinstance(step.parameters, bytes):
        yield f"octets = {step.parameters.hex(' ')}"
    elif step.parameters:
        for name, value in step.parameters.items():
            yield f"{name} = {value!r}"
    yield "full_write   table 7, once; then full_read of table 8 until it answers"
    if step.danger:
        yield f"DANGER       {step.danger}"


def _hex(octets: bytes) -> str:
    more = f" ... ({len(octets)} octets)" if len(octets) > MOST else ""
    return octets[:MOST].hex(" ") + more
