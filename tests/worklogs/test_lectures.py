"""Lectures and trainings: what was taught where, what repeats, and what a training shows."""

from __future__ import annotations

from datetime import date

import pytest

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.conftest import County
from tests.factories import make_attachment, make_log, make_matter
from worklogs.enums import FilingKind, LogState, Mark, MatterKind
from worklogs.lectures import lessons_of, repeat_sentence, taught_in
from worklogs.models import Filing
from worklogs.trainings import TRAININGS, record_training

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def teach(county: County, day: date, focus: str, *, state: LogState = LogState.SUBMITTED, **other):
    reason = "请更正" if state == LogState.RETURNED else ""
    log = make_log(
        appointment=county.appointment,
        day=day,
        place="文化广场",
        state=state,
        returned_reason=reason,
    )
    return make_matter(log=log, kind=MatterKind.LECTURE, focus=focus, **other)


def test_a_years_lectures_tell_before_whom(county: County):
    first = teach(
        county,
        date(2026, 3, 4),
        "民法典",
        audience=45,
        topic="family",
        marks=[Mark.CADRES, Mark.YOUTH, Mark.NECESSITY],
    )
    make_attachment(matter=first)
    teach(county, date(2026, 9, 1), "劳动法")
    teach(county, date(2025, 12, 31), "去年讲的")
    teach(county, date(2026, 5, 1), "退回的", state=LogState.RETURNED)
    make_matter(log=make_log(appointment=county.appointment, day=date(2026, 6, 1)))

    newest, oldest = taught_in(county.village.pk, 2026)
    assert (newest.focus, newest.audience, newest.groups, newest.photos) == ("劳动法", None, (), 0)
    assert (oldest.focus, oldest.audience, oldest.photos) == ("民法典", 45, 1)
    assert oldest.groups == ("“两委”干部", "青少年")
    assert (oldest.place, oldest.topic, oldest.kind) == ("文化广场", "婚姻家庭", "法治讲座")
    assert taught_in(county.sibling_village.pk, 2026) == ()


def test_the_lessons_of_a_year_are_told_by_village(county: County):
    teach(county, date(2026, 3, 4), "民法典 婚姻家庭编")
    teach(county, date(2026, 4, 4), "", audience=3)
    teach(county, date(2025, 12, 31), "去年讲的")
    teach(county, date(2026, 5, 1), "退回的", state=LogState.RETURNED)

    found = lessons_of([county.village.pk, county.sibling_village.pk], 2026)
    assert list(found) == [county.village.pk]
    newest, oldest = found[county.village.pk]
    assert (newest.focus, oldest.named) == ("", "民法典 婚姻家庭编（3月4日）")
    assert repeat_sentence(oldest).startswith(
        f"“民法典 婚姻家庭编”今年3月4日已由{county.advisor.name}讲过"
    )


# ── trainings ───────────────────────────────────────────────────────────────────────────────────

SENT = {
    "kind": FilingKind.LIAISON_TRAINING,
    "day": date(2026, 5, 6),
    "title": "联络员业务培训",
    "marks": ["liaisons", "necessity"],
}


def record(county: County, **other) -> Filing:
    by = Actor(user_id=None, name="王所长")
    given = {**SENT, "place": county.township, "by": by, "today": TODAY, **other}
    return record_training(**given)


def test_a_training_is_filed_for_its_year_and_place(county: County):
    row = record(county)
    whole = record(
        county, kind=FilingKind.ADVISOR_TRAINING, place=county.bureau, marks=["advisors", "ethics"]
    )

    assert (row.township, row.bureau, row.state) == (county.township, county.bureau, "submitted")
    assert (row.period_start, row.period_end) == (date(2026, 1, 1), date(2027, 1, 1))
    assert (whole.township, whole.bureau, whole.marks) == (
        *(None, county.bureau),
        ["advisors", "ethics"],
    )
    assert AuditEntry.objects.filter(verb="training.record").count() == 2


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"day": date(2026, 11, 21)}, "在今天"),
        ({"title": " "}, "请填写标题"),
        ({"marks": ["necessity"]}, "请点选参加人员"),
        ({"marks": ["liaisons"]}, "请点选培训内容"),
        ({"marks": ["liaisons", "necessity", "ethics"]}, "不在选项中"),
        ({"body": "长" * 1001}, "简要情况最多1000个字"),
    ],
)
def test_a_training_without_people_or_contents_is_none(county: County, other: dict, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        record(county, **other)
    assert not Filing.objects.exists()


def test_what_a_policy_asks_of_trainings_can_be_ticked():
    shown = {mark for one in TRAININGS.values() for mark in (*one.people, *one.contents)}

    assert {"liaisons", "office_staff", "necessity", "work_system", "cooperation"} <= shown
    assert {"state_policy", "local_conditions", "legal_practice", "ethics", "case_files"} <= shown
