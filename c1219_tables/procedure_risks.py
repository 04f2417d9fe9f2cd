"""Which procedures take something away that does not come back by itself, and what that is.

Who starts one of these should be sure which meter it is. The reasons follow from what the procedures are for
(procedures.py); where nobody says what a procedure does, that is the reason.
"""

from c1219_tables.procedures import STANDARD_PROCEDURES
from c1219_tables.table import MANUFACTURER

_FLAGS = "conditions that nobody has looked at yet are gone"
_PENDING = "what waits to be activated is gone and has to be sent again"
_ACTIVATES = "what the meter bills by may change at once, and nothing brings the old content back"

RISKS: dict[int, str] = {
    0: "the meter starts anew: it may measure nothing meanwhile, and may lose what it has not saved",
    1: "the meter's program starts anew: it may answer nobody for a while",
    3: "registers, logs and load profile are gone for good",
    4: "the entries of a list, read or not, may be gone",
    6: "in another mode than metering a meter may not register what flows",
    7: _FLAGS,
    8: _FLAGS,
    9: "a demand reset ends the billing period: the present maxima are gone from the registers",
    12: _ACTIVATES,
    13: _ACTIVATES,
    14: _PENDING,
    15: _PENDING,
    17: "intervals are not recorded until the load profile is started again",
    21: "it switches loads: somebody may be without power, or suddenly have it",
    22: "it changes credit: somebody may be without power, or not pay",
    27: "calls that wait are forgotten",
    30: "no public source says what it does to registers",
    31: "no public source says what it does to registers",
}
"""By number. What is not here changes nothing that could not be put back by the same procedure or is not needed."""

_UNNAMED = "no public source says what it does"
_MAKERS = "what it does is known to its maker alone; it may disconnect the load"


def risk(number: int) -> str:
    """What a procedure takes away, in words; "" where it takes nothing. number: 2048 + n is a maker's."""
    if number >= MANUFACTURER:
        return _MAKERS
    known = STANDARD_PROCEDURES.get(number)
    if known is None or not known.note.sources:
        return _UNNAMED
    return RISKS.get(number, "")
