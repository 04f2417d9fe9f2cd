"""Plans and their orders, without a configuration of whoever runs the tests."""

from c1222.scripts.order import read_order
from c1222.settings.config import Config


def plan(folder, text, name="plan.toml"):
    path = folder / name
    path.write_text(text)
    return path


def order(folder, text, **more):
    return read_order(plan(folder, text), config=more.pop("config", Config()), **more)


def meter(name="one", more="", target="sim:"):
    return (
        f'[[meter]]\nname = "{name}"\ntarget = "{target}"\n'
        f'user = "ENGINEER"\nuser_id = 2\npassword = "env:PW"\n{more}\n'
    )
