"""The system's keyring (Keychain, Secret Service, KWallet, Credential Locker), through the library `keyring`.

The library is the extra `keyring` of this package; it is imported when a keyring is asked for. What a backend raises
may hold what it was given, so its words stay here.
"""

from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import TypeVar

from c1222.errors import TargetError

__all__ = ["forget", "has_keyring", "is_installed", "is_taken", "keep", "look_up", "split_name"]

Result = TypeVar("Result")

INSTALL = "pip install 'c1222[keyring]'"


def split_name(rest: str) -> tuple[str, str] | None:
    """Service and name of what follows `keyring:`, as in `keyring:c1222/key-2`; None where it is not of this form."""
    service, slash, name = rest.partition("/")
    return (service, name) if slash and service and name else None


def is_installed() -> bool:
    """Whether the library is there. Nothing is asked of the keyring."""
    return find_spec("keyring") is not None


def has_keyring() -> bool:
    """Whether there is a keyring that keeps anything."""
    try:
        import keyring
        import keyring.backends.fail

        return not isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring)
    except Exception:  # noqa: BLE001 - a backend that cannot even begin is none
        return False


def look_up(service: str, name: str, *, what: str) -> str:
    """What the keyring holds under a service and a name.

    what: what is looked for, for messages. Raises TargetError where the library or an entry is missing, or the keyring
    says no.
    """
    found: str | None = _asked(what, lambda library: library.get_password(service, name))
    if found is None:
        raise TargetError(
            f"{what}: the keyring has nothing under service {service}, name {name}; "
            f"put it there: keyring set {service} {name}"
        )
    return found


def keep(service: str, name: str, secret: str, *, what: str) -> None:
    """Put a secret into the keyring, in the place of what is there. Raises TargetError as `look_up`."""
    _asked(what, lambda library: library.set_password(service, name, secret))


def is_taken(service: str, name: str, *, what: str) -> bool:
    """Whether the keyring holds something there. Raises TargetError as `look_up`."""
    return _asked(what, lambda library: library.get_password(service, name) is not None)


def forget(service: str, name: str, *, what: str) -> None:
    """Take a secret out of the keyring. Raises TargetError as `look_up`."""
    _asked(what, lambda library: library.delete_password(service, name))


def _asked(what: str, question: Callable[[ModuleType], Result]) -> Result:
    problem = ""
    try:
        import keyring
        from keyring.errors import NoKeyringError

        try:
            return question(keyring)
        except NoKeyringError:
            problem = "this system offers no keyring; env:NAME or file:PATH do without one"
        except Exception as exc:  # noqa: BLE001 - each backend has errors of its own
            problem = f"the keyring could not be used ({type(exc).__name__}); is it locked?"
    except ImportError:
        problem = f"the library keyring is not installed: {INSTALL}"
    # Raised where no exception is under way that could carry a secret along.
    raise TargetError(f"{what}: {problem}")
