"""From decoded tables to values that people use: registers, interval data, logs, in units and in UTC.

A reading says what it is of (values/quantity.py), where it stood (origin.py), and what was assumed on the way
(notes.py). The raw value stays beside the one that was worked out; where sources disagree, the meter's rules
(c1219_tables/rules.py) decide and a note says so.

clocks/ is about time, values/ about numbers and units, intervals/ about load profiles.

A meter of `c1222.connect` has all this as methods. From tables at hand, a MeterTables, it is made by functions; most
have the name of their module, so nothing is exported from here:

    from c1219_tables.readings.registers import registers           # registers(tables): list of RegisterValue
    from c1219_tables.readings.register_value import Kind, RegisterValue, Snapshot, Taken
    from c1219_tables.readings.profile import Gap, Interval, Profile, Series, profile   # profile(tables, 1, since=...)
    from c1219_tables.readings.intervals.quality import Quality               # Quality.POWER_FAIL in interval.quality
    from c1219_tables.readings.logs import Log, LogEntry, events, history               # events(tables): Log
    from c1219_tables.readings.calendar import Calendar, calendar   # calendar(tables[54])
    from c1219_tables.readings.clocks.clock import MeterZone, Moment, meter_zone   # meter_zone(tables).describe()
    from c1219_tables.readings.clocks.asked_times import AskedTimes, asked_times   # since=timedelta(hours=1)
    from c1219_tables.readings.notes import Note                    # note.code for programs, note.text for people
    from c1219_tables.readings.origin import Origin, Step           # register.origin, register.steps
    from c1219_tables.readings.values.quantity import Quantity             # register.quantity.name
    from c1219_tables.rules import Rules                            # where makes differ: registers(tables, rules=...)
"""
