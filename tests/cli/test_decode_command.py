"""`c1222 decode`: exit codes, keys, filters, files and pipes."""

import contextlib
import os
import stat
import subprocess
import sys
from random import Random

import pytest
from click.testing import CliRunner
from decode_vectors import (
    AUTHENTICATED,
    EXAMPLE_8,
    IDENTIFY,
    INDEX_READ,
    ISSS,
    KEY_2,
    NEEDS_CAPTURES,
    SECURITY,
    SESSION,
    clear_apdu,
    command,
    decode,
    public_captures,
)

import c1222_cli.keys
from c1222_cli.main import main
from c1222_cli.output import FORMATS

WRONG = {"WRONG": "00112233445566778899aabbccddeeff"}
CUT = EXAMPLE_8.replace("60 4F", "60 50")  # claims an octet more than there is

EXIT_CODES = [
    #             text, options, exit code
    pytest.param(EXAMPLE_8, ["--key", "2=env:K2"], 0, id="opened"),
    pytest.param(EXAMPLE_8, [], 0, id="no-key"),
    pytest.param(EXAMPLE_8, ["--strict"], 7, id="no-key-strict"),
    pytest.param(EXAMPLE_8, ["--key", "2=env:K2", "--strict"], 0, id="opened-strict"),
    pytest.param(EXAMPLE_8, ["--key", "2=env:WRONG"], 4, id="bad-mac"),
    pytest.param(EXAMPLE_8, ["--key", "2=env:WRONG", "--strict"], 4, id="bad-mac-strict"),
    pytest.param(INDEX_READ, [], 0, id="checksum"),
    pytest.param(INDEX_READ, ["--strict"], 7, id="checksum-strict"),
    pytest.param(IDENTIFY, ["--strict"], 0, id="missing-a4-strict"),
    pytest.param(CUT, ["--key", "2=env:K2"], 7, id="undecodable"),
    pytest.param(CUT, ["--key", "2=env:WRONG"], 7, id="undecodable-beats-bad-mac"),
    pytest.param("60 zz\n", [], 7, id="line-that-is-not-hex"),
    pytest.param(clear_apdu(b"\x30\x00"), [], 7, id="service-undecodable"),
    pytest.param(clear_apdu(b"\x30\x00\x01", behind=b"\x09\x30"), [], 7, id="body-undecodable"),
    pytest.param(clear_apdu(b"\x30\x00\x01", behind=b"\x81\x00"), [], 7, id="service-without-octets"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(64), [], 7, id="not-a-capture"),
    pytest.param("", [], 7, id="empty"),
    pytest.param("# nothing\n", [], 0, id="no-messages"),
    pytest.param(EXAMPLE_8, ["--format", "xml"], 2, id="unknown-format"),
    pytest.param(EXAMPLE_8, ["--tree", "--format", "json"], 2, id="tree-as-json"),
    pytest.param(EXAMPLE_8, ["--service", "reed"], 2, id="unknown-service"),
    pytest.param(EXAMPLE_8, ["--title", "1.x"], 2, id="bad-title"),
    pytest.param(EXAMPLE_8, ["--port", "70000"], 2, id="bad-port"),
    pytest.param(EXAMPLE_8, ["--key", "2=env:NOT_SET"], 2, id="key-not-set"),
    pytest.param(EXAMPLE_8, ["--keys", "/not/there"], 2, id="no-key-file"),
]


@pytest.mark.parametrize(("text", "options", "code"), EXIT_CODES)
def test_exit_code(text, options, code):
    result = decode(text, *options, env=WRONG)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def test_a_missing_file_does_not_stop_the_others(tmp_path):
    good, broken = tmp_path / "good.hex", tmp_path / "broken.hex"
    good.write_text(EXAMPLE_8)
    broken.write_bytes(bytes(range(256)))
    result = CliRunner().invoke(main, ["decode", str(tmp_path / "gone"), str(broken), str(good), "--key", "2=env:K2"])
    assert result.exit_code == 2
    assert "offset_read ST-1 @16+16" in result.stdout
    assert f"{tmp_path / 'gone'}: No such file or directory" in result.stderr
    assert f"{broken}, offset 0: neither pcap nor pcapng nor hex text" in result.stderr


# ── keys


@pytest.mark.parametrize(
    "given",
    [KEY_2, f"2={KEY_2}", f"2:{KEY_2}", f"{KEY_2}=2", f"300={KEY_2}", f"2=key:{KEY_2}", f"={KEY_2}", f"2=env:{KEY_2}"],
)
def test_a_literal_key_is_refused_and_not_repeated(given):
    result = decode(EXAMPLE_8, "--key", given)
    assert result.exit_code == 2
    assert "env:NAME" in result.output or "not the name of a variable" in result.output
    assert KEY_2 not in result.output


