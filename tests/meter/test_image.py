"""The image of a meter that was read once: octets in, octets out."""

from datetime import UTC, datetime

import pytest

from c1222.meter.image.image import StaticImage

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_was_given_is_read():
    image = StaticImage({0: b"\x02", 2048 + 3: b"maker"})
    assert image.numbers() == {0, 2051}
    assert image.read(2051, AT) == b"maker"


def test_what_is_written_is_kept_and_goes_nowhere_else():
    tables = {5: b"before"}
    image = StaticImage(tables)
    image.write(5, b"after", AT)
    assert image.read(5, AT) == b"after"
    assert tables == {5: b"before"}


def test_other_tables_are_not_there():
    image = StaticImage({0: b""})
    with pytest.raises(KeyError):
        image.read(1, AT)
    with pytest.raises(KeyError):
        image.write(1, b"", AT)
    assert image.numbers() == {0}


def test_no_procedure_is_known():
    """Result code 6 of table 8: unrecognized procedure."""
    assert StaticImage({}).run(9, b"\x01", AT) == (6, b"")
