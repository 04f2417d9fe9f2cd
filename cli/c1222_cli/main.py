"""The command `c1222`: finds its sub-commands, and turns what went wrong into a sentence and an exit code.

Nothing but click is imported before a sub-command is called for, so that help and completion answer at once.
"""

import sys
from importlib import import_module
from typing import Any

import click

from c1222 import __version__
from c1222_cli.signals import INTERRUPTED, exit_code, hear_no_more
from c1222_cli.talk import WIDTH, is_verbose, say, verbosity_options

COMMANDS = {
    "apply": ("c1222_cli.apply.command", "Carry out a plan for one or many meters."),
    "calendar": ("c1222_cli.readings.calendar", "Show the tariff calendar of a meter."),
    "config": ("c1222_cli.config.command", "Show what is configured, where, and whether it can work."),
    "decode": ("c1222_cli.decode.command", "Show what captured C12.22 traffic says."),
    "demand-reset": ("c1222_cli.demand_reset", "Reset the demands of a meter."),
    "dump": ("c1222_cli.dump", "Save the tables of a meter in a file."),
    "events": ("c1222_cli.readings.logs", "Show the event log of a meter."),
    "explain": ("c1222_cli.explain", "Explain the layout of a table, a field or a procedure."),
    "history": ("c1222_cli.readings.logs", "Show the history log of a meter."),
    "info": ("c1222_cli.info.command", "Show who a meter is, what it has and how it is."),
    "keys": ("c1222_cli.stored_keys.command", "Keep keys where nobody else finds them, and say which there are."),
    "listen": ("c1222_cli.listen", "Show what meters send of their own accord."),
    "logon": ("c1222_cli.logon", "Try whether a user gets in, and what it may do."),
    "now": ("c1222_cli.readings.registers", "Show what a meter measures at this moment."),
    "pending": ("c1222_cli.pending", "Show which tables wait to be activated."),
    "procedure": ("c1222_cli.procedure.command", "Start a procedure of a meter."),
    "profile": ("c1222_cli.readings.profile", "Show the interval data of a meter."),
    "read": ("c1222_cli.read.command", "Read tables from a meter."),
    "registers": ("c1222_cli.readings.registers", "Show the registers of a meter, in their units."),
    "restore": ("c1222_cli.write.restore", "Put back what a backup of `write` kept."),
    "set-clock": ("c1222_cli.set_clock", "Set the clock of a meter."),
    "shell": ("c1222_cli.shell.command", "Keep one session with a meter open, and read in it."),
    "simulate": ("c1222_cli.simulate", "Serve the simulated meter to any program."),
    "status": ("c1222_cli.readings.status", "Show the state of a meter: conditions, clock, what is unread."),
    "tables": ("c1222_cli.tables", "List tables, and how much is known of each."),
    "write": ("c1222_cli.write.command", "Write fields of a meter's tables, and read them back."),
}
"""Name -> module that holds a click command of the same name, and the line that the list of commands shows."""

CHANGES = frozenset({"apply", "demand-reset", "procedure", "restore", "set-clock", "write"})
"""Commands that change a meter: what they began they end, whether or not anybody can read what they say."""

_STDOUT_ERROR = "c1222.stdout-error"


class Commands(click.Group):
    """Sub-commands that are imported when they are called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        found = super().resolve_command(ctx, args)
        if found[0] in CHANGES and not ctx.resilient_parsing:
            from c1222_cli.output import check_stdout, unbroken

            check_stdout()
            ctx.meta[_STDOUT_ERROR] = ctx.with_resource(unbroken())
        return found

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except OSError as exc:  # help and version, which click writes before any command is invoked
            from c1222_cli.failure import failed

            _stop_writing()
            sys.exit(failed(exc, verbose=False))
        except SystemExit as exc:
            # One more interrupt while the first is told: click makes 1 of it.
            sys.exit(INTERRUPTED if isinstance(exc.__context__, click.Abort) else exc.code)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            _tell_lost(ctx)
            return result
        except click.exceptions.Exit as exc:
            if not exc.exit_code:
                _tell_lost(ctx)
            raise
        except click.ClickException:
            raise
        except (KeyboardInterrupt, click.Abort) as exc:
            hear_no_more()
            say("interrupted")
            ctx.exit(exit_code(exc))
        except Exception as exc:  # noqa: BLE001 - the one place where everything ends
            from c1222_cli.failure import failed

            if isinstance(exc, BrokenPipeError) and ctx.invoked_subcommand not in CHANGES:
                # Whoever read our output has enough of it (`| head`): no error, as with ripgrep.
                _stop_writing()
                ctx.exit(0)
            if isinstance(exc, OSError):
                _stop_writing()  # what is buffered for a full disk would fail again
            ctx.exit(failed(exc, verbose=is_verbose(ctx, 2)))


def _tell_lost(ctx: click.Context) -> None:
    """Where a command that changes a meter is done, and could not say so: say it, and leave with 1."""
    error = ctx.meta[_STDOUT_ERROR]() if _STDOUT_ERROR in ctx.meta else None
    if error is not None:
        from c1222_cli.output import lost

        say(f"Error: {lost(error, f'c1222 {ctx.invoked_subcommand}')}")
        ctx.exit(1)


def _stop_writing() -> None:
    from c1222_cli.output import stop_writing

    stop_writing(sys.stdout)


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)
@click.version_option(__version__, prog_name="c1222", message="%(prog)s %(version)s")
@verbosity_options
def main() -> None:
    """Electricity meters that speak ANSI C12.18, C12.21 and C12.22 and keep C12.19 tables.

    \b
    c1222 read 1 23                               tables of the simulated meter
    c1222 read optical:/dev/ttyUSB0 1 23          the same of a real one, through an optical probe
    c1222 info tcp://192.0.2.7                    who a meter is, and what it has
    c1222 decode capture.pcap                     what was said, a line an exchange
    c1222 decode capture.pcap --key 2=env:K2      the same, deciphered
    c1222 explain ST-23                           what the octets of a table mean
    c1222 tables demand reset                     which tables speak of something
    c1222 COMMAND --help                          options and examples

    TARGET says which meter; where none is written, C1222_TARGET does. Where it stands in brackets, [TARGET], it is the
    simulated meter without either. Ctrl-C, SIGTERM and SIGHUP leave a session properly (exit codes 130, 143 and 129),
    a second one at once.
    """
