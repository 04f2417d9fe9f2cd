"""Meters of a world, saved: files for the target dump:, and the world that they are held against."""

import json
from datetime import UTC, datetime

from click.testing import CliRunner

from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222_cli.main import main

HIDDEN = (7, 8, 41, 42, 43, 44, 45)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def saved(path, world, at, **build):
    """The tables of the world's meter at a time, in a file; gives the target that is this meter."""
    image = SimulatedImage(world, Build(**build))
    tables = {str(number): image.read(number, at).hex() for number in image.numbers() if number not in HIDDEN}
    path.write_text(json.dumps(tables))
    return f"dump:{path}"


def saved_octets(path, tables):
    """The same of octets by number."""
    path.write_text(json.dumps({str(number): octets.hex() for number, octets in tables.items()}))
    return f"dump:{path}"


def run(*words):
    return CliRunner().invoke(main, list(map(str, words)))


def output(*words):
    """What a command writes that succeeds."""
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    return result.stdout
