"""`--mark-read`: tells a meter what of its lists was read (procedure 5), where somebody asked for it."""

from typing import TYPE_CHECKING

import click

from c1222_cli.counted import counted
from c1222_cli.readings.source import Source
from c1222_cli.talk import say

if TYPE_CHECKING:
    from c1219_tables.readings.logs import Log
    from c1219_tables.readings.profile import Profile

UPDATE_LAST_READ = 5
EVENT_LOG, FIRST_SET, HISTORY_LOG = 1, 3, 8
"""LIST of procedure 5."""


def mark_profile(source: Source, found: "Profile") -> None:
    """Acknowledge the blocks that nobody had read before, but for one that is still being filled.

    Nothing is acknowledged where some of them were not read now.
    """
    status = source.meter.tables[63][f"lp_status_set{found.set}"]
    last, unread = status["last_block_seq_nbr"], status["nbr_unread_blocks"]
    filling = int(status["nbr_valid_int"] < found.data.layout.intervals)
    read = {block.sequence for block in found.blocks if block.octets is not None}
    done = range(last - unread + 1, last + 1 - filling)
    if missing := [number for number in done if number not in read]:
        what = counted(len(missing), "block")
        are = "is" if len(missing) == 1 else "are"
        say(f"{what} that nobody has read {are} older than what was read now: none is marked as read")
        return
    _mark(source, FIRST_SET + found.set - 1, len(done), "block", "blocks")


def mark_log(source: Source, log: "Log") -> None:
    """Acknowledge the entries that nobody had acknowledged before."""
    unread = sum(1 for entry in log if entry.is_unread)
    _mark(source, EVENT_LOG if log.table == 76 else HISTORY_LOG, unread, "entry", "entries")


def _mark(source: Source, which: int, count: int, one: str, many: str) -> None:
    from c1222.session.faces.meter import Meter

    if not isinstance(source.meter, Meter):
        raise click.UsageError("--mark-read tells a meter something: a capture has none to tell")
    if not count:
        say(f"there was no unread {one} to mark")
        return
    source.meter.procedure(UPDATE_LAST_READ, list=which, entries_read=count)
    say(f"{counted(count, one, many)} marked as read")
