"""Start-up of the command against a bare interpreter: `--help`, `--version`, and one decoded message."""

import subprocess
import sys
import tempfile
from pathlib import Path

from measure import alternate, goal, ratio

# Request of example 8, published with its key; here it stays closed.
MESSAGE = (
    "604fa20580037bc175a60480027b04a803020103ac0fa20da00ba109800102810448f3d061be2a2828812688"
    "41d10cda76206811b36f781489a11997773e117cb07aa3aa40374a7107c50da7f799c5d4e8"
)
COMMAND = Path(sys.executable).with_name("c1222")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder) / "message.txt"
        message.write_text(MESSAGE + "\n")

        def run(*words: str) -> None:
            subprocess.run(words, check=True, capture_output=True)

        times = alternate(
            {
                "interpreter": lambda: run(sys.executable, "-c", "pass"),
                "--help": lambda: run(str(COMMAND), "--help"),
                "decode": lambda: run(str(COMMAND), "decode", str(message)),
            },
            rounds=15,
        )
    for name, timing in times.items():
        print(f"{name}: {1000 * timing.median:.0f} ms (spread {timing.spread:.0%})")
    print(f"one message against a bare interpreter: {ratio(times['decode'], times['interpreter']):.2f}")
    met = [
        goal("--help against a bare interpreter", ratio(times["--help"], times["interpreter"]), 5, at_least=False),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
