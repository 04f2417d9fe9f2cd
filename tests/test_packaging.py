"""What is built and installed: three packages, one command, no file that belongs elsewhere."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with a wheel and an sdist, built without the network from what is installed."""
    pytest.importorskip("hatchling", reason="hatchling is not installed here: .[dev] brings it")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def test_wheel_installs_exactly_three_packages(built):
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"c1222", "c1219_tables", "c1222_cli"}


def test_wheel_brings_the_types_and_the_command(built):
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry,) = [name for name in names if name.endswith("entry_points.txt")]
        entries = archive.read(entry).decode()
    assert {"c1222/py.typed", "c1219_tables/py.typed", "c1222_cli/py.typed"} <= names
    assert "c1222 = c1222_cli.main:main" in entries


def test_sdist_holds_what_the_tests_need_and_no_public_capture(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "tests/test_packaging.py", "c1222/errors.py"} <= names
    assert not [name for name in names if name.endswith(".cap")]


def test_the_source_installs_a_version_that_matches():
    import c1222

    assert c1222.__version__ == PROJECT["version"]


def test_no_package_called_cli():
    assert not (ROOT / "cli" / "__init__.py").exists()
