"""Tables 0, 41 and 44 of meters that tests make up, octet by octet: least significant octet first, no clock."""

from scripted import table_data

IDENTIFY, TERMINATE, LOGOFF = b"\x20", b"\x21", b"\x52"
OK = b"\x00"
IDENTIFIED = bytes.fromhex("00 00 01 00 00")
"""The answer of a GE I-210+c to Identify (protocol.md 2.4)."""
NEGOTIATE = bytes.fromhex("61 0400 FF 06")
LOGON = bytes.fromhex("50 0000 20202020202020202020")


def negotiated(packet_size, packets=255):
    return OK + packet_size.to_bytes(2, "big") + bytes([packets, 6])


def full_read(number):
    return b"\x30" + number.to_bytes(2, "big")


def offset_read(number, offset, count):
    return b"\x3f" + number.to_bytes(2, "big") + offset.to_bytes(3, "big") + count.to_bytes(2, "big")


def opening(**answers):
    """Requests that open and close a session, all of them accepted; Negotiate: 64 octets a packet, 255 packets."""
    script = {
        IDENTIFY: IDENTIFIED,
        NEGOTIATE: negotiated(64),
        LOGON: OK,
        LOGOFF: OK,
        TERMINATE: OK,
    }
    return script | answers


def members(numbers, octets):
    """A SET: number n is bit n % 8 of octet n // 8."""
    return bytes(sum(1 << n % 8 for n in numbers if n // 8 == at) for at in range(octets))


def table_0(*numbers, makers=()):
    """A table 0 that lists these standard tables (0 to 63) and manufacturer tables (0 to 7)."""
    # Format control, device class, nameplate, set used, lengths of procedures, version 2.0.
    head = bytes.fromhex("02 18 00 54455354 02 00 20 20 02 00")
    # Octets of the sets (tables 8 and 1, procedures 0 and 0), of the maker's status; pending tables.
    head += bytes.fromhex("08 01 00 00 00 00")
    used = members(numbers, 8) + members(makers, 1)
    return head + used + bytes(8) + bytes(1)


def table_41(rules):
    """No passwords, no keys, so many rules in table 44."""
    return bytes(4) + rules.to_bytes(2, "little")


def reads(tables):
    """Answers to full reads of these tables."""
    return {full_read(number): OK + table_data(octets) for number, octets in tables.items()}
