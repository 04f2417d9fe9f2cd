"""The one thing that a table says, on half a line: who the meter is, what its clock shows."""

from c1222.capture.table_view import TableView

_IDENTIFICATION, _DEVICE, _CLOCK = 1, 5, 52


def gist(view: TableView) -> str:
    """`EE A3R, serial 12345678` of table 1, the name of table 5, the time of table 52; "" for others and for parts."""
    value = view.decoded
    if value is None:
        return ""
    number = view.table.number
    if number == _IDENTIFICATION and "mfg_serial_number" in value:
        model = " ".join(filter(None, map(_plain, (value["manufacturer"], value["ed_model"]))))
        serial = _plain(value["mfg_serial_number"])
        return ", ".join(filter(None, (model, f"serial {serial}" if serial else "")))
    if number == _DEVICE and "identification" in value:
        return _plain(value["identification"])
    if number == _CLOCK and "clock_calendar" in value:
        return str(value["clock_calendar"])
    return ""


def _plain(value: str | bytes) -> str:
    """Text without its padding; "" for octets."""
    return value.strip(" \0") if isinstance(value, str) else ""
