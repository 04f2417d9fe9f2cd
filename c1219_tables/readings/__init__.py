"""From decoded tables to values that people use: registers, interval data, logs, in units and in UTC.

A reading says what it is of (quantity.py), where it stood (origin.py), and what was assumed on the way (its notes). The
raw value stays beside the one that was worked out; where sources disagree, rules.py decides and a note says so.

A meter of `c1222.connect` has all this as methods. From tables at hand, a MeterTables, it is made by functions; most
have the name of their module, so nothing is exported from here:

    from c1219_tables.readings.registers import registers           # registers(tables): list of RegisterValue
    from c1219_tables.readings.register_value import Kind, RegisterValue, Snapshot, Taken
    from c1219_tables.readings.profile import Gap, Interval, Profile, Series, profile   # profile(tables, 1, since=...)
    from c1219_tables.readings.quality import Quality               # Quality.POWER_FAIL in interval.quality
    from c1219_tables.readings.logs import Log, LogEntry, events, history               # events(tables): Log
    from c1219_tables.readings.calendar import Calendar, calendar   # calendar(tables[54])
    from c1219_tables.readings.clock import MeterZone, Moment, meter_zone               # meter_zone(tables).describe()
    from c1219_tables.readings.asked_times import AskedTimes, asked_times   # for profile: since=timedelta(hours=1)
    from c1219_tables.readings.origin import Note, Origin, Step     # note.code for programs, note.text for people
    from c1219_tables.readings.quantity import Quantity             # register.quantity.name
    from c1219_tables.rules import Rules                            # where makes differ: registers(tables, rules=...)
"""
