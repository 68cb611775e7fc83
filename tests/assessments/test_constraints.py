"""Policies, closes, verdicts and files: once, whole, and never altered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, connection, models, transaction

from assessments.enums import FileFormat, ReportKey, SubjectKind, VerdictStatus
from assessments.models import SUBJECT_COLUMNS, GeneratedFile, MonthClose, Policy, Verdict
from tests.factories import (
    make_appointment,
    make_bureau,
    make_close,
    make_daily_check,
    make_draft,
    make_file,
    make_policy,
    make_rule,
    make_team,
    make_township,
    make_verdict,
    make_waiver,
)

pytestmark = pytest.mark.django_db


def sentences(row: models.Model) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    return refused.value.messages


# ── policies and rules ──────────────────────────────────────────────────────────────────────────


def test_one_policy_comes_into_force_per_day():
    first = make_policy()
    again = Policy(
        bureau=first.bureau, effective_from=first.effective_from, key="JC", title="又一份"
    )

    assert sentences(again) == ["该司法局在此日期已有生效的政策版本。"]
    with pytest.raises(IntegrityError, match="policy_one_per_day"):
        again.save()


def test_other_days_and_other_bureaus_have_policies_of_their_own():
    first = make_policy()
    make_policy(bureau=first.bureau, effective_from=date(2026, 7, 1))
    make_policy(bureau=make_bureau())

    assert Policy.objects.count() == 3


def test_the_policy_in_force_is_the_newest_that_has_begun():
    bureau = make_bureau()
    days = [date(2025, 1, 1), date(2026, 1, 1), date(2026, 7, 1)]
    policies = {day: make_policy(bureau=bureau, effective_from=day) for day in days}

    def in_force(day: date) -> Policy | None:
        return Policy.objects.in_force_on(day).first()

    assert in_force(date(2024, 12, 31)) is None
    assert in_force(date(2025, 1, 1)) == policies[days[0]]
    assert in_force(date(2026, 6, 30)) == policies[days[1]]
    assert in_force(date(2026, 7, 1)) == policies[days[2]]


def test_a_rule_cites_its_clause():
    with pytest.raises(IntegrityError, match="rule_cites_clause"):
        make_rule(clause="")


def test_a_rule_key_stands_once_in_a_policy():
    rule = make_rule()
    make_rule(key=rule.key)  # of another policy

    with pytest.raises(IntegrityError, match="rule_key_once"):
        make_rule(policy=rule.policy, key=rule.key)


def test_a_policy_that_closed_a_month_stays():
    close = make_close()

    with pytest.raises(models.ProtectedError):
        close.policy.delete()


def test_a_rule_that_judged_stays():
    verdict = make_verdict()

    with pytest.raises(models.ProtectedError):
        verdict.rule.delete()


# ── closes ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("day", [date(2026, 10, 2), date(2026, 10, 31)])
def test_a_month_is_named_by_its_first_day(day: date):
    with pytest.raises(IntegrityError, match="month_close_first_day"):
        make_close(month=day)


def test_a_month_is_closed_once():
    close = make_close()
    make_close(policy=close.policy, month=date(2026, 9, 1))

    with pytest.raises(IntegrityError, match="month_close_once"):
        make_close(policy=close.policy)


def test_a_revision_has_a_reason():
    close = make_close()
    again = MonthClose(
        bureau=close.bureau,
        policy=close.policy,
        month=close.month,
        revision=2,
        planned=1,
        opened_by="王芳",
    )

    assert sentences(again) == ["重新核算须写明事由。"]
    with (
        pytest.raises(IntegrityError, match="month_close_revision_has_reason"),
        transaction.atomic(),
    ):
        again.save()
    again.reason = "补录记录"
    again.validate_constraints()
    again.save()


def test_a_close_names_its_month_and_its_jobs():
    close = make_close()

    assert close.period.label == "2026年10月"
    assert close.group == f"close:{close.bureau.code}:2026-10:r1"


def test_a_day_is_checked_once_per_bureau():
    check = make_daily_check()
    make_daily_check()

    with pytest.raises(IntegrityError, match="daily_check_once_a_day"):
        make_daily_check(policy=check.policy)


# ── verdicts: one subject ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def subjects() -> dict[str, models.Model]:
    """One row for each subject column."""
    appointment = make_appointment()
    return {
        "appointment": appointment,
        "advisor": appointment.advisor,
        "village": appointment.village,
        "team": make_team(organisation=appointment.advisor.organisation),
        "organisation": appointment.advisor.organisation,
        "township": appointment.village.township,
    }


def own_columns(kind: SubjectKind) -> tuple[str, ...]:
    return (kind.value,) if kind in SUBJECT_COLUMNS else ()


SELECTIONS = [
    chosen
    for count in range(len(SUBJECT_COLUMNS) + 1)
    for chosen in combinations(SUBJECT_COLUMNS, count)
]


@pytest.mark.parametrize("kind", SubjectKind)
def test_exactly_the_named_subject_is_set(kind: SubjectKind, subjects: dict[str, models.Model]):
    """All 64 selections of columns: one is right for each kind."""
    close = make_close()
    rule = make_rule(policy=close.policy)

    def is_kept(chosen: tuple[str, ...]) -> bool:
        try:
            with transaction.atomic():
                columns = {name: subjects[name] for name in chosen}
                make_verdict(close=close, rule=rule, subject_kind=kind, **columns)
        except IntegrityError as refusal:
            return "verdict_one_subject" not in str(refusal)
        return True

    kept = [chosen for chosen in SELECTIONS if is_kept(chosen)]
    assert kept == [own_columns(kind)]


def test_database_refuses_an_unknown_kind_of_subject():
    with pytest.raises(IntegrityError, match="verdict_one_subject"):
        make_verdict(subject_kind="galaxy")


@pytest.mark.parametrize("kind", SubjectKind)
def test_a_rule_judges_a_subject_once_per_close(
    kind: SubjectKind, subjects: dict[str, models.Model]
):
    columns = {name: subjects[name] for name in own_columns(kind)}
    first = make_verdict(subject_kind=kind, **columns)
    make_verdict(close=first.close, subject_kind=kind, **columns)  # another rule
    make_verdict(subject_kind=kind, **columns)  # another close

    with pytest.raises(IntegrityError, match=f"verdict_once_per_{kind}"):
        make_verdict(
            close=first.close,
            rule=first.rule,
            subject_kind=kind,
            status=VerdictStatus.NOT_MET,
            **columns,
        )


def test_two_subjects_get_a_verdict_each():
    first = make_verdict(subject_kind=SubjectKind.TOWNSHIP, township=make_township())
    make_verdict(
        close=first.close,
        rule=first.rule,
        subject_kind=SubjectKind.TOWNSHIP,
        township=make_township(),
    )

    assert Verdict.objects.count() == 2


def test_database_refuses_an_unknown_status():
    with pytest.raises(IntegrityError, match="verdict_status_known"):
        make_verdict(status="perhaps")


@pytest.mark.parametrize("end", [date(2026, 10, 1), date(2026, 9, 30)])
def test_a_verdict_is_on_a_period_with_days(end: date):
    with pytest.raises(IntegrityError, match="verdict_period_ordered"):
        make_verdict(period_start=date(2026, 10, 1), period_end=end)


# ── appended, never altered ─────────────────────────────────────────────────────────────────────

APPENDED = [make_verdict, make_file]


def save(row: models.Model) -> None:
    row.save()


def update(row: models.Model) -> None:
    field = "status" if isinstance(row, Verdict) else "size"
    type(row).objects.filter(pk=row.pk).update(**{field: getattr(row, field)})


def bulk_update(row: models.Model) -> None:
    field = "status" if isinstance(row, Verdict) else "size"
    type(row).objects.bulk_update([row], [field])


def delete(row: models.Model) -> None:
    row.delete()


def delete_many(row: models.Model) -> None:
    type(row).objects.filter(pk=row.pk).delete()


def plain_sql(row: models.Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])


@pytest.mark.parametrize("make", APPENDED)
@pytest.mark.parametrize("alter", [save, update, bulk_update, delete, delete_many, plain_sql])
def test_what_was_found_is_never_altered(
    make: Callable[..., models.Model], alter: Callable[[models.Model], None]
):
    row = make()

    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        alter(row)
    assert type(row).objects.get() == row


def test_the_township_of_a_verdict_stays():
    verdict = make_verdict(scope_township=make_township())

    with pytest.raises(models.ProtectedError):
        verdict.scope_township.delete()


# ── files ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("of_township", [True, False])
def test_a_paper_is_kept_once_per_version(of_township: bool):
    township = make_township() if of_township else None
    name = "file_once_per_township" if of_township else "file_once_per_bureau"
    first = make_file(township=township)
    make_file(close=first.close, township=township, version=2)
    make_file(close=first.close, township=township, format=FileFormat.XLSX)
    make_file(close=first.close, township=township, report=ReportKey.EXCEPTIONS)
    make_file(close=first.close, township=make_township())

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_file(close=first.close, township=township)
    assert GeneratedFile.objects.count() == 5


@pytest.mark.parametrize("checksum", ["", "0" * 63, "g" * 64, "A" * 64, "0" * 63 + "\n"])
def test_a_checksum_is_a_sha256(checksum: str):
    with pytest.raises(IntegrityError, match="file_checksum_is_sha256"):
        make_file(checksum=checksum)


# ── drafts and waivers ──────────────────────────────────────────────────────────────────────────


def test_a_draft_has_a_name():
    draft = make_draft()
    draft.title = "　 "

    assert sentences(draft) == ["请填写草稿名称。"]
    with pytest.raises(IntegrityError, match="draft_title_not_blank"):
        draft.save()


def test_a_waiver_is_given_once_and_says_why():
    first = make_waiver()
    make_waiver(bureau=first.bureau, period_start=date(2026, 11, 1))
    with pytest.raises(IntegrityError, match="waiver_once"), transaction.atomic():
        make_waiver(bureau=first.bureau)
    for field in ("reason", "approved_by"):
        with pytest.raises(IntegrityError, match="waiver_has_reason"), transaction.atomic():
            make_waiver(**{field: " "})


def test_database_refuses_a_waiver_for_an_unknown_kind():
    with pytest.raises(IntegrityError, match="waiver_kind_known"):
        make_waiver(subject_kind="galaxy")
