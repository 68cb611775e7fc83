"""Historic service records: sessions and matters from the bureau's own file, and back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.models import AuditEntry, ImportBatch
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of, brought_in, confirmed, exported, opened, said_of
from worklogs.enums import MatterKind
from worklogs.models import Matter, ServiceLog
from worklogs.record_plan import FROZEN

pytestmark = pytest.mark.django_db

HEAD = (
    *("村名", "律师", "服务日期", "开始时间", "结束时间", "服务方式", "服务事由"),
    *("事项", "领域", "服务对象", "联系电话", "服务内容", "无来访"),
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def row(county: County, day: object = "2026年3月5日", start: object = "9:00", **more: object):
    """One row as a clerk writes it; ``more`` replaces what it names."""
    given = {
        "village": county.village.name,
        "advisor": county.advisor.name,
        "day": day,
        "start": start,
        "end": "11:00",
        "mode": "现场",
        "purpose": "坐班咨询",
        "kind": "法律咨询",
        "topic": "婚姻家庭",
        "client": "王五",
        "phone": 13800138000.0,
        "content": "咨询继承",
        "nobody": None,
    }
    return tuple({**given, **more}.values())


def check(county: County, *rows: tuple[object, ...]) -> ImportBatch:
    content = book_of(HEAD, *rows)
    return brought_in(county.bureau_user, county.bureau, "records", content)


def addresses(batch: ImportBatch) -> list[str]:
    return [where for where, _, _ in said_of(batch)]


def fetched(county: County, since: int) -> dict[str, Any]:
    """What the advisor's phone is told of what changed."""
    client = Client()
    client.force_login(county.advisor_user)
    return json.loads(client.get(f"/api/v1/logs/?since={since}").content)


def test_records_come_in_once_and_go_out_again(county: County):
    rows = [
        row(county),
        row(county, kind="代写文书", client="赵六", phone=None),
        row(county, day=date(2026, 3, 6), start=0.375, end="24:00", mode="微信"),
        row(
            *(county, "2026.3.7", "8时30分"),
            **dict.fromkeys(("kind", "topic", "client", "phone", "content")),
            nobody="是",
        ),
    ]
    batch = check(county, *rows)
    assert (batch.note, said_of(batch)) == ("", [])
    assert batch.counts == {"new": 4, "bad": 0, "bad_rows": 0}
    assert not ServiceLog.objects.exists()

    confirmed(county.bureau_user, batch)
    logs = ServiceLog.objects.order_by("service_date")
    assert [(log.minutes, log.mode, log.matters.count()) for log in logs] == [
        *((120, "on_site", 2), (900, "wechat", 1), (150, "on_site", 0)),
    ]
    assert [log.no_visitors for log in logs] == [False, False, True]
    first = Matter.objects.filter(log=logs[0]).order_by("pk").first()
    assert (first.kind, first.topic, first.client, first.phone, first.content) == (
        *(MatterKind.CONSULTATION, "family", "王五", "13800138000", "咨询继承"),
    )
    assert {log.entered_by for log in logs} == {county.bureau_user}
    assert AuditEntry.objects.filter(verb="log.import").count() == 3

    assert check(county, *rows).counts == {"same": 4, "bad": 0, "bad_rows": 0}
    out = brought_in(county.bureau_user, county.bureau, "records", exported(county, "records"))
    assert (out.note, out.counts) == ("", {"same": 4, "bad": 0, "bad_rows": 0})

    known = {str(log.client_uuid): log.change_no for log in logs}
    batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    assert not ServiceLog.objects.exists()
    told = fetched(county, since=max(known.values()))
    assert (told["items"], {*told["removed"]}) == ([], {*known})
    assert fetched(county, since=told["cursor"])["removed"] == []
    again = confirmed(county.bureau_user, check(county, *rows))
    assert again.counts["new"] == 4
    told = fetched(county, since=max(known.values()))  # they stand again
    assert (len(told["items"]), told["removed"]) == (3, [])


