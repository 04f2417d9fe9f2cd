"""docs/conformance.md is what the declarations say; sources count once each; notes name known sources only."""

import importlib.util
import re
from pathlib import Path

import pytest

from c1219_tables.explain import explain_procedure, explain_table
from c1219_tables.procedures import STANDARD_PROCEDURES
from c1219_tables.provenance import COUNTS_AS, independent
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import note

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def document():
    spec = importlib.util.spec_from_file_location("make_conformance", DOCS / "make_conformance.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.conformance()


def test_the_document_is_what_the_declarations_say(document):
    written = (DOCS / "conformance.md").read_text(encoding="utf-8")
    assert written == document, "run: python docs/make_conformance.py"


def section(document, title):
    return document.partition(f"\n### {title}\n")[2].partition("\n### ")[0]


def test_a_table_of_one_source(document):
    """Table 45 is known from termineter alone, says the reference."""
    text = section(document, "ST-45")
    assert "Single: T (1)" in text
    assert "| `key_entries[i]` | BINARY(ST-41.key_len), secret | ST-41.nbr_keys times | T (1) | single |" in text


def test_a_table_of_several_sources(document):
    """The reference: table 61, four sources, C J N Y."""
    text = section(document, "ST-61")
    assert "Agreed: C J N Y (4)" in text
    assert "| `lp_flags` | BIT FIELD OF UINT16 |  | C J N Y (4) | agreed |" in text


def test_gaps_are_marked(document):
    assert "| &nbsp;&nbsp;`e_freq` | bits 0 to 2 |" not in section(document, "ST-2")  # a level deeper
    assert re.search(r"`e_freq` \| bits 0 to 2 \|  \| CT JC \(2\) \| agreed, gap \|", section(document, "ST-2"))


def test_tables_with_a_name_only_are_listed(document):
    listed = document.partition("## Tables with a name only")[2].partition("\n## ")[0]
    # Missing everywhere, says the reference: layouts of 43, 46, 47, 57, 77, 78, 79; 47 has no name either.
    for number in (43, 46, 57, 77, 78, 79):
        assert f"| ST-{number} |" in listed
    assert "| ST-64 |" not in listed


def test_editions_and_makers(document):
    editions = document.partition("## Editions")[2].partition("\n## ")[0]
    assert "not in the 1997 edition | ST-3, SP-6 |" in editions
    assert "2047" not in editions
    makers = document.partition("## Makers")[2].partition("\n## ")[0]
    assert "| `closure_status` | off | ST-64 `blocks[i].closure_status[j]`" in makers
    assert "| `event_seq_nbr` | on | ST-76 `entries[i].event_seq_nbr` |" in makers


def test_procedures_and_services(document):
    assert "| &nbsp;&nbsp;`set_time_flag`" not in section(document, "SP-10").partition("`parm`")[0]
    assert re.search(r"`set_time_flag` \| bit 0 \|  \| CNX \(1\) \| inferred \|", section(document, "SP-10"))
    assert "| `octet_count` | UINT16 |" in section(document, "offset_read, request")


# -- Sources ---------------------------------------------------------------------------------------------------


def listed_sources():
    """Short name -> what it counts as, from the tables of docs/sources.md."""
    found = {}
    for names, counts in re.findall(r"^\| ([A-Z0-9, -]+) \| ([A-Z0-9-]+) \|", (DOCS / "sources.md").read_text(), re.M):
        for name in names.split(", "):
            assert found.setdefault(name, counts) == counts, name
    return found


def test_the_list_of_sources_counts_as_programs_do():
    listed = listed_sources()
    assert {name: COUNTS_AS.get(name, name) for name in listed} == listed
    assert set(COUNTS_AS) <= set(listed)
    assert set(COUNTS_AS.values()) <= set(listed)


# The heads of the three table references name the repository behind each short name.
SAME = ["CX CNX J", "TM TER T TRM", "YK CAN Y", "EL C12A A ADP WS", "JC GE", "CT C C12T", "NI N N0M", "HX X", "ES ESP"]


@pytest.mark.parametrize("names", SAME)
def test_the_same_source_counts_once(names):
    assert len(independent(names.split())) == 1
    assert note("words", names).sure == "single"


def test_different_sources_count_each():
    assert len(independent(["CX", "TM", "YK", "EL", "JC", "CT", "NI", "HX", "ES", "ITR", "FD", "CNX-A3"])) == 12
    assert note("words", "CX YK").sure == "agreed"
    assert note("words", "").sure == "none"
    assert note("words", "CX YK", sure="inferred").sure == "inferred"


def every_row():
    known = [explain_table(table) for table in STANDARD]
    known += [explain_procedure(one) for one in STANDARD_PROCEDURES.values()]
    return [(one.label, row) for one in known for section in one.sections for row in section.rows]


def test_notes_name_sources_that_are_listed():
    listed = set(listed_sources())
    unknown = {(label, row.path, name) for label, row in every_row() for name in row.sources if name not in listed}
    assert not unknown


def test_nothing_is_agreed_by_one():
    wrong = [
        (label, row.path) for label, row in every_row() if row.sure == "agreed" and len(independent(row.sources)) < 2
    ]
    assert not wrong
