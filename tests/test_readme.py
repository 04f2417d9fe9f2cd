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


def test_demo_prints_what_readme_shows(tmp_path):
    command = block("demo-command", "sh")
    words = re.search(r"\.venv/bin/c1222 (.*)$", command, re.MULTILINE)[1].split()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("C1222_")}
    done = subprocess.run(
        [sys.executable, "-c", "from c1222_cli.main import main; main()", *words],
        cwd=tmp_path,
        env={**environment, "NO_COLOR": "1", "XDG_CONFIG_HOME": str(tmp_path)},
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
