"""What the demo's desks have done: something stands on every desk, and no clock is out of order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.utils import timezone

from advisors.models import Advisor, Liaison
from advisors.viewers import viewer_for
from assessments.handing import due_day
from assessments.models import MonthDesk
from assessments.selectors import policy_for
from assessments.services import PACKS, adopt_policy
from lawadvisor.demo import build_county
from lawadvisor.demo.desks import fill_desks
from lawadvisor.demo.logins import create_logins
from lawadvisor.foundation.periods import local_instant
from lawadvisor.foundation.viewer import SYSTEM
from tests.demo.data import SPEC, TODAY
from villages.models import Bureau, Village
from worklogs.asking import open_requests
from worklogs.incidents import overdue
from worklogs.models import Incident, IncidentNotice, ServiceRequest

THREE_TOWNSHIPS = replace(SPEC, villages=44, months=2)


@pytest.fixture
def bureau(db: None) -> Bureau:
    build_county(THREE_TOWNSHIPS)
    bureau = Bureau.objects.get(code=THREE_TOWNSHIPS.code)
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    create_logins(THREE_TOWNSHIPS)
    fill_desks(THREE_TOWNSHIPS)
    return bureau


def test_every_desk_has_something_to_do(bureau: Bureau) -> None:
    month = THREE_TOWNSHIPS.periods[-1]
    due = due_day(policy_for(bureau, month.start), month)
    desks = MonthDesk.objects.filter(month=month.start).order_by("township__code")
    states = Counter(desk.state for desk in desks)
    assert states == {"accepted": 1, "submitted": bureau.townships.count() - 2}
    days = [timezone.localdate(desk.submitted_at) for desk in desks if desk.submitted_at]
    assert [day <= due for day in days] == [True] * (len(days) - 1) + [False]

    assert 0 < Liaison.objects.serving().count() < Village.objects.count()
    advisor = Advisor.objects.get(user__username="ys-advisor")
    owed = open_requests(viewer_for(advisor.user, on=TODAY), today=TODAY)
    assert {one.overdue for one in owed} == {True, False}
    states = Counter(ServiceRequest.objects.values_list("state", flat=True))
    assert set(states) == {"open", "accepted", "answered"}

    midnight = local_instant(TODAY, 0)
    assert Counter(Incident.objects.values_list("state", flat=True)) == {"open": 1, "closed": 1}
    late = overdue(IncidentNotice.objects.all(), now=midnight)
    assert {notice.incident.state for notice in late} == {"open"}

    answered = ServiceRequest.objects.exclude(answered_at=None)
    assert [one.answered_at > one.raised_at for one in answered] == [True] * 2
    happened = [
        *answered.values_list("answered_at", flat=True),
        *Incident.objects.values_list("submitted_at", flat=True),
        *IncidentNotice.objects.exclude(acknowledged_at=None).values_list(
            "acknowledged_at", flat=True
        ),
    ]
    assert max(happened) < midnight
