"""Files that are read on the way to a meter: an output does not take their place."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c1222.settings.sections import Reference
    from c1222.settings.targets import Target


def files_of(target: "Target") -> tuple[Path, ...]:
    """The files that stand for a meter: a dump, or the image of a simulated one. target: not a name any more."""
    image = target.option("image", Path)
    return (*([Path(target.place)] if target.kind.form == "file" else []), *([image] if image is not None else []))


def files_behind(target: str) -> tuple[Path, ...]:
    """These of a target as it is written, a name of the configuration too; the configuration; where passwords and keys
    lie that it names, and those that its files of keys name.

    Raises TargetError as `connect` does.
    """
    from c1222.settings.config import read_config
    from c1222.settings.targets import parse_target
    from c1222_cli.keys import files_read

    config = read_config()
    meant = config.meant(parse_target(target))
    said: dict[str, Any] = dict(meant.said)
    secrets = [said.get("password"), *said.get("key", {}).values()]
    lie = [_file(each) for each in secrets if each is not None and each.text.startswith("file:")]
    keys = (Path(each) for each in files_read((), map(Path, said.get("keys", ()))))
    return (*files_of(meant.target), *config.files, *lie, *keys)


def _file(secret: "Reference") -> Path:
    return (secret.folder or Path()) / Path(secret.text.removeprefix("file:")).expanduser()
