"""A report that was kept draws the same faces again."""

import json

import pytest

from lawadvisor.foundation import sheets
from lawadvisor.foundation.snapshot import freeze, thaw
from lawadvisor.foundation.tables import as_json, cells
from tests.foundation import sample_report


def test_a_thawed_report_is_the_report():
    document = sample_report.report()
    again = thaw(freeze(document))

    assert as_json(again) == as_json(document)
    assert [cell.display for cell in cells(again)] == [cell.display for cell in cells(document)]
    assert sheets.write(again) == sheets.write(document)


def test_an_altered_snapshot_is_refused():
    data = json.loads(freeze(sample_report.report()))
    data["sections"][0]["rows"][0][1] = "别的村"

    with pytest.raises(ValueError, match="was altered"):
        thaw(json.dumps(data).encode())


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b'{"key": "R1"}'])
def test_what_is_no_snapshot_is_refused(content: bytes):
    with pytest.raises(ValueError, match=r".+"):
        thaw(content)
