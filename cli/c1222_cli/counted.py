"""How many there are, in words: `1 step`, `2 steps`, `2 entries`."""


def counted(number: int, one: str, many: str = "") -> str:
    """many: what several are called, where that is not `one` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
