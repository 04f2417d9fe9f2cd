"""The ACSE APDU: `60 length elements`, the outermost layer of every C12.22 message.

Elements are written in the order below and read in any; an element that is not declared is kept. Sources behind each
are named by the short names of docs/sources.md.
"""

from typing import Any

from construct import Int8ub

from c1219_tables.schema.ber import BER_UNSIGNED, Tagged, Tlv
from c1219_tables.schema.dialect import BitField, Record, Rest, Secret, flag, note
from c1219_tables.schema.layout import Layout
from c1222.errors import MessageError
from c1222.titles import ACSE_UID, ImplicitUid

AUTHENTICATION_C1222 = Tagged(
    "key_id" / Tlv(0x80, Int8ub) * note("which key; absent: key 0", "ADP WS ITR CNX CAP"),
    "iv" / Tlv(0x81, Rest()) * note("nonce of four octets, in practice UTC seconds since 1970", "ADP WS SPI CAP"),
)
AUTHENTICATION_C1221 = Tagged(
    "identification" / Tlv(0x80, Secret(Rest())) * note("C12.21 mechanism", "WS SPI"),
    "request" / Tlv(0x81, Secret(Rest())) * note("C12.21 mechanism", "WS SPI"),
    "response" / Tlv(0x82, Secret(Rest())) * note("C12.21 mechanism", "WS SPI"),
)
AUTHENTICATION_VALUE = Tagged(
    "indirect_reference" / Tlv(0x02, BER_UNSIGNED) * note("0 where it is there", "WS ITR SPI"),
    "single_asn1_type"
    / Tlv(
        0xA0,
        Tagged(
            "c1222" / Tlv(0xA1, AUTHENTICATION_C1222) * note("key id and iv of EAX'", "ADP WS ITR SPI CNX CAP"),
            "c1221" / Tlv(0xA0, AUTHENTICATION_C1221) * note("authentication of C12.21", "WS SPI"),
        ),
    )
    * note("the mechanisms of C12.22 and C12.21", "ADP WS ITR SPI CNX CAP"),
    "octet_aligned" / Tlv(0x81, Secret(Rest())) * note("a private mechanism", "WS SPI"),
)
USER_INFORMATION = Tagged(
    "indirect_reference" / Tlv(0x02, BER_UNSIGNED) * note("in a segment: offset of its octets", "ITR WS"),
    "octets" / Tlv(0x81, Rest()) * note("the EPSEM envelope, or the octets of a segment", "ADP WS ITR SPI CNX TRM CAP"),
)
QUALIFIER = BitField(
    BER_UNSIGNED,
    flag("test", 0) * note("", "ITR SPI WS ADP"),
    flag("urgent", 1) * note("", "ITR SPI WS ADP"),
    flag("notification", 2) * note("", "ITR SPI WS ADP"),
    width=8 * BER_UNSIGNED.MAX_OCTETS,
)

APDU = Layout(
    "APDU",
    Tlv(
        0x60,
        Tagged(
            "aso_context" / Tlv(0xA1, ACSE_UID) * note("application context; absent: C12.22", "ITR WS ADP SPI"),
            "called_ap_title" / Tlv(0xA2, ACSE_UID) * note("to whom", "ADP WS ITR SPI CNX TRM CAP"),
            "called_ae_qualifier"
            / Tlv(0xA3, Tlv(0x02, BER_UNSIGNED))
            * note("octets of the whole APDU; its presence marks a segment", "ITR"),
            "called_ap_invocation_id"
            / Tlv(0xA4, Tlv(0x02, BER_UNSIGNED))
            * note("id of the request that is answered; its presence marks a response", "ADP WS ITR SPI CAP"),
            "calling_ap_title" / Tlv(0xA6, ACSE_UID) * note("from whom", "ADP WS ITR SPI CNX TRM CAP"),
            "calling_ae_qualifier"
            / Tlv(0xA7, Tlv(0x02, QUALIFIER))
            * note("test, urgent, notification", "ITR SPI WS ADP"),
            "calling_ap_invocation_id"
            / Tlv(0xA8, Tlv(0x02, BER_UNSIGNED))
            * note("id of this message", "ADP WS ITR SPI CNX TRM CAP"),
            "mechanism_name" / Tlv(0x8B, ImplicitUid()) * note("security mechanism; absent: C12.22", "ITR WS SPI"),
            "mechanism_name_2006" / Tlv(0xAB, Rest()) * note("the same in the draft of March 2006", "ITR"),
            "calling_authentication_value"
            / Tlv(0xAC, Tlv(0xA2, AUTHENTICATION_VALUE))
            * note("key id and iv of secured messages", "ADP WS ITR SPI CNX CAP"),
            "user_information"
            / Tlv(0xBE, Tlv(0x28, USER_INFORMATION))
            * note("what the message says", "ADP WS ITR SPI CNX TRM CAP"),
        ),
    ),
    error=MessageError,
)


def authentication(key_id: int, iv: bytes) -> Record:
    """Value of `calling_authentication_value` in the form that all deployed software takes.

    key_id: 0 to 255. iv: 4 octets.
    """
    return Record(single_asn1_type=Record(c1222=Record(key_id=key_id, iv=iv)))


def c1222_authentication(apdu: Record) -> Record | None:
    """{key_id, iv} of a decoded APDU, either of them None where it is absent; None without a C12.22 mechanism."""
    value: Any = apdu.calling_authentication_value
    single = value and value.single_asn1_type
    return single.c1222 if single else None
