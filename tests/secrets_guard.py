"""A pytest plugin: secrets of tests are unique, and are looked for wherever something was written.

A test that takes the fixture `marker` gets a password and a key that no other test has. Afterwards they are searched,
in plain, in hex, as Python shows octets, and in base64, in

- what was captured of standard output, standard error and the log, also where the test took it out (capsys, capfd),
- what commands wrote that the test ran in this process (click's CliRunner) or in another (subprocess),
- errors that the test met (`pytest.raises`), with their tracebacks, and the report of its failure,
- files below tmp_path, but for those that their owner alone can read: key files, traces, what the test declared.

Where one is found, the test fails. The report of every other test is searched for the markers of all.
"""

import base64
import functools
import hashlib
import logging
import re
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import click.testing
import pytest

GUARD = pytest.StashKey()
MARKERS = pytest.StashKey()
LARGEST = 8 << 20
"""Octets of a file that are searched."""
BETWEEN_DIGITS = re.compile(rb"[\s:,_-]|0x|\\x")
EVERYBODY = stat.S_IRWXG | stat.S_IRWXO


class Marker:
    """Secrets of one test.

    password: 18 characters, so that it fits into Logon. key: 32 hex digits.
    """

    def __init__(self, nodeid):
        digest = hashlib.sha256(nodeid.encode()).digest()
        self.password = "pw-" + base64.b32encode(digest[:9]).decode().rstrip("=").lower()
        self.key = digest[16:].hex()
        self.declared = set()

    @property
    def octets(self):
        """The key as octets."""
        return bytes.fromhex(self.key)

    def may_be_in(self, path):
        """The test itself puts a secret into this file, though others can read it."""
        self.declared.add(Path(path))
        return path

    def secrets(self):
        return {"password": self.password.encode(), "key": self.octets}


class Needles:
    """The forms of the secrets of one marker."""

    def __init__(self, marker):
        self.forms = []
        for name, secret in marker.secrets().items():
            self.forms.append((name, "plain", secret))
            self.forms.append((name, "hex", secret.hex().encode()))
            self.forms.append((name, "escapes", repr(secret)[2:-1].encode()))
            for shift in range(3):
                # What base64 makes of it, wherever in a longer text it stands, but for the digits that neighbours
                # share.
                coded = base64.b64encode(bytes(shift) + secret).rstrip(b"=")
                core = coded[-(-shift * 8 // 6) : len(coded) - bool((shift + len(secret)) % 3)]
                self.forms.append((name, "base64", core))
                self.forms.append((name, "base64", core.translate(bytes.maketrans(b"+/", b"-_"))))

    def found_in(self, octets, digits):
        """(name, form) of the first that stands there, None. digits: the octets without what may stand between hex."""
        return next(
            ((name, form) for name, form, needle in self.forms if needle in (digits if form == "hex" else octets)), None
        )


class Guard:
    """What one test wrote, as far as it can be seen: (where, octets)."""

    def __init__(self):
        self.seen = []

    def see(self, where, written):
        if written:
            octets = written if isinstance(written, bytes) else str(written).encode("utf-8", "surrogateescape")
            self.seen.append((where, octets))


class Listener(logging.Handler):
    def __init__(self, guard):
        super().__init__(0)
        self.guard = guard

    def emit(self, record):
        self.guard.see("the log", self.format(record))


@pytest.fixture
def marker(request):
    """Secrets that must not be seen anywhere."""
    made = Marker(request.node.nodeid)
    request.node.stash[GUARD] = made, Guard()
    request.config.stash.setdefault(MARKERS, []).append(Needles(made))
    with pytest.MonkeyPatch.context() as patch:
        listener = _listen(patch, request.node.stash[GUARD][1])
        logging.getLogger().addHandler(listener)
        ours = logging.getLogger("c1222")
        level = ours.level
        ours.setLevel(logging.DEBUG)
        yield made
        ours.setLevel(level)
        logging.getLogger().removeHandler(listener)


def _listen(patch, guard):
    """Have a guard see what the test takes out of where the report would have it."""

    def after(owner, name, see):
        original = getattr(owner, name)

        @functools.wraps(original)
        def watched(*arguments, **options):
            result = original(*arguments, **options)
            see(result, *arguments)
            return result

        patch.setattr(owner, name, watched)

    def see_command(result, *_):
        for stream in ("output", "stdout", "stderr"):
            guard.see(f"{stream} of a command", getattr(result, f"{stream}_bytes", b""))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            guard.see("an error of a command", "".join(traceback.format_exception(result.exception)))

    def see_process(result, *_):
        caller = sys._getframe(2)
        while caller.f_code.co_filename == subprocess.__file__:
            caller = caller.f_back
        # A program that keeps secrets tells them to the project, and to nobody else.
        if not {"c1222", "c1222_cli"} & set(Path(caller.f_code.co_filename).parent.parts[-2:]):
            for stream in result:
                guard.see("output of a process", stream)

    def see_error(_, info, *__):
        guard.see("an error", "".join(traceback.format_exception(info.value)) + repr(info.value))

    def see_captured(result, *_):
        for stream in result:
            guard.see("captured output", stream)

    after(click.testing.CliRunner, "invoke", see_command)
    after(subprocess.Popen, "communicate", see_process)
    after(pytest.ExceptionInfo, "fill_unfilled", see_error)
    after(pytest.CaptureFixture, "readouterr", see_captured)
    return Listener(guard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    texts = [
        (f"section {name!r}", text.encode("utf-8", "replace"))
        for name, text in report.sections
        if name.endswith(call.when)
    ]
    if report.longrepr is not None and not report.skipped:
        texts.append(("the report", report.longreprtext.encode("utf-8", "replace")))
    if call.when == "call" and GUARD in item.stash:
        made, guard = item.stash[GUARD]
        texts += guard.seen
        texts += _files(item, made)
    leaks = list(dict.fromkeys(_leaks(texts, item.config.stash.get(MARKERS, []))))
    if leaks:
        report.outcome = "failed"
        report.longrepr = "\n".join(["secrets were seen:", *leaks])
        report.sections = []
    return report


def _leaks(texts, markers):
    for where, octets in texts:
        digits = BETWEEN_DIGITS.sub(b"", octets).lower()
        for needles in markers:
            if (found := needles.found_in(octets, digits)) is not None:
                yield f"  the {found[0]} in {where} ({found[1]})"


def _files(item, made):
    folder = item.funcargs.get("tmp_path")
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_mode & EVERYBODY and path not in made.declared:
            yield f"the file {path.name}", path.read_bytes()[:LARGEST]
