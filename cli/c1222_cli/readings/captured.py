"""A meter as captures show it, for the commands of readings: `--from` and `--meter`."""

from collections.abc import Sequence
from pathlib import Path

import click

from c1222.capture.decode import decode_files
from c1222.capture.meters import CapturedMeter, CapturedMeters
from c1222_cli.keys import read_ring
from c1222_cli.known import registries_of
from c1222_cli.live import Way
from c1222_cli.talk import clean


def captured(captures: Sequence[Path], name: str | None, way: Way) -> CapturedMeter:
    """The meter of this name in the captures; without a name, the only one. way: keys, and layouts of makers.

    Raises UsageError where there is none, or several and no name; CaptureError for a file that is broken.
    """
    registry, unidentified = registries_of(way.schema)
    ring = read_ring(way.keys, way.key_files)
    found = CapturedMeters(registry, unidentified=unidentified).look_at(
        decode_files(map(str, captures), ring, registry=registry, unidentified=unidentified)
    )
    meters = {meter.label: meter for meter in found}
    if not meters:
        raise click.UsageError("--from: no table of any meter can be read in it (are the messages enciphered? --key)")
    if name is None and len(meters) == 1:
        return next(iter(meters.values()))
    if name in meters:
        return meters[name]
    names = ", ".join(f"{label} ({len(meter.octets)} tables)" for label, meter in meters.items())
    raise click.UsageError(clean(f"--meter NAME chooses one of the meters of the capture: {names}"))
