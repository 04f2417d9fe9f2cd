"""Messages that hold a secret where one may be, as hex text."""

from decode_vectors import clear_apdu, exchange, table_data, tlv

SECRET = b"CUTSECRET!CAESAR1234"
CHECKSUM = bytes([-sum(SECRET) & 0xFF])

WITH_SECRET = {
    "password": clear_apdu(b"\x51" + SECRET),
    "password-and-user": clear_apdu(b"\x51" + SECRET + b"\x00\x02"),
    "password-cut": clear_apdu(b"\x51" + SECRET[:15]),
    "password-too-long": clear_apdu(b"\x51" + bytes(20) + b"\x00\x02" + SECRET),
    "token": clear_apdu(b"\x53\x15\x01" + SECRET),
    "token-cut": clear_apdu(b"\x53\x20\x01" + SECRET),
    "behind-another-service": clear_apdu(b"\x30\x00\x01\x51" + SECRET),
    "behind-the-list": clear_apdu(b"\x30\x00\x01", behind=b"\x00\x15\x51" + SECRET),
    "body-broken": clear_apdu(b"\x30\x00\x01", behind=b"\x35\x51" + SECRET),
    "message-broken": (b"\x60\x7f\x51" + SECRET).hex() + "\n",
    "no-envelope": tlv(0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0xBE, tlv(0x28, tlv(0x82, SECRET)))).hex() + "\n",
    "tag-damaged": tlv(0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0xBF, tlv(0x28, tlv(0x81, SECRET)))).hex() + "\n",
    "tag-damaged-to-a-mechanism": tlv(0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0xAB, tlv(0x28, tlv(0x81, SECRET)))).hex()
    + "\n",
    "tag-damaged-to-a-mechanism-name": tlv(0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0x8B, SECRET)).hex() + "\n",
    "tag-damaged-to-a-title": tlv(0x60, tlv(0xA6, tlv(0x28, tlv(0x81, SECRET)))).hex() + "\n",
    "iv-damaged": tlv(
        0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA1, tlv(0x81, SECRET)))))
    ).hex()
    + "\n",
    "envelope-mode-3": tlv(0x60, tlv(0xA8, tlv(2, b"\x01")) + tlv(0xBE, tlv(0x28, tlv(0x81, b"\x8c" + SECRET)))).hex()
    + "\n",
    "request-where-an-answer-belongs": clear_apdu(b"\x51" + SECRET, before=tlv(0xA4, tlv(2, b"\x09"))),
    "service-that-nobody-knows": clear_apdu(b"\x74" + SECRET),
    "logon-with-octets-over": clear_apdu(b"\x50" + SECRET),
    "password-table": clear_apdu(b"\x40\x00\x2a\x00\x14" + SECRET + CHECKSUM),
    "password-table-pending": clear_apdu(b"\x40\x10\x2a\x00\x14" + SECRET + CHECKSUM),
    "key-table-by-offset": clear_apdu(b"\x4f\x00\x2d\x00\x00\x05\x00\x14" + SECRET + CHECKSUM),
    "log-in-procedure": clear_apdu(b"\x40\x00\x07\x00\x19\x12\x00\x01\x02\x00" + SECRET + b"\x00"),
    "log-in-procedure-other-order": clear_apdu(b"\x40\x00\x07\x00\x19\x00\x12\x01\x00\x02" + SECRET + b"\x00"),
    "procedure-from-an-offset": clear_apdu(b"\x4f\x00\x07\x00\x00\x05\x00\x14" + SECRET + CHECKSUM),
    "key-table-read": clear_apdu(b"\x30\x00\x2d", number=1)
    + clear_apdu(b"\x00\x00\x14" + SECRET + CHECKSUM, before=tlv(0xA4, tlv(2, b"\x01")), number=2),
    "answer-without-its-request": clear_apdu(b"\x00\x00\x14" + SECRET + CHECKSUM, before=tlv(0xA4, tlv(2, b"\x01"))),
    "default-write": clear_apdu(b"\x4e\x00\x14" + SECRET + CHECKSUM),
    "default-read": exchange((b"\x3e", b"\x00" + table_data(SECRET))),
    "answer-to-a-damaged-request": exchange((b"\x30\x00", b"\x00" + table_data(SECRET))),
    "answer-to-a-service-that-nobody-knows": exchange((b"\x74", b"\x00" + table_data(SECRET))),
    "one-answer-too-many": clear_apdu(b"\x30\x00\x01")
    + clear_apdu(b"\x04", b"\x00" + table_data(SECRET), before=tlv(0xA4, tlv(2, b"\x01"))),
    "log-in-procedure-read": exchange((b"\x30\x00\x07", b"\x00" + table_data(b"\x12\x00\x01\x02\x00" + SECRET))),
    "log-in-procedure-read-by-offset": exchange(
        (b"\x3f\x00\x07\x00\x00\x05\x00\x14", b"\x00" + table_data(SECRET)),
    ),
    "log-in-procedure-read-by-index": exchange(
        (b"\x31\x00\x07\x00\x02\x00\x01", b"\x00" + table_data(SECRET)),
    ),
    # Is the refusal that of Security? Then the octets are those of ST-5, else those of ST-42.
    "answers-that-may-be-shifted": clear_apdu(b"\x51" + bytes(20), b"\x30\x00\x2a", b"\x30\x00\x05", b"\x30\x00\x06")
    + clear_apdu(b"\x03", b"\x04", b"\x00" + table_data(SECRET), before=tlv(0xA4, tlv(2, b"\x01")), number=2),
    "refusal-with-octets": clear_apdu(b"\x30\x00\x01", number=1)
    + clear_apdu(b"\x11" + SECRET, before=tlv(0xA4, tlv(2, b"\x01")), number=2),
    "c12.21-authentication": tlv(
        0x60,
        tlv(0xA8, tlv(2, b"\x01"))
        + tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA0, tlv(0x82, SECRET)))))
        + tlv(0xBE, tlv(0x28, tlv(0x81, b"\x80\x01\x20"))),
    ).hex()
    + "\n",
    "authentication-of-an-old-draft": tlv(
        0x60,
        tlv(0xA8, tlv(2, b"\x01"))
        + tlv(0xAC, tlv(0xA2, tlv(0xA0, tlv(0xA1, tlv(0x80, b"\x01") + tlv(0x83, SECRET)))))
        + tlv(0xBE, tlv(0x28, tlv(0x81, b"\x80\x01\x20"))),
    ).hex()
    + "\n",
    "line-with-one-wrong-digit": "60 15 51 " + SECRET.hex(" ") + " zz\n",
    "half-an-octet": "60 15 51 " + SECRET.hex() + "0\n",
}