def test_what_was_entered_by_hand_is_recognised_and_never_changed(county: County):
    log = factories.make_log(appointment=county.appointment, day=date(2026, 3, 5), end="11:00")
    factories.make_matter(log=log, client="王五", content="咨询继承")
    factories.make_matter(log=log, kind="mediation", client="秘密", content="不外传")

    out = exported(county, "records")
    same = brought_in(county.bureau_user, county.bureau, "records", out)
    assert same.counts == {"same": 2, "bad": 0, "bad_rows": 0}
    texts = [[cell.value for cell in cells] for cells in opened(out).worksheets[0].iter_rows()]
    assert [("已封存" in cells, "不外传" in cells) for cells in texts[2:]] == [
        *((False, False), (True, False)),
    ]

    new = check(county, row(county, day="2026-03-06", content="已封存"))
    assert addresses(new) == ["L2"]

    other = check(county, row(county, topic=None, phone=None, client="王六"))
    assert said_of(other) == [("J2", FROZEN, "")]
    assert "王六" not in other.findings["bad"][0]["found"]

    more = check(county, *(row(county, kind=kind) for kind in ("代写文书", "法律意见", "其他")))
    assert "没有这个事项" in next(said for where, said, _ in said_of(more) if where == "H4")


def test_sessions_of_one_advisor_do_not_overlap(county: County):
    factories.make_log(appointment=county.appointment, day=date(2026, 3, 9))
    elsewhere = factories.make_appointment(advisor=county.advisor)
    factories.make_log(appointment=elsewhere, day=date(2026, 3, 10))
    batch = check(
        county,
        row(county),
        row(county, start="10:59", end="12:00"),
        row(county, start="11:30", end="12:00", day="2026-03-06"),
        row(county, day="2026-03-09", start="12:59", end="14:00"),
        row(county, day="2026-03-09", start="14:00", end="15:00"),
        row(county, day="2026-03-10", start="8:00", end="9:01"),
    )
    assert addresses(batch) == ["D3", "D5", "D7"]
    sentences = [said for _, said, _ in said_of(batch)]
    assert "与第2行的时间重叠" in sentences[0]
    assert county.village.name in sentences[1]
    assert "其他司法局所辖" in sentences[2]
    assert elsewhere.village.name not in sentences[2]


def test_a_session_goes_in_whole_or_not_at_all(county: County):
    batch = check(county, row(county), row(county, kind="没有的事项"), row(county, day="2026-3-6"))
    assert addresses(batch) == ["D2", "H3"]
    confirmed(county.bureau_user, batch, partial=True)
    assert [log.service_date for log in ServiceLog.objects.all()] == [date(2026, 3, 6)]


def test_every_reason_against_a_record_is_a_bad_cell(county: County):
    idle = factories.make_village(township=county.township)
    batch = check(
        county,
        row(county, village=idle.name),
        row(county, day="2025-12-31"),
        row(county, day="2099-01-01"),
        row(county, day="2003-01-01"),
        row(county, start="12:00", end="11:30"),
        row(county, day="2026-03-07", mode="飞鸽传书"),
        row(county, day="2026-03-08", purpose=None),
        row(county, day="2026-03-09", kind=None),
        row(county, day="2026-03-10", nobody="是"),
        row(county, day="2026-03-11", kind=None, mode="电话", nobody="是"),
        row(county, day="2026-03-12", phone=430408199001011234),
        row(county, day="2026-03-13"),
        row(county, day="2026-03-13", mode="电话"),
    )
    assert addresses(batch) == [
        *("B2", "C3", "C4", "C5", "E6", "F7", "G8", "H9", "H10", "M11", "K12", "D13", "F14"),
    ]


def test_a_closed_month_gets_a_supplement_and_bars_undoing(county: County):
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    factories.make_close(policy=policy)
    batch = check(county, row(county, day="2026-10-12"), row(county, day="2026-09-12"))
    confirmed(county.bureau_user, batch)
    logs = ServiceLog.objects.order_by("service_date")
    assert [log.is_supplement for log in logs] == [False, True]

    factories.make_close(policy=policy, month=date(2026, 9, 1))
    with pytest.raises(DomainError, match="2026年9月已关账"):
        batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    assert ServiceLog.objects.count() == 2


def test_a_confirmed_record_is_not_undone(county: County):
    batch = confirmed(county.bureau_user, check(county, row(county)))
    ServiceLog.objects.update(state="confirmed")
    with pytest.raises(DomainError, match="状态又改为“已确认”"):
        batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")


def test_the_policy_of_the_day_says_what_must_be_filled(county: County):
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    batch = check(county, row(county, client=None, content=None))
    assert [where for where, said, _ in said_of(batch) if "按当时的政策" in said] == ["J2", "L2"]
    assert batch.findings["notes"] == [
        "文件没有这些列，而当时的政策要求填写：服务方法、服务结果。可以导入，但核算时可能不计入。"
    ]
