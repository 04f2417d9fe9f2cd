"""A report in the form that build servers read: a suite for each meter, a case for each step."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from c1222.scripts.report import MeterReport, Report, StepReport

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> bytes:
    """XML: a failed step is a failure, one in doubt an error, one that was not taken is skipped.

    A meter that could not be reached has a case of its own for that.
    """
    root = Element("testsuites", name=_text(report.order.title))
    for meter in report.meters:
        _suite(root, meter)
    _count(root, list(root.iter("testcase")))
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: Element, meter: MeterReport) -> None:
    suite = SubElement(root, "testsuite", name=_text(meter.meter.name), hostname=_text(meter.meter.target))
    connection = meter.connection
    if connection is not None and not connection.is_fine:
        case = SubElement(suite, "testcase", classname=_text(meter.meter.name), name="session")
        SubElement(case, "failure", type=connection.kind, message=_text(connection.said))
    for taken in meter.steps:
        _case(suite, meter, taken)
    _count(suite, list(suite.iter("testcase")))


def _case(suite: Element, meter: MeterReport, taken: StepReport) -> None:
    step, outcome = taken.step, taken.outcome
    name = f"{step.number} {step.note or step.words}"
    case = SubElement(suite, "testcase", classname=_text(meter.meter.name), name=_text(name))
    if outcome is None:
        SubElement(case, "skipped", message="not done")
    elif not outcome.is_fine:
        kind = "error" if outcome.result == "in doubt" else "failure"
        SubElement(case, kind, type=outcome.kind, message=_text(outcome.said))
    elif outcome.said:
        SubElement(case, "system-out").text = _text(outcome.said)


def _count(element: Element, cases: list[Element]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))


def _text(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return _NOT_XML.sub("\ufffd", text)
