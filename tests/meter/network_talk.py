"""What a client says to a node, and how its answers are read. The recorded messages are those of protocol.md 8."""

from typing import NamedTuple

from dict_image import DictImage, device

from c1222.message.acse import APDU, authentication, c1222_authentication
from c1222.message.epsem import ResponseControl, SecurityMode, control, decode_body, encode_body
from c1222.meter.device.access import simulation_keys
from c1222.meter.ports.network_port import NetworkPort
from c1222.meter.ports.node import Node
from c1222.security.envelope import open_message, read_envelope, seal_message
from c1222.security.keys import Key, KeyRing
from c1222.titles import ApTitle

METER = ApTitle.parse(".123.8437")
CLIENT = ApTitle.parse(".123.4")
KEYS = simulation_keys()

# 8.5: Identify, from 1.3.6.1.4.1.33507 to 1.3.6.1.4.1.33507.1919.12345678.0.
LONG_TITLE = "06 0F 2B060104018285638E7F85F1C24E00"
SHORT_TITLE = "06 08 2B06010401828563"
IDENTIFY = bytes.fromhex(
    f"60 30 A2 11 {LONG_TITLE} A6 0A {SHORT_TITLE} A8 06 02 04 13E81421 BE 07 28 05 81 03 80 01 20"
)
# 8.9, key 2: Security PASSWORD user 2, offset read of ST-1.
EXAMPLE_8 = bytes.fromhex(
    "604F A205 80037BC175 A604 80027B04 A803020103 AC0FA20DA00BA109800102810448F3D061 BE2A2828812688"
    "41D10CDA76206811B36F781489A11997773E117CB07AA3AA40374A7107C50DA7F7 99C5D4E8"
)
# 8.13, key id 2: Logon, Security, ST-1; then without AC: ST-0, ST-5, Logoff.
SESSION_KEY = bytes.fromhex("6624C7E23034E4036FE5CB3A8B5DAB44")
SESSION_FIRST = bytes.fromhex(
    "6058 A20580037BC175 A60480027B04 A803020100 AC0FA20DA00BA10980010281046B02F948 BE332831812F88"
    "A8FEF6B23FE8AFFDE4DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301 BA1A3D3B"
)
SESSION_SECOND = bytes.fromhex(
    "6027 A20580037BC175 A60480027B04 A803020101 BE132811810F88 B0BB33AA66AC57DF2BA1 2557668C"
)
# 8.14, key id 0 of zeros: no titles, mode 1, Security user 0, ST-1, ST-5.
MODE_1 = bytes.fromhex(
    "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84"
    f"1751 {'30' * 20} 0000 03300001 03300005 5D970AF7"
)

LOGON = "50 0001 20202020202020202020 003C"
READER = "51" + b"READER".ljust(20).hex()
READ_3 = "30 0003"
TABLE_3 = bytes.fromhex("00 0005 0140000000 BF")
OK = b"\x00"
ISC = b"\x03"


def ring(**keys):
    """A ring: ring(key_2=octets)."""
    made = KeyRing()
    for name, octets in keys.items():
        made.add(int(name.removeprefix("key_")), Key(octets))
    return made


def node(image=None, keys=KEYS, settings=None, **of_device):
    """settings: of the node; those of the device have its name in front: device_settings, device_faults ..."""
    options = {name.removeprefix("device_"): value for name, value in of_device.items()}
    return Node(device(image or DictImage(), **options), keys, settings)


def message(
    *services,
    a8=1,
    mode=SecurityMode.CLEAR,
    key_id=2,
    iv=1_767_225_600,
    called=METER,
    calling=CLIENT,
    respond=ResponseControl.ALWAYS,
    key=None,
    **more,
):
    head = {"called_ap_title": called, "calling_ap_title": calling, "calling_ap_invocation_id": a8, **more}
    if mode:
        head["calling_authentication_value"] = authentication(key_id, iv.to_bytes(4, "big"))
        key = key or KEYS.candidates(key_id)[0]
    text = encode_body([bytes.fromhex(service) for service in services])
    return seal_message(head, control(mode, response_control=respond), text, key)


class Heard(NamedTuple):
    """An answer, opened. services: one response each. iv: None in the clear."""

    apdu: object
    control: object
    services: list
    iv: bytes | None

    @property
    def ids(self):
        return self.apdu.called_ap_invocation_id, self.apdu.calling_ap_invocation_id


def heard(octets, keys=KEYS):
    apdu = APDU.decode(octets)
    envelope = read_envelope(apdu)
    opened = open_message(apdu, keys)
    sent = c1222_authentication(apdu)
    services = decode_body(opened.text, envelope.control).services
    return Heard(apdu, envelope.control, list(services), sent.iv if sent else None)


def asked(port, octets, now=0.0, keys=KEYS):
    """The answer to one message on a port, None for silence."""
    port.receive_data(octets, now)
    out = port.data_to_send()
    return heard(b"".join(out), keys) if out else None


def talk(*services, port=None, now=0.0, **options):
    """The answers to services that go in one message; None for silence."""
    answer = asked(port or NetworkPort(node()), message(*services, **options), now)
    return answer and answer.services
