"""The lines of a shell: read, carried out, and what went wrong said in a sentence."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import click

from c1219_tables.registry import Registry
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import MANUFACTURER, table_label
from c1222.errors import C12Error, ServiceError
from c1222.session.faces.meter import Meter
from c1222_cli.failure import INTERRUPTED, USAGE, exit_code, failed, sentence
from c1222_cli.info.facts import TABLES, facts
from c1222_cli.live import Way
from c1222_cli.read.fetch import Fetched, expand, fetch, fetch_octets
from c1222_cli.read.head import Head
from c1222_cli.read.people import draw
from c1222_cli.read.progress import Progress, shown_progress
from c1222_cli.read.wanted import Wanted, wanted
from c1222_cli.report import Paper, write
from c1222_cli.shell.completion import completions
from c1222_cli.shell.kept import Kept, is_over
from c1222_cli.shell.readings import READINGS, carry_out, options, purpose, usage
from c1222_cli.signals import ends, forget
from c1222_cli.talk import clean, say

NextLine = Callable[[], str | None]
"""The next line, without its end; None behind the last. May raise KeyboardInterrupt: the line is given up."""


class Command(NamedTuple):
    """do: carries it out, with the words behind it; returns an exit code. words: how it is used; purpose: what for."""

    do: Callable[[Sequence[str]], int]
    words: str
    purpose: str


class Shell:
    """One shell on one meter.

    kept: the session. registry: declarations of tables. way: how the meter is come to. quiet: no progress bar.
    """

    def __init__(self, kept: Kept, registry: Registry, way: Way | None = None, *, quiet: bool = False) -> None:
        self._kept = kept
        self._registry = registry
        self._way = way or Way()
        self._quiet = quiet
        self._left = False
        self.commands = {
            "read": Command(
                self._read, "read TABLE...", "read tables, as c1222 read does: 23, ST-23, 21..28, 1.ed_model"
            ),
            "raw": Command(self._raw, "raw TABLE...", "read tables, and show their octets"),
            **{name: Command(partial(self._reading, name), usage(name), purpose(name)) for name in READINGS},
            "info": Command(self._info, "info", "who the meter is"),
            "tables": Command(self._tables, "tables [WORD]", "tables that the meter lists, or those with WORD in them"),
            "help": Command(self._help, "help", "this list"),
            "quit": Command(self._quit, "quit", "leave; so does Ctrl-D"),
        }

    def run(self, next_line: NextLine, *, stays: bool = False) -> int:
        """Carry out lines to the last one, or to `quit`. Returns the exit code of the last one that failed, else 0.

        stays: Ctrl-C gives up the line, or what it does, and no more. Raises every other interrupt.
        """
        code = 0
        while not self._left:
            try:
                line = next_line()
                if line is None:
                    break
                code = self.line(line) or code
            except KeyboardInterrupt as exc:
                if not stays or ends(exc):
                    raise
                forget()
                click.echo(err=True)
                say("interrupted; quit or Ctrl-D leaves")
                code = INTERRUPTED
        return code

    def line(self, line: str) -> int:
        """Carry out one line. Returns its exit code; says what is wrong with it."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError as exc:
            say(f"Error: {exc}".replace("No closing quotation", "a quotation mark is not closed"))
            return USAGE
        if not words:
            return 0
        name = {"exit": "quit", "?": "help"}.get(words[0], words[0])
        if name not in self.commands:
            say(f"Error: there is no command {words[0]!r}; help lists them{self._meant(words[0])}")
            return USAGE
        try:
            return self.commands[name].do(words[1:])
        except click.ClickException as exc:
            say(f"Error: {exc.format_message()}")
            return exc.exit_code
        except BrokenPipeError:
            raise
        except Exception as exc:  # noqa: BLE001 - the shell goes on, whatever a command does
            return failed(exc, verbose=False)

    def candidates(self, line: str, word: str) -> list[str]:
        """What a word may become; `line` stands before it."""
        meter = self._kept.meter
        table_0 = None if meter is None else meter.tables.get(0)
        registry = self._registry if meter is None else meter.tables.registry
        numbers = [table.number for table in registry] if table_0 is None else _numbers(table_0)
        return completions(
            line,
            word,
            commands=list(self.commands),
            of_tables=("read", "raw"),
            options={name: options(name) for name in READINGS},
            numbers=numbers,
            registry=registry,
        )

    # -- Commands -----------------------------------------------------------------------------------------------------

    def _read(self, words: Sequence[str]) -> int:
        return self._show(words, is_raw=False)

    def _raw(self, words: Sequence[str]) -> int:
        return self._show(words, is_raw=True)

    def _show(self, words: Sequence[str], *, is_raw: bool) -> int:
        if not words:
            raise click.UsageError("which tables? as in: read 1 23")
        asked = wanted(words, self._registry)

        def work(meter: Meter) -> tuple[Head, list[Fetched]]:
            tables = expand(meter, asked, say)
            with shown_progress(len(tables), quiet=self._quiet) as progress:
                found = (fetch_octets if is_raw else fetch)(meter, tables, progress)
            _raise_if_over(found)
            return Head.of(meter), found

        head, found = self._kept.run(work)
        write(None, lambda paper: draw(paper, found, head, verbose=False))
        return self._complain(found)

    def _complain(self, found: Sequence[Fetched]) -> int:
        """Say what did not come. Returns an exit code."""
        errors = [each.error for each in found if each.error is not None]
        for line in dict.fromkeys(f"Error: {sentence(error)}" for error in errors):
            say(line)
        return exit_code(errors[0]) if errors else 0

    def _reading(self, name: str, words: Sequence[str]) -> int:
        return self._kept.run(lambda meter: carry_out(name, words, meter, self._way))

    def _info(self, words: Sequence[str]) -> int:
        def work(meter: Meter) -> tuple[Decoded | None, list[Fetched]]:
            found = fetch(meter, [Wanted(number) for number in TABLES], Progress(len(TABLES), shown=False))
            _raise_if_over(found)
            try:
                return meter.identify(), found
            except ServiceError:
                return None, found

        identity, found = self._kept.run(work)
        tables = {each.table.number: each.view.decoded for each in found if each.view and each.view.decoded is not None}

        def draw_facts(paper: Paper) -> None:
            for fact in facts(identity, tables):
                paper.line(clean(f"{fact.label:<24}{fact.words}"))

        write(None, draw_facts)
        return self._complain(found)

    def _tables(self, words: Sequence[str]) -> int:
        def work(meter: Meter) -> list[int]:
            meter.listed_tables()
            return _numbers(meter.tables[0])

        numbers = self._kept.run(work)
        registry = self._registry if self._kept.meter is None else self._kept.meter.tables.registry
        writable = _writable(self._kept.meter)

        def draw_list(paper: Paper) -> None:
            for number in numbers:
                table = registry.table(number)
                said = f"{table.name}  {table.purpose}"
                if all(word.lower() in said.lower() for word in words):
                    mark = "w" if number in writable else " "
                    paper.line(clean(f"{table_label(number):<8}{mark}  {said}"))

        write(None, draw_list)
        return 0

    def _help(self, words: Sequence[str]) -> int:
        def draw_list(paper: Paper) -> None:
            width = max(len(command.words) for command in self.commands.values())
            for command in self.commands.values():
                paper.line(f"{command.words:<{width}}  {command.purpose}")

        write(None, draw_list)
        return 0

    def _quit(self, words: Sequence[str]) -> int:
        self._left = True
        return 0

    def _meant(self, word: str) -> str:
        """A hint where somebody wrote a table alone."""
        try:
            wanted([word], self._registry)
        except (click.UsageError, C12Error):
            return ""
        return f"; did you mean: read {word}"


def _raise_if_over(found: Sequence[Fetched]) -> None:
    """Raise what ended the session, where that is why a table did not come."""
    over = next((each.error for each in found if is_over(each.error)), None)
    if over is not None:
        raise over


def _numbers(table_0: Mapping[str, Any]) -> list[int]:
    """Tables that table 0 lists."""
    return [*table_0["std_tbls_used"], *(MANUFACTURER + number for number in table_0["mfg_tbls_used"])]


def _writable(meter: Meter | None) -> set[int]:
    """Tables that table 0 says may be written."""
    table_0: Mapping[str, Any] = {} if meter is None else meter.tables.get(0) or {}
    return {
        *table_0.get("std_tbls_write", ()),
        *(MANUFACTURER + number for number in table_0.get("mfg_tbls_write", ())),
    }
