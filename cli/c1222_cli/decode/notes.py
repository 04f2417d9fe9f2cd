"""What each element of a message is for, read off its declaration."""

from functools import lru_cache

from c1222.message.acse import APDU
from c1222.message.epsem import BODY, EPSEM
from c1222.psem.responses import SEGMENT_ERROR, TOO_LARGE
from c1222.psem.services import BY_CODE
from c1222_cli.purposes import notes_of


@lru_cache(maxsize=1)
def envelope_notes() -> dict[str, str]:
    """Notes of the elements around the services, by name."""
    return notes_of(APDU.construct) | notes_of(EPSEM.construct) | notes_of(BODY.construct)


@lru_cache(maxsize=1024)
def service_notes(code: int, *, is_response: bool) -> dict[str, str]:
    """Notes of the elements of a request, or of the answer to it, by name."""
    notes: dict[str, str] = {}
    if code in BY_CODE:
        notes |= notes_of(BY_CODE[code].answer if is_response else BY_CODE[code].request)
    return notes_of(TOO_LARGE) | notes_of(SEGMENT_ERROR) | notes if is_response else notes
