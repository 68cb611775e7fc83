"""Trainings of advisors, liaisons and staff, told by the paper that tells of them (a filing)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau, Township
from worklogs import rules
from worklogs.enums import FilingKind, FilingState, Mark
from worklogs.models import Filing

BODY_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Training:
    """What a training of this kind shows: who took part, and what was taught."""

    people: tuple[Mark, ...]
    contents: tuple[Mark, ...]


#: DG-34 and DG-35 for those of the villages, CZ-56 and JC-22 for advisors.
TRAININGS: Mapping[FilingKind, Training] = {
    FilingKind.LIAISON_TRAINING: Training(
        (Mark.LIAISONS, Mark.OFFICE_STAFF),
        (Mark.NECESSITY, Mark.WORK_SYSTEM, Mark.COOPERATION),
    ),
    FilingKind.ADVISOR_TRAINING: Training(
        (Mark.ADVISORS,),
        (
            *(Mark.STATE_POLICY, Mark.LOCAL_CONDITIONS, Mark.LEGAL_PRACTICE),
            *(Mark.ETHICS, Mark.DISCIPLINE, Mark.MEDIATION_SKILL, Mark.CASE_FILES),
        ),
    ),
}


@transaction.atomic
def record_training(
    *,
    by: Actor,
    kind: FilingKind,
    place: Bureau | Township,
    day: date,
    title: str,
    marks: Sequence[str],
    body: str = "",
    today: date,
) -> Filing:
    """File that a training took place on ``day``, in a township or for the whole bureau.

    It belongs to the year of its day. Raises DomainError for a day to come, and for a mark that
    is none of this training's, and unless somebody took part and something was taught.
    """
    known = TRAININGS[kind]
    rules.check_service_day(day, today=today)
    chosen = [mark for mark in (*known.people, *known.contents) if mark in marks]
    if len(chosen) != len({*marks}):
        raise DomainError("人员或内容不在选项中。", field="marks")
    if not {*chosen} & {*known.people}:
        raise DomainError("请点选参加人员。", field="marks")
    if not {*chosen} & {*known.contents}:
        raise DomainError("请点选培训内容。", field="marks")
    year = Period.containing(PeriodKind.YEAR, day)
    township = place if isinstance(place, Township) else None
    row = Filing(
        kind=kind,
        bureau_id=township.bureau_id if township else place.pk,
        township=township,
        period_start=year.start,
        period_end=year.end,
        title=rules.clean_text(title),
        body=rules.clean_text(body),
        marks=sorted(chosen),
        state=FilingState.SUBMITTED,
        filed_on=day,
    )
    rules.check_fits(row)
    if len(row.body) > BODY_LENGTH:
        raise DomainError(f"简要情况最多{BODY_LENGTH}个字，现有{len(row.body)}个。", field="body")
    row.save()
    audit.record(
        by=by,
        verb="training.record",
        subject=row,
        bureau_id=row.bureau_id,
        after={"kind": row.kind, "filed_on": day.isoformat()},
    )
    return row
