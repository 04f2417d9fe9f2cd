"""How tests look at an image: all its tables decoded, each with those that it needs."""

from datetime import UTC, datetime

from c1219_tables.context import MeterTables

WRITE_ONLY = {7, 42}
INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def decoded(image, at, numbers=None):
    """Tables by number, decoded strictly: an octet left over would be refused."""
    tables = MeterTables()
    tables.add_all(
        {number: image.read(number, at) for number in (numbers or image.numbers()) if number not in WRITE_ONLY}
    )
    return tables


def table(image, number, at):
    """One table, with those that it may need."""
    return decoded(image, at, {0, 11, 21, 31, 41, 51, 61, 62, 71, number})[number]
