"""A declaration as a person reads it: rows, places, words and how to read them. Nothing is described twice.

`explain_table` and `explain_procedure` give an Explanation; `find` the rows of one field.
"""

from c1219_tables.explain.codes import CodeList, codes_of
from c1219_tables.explain.explanation import Explanation, Section, explain_procedure, explain_table
from c1219_tables.explain.find import Found, find
from c1219_tables.explain.reading import Rule, rules_for
from c1219_tables.explain.rows import Place, Row, fixed_size, rows

__all__ = [
    "CodeList",
    "Explanation",
    "Found",
    "Place",
    "Row",
    "Rule",
    "Section",
    "codes_of",
    "explain_procedure",
    "explain_table",
    "find",
    "fixed_size",
    "rows",
    "rules_for",
]
