"""Whether a secret can be had where a reference says, as far as that can be told without asking anybody."""

from c1222.errors import TargetError
from c1222.settings.command_secrets import check_command, is_there
from c1222.settings.keyring_secrets import INSTALL, is_installed
from c1222.settings.sections import Reference

__all__ = ["trouble"]


def trouble(reference: Reference, *, is_key: bool = False) -> str:
    """Why there will be no secret, as a sentence; "" where nothing is known against it.

    A variable and a file are looked at, and a key must be one. A keyring is not opened and a command is not run: they
    may ask a person; only that they are there is looked for.
    """
    scheme, _, rest = reference.text.partition(":")
    try:
        if scheme == "cmd" and not is_there(check_command(rest, what=reference.what)):
            return f"{reference.what}: cmd: there is no such program"
        if scheme == "keyring" and not is_installed():
            return f"{reference.what}: keyring: the library is not installed: {INSTALL}"
        if scheme in ("env", "file"):
            _ = reference.key() if is_key else reference.secret()
    except TargetError as exc:
        return str(exc)
    return ""
