"""A keyring for tests, with the names of the library `keyring` that the project uses, in its place."""

import sys
from types import ModuleType


class KeyringError(Exception):
    pass


class NoKeyringError(KeyringError, RuntimeError):
    pass


class FailKeyring:
    """The backend of a system without a keyring."""


class FakeKeyring(ModuleType):
    """kept: what it holds, by service and name. locked: every question is answered with an error that tells it all.

    is_there: whether the system has a keyring.
    """

    def __init__(self):
        super().__init__("keyring")
        self.kept = {}
        self.locked = False
        self.is_there = True

    def _open(self):
        if not self.is_there:
            raise NoKeyringError("no recommended backend was available")
        if self.locked:
            raise KeyringError(f"locked: {self.kept}")

    def get_keyring(self):
        return self if self.is_there else FailKeyring()

    def get_password(self, service, name):
        self._open()
        return self.kept.get((service, name))

    def set_password(self, service, name, secret):
        self._open()
        self.kept[service, name] = secret

    def delete_password(self, service, name):
        self._open()
        del self.kept[service, name]


def install(monkeypatch):
    """Put a fake keyring where the library would be. Returns it."""
    fake = FakeKeyring()
    errors, backends, fail = (ModuleType(f"keyring.{name}") for name in ("errors", "backends", "backends.fail"))
    errors.KeyringError, errors.NoKeyringError, fail.Keyring = KeyringError, NoKeyringError, FailKeyring
    fake.errors, fake.backends, backends.fail = errors, backends, fail
    fake.__path__ = []
    for module in (fake, errors, backends, fail):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


def uninstall(monkeypatch):
    """No library: importing it fails."""
    monkeypatch.setitem(sys.modules, "keyring", None)
