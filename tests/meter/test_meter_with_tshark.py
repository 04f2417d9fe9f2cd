"""tshark, Wireshark's dissector, authenticates and reads what the meter answers, in every mode."""

import os
import shutil
import socket
import subprocess

import dpkt
import pytest
from network_talk import LOGON, READ_3, READER, message, node

from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import PUBLIC_KEYS
from c1222.meter.ports.network_port import NetworkPort
from c1222.titles import ApTitle

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

PORT = 1153
ROOT = "2.16.124.113620.1.22.0"
FIELDS = ("c1222.crypto_good", "c1222.crypto_bad", "c1222.err", "_ws.malformed")

CODES = ["0x00", "0x00,0x00,0x00", "0x00,0x05,0x00", "0x0c"]


def captured(path, datagrams):
    """A capture of UDP datagrams between 10.0.0.1 and 10.0.0.2: (from the meter, octets) each."""
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, linktype=dpkt.pcap.DLT_RAW)
        for number, (answers, octets) in enumerate(datagrams):
            source, target = ("10.0.0.2", "10.0.0.1") if answers else ("10.0.0.1", "10.0.0.2")
            udp = dpkt.udp.UDP(sport=PORT, dport=PORT, data=octets, ulen=8 + len(octets))
            ip = dpkt.ip.IP(src=socket.inet_aton(source), dst=socket.inet_aton(target), p=17, data=udp)
            ip.len = 28 + len(octets)
            writer.writepkt(bytes(ip), ts=float(number))
    return path


def dissected(path, config):
    """What tshark finds in each packet: field -> its values."""
    config.mkdir()
    rows = [f'"{key_id:02X}",{key.hex()}' for key_id, key in PUBLIC_KEYS.items()]
    (config / "c1222_decryption_table").write_text("\n".join(rows) + "\n")
    options = ["-o", f"c1222.baseoid:{ROOT}", "-o", "c1222.decrypt:TRUE", "-T", "fields", "-E", "separator=|"]
    fields = [part for name in FIELDS for part in ("-e", name)]
    run = subprocess.run(
        ["tshark", "-n", "-r", str(path), *options, *fields],
        env={"PATH": os.environ["PATH"], "HOME": str(config), "WIRESHARK_CONFIG_DIR": str(config)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in run.stdout.splitlines()]


@pytest.mark.parametrize("mode", [SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED])
def test_every_answer_is_good(mode, tmp_path):
    port = NetworkPort(node(), datagram=True)
    absolute = ApTitle.parse("2.16.124.113620.1.22.0.123.8437")
    said = []
    for a8, (services, called) in enumerate(
        [
            (["20"], absolute),
            ([LOGON, READER, READ_3], ApTitle.parse(".123.8437")),
            (["30 0040", "30 0004", "3F 0040 0003E7 0010"], ApTitle.parse(".123.8437")),
            (["52"], ApTitle.parse(".123.8438")),
        ],
        start=1,
    ):
        request = message(*services, mode=mode, a8=a8, called=called)
        port.receive_data(request, 0.0)
        said += [(False, request), *((True, octets) for octets in port.data_to_send())]
    found = dissected(captured(tmp_path / "said.pcap", said), tmp_path / "config")
    assert len(found) == len(said) == 8
    secured = mode is not SecurityMode.CLEAR
    assert [fields["c1222.crypto_good"] for fields in found] == ["1" if secured else ""] * 8
    assert [fields["c1222.crypto_bad"] for fields in found] == ["0" if secured else ""] * 8
    assert not any(fields["_ws.malformed"] for fields in found)
    codes = [fields["c1222.err"] for (answers, _), fields in zip(said, found, strict=True) if answers]
    # Done; logon, password and table; a table, one that is not there, its last octet; a title that is not ours.
    assert codes == CODES
