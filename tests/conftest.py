"""How hypothesis runs here, where state is kept, and who watches over secrets."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["secrets_guard"]

# The first draw of a test builds strategies, and takes longer than 200 ms where other work keeps the machine busy.
# In CI the draws are the same each time, so that one who changed nothing gets the same answer; elsewhere they are new.
settings.register_profile("ours", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def state_of_the_tests(tmp_path_factory):
    """What outlives a process lies in a folder of its own, not in that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("state")
        patch.setenv("C1222_STATE", str(folder))
        patch.setenv("XDG_STATE_HOME", str(folder))  # for commands that are run without our variables
        yield
