import signal

import pytest
from decode_vectors import KEY_0, KEY_2


@pytest.fixture(autouse=True)
def keys_of_the_environment(monkeypatch):
    monkeypatch.setenv("K2", KEY_2)
    monkeypatch.setenv("K0", KEY_0)
    monkeypatch.setenv("ZEROS", "00" * 16)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("C1222_DEBUG", raising=False)


@pytest.fixture(autouse=True)
def signals_as_before():
    """A command that was interrupted hears nothing more to the end of its process; here the process goes on."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
