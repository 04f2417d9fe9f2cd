"""Where the elements of a table lie that an index counts.

Index n is the n-th element of the table's outermost record, counted from 0; `element_count` are so many side by side.
That is the usual reading of one index; what further indices mean inside an element is not public, so services with more
than one are not supported (docs/sources.md: no running software was seen to use them).
"""

from datetime import datetime

from c1219_tables.schema.cursor import Span
from c1222.errors import LayoutError
from c1222.meter.device.answers import Refused
from c1222.meter.device.image_tables import decoded_tables
from c1222.meter.image.image import Image


def elements_of(image: Image, number: int, at: datetime) -> list[Span]:
    """The elements of a table's outermost record, in order.

    Raises Refused "onp" for a table whose layout is not known or whose octets it does not fit.
    """
    try:
        decoded = decoded_tables(image, [number], at)[number]
    except (KeyError, LayoutError):
        raise Refused("onp") from None
    spans = [span for name, span in decoded.spans().items() if name and not set(name) & set(".[")]
    return sorted(spans, key=lambda span: (span.start, span.end))


def octets_of(elements: list[Span], index: int, element_count: int) -> slice:
    """Place of elements by index. Raises Refused "onp" where there are not so many, or none is asked for."""
    chosen = elements[index : index + element_count]
    if not chosen or len(chosen) != element_count:
        raise Refused("onp")
    return slice(chosen[0].start, chosen[-1].end)
