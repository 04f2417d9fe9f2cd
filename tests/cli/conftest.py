import pytest
from decode_vectors import KEY_0, KEY_2


@pytest.fixture(autouse=True)
def keys_of_the_environment(monkeypatch):
    monkeypatch.setenv("K2", KEY_2)
    monkeypatch.setenv("K0", KEY_0)
    monkeypatch.setenv("ZEROS", "00" * 16)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("C1222_DEBUG", raising=False)
