"""From what is asked for to what is in the meter: planned, shown, agreed to, kept, written, read back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from c1219_tables.changes import octets_of
from c1222.errors import C12Error, ServiceError, VerifyError
from c1222.session.faces.meter import Meter
from c1222.session.operations.write_plan import WritePlan
from c1222.session.operations.writing import WriteProgress
from c1222.settings.backups import Backup, Identity, keep_backup
from c1222_cli.consent import NOTHING_SENT, ask_yes
from c1222_cli.talk import say
from c1222_cli.write.asked import Asked, ignored
from c1222_cli.write.preview import changes_in_words, services_in_words

IDENTITY = (1, 5)
"""Tables in which a meter says who it is."""


@dataclass(frozen=True)
class How:
    """target: as it was given. yes: nobody is asked. dry_run: nothing is written. backup: its file, None for one in the
    user's folder. ignore: fields that are left out, `clock` or `52.clock`."""

    target: str
    yes: bool
    dry_run: bool
    backup: Path | None
    ignore: tuple[str, ...]


@dataclass
class Kept:
    """The backup that is made before the first octet is written."""

    plans: Sequence[WritePlan]
    how: How
    meter: Identity
    path: Path | None = None
    written: list[str] = field(default_factory=list)
    progress: WriteProgress = field(default_factory=WriteProgress)

    def before_sending(self, now: WritePlan) -> None:
        """Keep all tables that are going to be written, before the first of them is. now: its plan at this moment."""
        if self.path is None:
            tables = {plan.table: octets_of(plan.before) for plan in self.plans if plan.writes}
            tables[now.table] = octets_of(now.before)
            backup = Backup(tables, datetime.now(UTC), self.meter, self.how.target)
            self.path = keep_backup(backup, self.how.backup)
            say(f"the old octets are kept in {self.path}")


def identity_of(meter: Meter) -> Identity:
    """Who the meter says it is."""
    for number in IDENTITY:
        if number not in meter.tables:
            try:
                meter.read(number)
            except ServiceError:
                continue
    return Identity.of(meter.tables)


def run(meter: Meter, asked: Sequence[Asked], how: How) -> None:
    """All that is asked for: every table is planned before the first one is written.

    Raises what stopped it, when it was said what is known of the meter.
    """
    registry = meter.tables.registry
    plans = [
        meter.plan_write(
            each.number, each.values, offset=each.offset, ignore=ignored(how.ignore, each.number, registry)
        )
        for each in asked
    ]
    for line in changes_in_words(plans):
        click.echo(line)
    if how.dry_run:
        for line in services_in_words(plans, c1222=meter.client.channel.c1222):
            click.echo(line)
        say(f"dry run: {NOTHING_SENT}")
        return
    if not any(plan.writes for plan in plans):
        say("nothing is to be written")
        return
    kept = Kept(plans, how, identity_of(meter))
    count = sum(len(plan.differences) for plan in plans)
    ask_yes(meter, f"Write {count} field{'' if count == 1 else 's'} to {kept.meter.name or meter.label}?", yes=how.yes)
    _write(meter, plans, kept)


def _write(meter: Meter, plans: Sequence[WritePlan], kept: Kept) -> None:
    try:
        for index, plan in enumerate(plans):
            # Time has passed since it was planned: somebody thought about it, or another table was written.
            look_again = not kept.how.yes or index > 0
            meter.carry_out(plan, look_again=look_again, before_sending=kept.before_sending, progress=kept.progress)
            if plan.writes:
                kept.written.append(plan.label)
                say(f"{plan.label}: written, read back, and as it should be")
    except BaseException as exc:
        _tell(kept, exc)
        raise


def _tell(kept: Kept, exc: BaseException) -> None:
    """What a person must know when it did not end well."""
    if kept.path is None:
        say(NOTHING_SENT)
        return
    if kept.progress.is_in_doubt and not isinstance(exc, C12Error):
        say(kept.progress.doubt)
    if kept.written:
        say(f"written before that: {', '.join(kept.written)}")
    if isinstance(exc, VerifyError) or kept.progress.is_in_doubt or kept.written:
        say(f"to put the old octets back: c1222 restore {kept.path}")