def test_keys_from_toml(tmp_path):
    keys = tmp_path / "keys.toml"
    keys.write_text('[[key]]\nid = 2\ntitle = ".123.8437"\nsource = "env:K2"\n')
    assert "opened, key 2" in decode(EXAMPLE_8, "--keys", str(keys)).stdout
    keys.write_text('[[key]]\nid = 2\ntitle = ".9.9"\nsource = "env:K2"\n')
    assert "no key 2" in decode(EXAMPLE_8, "--keys", str(keys)).stdout
    keys.write_text('[[key]]\nid = 2\ntitle = "nonsense"\nsource = "env:K2"\n')
    result = decode(EXAMPLE_8, "--keys", str(keys))
    assert (result.exit_code, "nonsense" in result.stderr) == (2, True)


def test_keys_from_wireshark(tmp_path):
    keys = tmp_path / "c1222_decryption_table"
    keys.write_text(f'"2",{KEY_2}\n')
    keys.chmod(0o600)
    assert "opened, key 2" in decode(EXAMPLE_8, "--keys", str(keys)).stdout


def test_a_key_is_asked_for_unseen(monkeypatch, tmp_path):
    capture = tmp_path / "x.hex"
    capture.write_text(EXAMPLE_8)
    monkeypatch.setattr(c1222_cli.keys, "can_ask", lambda: True)
    result = CliRunner().invoke(main, ["decode", str(capture), "--key", "2=prompt"], input=f"{KEY_2}\n")
    assert "opened, key 2" in result.stdout
    assert "key 2" in result.stderr
    assert KEY_2 not in result.output


def test_nobody_is_asked_without_a_terminal():
    result = decode(EXAMPLE_8, "--key", "2=prompt")
    assert result.exit_code == 2
    assert "nobody can be asked" in result.stderr


def test_a_session_without_authentication_value_is_opened_from_memory(monkeypatch):
    monkeypatch.setenv("K2", "6624C7E23034E4036FE5CB3A8B5DAB44")
    rows = decode(SESSION, "--key", "2=env:K2", "--format", "plain").stdout.splitlines()
    assert (
        rows[0].split("\t")[6]
        == 'logon 2 "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00", security, full_read ST-1'
    )
    assert rows[1].split("\t")[6] == "full_read ST-0, full_read ST-5, logoff"


def test_mode_1(monkeypatch):
    row = decode(AUTHENTICATED, "--key", "0=env:ZEROS", "--format", "plain").stdout.split("\t")
    assert row[6:9] == ["security, full_read ST-1, full_read ST-5", "no answer", "authenticated, key 0"]
    row = decode(AUTHENTICATED, "--format", "plain").stdout.split("\t")
    assert row[6:9] == ["security, full_read ST-1, full_read ST-5", "no answer", "no key 0"]


# ── filters

EVERYTHING = IDENTIFY + INDEX_READ + SECURITY + ISSS + EXAMPLE_8

FILTERS = [
    pytest.param(["--service", "identify"], ["identify", "identify"], id="name"),
    pytest.param(["--service", "read"], ["index_read_1 ST-0 [0] x1", "security, offset_read ST-1 @16+16"], id="group"),
    pytest.param(["--service", "index-read"], ["index_read_1 ST-0 [0] x1"], id="dash"),
    pytest.param(["--service", "write"], [], id="none"),
    pytest.param(
        ["--service", "security", "--title", ".123.8437"], ["security, offset_read ST-1 @16+16"], id="service-and-title"
    ),
    pytest.param(["--title", ".123.4"], ["security, offset_read ST-1 @16+16"], id="either-party"),
    pytest.param(["--title", "2.16.124.113620.1.22.0.123.4"], ["security, offset_read ST-1 @16+16"], id="absolute"),
    pytest.param(["--title", "1.3.6.1.4.1.33507", "--service", "security"], ["security"], id="other-title"),
    pytest.param(["--title", ".123"], [], id="a-title-is-not-a-prefix"),
]


@pytest.mark.parametrize(("options", "services"), FILTERS)
def test_filters(options, services):
    result = decode(EVERYTHING, "--key", "2=env:K2", "--format", "plain", *options)
    assert [row.split("\t")[6] for row in result.stdout.splitlines()] == services
    assert f"{5 - len(services)} exchanges left out" in result.stderr


