"""Tables of an image, decoded together with the tables that they need."""

from collections.abc import Iterable
from datetime import datetime

from c1219_tables.context import MeterTables
from c1219_tables.registry import STANDARD
from c1222.meter.image.image import Image


def decoded_tables(image: Image, numbers: Iterable[int], at: datetime) -> MeterTables:
    """These tables and all that they need, as they are at that moment.

    A needed table that cannot be read is left out. Raises KeyError for an asked one, LayoutError where octets do not
    decode or a table that sets dimensions is not there.
    """
    wanted, tables = set(numbers), MeterTables()
    for number in STANDARD.reading_order(wanted):
        try:
            tables.add(number, image.read(number, at), tolerant=True)
        except KeyError:
            if number in wanted:
                raise
    return tables
