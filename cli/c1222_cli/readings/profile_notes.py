"""What is to be known of a profile, as lines for standard error, where the form has no place for it."""

from collections.abc import Sequence

from c1219_tables.readings.profile import Profile, Series


def profile_notes(found: Profile, chosen: Sequence[Series]) -> list[str]:
    """Notes of the profile, then those of each channel, with its number before them."""
    return [*map(str, found.notes), *(f"channel {one.channel}: {note}" for one in chosen for note in one.notes)]
