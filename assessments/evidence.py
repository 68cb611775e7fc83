"""One verdict with all that it rests on: what counted, what did not and why, and the clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Model

from advisors.models import Advisor, Appointment
from assessments.enums import SubjectKind, VerdictStatus
from assessments.facts import Desk
from assessments.left import judged_today
from assessments.models import SUBJECT_COLUMNS, Rule, Verdict
from assessments.quota.explain import Explanation
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import Bound, Measure, Subject
from assessments.quota.rules import Rule as QuotaRule
from assessments.quota.verdicts import Status
from assessments.quota.verdicts import Verdict as Judged
from assessments.quota.words import MEANING
from assessments.selectors import in_words
from assessments.verdicts import judged_from
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village, short_village_name
from worklogs.models import Matter


class Other(NamedTuple):
    """A verdict beside this one: another revision of it, or another period of its month."""

    pk: int
    label: str
    status: VerdictStatus


class SeenMatter(NamedTuple):
    """A matter behind the verdict that the viewer may look at; nothing of what was said in it."""

    pk: int
    label: str


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """``required``, ``actual`` and ``missing`` are in ``unit``; ``township`` None for none.

    Of a cap ``required`` is the most that is allowed, and ``excess`` what is above it.
    ``pk`` and ``revision`` None: judged just now, of a period that runs.
    """

    pk: int | None
    title: str
    subject: str
    month: Period
    township: Township | None
    bureau: Bureau
    revision: int | None
    rule: QuotaRule
    judged: Judged
    source: str
    policy_version: str
    explanation: Explanation
    matters: tuple[SeenMatter, ...] = ()
    revisions: tuple[Other, ...] = ()
    periods: tuple[Other, ...] = ()

    @property
    def status(self) -> VerdictStatus:
        return VerdictStatus(self.judged.status.value)

    @property
    def meaning(self) -> str:
        return MEANING[Status(self.judged.status)]

    @property
    def is_cap(self) -> bool:
        return self.rule.bound is Bound.AT_MOST

    @property
    def excess(self) -> int:
        return max(0, self.judged.actual - self.judged.required)


def verdict_page(verdict: Verdict, viewer: Viewer) -> VerdictPage:
    """Of a stored verdict, which comes with its rule, policy, close and subject."""
    rule, judged = rule_from_json(verdict.rule.definition), judged_from(verdict)
    (said,) = in_words([(rule, judged)], verdict.close.bureau_id)
    return VerdictPage(
        pk=verdict.pk,
        title=rule.title,
        subject=_named(_subject_of(verdict)),
        month=verdict.close.period,
        township=verdict.scope_township,
        bureau=verdict.close.bureau,
        revision=verdict.close.revision,
        rule=rule,
        judged=judged,
        source=verdict.rule.policy.source,
        policy_version=verdict.rule.policy.version,
        explanation=said,
        matters=_matters_behind(rule, judged, viewer),
        **_beside(verdict, viewer),
    )


def _visible(kind: str, pk: int, bureau: Bureau, viewer: Viewer) -> Model | None:
    """The subject, if the viewer may see a verdict on it; as with stored ones, what is said
    of a whole person is for the bureau and himself."""
    if kind == SubjectKind.APPOINTMENT:
        return Appointment.objects.visible_to(viewer).filter(pk=pk).first()
    if kind == SubjectKind.VILLAGE:
        return Village.objects.visible_to(viewer).filter(pk=pk).first()
    if kind == SubjectKind.TOWNSHIP:
        return Township.objects.visible_to(viewer).filter(pk=pk).first()
    at_home = viewer.sees_all or bureau.pk in viewer.bureaus
    if kind == SubjectKind.ADVISOR and (at_home or viewer.advisor == pk):
        return Advisor.objects.visible_to(viewer).filter(pk=pk).first()
    return bureau if kind == SubjectKind.BUREAU and at_home and bureau.pk == pk else None


def running_page(
    *, bureau: Bureau, key: str, kind: str, pk: int, today: date, viewer: Viewer
) -> VerdictPage | None:
    """The same of the period that runs, judged now; None where there is nothing to see."""
    subject = _visible(kind, pk, bureau, viewer) if viewer.sees(Thing.FIGURES) else None
    if subject is None:
        return None
    answers = judged_today(_desk_of(bureau, subject), {Subject(kind)}, today)
    found = [each for each in answers if each[1].rule == key and each[1].subject_id == pk]
    if not found:
        return None
    rule, judged = found[-1]
    stored = Rule.objects.filter(policy__bureau=bureau, key=key).select_related("policy")
    version = stored.filter(policy__effective_from__lte=judged.period.start).order_by(
        "-policy__effective_from"
    )[0]
    (said,) = in_words([(rule, judged)], bureau.pk)
    return VerdictPage(
        pk=None,
        title=rule.title,
        subject=_named(subject),
        month=Period.containing(PeriodKind.MONTH, today),
        township=_township_of(subject),
        bureau=bureau,
        revision=None,
        rule=rule,
        judged=judged,
        source=version.policy.source,
        policy_version=version.policy.version,
        explanation=said,
        matters=_matters_behind(rule, judged, viewer),
    )


def _matters_behind(rule: QuotaRule, judged: Judged, viewer: Viewer) -> tuple[SeenMatter, ...]:
    """What was done in the sessions, or the matters themselves, that counted or did not."""
    if rule.records is None or rule.measure is Measure.SHARE:
        return ()
    column = {"session": "log__in", "matter": "pk__in"}.get(rule.records.unit)
    if column is None:
        return ()
    ids = [pk for group in judged.counted for pk in group]
    ids += [pk for refusal in judged.refused for pk in refusal.ids]
    found = Matter.objects.visible_to(viewer).filter(**{column: ids}).select_related("log")
    return tuple(
        SeenMatter(matter.pk, f"{matter.log.service_date:%Y-%m-%d} {matter.get_kind_display()}")
        for matter in found.order_by("log__service_date", "pk")
    )


def _desk_of(bureau: Bureau, subject: Model) -> Desk:
    """The smallest desk that knows all that a verdict on the subject rests on."""
    if isinstance(subject, Appointment):
        return Desk(bureau.pk, villages=frozenset({subject.village_id}))
    if isinstance(subject, Village):
        return Desk(bureau.pk, villages=frozenset({subject.pk}))
    if isinstance(subject, Township):
        return Desk(bureau.pk, subject.pk)
    return Desk(bureau.pk)


def _township_of(subject: Model) -> Township | None:
    if isinstance(subject, Appointment):
        return subject.village.township
    if isinstance(subject, Village):
        return subject.township
    return subject if isinstance(subject, Township) else None


def _subject_of(verdict: Verdict) -> Model:
    if verdict.subject_kind == SubjectKind.BUREAU:
        return verdict.close.bureau
    subject: Model = getattr(verdict, verdict.subject_kind)
    return subject


def _named(subject: Model) -> str:
    if isinstance(subject, Appointment):
        return f"{short_village_name(subject.village.name)} · {subject.advisor.name}"
    if isinstance(subject, Village):
        return short_village_name(subject.name)
    return str(subject)


def _beside(verdict: Verdict, viewer: Viewer) -> dict[str, tuple[Other, ...]]:
    """The other revisions of this verdict, and the other periods of its rule in the month."""
    close, kind = verdict.close, verdict.subject_kind
    same = {f"{kind}_id": verdict.subject_id} if kind in SUBJECT_COLUMNS else {}
    alike = (
        Verdict.objects.visible_to(viewer)
        .filter(
            close__bureau=close.bureau_id,
            close__month=close.month,
            rule__key=verdict.rule.key,
            subject_kind=kind,
            **same,
        )
        .exclude(pk=verdict.pk)
        .select_related("close", "rule")
        .order_by("period_start", "close__revision")
    )
    revisions, periods = [], []
    for other in alike:
        status = VerdictStatus(other.status)
        if other.close_id == verdict.close_id:
            periods.append(Other(other.pk, judged_from(other).period.label, status))
        elif other.period_start == verdict.period_start:
            revisions.append(Other(other.pk, f"第{other.close.revision}版", status))
    return {"revisions": tuple(revisions), "periods": tuple(periods)}
