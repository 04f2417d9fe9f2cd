"""From decoded tables to values that people use: registers, interval data, logs, in units and in UTC.

A reading says what it is of (quantity.py), where it stood (origin.py), and what was assumed on the way (its notes). The
raw value stays beside the one that was worked out; where sources disagree, rules.py decides and a note says so.
"""
