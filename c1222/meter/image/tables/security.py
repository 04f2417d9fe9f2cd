"""Decade 4 of the simulated meter: how many passwords and rules it has, and the rules, those of access.py."""

from c1219_tables.table import MANUFACTURER
from c1222.meter.device.access import EVERYBODY, PASSWORD_OCTETS, SIMULATION, Groups, Rule
from c1222.meter.image.memory import Builder, Memory, Value


def limits(memory: Memory, at: int) -> Value:
    """Table 41."""
    return {
        "nbr_passwords": len(SIMULATION.users),
        "password_len": PASSWORD_OCTETS,
        "nbr_keys": 0,
        "key_len": 0,
        "nbr_perm_used": len(SIMULATION.tables) + len(SIMULATION.procedures),
    }


def _entry(number: int, rule: Rule, *, procedure: bool) -> Value:
    def groups(some: Groups) -> list[int]:
        return sorted(some or ())

    return {
        "access_table_def": {
            "tbl_proc_nbr": number % MANUFACTURER,
            "std_vs_mfg_flag": number >= MANUFACTURER,
            "proc_flag": procedure,
            "flag1": rule.read is EVERYBODY,
            "flag2": rule.write is EVERYBODY,
        },
        "read": groups(rule.read),
        "write": groups(rule.write),
    }


def rules(memory: Memory, at: int) -> Value:
    """Table 44."""
    return {
        "access_control": [
            *(_entry(number, rule, procedure=False) for number, rule in SIMULATION.tables.items()),
            *(_entry(number, rule, procedure=True) for number, rule in SIMULATION.procedures.items()),
        ]
    }


BUILDERS: dict[int, Builder] = {41: limits, 44: rules}
