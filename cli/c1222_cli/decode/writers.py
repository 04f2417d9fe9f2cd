"""Which writer goes with which format, and how its text becomes octets."""

from collections.abc import Callable, Sequence
from typing import IO, Protocol

from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222_cli.output import Encoder, text_encoder
from c1222_cli.talk import has_colour, is_terminal, terminal_width


class Writer(Protocol):
    """Takes exchanges and remarks in the order in which they are found, and at the end what was counted."""

    def exchange(self, exchange: Exchange) -> None: ...

    def remark(self, remark: CaptureRemark) -> None: ...

    def end(self, summary: Summary) -> None: ...


def make_writer(form: str, stream: IO[bytes], files: Sequence[str], *, show_secrets: bool) -> Writer:
    """The writer of a format (one of output.FORMATS, or "tree")."""
    # Only the one that is needed is imported.
    if form in ("json", "jsonl"):
        from c1222_cli.decode.machine import JsonLinesWriter, JsonWriter

        made = JsonWriter if form == "json" else JsonLinesWriter
        return made(stream.write, files, show_secrets=show_secrets)
    encode = text_encoder(stream)
    say = _sayer(stream, encode)
    terminal, colour = is_terminal(stream), has_colour(stream)
    width = terminal_width() if terminal else None
    if form == "tree":
        from c1222_cli.decode.tree import TreeWriter

        return TreeWriter(say, show_secrets=show_secrets, per_line=8 if width and width < 140 else 16, colour=colour)
    if form == "hex":
        from c1222_cli.decode.hextext import HexWriter

        return HexWriter(say, show_secrets=show_secrets)
    if form == "plain":
        from c1222_cli.decode.plain import PlainWriter

        return PlainWriter(say)
    from c1222_cli.decode.people import SAMPLE, TableWriter

    ellipsis = "…" if encode.can("…") else "~"
    # From a pipe a row may come in hours: none is held back.
    sample = 1 if "-" in files else SAMPLE
    return TableWriter(say, width=width, colour=colour, ellipsis=ellipsis, sample=sample, many_files=len(files) > 1)


def _sayer(stream: IO[bytes], encode: Encoder) -> Callable[[str], None]:
    def say(line: str) -> None:
        stream.write(encode(line + "\n"))

    return say
