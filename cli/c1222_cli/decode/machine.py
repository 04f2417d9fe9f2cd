"""JSON: one document (json), or a document a line (jsonl). See docs/decode-json.md."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from c1222 import __version__
from c1222.capture.export import (
    SCHEMA_VERSION,
    exchange_record,
    plain_text,
    remark_record,
    serializer,
    summary_record,
)
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary

Write = Callable[[bytes], Any]

_REMARKS_IN_MEMORY = 1 << 20


def _head(files: Sequence[str]) -> dict[str, Any]:
    return {"schema_version": SCHEMA_VERSION, "c1222_version": __version__, "files": list(map(plain_text, files))}


class JsonLinesWriter:
    """A line that names the schema, then a line an exchange or remark, then a line that sums up.

    write: takes octets. files: as given.
    """

    def __init__(self, write: Write, files: Sequence[str], *, show_secrets: bool) -> None:
        self._write = write
        self._dumps = serializer(show_secrets=show_secrets)
        self._show = show_secrets
        self._line({"type": "decode", **_head(files)})

    def exchange(self, exchange: Exchange) -> None:
        self._line(exchange_record(exchange, show_secrets=self._show))

    def remark(self, remark: CaptureRemark) -> None:
        self._line(remark_record(remark))

    def end(self, summary: Summary) -> None:
        self._line({"type": "summary", **summary_record(summary)})

    def _line(self, record: dict[str, Any]) -> None:
        self._write(self._dumps(record) + b"\n")


class JsonWriter:
    """One document. Exchanges are written as they come; remarks wait, beyond 1 MiB of them in a temporary file."""

    def __init__(self, write: Write, files: Sequence[str], *, show_secrets: bool) -> None:
        self._write = write
        self._dumps = serializer(show_secrets=show_secrets)
        self._show = show_secrets
        self._between = b"\n"
        self._remarks = tempfile.SpooledTemporaryFile(max_size=_REMARKS_IN_MEMORY)  # noqa: SIM115 - closed in `end`
        self._write(self._dumps(_head(files)).removesuffix(b"}") + b',"exchanges":[')

    def exchange(self, exchange: Exchange) -> None:
        self._write(self._between + self._dumps(exchange_record(exchange, show_secrets=self._show)))
        self._between = b",\n"

    def remark(self, remark: CaptureRemark) -> None:
        self._remarks.write(self._dumps(remark_record(remark)) + b"\n")

    def end(self, summary: Summary) -> None:
        self._write(b'\n],"remarks":[')
        between = b"\n"
        with self._remarks as remarks:
            remarks.seek(0)
            for line in remarks:
                self._write(between + line.rstrip(b"\n"))
                between = b",\n"
        self._write(b'\n],"summary":' + self._dumps(summary_record(summary)) + b"}\n")