def test_what_is_left_out_does_not_count():
    """A MAC that does not hold in somebody else's messages is no failure of what was asked for."""
    assert decode(EVERYTHING, "--key", "2=env:WRONG", "--service", "identify", env=WRONG).exit_code == 0


# ── output files


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.json", b'{"schema_version":1,'),
        ("a.jsonl", b'{"type":"decode","schema_version":1,'),
        ("a.ndjson", b'{"type":"decode",'),
        ("a.txt", b"packet  time (UTC)"),
        ("a.TSV", b"exchange\t-\t2/3\t-\t.123.4\t"),
        ("a.hex", b"# -, packet 2, .123.4 > .123.8437, request, 81 octets\n604fa205"),
    ],
)
def test_the_suffix_chooses_the_format(tmp_path, name, begins):
    result = decode(EXAMPLE_8, "-o", str(tmp_path / name))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208


def test_format_beats_suffix(tmp_path):
    decode(EXAMPLE_8, "-o", str(tmp_path / "a.txt"), "--format", "json")
    assert (tmp_path / "a.txt").read_bytes().startswith(b'{"schema_version":1,')


def test_an_unknown_suffix_is_said(tmp_path):
    result = decode(EXAMPLE_8, "-o", str(tmp_path / "a.xml"))
    assert result.exit_code == 2
    assert "--format" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    out, capture = tmp_path / "out.jsonl", tmp_path / "in.hex"
    out.write_text("before")
    capture.write_text(EXAMPLE_8)

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("c1222_cli.decode.run.decode_files", stop)
    result = CliRunner().invoke(main, ["decode", str(capture), "-o", str(out)])
    assert result.exit_code == 130
    assert out.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.hex", "out.jsonl"]


def test_an_interruption_ends_standard_output_properly(tmp_path, monkeypatch):
    def some_then_stop(*_, **__):
        yield from ()
        raise KeyboardInterrupt

    monkeypatch.setattr("c1222_cli.decode.run.decode_files", some_then_stop)
    result = decode(EXAMPLE_8, "--format", "json")
    assert result.exit_code == 130
    assert '"complete":false' in result.stdout
    assert result.stdout.endswith("}}\n") or result.stdout.endswith("]}}\n")


def test_the_capture_is_not_overwritten(tmp_path):
    capture = tmp_path / "in.hex"
    capture.write_text(EXAMPLE_8)
    result = CliRunner().invoke(main, ["decode", str(capture), "-o", str(capture)])
    assert result.exit_code == 2
    assert capture.read_text() == EXAMPLE_8


@pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")
def test_a_file_with_secrets_is_private(tmp_path):
    old = os.umask(0o022)
    try:
        decode(SECURITY, "-o", str(tmp_path / "a.json"), "--show-secrets")
        decode(SECURITY, "-o", str(tmp_path / "b.json"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "b.json").stat().st_mode) == 0o644


