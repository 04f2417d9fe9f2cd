"""Notes: equal ones are the same note, whoever made them."""

from c1219_tables.readings.notes import Note, unique


def test_each_note_once_as_it_first_came():
    rounded, pulses = Note("rounded", "it is rounded"), Note("pulses", "it counts pulses")
    assert unique([rounded, pulses, Note("rounded", "it is rounded")]) == (rounded, pulses)
    # The same code with another text says something else.
    assert len(unique([rounded, Note("rounded", "another is rounded")])) == 2
    assert unique([]) == ()
