"""Names and reasons on a paper: whom a verdict is about, and why it is as it is."""

from __future__ import annotations

from dataclasses import dataclass

from advisors.models import Appointment
from assessments.enums import SubjectKind, VerdictStatus
from assessments.models import Verdict
from assessments.quota.explain import Explanation
from assessments.reports.desk import ReportDesk
from villages.models import Village

#: So many reasons stand in a cell; the explanation page has them all.
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Names:
    """The people and places of a desk, by id.

    ``appointments``: 村 and 顾问 together; ``village_of``: the appointment's
    village; ``advisors``: those who served in this month.
    """

    desk: ReportDesk
    villages: dict[int, str]
    appointments: dict[int, str]
    advisors: dict[int, str]
    village_of: dict[int, int]

    @classmethod
    def of(cls, desk: ReportDesk) -> Names:
        """Two queries, whatever the size of the desk."""
        villages = Village.objects.filter(**_within(desk))
        appointments = Appointment.objects.holding().filter(village__in=villages)
        serving = list(appointments.select_related("village", "advisor"))
        month = desk.close.period
        return cls(
            desk=desk,
            villages={village.pk: village.short_name for village in villages},
            appointments={a.pk: f"{a.village.short_name} {a.advisor.name}" for a in serving},
            advisors={
                a.advisor_id: a.advisor.name
                for a in serving
                if month.overlaps(a.starts_on, a.ends_before)
            },
            village_of={a.pk: a.village_id for a in serving},
        )

    def subject(self, verdict: Verdict) -> str:
        match verdict.subject_kind:
            case SubjectKind.APPOINTMENT:
                return self.appointments[verdict.subject_id]
            case SubjectKind.ADVISOR:
                return self.advisors[verdict.subject_id]
            case SubjectKind.VILLAGE:
                return self.villages[verdict.subject_id]
            case SubjectKind.TOWNSHIP:
                return self.desk.township_names[verdict.subject_id]
            case _:
                return self.desk.close.bureau.name


def reason_of(verdict: Verdict, explanation: Explanation) -> str:
    """What is missing and what did not count, short enough for a cell; a notice misses nothing."""
    refused = explanation.refused
    missing = "" if verdict.status == VerdictStatus.NOTICE else explanation.missing
    more = f"另有{len(refused) - MOST_REASONS}条不计入。" if len(refused) > MOST_REASONS else ""
    return "".join((missing, *refused[:MOST_REASONS], more)) or explanation.result


def _within(desk: ReportDesk) -> dict[str, object]:
    if desk.township is not None:
        return {"township": desk.township}
    return {"township__bureau": desk.close.bureau}
