"""What README promises: its demo prints what stands below it, its commands and links exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def block(marker: str, kind: str) -> str:
    """The first code block of a kind behind a marker."""
    found = re.search(rf"<!-- {marker} -->.*?```{kind}\n(.*?)```", README, re.DOTALL)
    assert found, marker
    return found[1]


def test_demo_prints_what_readme_shows():
    command = block("demo-command", "sh")
    keys = dict(
        re.findall(r"^(C1222_DEMO_\w+)=(\w+)$", (ROOT / "fixtures/captures/published_keys.env").read_text(), re.M)
    )
    words = re.search(r"\.venv/bin/c1222 (.*)\)", command)[1].split()
    done = subprocess.run(
        [sys.executable, "-c", "from c1222_cli.main import main; main()", *words],
        cwd=ROOT,
        env={**os.environ, **keys, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    shown = [line.rstrip() for line in block("demo-command", "text").splitlines()]
    assert done.returncode == 0
    assert sorted(line.rstrip() for line in done.stdout.splitlines()) == sorted(shown)


def test_test_command_is_one_line():
    assert len(block("test-command", "sh").strip().splitlines()) == 1


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([\w/.-]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
