"""What procedures are called, and which of them take something away."""

import pytest

from c1219_tables.procedure_names import NAMES, command_name, find_procedure
from c1219_tables.procedure_risks import RISKS, risk
from c1219_tables.procedures import STANDARD_PROCEDURES, procedure


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (10, 10),
        ("10", 10),
        ("P-10", 10),
        ("SP10", 10),
        ("sp-10", 10),
        ("set-date-time", 10),
        ("SET_DATE_TIME", 10),
        ("remote-reset", 9),
        ("cold-start", 0),
        ("initiate-immediate-call", 20),
        ("MP-0", 2048),
        ("mp-5", 2053),
        ("MP-2047", 4095),
        (2053, 2053),
        ("2053", 2053),
    ],
)
def test_names(text, number):
    assert find_procedure(text).number == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no procedure is called ''"),
        ("ST-10", "no procedure is called"),
        ("date", "did you mean .*set-date-time"),
        ("remote-rest", "did you mean remote-reset"),
        ("4096", "no procedure has the number 4096"),
        ("SP-2048", "behind SP stands a number from 0 to 2047"),
        ("-1", "no procedure is called"),
        (-1, "no procedure has the number -1"),
        ("standard-procedure-23", "no procedure is called"),
    ],
)
def test_what_is_no_name(text, said):
    with pytest.raises(ValueError, match=said):
        find_procedure(text)


def test_every_name_leads_back():
    assert len(NAMES) == len(STANDARD_PROCEDURES) - 4  # 23 to 26 have none
    assert all(command_name(find_procedure(name)) == name for name in NAMES)


@pytest.mark.parametrize("number", sorted({*range(33), 500, 2048, 4095}))
def test_what_takes_something_away_says_what(number):
    harmless = {2, 5, 10, 11, 16, 18, 19, 20, 28, 29, 32}
    assert bool(risk(number)) == (number not in harmless)


def test_risks_belong_to_procedures():
    assert all(procedure(number).note.sources for number in RISKS)
    assert "maker" in risk(2048)
    assert risk(23) == risk(500) == "no public source says what it does"
