"""The command `c1222 restore`: the octets that a backup kept, put back into the meter that they came from."""

from pathlib import Path

import click

from c1222_cli.consent import NOTHING_SENT, NotStarted
from c1222_cli.live import Way, connected, live_options
from c1222_cli.talk import say, verbosity_options
from c1222_cli.write.asked import Asked
from c1222_cli.write.options import writing_options

EPILOG = """
Without TARGET, the one of the backup. What the meter has now is shown, asked about, and kept in a new backup, as with
`c1222 write`; so are the exit codes.

\b
Examples:
  c1222 restore backup.json
  c1222 restore backup.json optical:/dev/ttyUSB1 --user-id 2 --password prompt
"""


@click.command(epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target", required=False)
@writing_options
@live_options
@verbosity_options
def restore(
    file: Path,
    target: str | None,
    dry_run: bool,
    yes: bool,
    backup: Path | None,
    ignore: tuple[str, ...],
    way: Way,
) -> None:
    """Put back what was in a meter before `c1222 write`. FILE is the backup that it kept.

    Refused where the meter is another one than the backup's.
    """
    from c1222.settings.backups import read_backup
    from c1222_cli.known import registry_of
    from c1222_cli.write.run import How, identity_of, run

    kept = read_backup(file)
    goal = target or kept.target
    if not goal:
        raise click.UsageError(f"which meter? {file} names no target; give one behind it")
    say(f"backup of {kept.time:%Y-%m-%d %H:%M:%S} UTC, meter {kept.meter.name or 'without a name'}")
    with connected(goal, way, registry_of(way.schema)) as meter:
        found = identity_of(meter)
        if not found.is_same(kept.meter):
            problem = f"this is meter {found.name or 'without a name'}, the backup is of {kept.meter.name or 'another'}"
            raise NotStarted(f"{problem}; {NOTHING_SENT}")
        asked = [Asked(number, octets) for number, octets in kept.tables.items()]
        run(meter, asked, How(goal, yes, dry_run, backup, ignore))
