"""A reader made of termineter's library. Its own Python runs it, which knows nothing of this project:

    .termineter/bin/python -I termineter_talk.py /dev/pts/3 tables

What came stands on standard output as JSON: octets as hex, refusals as termineter's own code of the response.
"""

import json
import sys
from itertools import product

from c1218.connection import Connection
from c1218.errors import C1218ReadTableError, C1218WriteTableError
from c1219.access.general import C1219GeneralAccess

SERIAL = {
    "baudrate": 9600,
    "bytesize": 8,
    "parity": "N",
    "stopbits": 1,
    "timeout": 5,
    "writeTimeout": 5,
    "interCharTimeout": None,
    "xonxoff": False,
    "rtscts": False,
    "dsrdtr": False,
}
TABLES = (0, 1, 3, 5)
RESET_LIST_POINTERS = 4
EVENT_LOG = b"\x01"


def opened(port, packets=2):
    """Identify, negotiate: packets of 512 octets, two of them to a message unless told otherwise."""
    meter = Connection(port, {"pktsize": 512, "nbrpkts": packets}, SERIAL, enable_cache=False)
    if not meter.start():
        raise SystemExit("Identify was refused")
    return meter


def read(meter, number, count=None, offset=None):
    try:
        return bytes(meter.get_table_data(number, count, offset)).hex()
    except C1218ReadTableError as error:
        return error.code


def write(meter, number, octets):
    try:
        meter.set_table_data(number, octets)
    except C1218WriteTableError as error:
        return error.code
    return "written"


def tables(port):
    """Sessions without a Logoff, with every pair of toggles of a Terminate and of the Identify after it.

    termineter begins each session with toggle 0, whatever the last one was.
    """
    meter = Connection(port, {}, SERIAL, enable_cache=False)
    said = []
    for last, following in (*product((False, True), repeat=2), (False, False)):
        session = {"first": meter._toggle_bit, "started": meter.start(), "logon": meter.login("READER", 1)}
        session["tables"] = {number: read(meter, number) for number in TABLES}
        if meter._toggle_bit is not last:
            read(meter, 1)
        session["last"] = meter._toggle_bit
        session["ended"] = meter.stop()
        meter._toggle_bit = following
        said.append(session)
    meter.close()
    return said


def understood(port):
    """What its own parsers make of tables 0, 1, 3 and 5."""
    meter = opened(port)
    meter.login("READER", 1)
    general = C1219GeneralAccess(meter)
    names = (
        "manufacturer",
        "ed_model",
        "hw_version_no",
        "fw_version_no",
        "mfg_serial_no",
        "char_format",
        "nameplate_type",
        "std_version_no",
        "std_tbls_used",
        "std_proc_used",
        "ed_mode",
        "device_id",
    )
    said = {name: getattr(general, name) for name in names}
    meter.close()
    return said


def passwords(port):
    """Table 44 with a wrong password, with none, and with the right one. termineter fills passwords up with 00."""
    said = {}
    for name, password in (("wrong", "GUESSED"), ("none", None), ("right", "READER")):
        meter = opened(port)
        said[name] = {"login": meter.login("READER", 1, password), "table 44": read(meter, 44)}
        meter.close()
    return said


def long_tables(port):
    """Table 26 in pieces of two packets, refused whole in two, and whole in seven; some of table 64 far behind."""
    meter = opened(port)
    meter.login("READER", 1)
    said = {"whole in two": read(meter, 26)}
    said["pieces"] = [read(meter, 26, 1000, offset) for offset in range(0, 4000, 1000)]
    said["far behind"] = read(meter, 64, 1000, 70000)
    meter.close()
    meter = opened(port, packets=8)
    meter.login("READER", 1)
    said["whole in seven"] = read(meter, 26)
    meter.close()
    return said


def refusals(port):
    """Reads and writes that the meter does not allow."""
    meter = opened(port)
    said = {"before logon": read(meter, 1)}
    meter.login("READER", 1, "READER")
    said["not there"] = read(meter, 4000)
    said["write 6"] = write(meter, 6, b"nothing of mine")
    said["write 41"] = write(meter, 41, bytes(6))
    said["after them"] = read(meter, 1)
    meter.close()
    return said


def procedure(port):
    """Table 7 written, table 8 read, first by one who may not."""
    said = {}
    for name, password in (("none", None), ("right", "READER")):
        meter = opened(port)
        meter.login("READER", 1, password)
        try:
            result, data = meter.run_procedure(RESET_LIST_POINTERS, False, EVENT_LOG)
            said[name] = {"result": result, "data": bytes(data).hex()}
        except C1218WriteTableError as error:
            said[name] = error.code
        meter.close()
    return said


TALKS = {talk.__name__: talk for talk in (tables, understood, passwords, long_tables, refusals, procedure)}

if __name__ == "__main__":
    json.dump(TALKS[sys.argv[2]](sys.argv[1]), sys.stdout)
