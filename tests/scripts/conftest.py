import pytest


@pytest.fixture(autouse=True)
def password_of_the_engineer(monkeypatch):
    monkeypatch.setenv("PW", "ENGINEER")
