"""docs/remarks.md explains every code that a remark can have."""

import re
from pathlib import Path

from c1222.capture.remark import CaptureRemark, in_file
from c1222.pcap.remark import REMARK_CODES

ROOT = Path(__file__).parent.parent.parent
EXPLAINED = dict(
    re.findall(r"^\| `([a-z0-9-]+)` \| ([a-z-]+) \|", (ROOT / "docs/remarks.md").read_text(), re.MULTILINE)
)


def test_every_code_in_the_code_is_explained():
    sources = [*(ROOT / "c1222").rglob("*.py"), *(ROOT / "c1219_tables/schema").rglob("*.py")]
    call = re.compile(r"(?:of_message|in_file|of_error|Lost|\.remark|_say)\(\s*\"([a-z0-9-]+)\"")
    used = {code for path in sources for code in call.findall(path.read_text())}
    assert len(used) > 20
    assert used <= set(EXPLAINED)


def test_every_code_of_the_capture_readers_is_explained():
    assert set(REMARK_CODES) <= set(EXPLAINED)


def test_kinds_are_as_explained():
    for code, kind in EXPLAINED.items():
        if code not in REMARK_CODES:
            remark = in_file(code, "", "")
            assert isinstance(remark, CaptureRemark)
            assert remark.kind == kind, code
