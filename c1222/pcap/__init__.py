"""Capture files -> packets -> IP datagrams -> UDP datagrams and TCP octets in order. Knows nothing of meters.

reader.open_capture gives the packets of a pcap or pcapng file, stack.payloads what they carried;
writer.PcapngWriter writes. Every bound is in limits.Limits, every remark in remark.REMARK_CODES.
"""
