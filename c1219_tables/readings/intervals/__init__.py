"""Interval data: octets of blocks in, series of intervals out; profile.py beside this room puts it together."""
