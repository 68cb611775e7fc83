"""The 登录日志: nothing is altered, nothing goes before its time, nothing typed is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import InternalError, transaction
from django.utils import timezone
from pytest_django import Settings

from lawadvisor.accounts import register
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.models import SignIn
from lawadvisor.accounts.tasks import forget_old
from lawadvisor.celery import TIMETABLE
from lawadvisor.foundation import audit
from lawadvisor.foundation.models import AuditEntry
from tests.factories import make_sign_in

pytestmark = pytest.mark.django_db


def aged(days: int, entry: SignIn | AuditEntry | None = None) -> SignIn | AuditEntry:
    """A line that is ``days`` old, which only a test can write."""
    entry = entry or SignIn(user_id=1, name="zx-li", outcome=Outcome.SUCCESS)
    at = entry._meta.get_field("at")
    at.auto_now_add = False
    try:
        entry.at = timezone.now() - timedelta(days=days)
        entry.save()
    finally:
        at.auto_now_add = True
    return entry


@pytest.mark.parametrize("field", ["at", "outcome", "name", "user_id", "address"])
def test_no_line_is_altered(field: str):
    entry = make_sign_in()
    value = getattr(aged(400), field)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        SignIn.objects.filter(pk=entry.pk).update(**{field: value})


@pytest.mark.parametrize(("days", "goes"), [(0, False), (179, False), (186, True), (400, True)])
def test_no_line_goes_before_half_a_year(days: int, goes: bool):
    entry = aged(days)
    if goes:
        entry.delete()
        return
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        entry.delete()


@pytest.mark.parametrize(
    ("months", "kept"),
    [(36, [0, 179, 190, 1000]), (12, [0, 179, 190]), (1, [0, 179]), (-5, [0, 179])],
)
def test_the_setting_says_how_long_and_never_less(settings: Settings, months: int, kept: list[int]):
    settings.LOG_MONTHS = months
    entries = {days: aged(days).pk for days in (0, 179, 190, 1000, 1200)}
    gone = audit.forget_old(SignIn.objects.all())

    left = set(SignIn.objects.values_list("pk", flat=True))
    assert [days for days, pk in entries.items() if pk in left] == kept
    assert gone == 5 - len(kept)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("13800138000", "1***"), ("  secret", "s***"), ("", ""), ("\x00", ""), ("李", "李***")],
)
def test_of_what_is_typed_one_sign_is_kept(typed: str, kept: str):
    assert register.note(Outcome.WRONG, None, typed=typed).name == kept


def test_the_nightly_task_clears_them_all(settings: Settings):
    aged(2000)
    for days in (100, 2000):
        aged(days, AuditEntry(actor_name="李四", verb="x", subject_type="x", subject_label="x"))
    Session.objects.create(
        session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1)
    )

    assert forget_old() == 2
    assert AuditEntry.objects.count() == 1
    assert forget_old() == 0
    assert Session.objects.count() == 0
    assert forget_old.name in {entry["task"] for entry in TIMETABLE.values()}
