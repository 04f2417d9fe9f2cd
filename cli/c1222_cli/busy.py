"""A meter that stays busy: said once for each thing that it is asked, so that nobody takes the waiting for a fault."""

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.session.operations.asking import BUSY, NOT_READY
from c1222.session.operations.refusals import asked_in_words
from c1222_cli.talk import say


class BusyTold:
    """Hears requests with their responses. What is busy once is not worth a word; it is said when it still is."""

    def __init__(self) -> None:
        self._busy = ""
        self._told: set[str] = set()

    def __call__(self, request: Record, response: Decoded | None) -> None:
        asked = asked_in_words(request)
        is_busy = response is not None and response.code in (BUSY, NOT_READY)
        if is_busy and asked == self._busy and asked not in self._told:
            self._told.add(asked)
            say(f"{asked}: the meter is busy; asking again")
        self._busy = asked if is_busy else ""
