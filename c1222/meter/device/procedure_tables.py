"""Tables 7 and 8: a procedure is started by writing the one, its result is read from the other."""

from datetime import datetime

from c1219_tables.standard.general import PROC_INITIATE_TBL, PROC_RESPONSE_TBL
from c1219_tables.table import MANUFACTURER
from c1222.errors import LayoutError
from c1222.meter.device.access import Access
from c1222.meter.device.answers import Refused
from c1222.meter.device.image_tables import decoded_tables
from c1222.meter.image.image import Image

INITIATE = 7
RESPONSE = 8
COMPLETED = 0
NOT_AUTHORIZED = 5
"""Result code of table 8: ignored, no authorization for it."""
ON_TROUBLE = 1
NEVER = 2


def run_procedure(
    image: Image, access: Access, groups: frozenset[int], octets: bytes, at: datetime
) -> tuple[bytes | None, int]:
    """Start what octets of table 7 ask for: octets of table 8, None where the selector wants none, and the result.

    A procedure that these groups may not start is answered in table 8, too. Raises Refused "onp" for octets that are
    no request, or too many parameters.
    """
    try:
        tables = decoded_tables(image, [0], at).params()
        request = PROC_INITIATE_TBL.decode(octets, tables)
        number = request.proc.tbl_proc_nbr + MANUFACTURER * request.proc.std_vs_mfg_flag
        if access.may_run(number, groups):
            result, data = image.run(number, bytes(request.parm), at)
        else:
            result, data = NOT_AUTHORIZED, b""
        if not _is_wanted(request.proc.selector, result):
            return None, result
        answer = {"proc": request.proc, "seq_nbr": request.seq_nbr, "result_code": result, "resp_data": data}
        return PROC_RESPONSE_TBL.encode(answer, tables), result
    except (KeyError, LayoutError):
        raise Refused("onp") from None


def _is_wanted(selector: int, result: int) -> bool:
    """Selectors: 0 answer when completed, 1 on trouble, 2 never, 3 at once and again when completed (TER CNX)."""
    return selector != NEVER and (selector != ON_TROUBLE or result != COMPLETED)
