"""How hypothesis runs here."""

from hypothesis import settings

# The first draw of a test builds strategies, and takes longer than 200 ms where other work keeps the machine busy.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
