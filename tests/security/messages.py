"""Secured messages for tests: the whole ones of protocol.md, and hand-written BER to make others.

Nothing here uses c1222: canonical headers are put together as protocol.md 5.3 says, EAX' is the textbook form.
"""

from textbook_eax import TextbookEax


def octets(text):
    return bytes.fromhex(text)


KEY_A = octets("01020304050607080102030405060708")  # example 8 and the vectors 1 and 2
KEY_B = octets("6624C7E23034E4036FE5CB3A8B5DAB44")  # the IPv4 capture, vectors 4 and 5, the recorded session
KEY_3 = octets("102030405060708090A0B0C0D0E0F000")  # vector 3
ROOT = octets("607C86F754011600")


def tlv(tag, content):
    """Tag, BER length in the fewest octets, content."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


def elements(content):
    """(tag, whole element) side by side, for lengths below 128 and of the forms 81 and 82."""
    at, found = 0, []
    while at < len(content):
        start, first, at = at, content[at + 1], at + 2
        width = first & 0x7F if first & 0x80 else 0
        size = int.from_bytes(content[at : at + width], "big") if width else first
        at += width + size
        found.append((content[start], content[start:at]))
    return found


def authentication(iv, key_id=None):
    key = b"" if key_id is None else tlv(0x80, bytes([key_id]))
    return tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA1, key + tlv(0x81, iv)))))


def user_information(envelope):
    return tlv(0xBE, tlv(0x28, tlv(0x81, envelope)))


def absolute(element, root=ROOT):
    """A2 or A6 with its title made absolute: all titles here are short."""
    tag, title = element[0], element[2:]
    return tlv(tag, tlv(0x06, root + title[2:])) if title[0] in (0x80, 0x0D) else element


def canonical(message_elements, control, body_size, key_id, iv, *, root=ROOT, mechanism=True):
    """The canonical header of 5.3, from elements as {tag: octets}, without BE, and what BE will hold."""
    order = [0xA1, 0xA2, 0xA4, 0xA7, 0xA8, *([0x8B] if mechanism else []), 0xAC]
    whole = user_information(bytes([control]) + bytes(body_size + 4))
    out = b""
    for tag in order:
        if tag in message_elements:
            element = message_elements[tag]
            out += absolute(element, root) if tag == 0xA2 else element
    out += whole[: len(whole) - body_size - 4]
    if 0xA6 in message_elements:
        out += absolute(message_elements[0xA6], root)
    return out + key_id + iv


def sealed(key, message_elements, control, body, key_id, iv, **form):
    """A whole message: elements in rising order of tags, but 8B in front of AC, and BE last."""
    header = canonical(message_elements, control, len(body), key_id, iv, **form)
    eax = TextbookEax(key)
    if control & 0x0C == 0x08:
        steps = eax.seal(header, body)
        text, mac = steps.ciphertext, steps.mac
    else:
        text, mac = body, eax.seal(header + body, b"").mac
    place = [0xA1, 0xA2, 0xA4, 0xA6, 0xA7, 0xA8, 0x8B, 0xAC]
    content = b"".join(message_elements[tag] for tag in place if tag in message_elements)
    return tlv(0x60, content + user_information(bytes([control]) + text + mac))


def from_vector(header, sent, mac):
    """The whole APDU behind a published canonical header: its elements in wire order, A6 in front of A7.

    sent: what stands between control octet and MAC. In a canonical header BE is cut behind the control octet.
    """
    cut = header.index(b"\xbe", header.index(b"\xac\x0f"))
    before = dict(elements(header[:cut]))
    # BE len 28 len 81 len control, each length of one or two octets; the control octet stands in front of A6.
    end = header.index(b"\xa6", cut)
    after = elements(header[end:-5])
    (calling,) = [element for tag, element in after if tag == 0xA6]
    everything = {**before, 0xA6: calling}
    content = b"".join(everything[tag] for tag in (0xA2, 0xA6, 0xA7, 0xA8, 0xAC) if tag in everything)
    return tlv(0x60, content + header[cut:end] + sent + mac)


PASSWORD_30 = "30" * 20
READS_5 = (
    "03300001 03300028 0330002A 0330002C 0330002D 0330002E 0330002F 03300078 03300079 0330007A 0330007B 0330007D"
    "0330007E 03300082 03300083 03300085 03300801 03300828 0330082A 0330082D 03300853"
)
VECTOR_5_BODY = octets(f"1751{PASSWORD_30}0000{READS_5}")

# name -> key, key id, canonical header, what is sent between control octet and MAC, MAC, plain text.
# "EAX' Cipher Mode (May 2011)" as carried in protocol.md 5.4.
VECTORS = {
    "vector-1": (
        KEY_A,
        2,
        octets(
            "A20C060A607C86F7540116001702A703020104A803020102AC0FA20DA00BA109800102810448E99388BE19281781159A"
            "A60D060B607C86F75401160017821102 48E99388"
        ),
        octets("4031CC957D4EDF9A357F3DB0FA9FE838"),
        octets("6555C029"),
        octets("54454D500B40000700051A00000200E4"),
    ),
    "vector-2": (
        KEY_A,
        2,
        octets(
            "A20C060A607C86F7540116007B02A703020104A803020102AC0FA20DA00BA109800102810448F3D2F8BE19281781159A"
            "A60D060B607C86F7540116007B82110248F3D2F8"
        ),
        octets("8D2FBB7A0A8C4D40EDAA10A46431C9B8"),
        octets("FEC6D9E8"),
        octets("54454D500B40000700051A00000200E4"),
    ),
    "vector-3": (
        KEY_3,
        0,
        octets(
            "A20E060C6086480186FC2F811CAA4E01A806020439A00EBBAC0FA20DA00BA10980010081044BCEE2C3BE252823812188"
            "A60A06082B06010401828563004BCEE2C3"
        ),
        octets("9CF32C7EC24C250BE7B0749FEEE71A220D0EEE976EC23DBF0CAA08EA"),
        octets("00543E66"),
        octets(f"1751{PASSWORD_30}00000330 0001"),
    ),
    "vector-4": (
        KEY_B,
        0,
        octets(
            "A211060F2B060104018285638E7F85F1C24E01A80602042BC81AA1AC0FA20DA00BA10980010081044B97D2CCBE392837813588"
            "A60906072B060104828563004B97D2CC"
        ),
        octets("BEB0989FADB020EB72BA46353CC0A2AC2A007A101AFEBAF9680D3B9659F991121B865F254F6AC92CDD213D31E3C4D2CA"),
        octets("E6F89B6D"),
        octets(f"1751{PASSWORD_30}0000 03300001 03300078 03300079 0330007A 0330007B 0330007D"),
    ),
    "vector-5-mode-1": (
        KEY_B,
        0,
        octets(
            "A20E060C6086480186FC2F811CAA4E01A806020406AC6342AC0FA20DA00BA10980010081044B9262B0BE752873817184"
            "A60906072B060104828563004B9262B0"
        ),
        VECTOR_5_BODY,
        octets("4F2DF860"),
        VECTOR_5_BODY,
    ),
}

EXAMPLE_8_REQUEST = octets(
    "604F A205 80037BC175 A604 80027B04 A803020103 AC0FA20DA00BA109800102810448F3D061 BE2A2828812688"
    "41D10CDA76206811B36F781489A11997773E117CB07AA3AA40374A7107C50DA7F7 99C5D4E8"
)
EXAMPLE_8_RESPONSE = octets(
    "6048 A20480027B04 A403020103 A60580037BC175 A803020103 AC0FA20DA00BA109800102810448F3D060 BE1E281C811A88"
    "4BAEE4349631AB5E56A0E6E0E90DFAD558591EE4EA 334CB268"
)
IPV4_REQUEST = octets(
    "6047 A211060F2B060104018285638E7F85F1C24E00 A60A06082B06010401828563 A806020413E81421"
    "AC0FA20DA00BA10980010081044C97F489 BE0D280B810988 65F1E271 A71F7F27"
)
SESSION_FIRST = octets(
    "6058 A20580037BC175 A60480027B04 A803020100 AC0FA20DA00BA10980010281046B02F948 BE332831812F88"
    "A8FEF6B23FE8AFFDE4DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301 BA1A3D3B"
)
SESSION_SECOND = octets("6027 A20580037BC175 A60480027B04 A803020101 BE132811810F88 B0BB33AA66AC57DF2BA1 2557668C")
MODE_1 = octets(
    "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84"
    f"1751{PASSWORD_30}0000 03300001 03300005 5D970AF7"
)

# protocol.md 8.9, 8.10, 8.11, 8.13, 8.14: key, key id, message, plain text.
MESSAGES = {
    "example-8-request": (
        KEY_A,
        2,
        EXAMPLE_8_REQUEST,
        octets("17 51 50415353574F5244 202020202020202020202020 0002 08 3F 0001 000010 0010"),
    ),
    "example-8-response": (
        KEY_A,
        2,
        EXAMPLE_8_RESPONSE,
        octets("14 00 0010 4D414E554641435455524552 20534E20 92"),
    ),
    "ipv4-request": (KEY_B, 0, IPV4_REQUEST, octets("03 30 0001")),
    "session-first": (
        KEY_B,
        2,
        SESSION_FIRST,
        octets(f"0F 50 0002 00000000000000000000 003C 15 51 {PASSWORD_30} 03 30 0001"),
    ),
    "mode-1-without-titles": (bytes(16), 0, MODE_1, octets(f"1751{PASSWORD_30}0000 03300001 03300005")),
}
for _name, (_key, _key_id, _header, _sent, _mac, _plain) in VECTORS.items():
    MESSAGES[_name] = (_key, _key_id, from_vector(_header, _sent, _mac), _plain)
