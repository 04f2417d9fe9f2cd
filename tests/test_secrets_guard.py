"""The guard over secrets: what it finds, and what it lets pass. Each test runs a test of its own under it."""

import pytest

pytest_plugins = ["pytester"]

LEAKS = {
    # what a test does, and where the guard says that it saw it
    "stdout": ("print(marker.password)", "password in section 'Captured stdout call' (plain)"),
    "stderr": ("sys.stderr.write('x' + marker.key.upper())", "key in section 'Captured stderr call' (hex)"),
    "octets-as-escapes": ("print(marker.octets)", "(escapes)"),
    "hex-in-groups": ("print(marker.octets.hex(' ', 4))", "(hex)"),
    "hex-as-in-c": ("print(', '.join(f'0x{octet:02X}' for octet in marker.octets))", "(hex)"),
    "password-in-hex": ("print(marker.password.encode().hex(':'))", "password in"),
    "base64": ("print(b64encode(marker.octets).decode())", "(base64)"),
    "inside-base64": ("print(b64encode(b'u:' + marker.password.encode() + b'!'))", "(base64)"),
    "url-base64": ("print(urlsafe_b64encode(b'1' + marker.octets))", "(base64)"),
    "log": ("logging.getLogger('c1222.x').debug('with %s', marker.password)", "the log"),
    "captured-by-the-test": ("print(marker.key); capsys.readouterr()", "captured output (hex)"),
    "file": ("(tmp_path / 'out').write_bytes(b'--' + marker.octets)", "the file out (plain)"),
    "command": ("invoke(lambda: print(marker.key))", "stdout of a command"),
    "command-fails": ("invoke(lambda: int(marker.key + 'x'))", "an error of a command"),
    "process": (
        "subprocess.run([sys.executable, '-c', f'print({marker.key!r})'], capture_output=True)",
        "of a process",
    ),
    "raises": ("pytest.raises(ValueError, int, marker.password)", "an error (plain)"),
    "report": ("assert marker.password == 'x'", "the report (plain)"),
}

KEPT = [
    pytest.param("print('nothing to see', marker)", id="nothing"),
    pytest.param("print(marker.password[:8], marker.key[:16])", id="half-a-secret"),
    pytest.param("path = tmp_path / 'key'; path.touch(0o600); path.write_text(marker.key)", id="owner-only"),
    pytest.param("marker.may_be_in(tmp_path / 'open').write_text(marker.key)", id="declared"),
    pytest.param("assert len(marker.password) <= 20 and len(marker.octets) == 16", id="sizes"),
]

HEAD = """
import logging, subprocess, sys
from base64 import b64encode, urlsafe_b64encode
import click, pytest
from click.testing import CliRunner

def invoke(function):
    CliRunner().invoke(click.command()(function))

def test_it(marker, tmp_path, capsys_or_not):
    """


def run(pytester, code):
    fixture = "capsys" if "capsys" in code else "monkeypatch"
    pytester.makepyfile(HEAD.replace("capsys_or_not", fixture).strip() + " " + code)
    return pytester.runpytest_inprocess("-p", "secrets_guard", "-p", "no:cacheprovider")


@pytest.mark.parametrize(("code", "where"), LEAKS.values(), ids=LEAKS)
def test_a_leak_fails_the_test(pytester, code, where):
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["secrets were seen:"])
    assert where in result.stdout.str()
    assert "pw-" not in result.stdout.str(), "the secret itself is not repeated: a password begins so"


@pytest.mark.parametrize("code", KEPT)
def test_what_may_be(pytester, code):
    run(pytester, code).assert_outcomes(passed=1)


def test_secrets_are_unique(pytester):
    pytester.makepyfile(
        """
        import pytest
        seen = set()

        @pytest.mark.parametrize("n", range(5))
        def test_it(marker, n):
            assert not seen & {marker.password, marker.key}
            seen.update((marker.password, marker.key))
        """
    )
    pytester.runpytest_inprocess("-p", "secrets_guard").assert_outcomes(passed=5)


def test_a_secret_that_another_test_lets_out(pytester):
    pytester.makepyfile(
        """
        kept = []

        def test_first(marker):
            kept.append(marker.key)

        def test_second():
            print(kept[0])
        """
    )
    result = pytester.runpytest_inprocess("-p", "secrets_guard")
    result.assert_outcomes(passed=1, failed=1)


def test_a_test_without_secrets_is_left_alone(pytester):
    pytester.makepyfile("def test_it():\n    print('anything')\n    assert False")
    result = pytester.runpytest_inprocess("-p", "secrets_guard")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert False*", "*anything*"])
