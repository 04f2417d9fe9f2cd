"""What a LayoutError says, and that it survives being copied to another process."""

import copy
import pickle

import pytest

from c1219_tables.errors import C12Error, LayoutError
from c1222.errors import CaptureError, MessageError, SecurityError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            LayoutError("too short", layout="ST-22", field="demand_select", offset=3),
            "ST-22 demand_select: too short (offset 3)",
        ),
        (LayoutError("too short", layout="ST-22"), "ST-22: too short"),
        (LayoutError("too short", offset=0), "too short (offset 0)"),
        (LayoutError("too short"), "too short"),
        (MessageError("too short", layout="APDU", offset=0), "APDU: too short (offset 0)"),
    ],
)
def test_the_text_names_layout_field_and_offset(error, text):
    assert str(error) == text
    assert isinstance(error, ValueError)
    assert isinstance(error, C12Error)


@pytest.mark.parametrize(
    "error",
    [
        LayoutError("too short", layout="ST-22", field="demand_select", offset=3),
        MessageError("too short", layout="APDU", field="x", offset=0),
        CaptureError("cut", file="a.pcap", packet=3, offset=40),
        SecurityError("no", reason="bad-mac"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_copy_and_pickle(error, clone):
    again = clone(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
