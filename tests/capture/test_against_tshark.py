"""Message by message against tshark, Wireshark's own C12.22 dissector: every field that it names and we have.

What is dissected: the ten public captures, fixtures/captures/published_vectors.pcapng, and a capture made here of
services and elements that neither holds. tshark is told the root of relative titles (`c1222.baseoid`) and keys by a
`c1222_decryption_table` in a configuration folder of its own; the first row of a key number counts, so each run has one
key for key id 0 and one for 2. (Key numbers are hexadecimal there. The same table given by `-o uat:` did not work.)

COMPARED names the fields whose values must be equal, in number and in order. NOT_OURS names those that are no facts of
a message: nodes of tshark's tree, the index of an ASN.1 CHOICE (which alternative it was is compared by the fields of
the alternatives), and complaints about broken octets (the tests of broken messages are elsewhere; the complaints about
keys, MACs and checksums are compared). Both together are all that `tshark -G fields` names for C12.22; a version that
names more fails a test here rather than escaping it.

What tshark 4.0.17 does not do, for which allowance is made:
- a secured message without called title fails its check (the mode 1 message of the protocol reference, 8.14);
- a later message of a session, without key id and iv of its own, fails: it remembers nothing (8.13);
- relative titles are read as their root says, which must be configured; they are shown relative all the same;
- parameters of identify, register, deregister, resolve, trace, index reads and writes, default write, and all answers
  are octets (c1222.data); the idle time-out of Logon is nowhere; the user id of Security is c1222.logon.id;
- text ends at its first 00;
- the code of all Negotiate requests is 60, their speeds are nowhere;
- 6F to it is a Negotiate that is cut;
- of what is written to table 7 it shows the three octets that name the procedure apart from the data;
- nothing behind an indirect reference in the user information is shown.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dpkt
import pytest
from capture_building import (
    KEY_EXAMPLE8,
    KEY_IPV4,
    KEY_VECTOR3,
    KEY_ZERO,
    MODE1,
    PUBLISHED,
    SESSION_FIRST,
    SESSION_SECOND,
    answer,
    clear,
    decoded_file,
    messages,
    octets,
    public_captures,
    ring,
    tlv,
)

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

ROOT = "2.16.124.113620.1.22.0"
PUBLIC = (
    "c1222_std_example8.pcap",
    "c1222overIPv4.cap",
    "c1222_ident_service_tcp.pcap",
    "c1222_logon_service_tcp.pcap",
    "c1222_security_service_tcp.pcap",
    "c1222_rw_service_tcp.pcap",
    "c1222_reg_service_tcp.pcap",
    "c1222_resolve_service_tcp.pcap",
    "c1222_trace_service_tcp.pcap",
    "c1222_service_error_tcp.pcap",
)
KEYS = {
    "no-keys": [],
    "keys-of-the-captures": [(2, KEY_EXAMPLE8), (0, KEY_IPV4)],
    "key-of-vector-3": [(0, KEY_VECTOR3)],
    "wrong-keys": [(2, KEY_IPV4), (0, KEY_ZERO)],
}

# --- what we say, in the words of tshark: a list of values for each field, as it may repeat -------------------------


def present(value: Any) -> list[Any]:
    return [] if value is None else [value]


def element(name: str) -> Callable[[Any], list[Any]]:
    return lambda message: present(message.apdu[name])


def title(name: str, *, relative: bool) -> Callable[[Any], list[Any]]:
    def of(message):
        value = message.apdu[name]
        return [value.text] if value is not None and value.is_relative == relative else []

    return of


def oid(name: str) -> Callable[[Any], list[Any]]:
    return lambda message: [value.text for value in present(message.apdu[name])]


def authentication(*path: str) -> Callable[[Any], list[Any]]:
    def of(message):
        value = message.apdu.calling_authentication_value
        for name in path:
            value = value and value[name]
        return present(value)

    return of


def key_id_octet(message):
    return [bytes([number]) for number in authentication("single_asn1_type", "c1222", "key_id")(message)]


def qualifier(message):
    return [q.test | q.urgent << 1 | q.notification << 2 for q in present(message.apdu.calling_ae_qualifier)]


def control(name: str) -> Callable[[Any], list[Any]]:
    return lambda message: [int(message.control[name])]


def flags(message):
    return [message.envelope.octets[0]]


def requests(message):
    return [] if message.is_response else message.services


def answers(message):
    return message.services if message.is_response else []


def parameter(codes: tuple[int, ...], *path: str) -> Callable[[Any], list[Any]]:
    def of(message):
        found = []
        for service in requests(message):
            value = service.value.parameters if service.octets[0] in codes else None
            for name in path:
                value = value and value.get(name)
            found += present(value)
        return found

    return of


def until_nul(values):
    """As tshark shows text; it does not show an empty one."""
    return [text for value in values if (text := value.partition("\0")[0])]


def blocks(message):
    return [s.value.parameters.blocks[0] for s in requests(message) if s.octets[0] in WRITES]


def procedures(message):
    """Id word and sequence number of what starts a procedure: written to table 7 from its first octet on."""
    data = [s.value.parameters.blocks[0].data for s in requests(message) if s.octets[:3] == octets("40 0007")]
    return [(int.from_bytes(each[:2], "little"), each[2]) for each in data]


def written(message):
    return [
        s.value.parameters.blocks[0].data[3 if s.octets[:3] == octets("40 0007") else 0 :]
        for s in requests(message)
        if s.octets[0] in WRITES
    ]


def is_right(message):
    wrong = {r.field.split(".")[0] for r in message.remarks if r.code == "checksum-wrong"}
    return [f"services[{n}]" not in wrong for n, service in enumerate(requests(message)) if service.octets[0] in WRITES]


def command(message):
    return [0x60 if 0x60 <= s.octets[0] <= 0x6B else s.octets[0] for s in requests(message)]


def undissected(message):
    """Octets of parameters and answers that tshark leaves as they are."""
    found = [s.octets[1:] for s in requests(message) if s.octets[0] not in DISSECTED]
    return [data for data in [*found, *(s.octets[1:] for s in answers(message))] if data]


def holds(message):
    return message.state in ("opened", "authenticated")


def secured(message):
    return message.mode in (1, 2)


def services_or_ciphertext(message):
    """In mode 1 the services are there whether the MAC holds or not; what is enciphered tshark shows with its MAC."""
    if message.mode == 2 and not holds(message):
        return [bytes(message.envelope.text) + message.envelope.mac]
    return [s.octets for s in message.services]


READS, OFFSET_READ, WRITES = (0x30, 0x3F), (0x3F,), (0x40, 0x4F)
DISSECTED = (0x20, 0x21, 0x22, 0x30, 0x3E, 0x3F, 0x40, 0x4F, 0x50, 0x51, 0x52, 0x53, 0x70, 0x71, *range(0x60, 0x6C))
NEGOTIATES = tuple(range(0x60, 0x6C))
SINGLE, C1221 = "single_asn1_type", "c1221"

COMPARED: dict[str, Callable[[Any], list[Any]]] = {
    "aSO_context": oid("aso_context"),
    "called_ap_title_abs": title("called_ap_title", relative=False),
    "called_ap_title_rel": title("called_ap_title", relative=True),
    "calling_ap_title_abs": title("calling_ap_title", relative=False),
    "calling_ap_title_rel": title("calling_ap_title", relative=True),
    "called_AP_invocation_id": element("called_ap_invocation_id"),
    "calling_AP_invocation_id": element("calling_ap_invocation_id"),
    "calling_AE_qualifier": qualifier,
    "mechanism_name": oid("mechanism_name"),
    "calling_authentication_value_indirect": authentication("indirect_reference"),
    "calling_authentication_value_octet_aligned": authentication("octet_aligned"),
    "key_id_element": key_id_octet,
    "iv_element": authentication(SINGLE, "c1222", "iv"),
    "c1221_auth_identification": authentication(SINGLE, C1221, "identification"),
    "c1221_auth_request": authentication(SINGLE, C1221, "request"),
    "c1221_auth_response": authentication(SINGLE, C1221, "response"),
    "epsem.flags": flags,
    "epsem.flags.reserved": control("reserved"),
    "epsem.flags.recovery": control("recovery_session"),
    "epsem.flags.proxy": control("proxy_service_used"),
    "epsem.flags.ed_class": control("ed_class_included"),
    "epsem.flags.security": control("security_mode"),
    "epsem.flags.response_control": control("response_control"),
    "epsem.edclass": lambda message: present(message.body and message.body.ed_class),
    "epsem.data": services_or_ciphertext,
    "epsem.mac": lambda message: present(message.envelope.mac),
    "cmd": command,
    "err": lambda message: [s.octets[0] for s in answers(message)],
    "data": undissected,
    "logon.id": parameter((0x50, 0x51), "user_id"),
    "logon.user": lambda message: until_nul(parameter((0x50,), "user")(message)),
    "security.password": lambda m: until_nul(v.decode("latin-1") for v in parameter((0x51,), "password")(m)),
    "authenticate.len": lambda m: [len(s.octets) - 2 for s in requests(m) if s.octets[0] == 0x53],
    "authenticate.data": lambda m: [s.octets[2:] for s in requests(m) if s.octets[0] == 0x53],
    "read.table": parameter(READS, "table"),
    "read.offset": parameter(OFFSET_READ, "offset"),
    "read.count": parameter(OFFSET_READ, "octet_count"),
    "write.table": parameter(WRITES, "table"),
    "write.offset": parameter((0x4F,), "offset"),
    "write.size": lambda message: [len(block.data) for block in blocks(message)],
    "write.data": written,
    "write.chksum": lambda message: [block.checksum for block in blocks(message)],
    "write.chksum.status": is_right,
    "bad_checksum": lambda message: [True] * is_right(message).count(False),
    "procedure.response": lambda message: [word >> 12 for word, _ in procedures(message)],
    "procedure.mfg": lambda message: [word >> 11 & 1 for word, _ in procedures(message)],
    "procedure.num": lambda message: [word & 0x7FF for word, _ in procedures(message)],
    "procedure.sequence": lambda message: [sequence for _, sequence in procedures(message)],
    "negotiate.pktsize": parameter(NEGOTIATES, "packet_size"),
    "negotiate.numpkts": parameter(NEGOTIATES, "nbr_packets"),
    "wait.seconds": parameter((0x70,), "seconds"),
    "timingsetup.traffic": parameter((0x71,), "traffic"),
    "timingsetup.interchar": parameter((0x71,), "inter_character"),
    "timingsetup.respto": parameter((0x71,), "response"),
    "timingsetup.nbrretries": parameter((0x71,), "nbr_retries"),
    "crypto_good": lambda message: [holds(message)] * secured(message),
    "crypto_bad": lambda message: [not holds(message)] * secured(message),
    "epsem.failed_authentication": lambda message: [True] * (message.mode == 1 and not holds(message)),
    "epsem.not_decrypted": lambda message: [True] * (message.mode == 2 and not holds(message)),
}
NOT_OURS = {
    # nodes of the tree, and which alternative of a CHOICE was taken
    "MESSAGE_element", "calling_authentication_value_element", "user_information_element", "called_AP_title",
    "calling_AP_title", "calling_authentication_value_encoding", "calling_authentication_value_single_asn1",
    "calling_authentication_value_c1222_element", "calling_authentication_value_c1221",
    # complaints about broken octets
    "command_truncated", "epsem.missing", "ed_class_missing", "epsem.ber_length_error", "epsem.field_length_error",
    "mac_missing",
}  # fmt: skip
TEXTS = {name for name in COMPARED if name.endswith(("title_abs", "title_rel"))} | {
    "aSO_context", "mechanism_name", "logon.user", "security.password"
}  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    """For tshark, with `folder` for its configuration instead of whatever whoever runs this has."""
    return {"PATH": os.environ["PATH"], "WIRESHARK_CONFIG_DIR": str(folder), "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def value_of(name: str, text: str, ours: Any) -> Any:
    """A value of tshark in the type of ours."""
    if name in TEXTS:
        return text
    if isinstance(ours, bytes):
        return bytes.fromhex(text)
    return int(text, 0)


def tshark(path: Path, folder: Path, keys: list[tuple[int, str]]) -> dict[int, dict[str, list[str]]]:
    """Values of all compared fields of every C12.22 message in a capture, by packet."""
    table = "".join(f'"{key_id:x}",{key.lower()}\n' for key_id, key in keys)
    (folder / "c1222_decryption_table").write_text(table)
    fields = ["frame.number", *(f"c1222.{name}" for name in COMPARED)]
    asked = [part for field in fields for part in ("-e", field)]
    run = subprocess.run(
        [
            "tshark",
            "-r",
            path,
            "-Y",
            "c1222",
            "-o",
            f"c1222.baseoid:{ROOT}",
            "-T",
            "fields",
            "-E",
            "aggregator=;",
            *asked,
        ],
        capture_output=True,
        check=True,
        env=environment(folder),
    )
    found = {}
    for line in run.stdout.decode().splitlines():
        number, *values = line.split("\t")
        found[int(number)] = {n: v.split(";") if v else [] for n, v in zip(COMPARED, values, strict=True)}
    return found


def not_seen_by_tshark(message: Any) -> set[str]:
    """Fields in which this message meets a known gap of tshark."""
    apdu = message.apdu
    leave = set()
    if message.envelope.control.security_mode and (
        apdu.called_ap_title is None or apdu.calling_authentication_value is None
    ):
        leave |= {"crypto_good", "crypto_bad", "epsem.failed_authentication", "epsem.not_decrypted"}
        if message.mode == 2:
            leave |= set(COMPARED) - OF_APDU
    return leave


OF_APDU = {name for name in COMPARED if name.startswith(("a", "c", "epsem.f", "epsem.m", "iv", "key", "m"))} - {
    "authenticate.len", "authenticate.data", "cmd",
}  # fmt: skip


def compare(path: Path, folder: Path, keys: list[tuple[int, str]]) -> int:
    """Asserts that every message of a capture is the same to both; returns how many there are."""
    theirs = tshark(path, folder, keys)
    ours = {message.place.packet: message for message in messages(decoded_file(path, ring(*keys))[0])}
    assert set(theirs) == set(ours)
    for number, message in ours.items():
        leave = not_seen_by_tshark(message)
        for name, of in COMPARED.items():
            if name in leave:
                continue
            said, expected = of(message), theirs[number][name]
            expected = ["" if text == "<MISSING>" else text for text in expected]  # octets, but none of them
            as_said = [value_of(name, text, value) for text, value in zip(expected, said, strict=False)]
            assert (len(said), said) == (len(expected), as_said), f"packet {number}, c1222.{name}: {expected}"
    return len(ours)


def test_every_field_of_tshark_is_known():
    run = subprocess.run(["tshark", "-G", "fields"], capture_output=True, check=True)
    named = {line.split("\t")[2] for line in run.stdout.decode().splitlines() if line.startswith("F\t")}
    named = {name.removeprefix("c1222.") for name in named if name.startswith("c1222.")}
    assert not COMPARED.keys() & NOT_OURS
    assert named == COMPARED.keys() | NOT_OURS


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("keys", ["no-keys", "keys-of-the-captures"])
def test_public_capture(name, keys, tmp_path):
    assert compare(public_captures() / name, tmp_path, KEYS[keys]) == 2


@pytest.mark.parametrize("keys", KEYS)
def test_published_vectors(keys, tmp_path):
    assert compare(PUBLISHED, tmp_path, KEYS[keys]) == 18


def test_tshark_authenticates_the_published_vectors(tmp_path):
    """All but mode 1 without titles, of which see above: five vectors and both messages of example 8."""
    good = set()
    for keys in KEYS.values():
        found = tshark(PUBLISHED, tmp_path, keys)
        good |= {number for number, fields in found.items() if fields["crypto_good"] == ["1"]}
    assert good == {1, 2, 3, 4, 5, 6, 7}


EXPERTS = ("-T", "fields", "-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "tcp.analysis.flags")


def test_tshark_has_no_complaint_about_the_packets_of_the_published_vectors(tmp_path):
    found = subprocess.run(
        ["tshark", "-r", PUBLISHED, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", *EXPERTS],
        capture_output=True,
        check=True,
        env=environment(tmp_path),
    ).stdout.decode()
    assert found.splitlines() == ["1\t1\t"] * 18  # 1 is good


AUTHENTICATED = "A6 04 80 02 7B 04 A8 03 02 01 01"
MADE = [
    clear("21"),
    clear("22"),
    clear("52"),
    clear("3E"),
    clear("70 1E"),
    clear("71 1E 01 04 03"),
    clear("53 09 02 3FA40E8A984D4815"),
    clear("60 0100 01"),
    clear("61 0100 01 06"),
    clear("6B 2000 FF 0102030405060708090A0B"),
    clear("24 0D 01 05"),
    clear("25 06 03 2A 03 04"),
    clear("26 0D 01 05 0D 01 06"),
    clear("50 0002 20202020202020202020 003C", "51" + "30" * 20, "30 0801", "30 1036", "30 2003"),
    clear("31 0000 0000 0001", "33 0001 0001 0002 0003 0002"),
    clear("40 0001 0003 010203 FA", "40 0001 0000 00"),
    clear("4F 0001 000010 0003 010203 00", "4F 0001 FFFFFF 0003 010203 FA"),
    clear("40 0007 0005 0800 05 0102 F0"),
    clear("40 0007 0006 0AF8 FF 010203 F9", "40 0007 0003 13 0801 E4"),
    clear("41 0001 0000 0003 010203 FA", "4E 0102"),
    clear("30 0001", control=0x82),
    clear("30 0001", control=0xE1),
    clear("30 0001", called="", calling=""),
    answer("00", "01", "03", "05", "0A"),
    answer("00 0003 010203 FA", "00 0000 00", "00 0003 010203 00"),
    answer("0F 00001000", "12 0010 0100", "1F", "1E"),
    answer("00 0003 010203 FA", control=0x82),
    # with ED class; with A1, A7 and 8B; the authentication value of C12.21 and a private one
    tlv(0x60, octets(AUTHENTICATED, "BE 0D 28 0B 81 09 90 49 54 52 4E 03 30 00 01")),
    tlv(
        0x60,
        octets("A1 09 06 07 60 7C 86 F7 54 01 16 A2 05 80 03 7B C1 75 A6 04 80 02 7B 04 A7 03 02 01 06")
        + octets("A8 03 02 01 01 8B 09 60 7C 86 F7 54 01 16 02 01 BE 07 28 05 81 03 80 01 20"),
    ),
    *(
        tlv(0x60, octets(AUTHENTICATED, value, "BE 07 28 05 81 03 80 01 20"))
        for value in (
            "AC 09 A2 07 A0 05 A0 03 80 01 05",
            "AC 0A A2 08 A0 06 A0 04 81 02 AB CD",
            "AC 0A A2 08 A0 06 A0 04 82 02 AB CD",
            "AC 0D A2 0B 02 01 00 A0 06 A0 04 82 02 AB CD",
            "AC 06 A2 04 81 02 AB CD",
        )
    ),
    SESSION_FIRST,
    SESSION_SECOND,
    MODE1,
]


def test_made_messages(tmp_path):
    path = tmp_path / "made.pcap"
    with path.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream)
        for number, data in enumerate(MADE):
            datagram = dpkt.udp.UDP(sport=40000 + number, dport=1153, data=data, ulen=8 + len(data))
            packet = dpkt.ip.IP(src=bytes([192, 0, 2, 1]), dst=bytes([192, 0, 2, 2]), p=17, data=datagram)
            writer.writepkt(bytes(dpkt.ethernet.Ethernet(data=packet)), 1000 + number)
    assert compare(path, tmp_path, [(2, KEY_IPV4), (0, KEY_ZERO)]) == len(MADE)
