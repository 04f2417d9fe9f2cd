"""The files of the configuration: which there are, and their sections, as they were written.

C1222_CONFIG names one file to be read instead of both others: c1222.toml of the working directory, and c1222.toml of
the user's folder for configurations.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from c1222.errors import TargetError
from c1222.settings.private_files import read_small_file
from c1222.settings.toml_text import parse_toml, text_of
from c1222.settings.unknown import unknown

__all__ = ["CONFIG", "FILE_NAME", "KINDS_OF_SECTIONS", "ConfigFile", "Section", "config_files", "user_folder"]

FILE_NAME = "c1222.toml"
CONFIG = "C1222_CONFIG"
KINDS_OF_SECTIONS = ("meter", "profile")


@dataclass(frozen=True, slots=True)
class Section:
    """One `[meter.NAME]` or `[profile.NAME]`, unchecked.

    place: its file and name, for messages. folder: where its relative paths start. is_own: it stands in a file that is
    the user's, and not in one of the working directory, which may be anybody's.
    """

    place: str
    folder: Path
    values: dict[str, object]
    is_own: bool


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """whose: what makes it one, in words. is_there: whether there is such a file. is_own: as of its sections."""

    path: Path
    whose: str
    is_there: bool
    is_own: bool

    def sections(self) -> dict[str, dict[str, Section]]:
        """Its sections, by kind and name.

        Raises TargetError for a file that cannot be read, is no TOML, or has other sections.
        """
        path = self.path
        text = text_of(read_small_file(path, name=str(path)).octets)
        if text is None:
            raise TargetError(f"{path}: not a text file in UTF-8")
        document, problem = parse_toml(text)
        if document is None:
            raise TargetError(f"{path}{problem}")
        found: dict[str, dict[str, Section]] = {}
        folder = path.expanduser().absolute().parent
        for kind, named in document.items():
            if kind not in KINDS_OF_SECTIONS:
                raise TargetError(f"{path}: {unknown('section', kind, KINDS_OF_SECTIONS)}, written [meter.NAME]")
            if not isinstance(named, dict) or not all(isinstance(values, dict) for values in named.values()):
                raise TargetError(f"{path}: every {kind} has a name: [{kind}.NAME], and its values below that line")
            found[kind] = {
                name: Section(f"{path}: [{kind}.{_quoted(name)}]", folder, values, self.is_own)
                for name, values in named.items()
            }
        return found


def config_files(variables: Mapping[str, str], folder: Path | None = None) -> tuple[ConfigFile, ...]:
    """The files that are looked for; the first goes before the others.

    variables: of the environment. folder: where the project's file lies, the working directory by default.
    Raises TargetError for a folder that cannot be looked into.
    """
    if given := variables.get(CONFIG):
        path = Path(given)
        return (ConfigFile(path, f"named by {CONFIG}", _is_there(path.expanduser()), is_own=True),)
    here = Path(FILE_NAME) if folder is None else folder / FILE_NAME
    yours = user_folder() / FILE_NAME
    return (
        ConfigFile(here, "of the working directory", _is_there(here), is_own=False),
        ConfigFile(yours, "yours", _is_there(yours), is_own=True),
    )


def user_folder() -> Path:
    """The folder of this user's configuration, for example ~/.config/c1222."""
    # Imported when it is asked for: most of what uses this package reads no configuration.
    from platformdirs import user_config_path

    return user_config_path("c1222", appauthor=False)


def _is_there(path: Path) -> bool:
    """What is there and cannot be read is an error; what is not there is none."""
    try:
        return path.exists()
    except OSError as exc:
        raise TargetError(f"{path}: {exc.strerror}") from exc


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else f'"{name}"'