def test_a_folder_that_is_not_there(tmp_path):
    result = decode(EXAMPLE_8, "-o", str(tmp_path / "no" / "a.json"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no such device here")  # noqa: PTH110
def test_a_device_stays_a_device():
    assert decode(EXAMPLE_8, "-o", "/dev/null", "--format", "json").exit_code == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116


# ── damage


@pytest.mark.parametrize("form", [["--format", form] for form in FORMATS] + [["--tree"]], ids=lambda form: form[-1])
@pytest.mark.parametrize("secrets", [[], ["--show-secrets"]], ids=["masked", "shown"])
def test_damaged_messages_are_never_an_error_of_ours(form, secrets):
    """Seeded mutations of every vector, through every writer. Longer runs: tests/fuzz."""
    random = Random(12_22)
    lines = []
    whole = [bytes.fromhex(line) for line in (EVERYTHING + SESSION + AUTHENTICATED).splitlines() if line[0] != "#"]
    for octets in whole * 20:
        damaged = bytearray(octets)
        for _ in range(random.choice((1, 1, 2, 5))):
            damaged[random.randrange(len(damaged))] = random.choice((0, 1, 0x7F, 0x80, 0x81, random.randrange(256)))
        lines.append(damaged[: random.choice((None, None, random.randrange(1, len(damaged))))].hex())
    result = decode("\n".join(lines), *form, *secrets, "--key", "2=env:K2", "--key", "0=env:ZEROS")
    assert result.exit_code == 7
    assert "should not have happened" not in result.stderr
    assert f"{len(lines)} messages" in result.stderr


# ── pipes


def test_quiet_says_nothing():
    result = decode(EXAMPLE_8, "-q", "--key", "2=env:K2")
    assert result.stderr == ""
    assert result.stdout


def test_summary_says_how_to_decipher():
    stderr = decode(EXAMPLE_8).stderr
    assert "2 messages (2 no-key) in 1 exchange, 1 answered" in stderr
    assert "--key 2=env:NAME" in stderr


def test_summary_of_nothing_names_the_ports():
    assert "no messages of C12.22 found (port 1153; --port N for others), nor of C12.18" in decode("# nothing\n").stderr


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "hex"])
def test_a_reader_that_has_enough(form):
    """`c1222 decode big | head -1` is quiet and no failure."""
    code = "from c1222_cli.main import main; main()"
    producer = subprocess.Popen(
        [sys.executable, "-c", code, "-q", "decode", "-", "--format", form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    producer.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        producer.stdin.write(IDENTIFY.encode() * 200)
        producer.stdin.flush()
    with contextlib.suppress(BrokenPipeError):
        producer.stdin.close()
    said = producer.stderr.read()
    producer.stderr.close()
    assert (producer.wait(), said) == (0, b"")


def test_from_a_pipe():
    done = command("decode", "-", "--key", "2=env:K2", "--format", "plain", input=EXAMPLE_8.encode())
    assert done.returncode == 0
    assert done.stdout.split(b"\t")[4:9] == [
        b".123.4", b".123.8437", b"security, offset_read ST-1 @16+16", b"ok 16 octets", b"opened, key 2"
    ]  # fmt: skip


def test_text_that_the_locale_lacks_is_escaped():
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    text = clear_apdu(b"\x50\x00\x02" + "Zähler".encode("latin-1").ljust(10) + b"\x00\x3c")
    done = command("decode", "-", input=text.encode(), env=env)
    assert done.returncode == 0
    assert rb'logon 2 "Z\xe4hler"' in done.stdout


@NEEDS_CAPTURES
def test_every_message_of_the_public_captures():
    files = list(map(str, public_captures()))
    result = CliRunner().invoke(main, ["decode", *files, "--key", "2=env:K2", "--key", "0=env:K0"])
    assert result.exit_code == 0
    assert "20 messages (16 clear, 4 opened) in 10 exchanges, 10 answered" in result.stderr
    assert CliRunner().invoke(main, ["decode", *files, "--strict"]).exit_code == 7


def test_keys_that_are_read_are_not_overwritten(tmp_path):
    key, named, keys = (tmp_path / name for name in ("a.key", "b.key", "keys.toml"))
    for path in (key, named):
        path.write_text(KEY_2)
        path.chmod(0o600)
    keys.write_text('[[key]]\nid = 3\nsource = "file:b.key"\n')
    given = ["--key", f"2=file:{key}", "--keys", str(keys)]
    for path in (key, named, keys):
        before = path.read_text()
        result = decode(EXAMPLE_8, *given, "-o", str(path), "--format", "json")
        assert result.exit_code == 2
        assert "the command reads this file; it is not overwritten" in " ".join(result.stderr.split())
        assert path.read_text() == before


def test_hex_in_place_of_a_file():
    result = CliRunner().invoke(main, ["decode", "600ca803020101be052803810180"])
    assert result.exit_code == 2
    assert "echo 600ca803... | c1222 decode -" in result.stderr


def test_a_file_name_that_is_too_long():
    result = CliRunner().invoke(main, ["decode", "60" * 300])
    assert result.exit_code == 2
    assert "File name too long" in result.stderr


def test_an_empty_title_is_refused():
    result = decode(EXAMPLE_8, "--title", "")
    assert result.exit_code == 2
    assert "an ApTitle is wanted" in result.stderr


def test_key_ids_are_ascii_digits():
    assert decode(EXAMPLE_8, "--key", "\u0662=env:K2").exit_code == 2


def test_of_a_file_that_cannot_be_opened_no_more_is_said(tmp_path):
    nowhere = tmp_path / "nope.pcap"
    result = CliRunner().invoke(main, ["decode", str(nowhere)])
    assert result.exit_code == 2
    assert result.stderr == f"Error: {nowhere}: No such file or directory\n"
    # Of one that is there, it is worth knowing that nothing is in it.
    hexed = tmp_path / "empty.hex"
    hexed.write_text("00 01\n")
    assert len(CliRunner().invoke(main, ["decode", str(nowhere), str(hexed)]).stderr.splitlines()) > 1
