"""What a bureau has to look at, in sentences: of a close, and of the running month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from advisors.models import Advisor, Appointment
from assessments.desk import asked_every
from assessments.enums import SubjectKind, VerdictStatus
from assessments.models import DailyCheck
from assessments.models import Rule as StoredRule
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import Bound, Having, Measure, Rule
from assessments.reports.desk import join_names
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village

#: So many names stand in a sentence.
MOST_NAMES = 6
#: What the daily check warns of, the gravest first.
_WARNED = (VerdictStatus.NOT_MET, VerdictStatus.AT_RISK)


def shortfall(
    rule: Rule, *, actual: int, required: int, status: str = VerdictStatus.NOT_MET
) -> str:
    """What is missing, or too much, as people say it; the numbers are in the rule's unit."""
    if rule.bound is Bound.AT_MOST:
        does = "担任" if rule.measure is Measure.CONCURRENT else f"{rule.title}已有"
        return f"{does}{actual}{rule.unit}，超过上限{required}{_short(rule.unit)}"
    found = f"{rule.title}{VerdictStatus(status).label}"
    if rule.measure is Measure.SHARE:
        has = "已配备" if rule.having is Having.APPOINTMENT else "有记录的"
        asked = f"{required}{rule.unit}中" if rule.target == 100 else f"应有{required}{rule.unit}，"
        return f"{found}，{asked}{has}{actual}{_short(rule.unit)}"
    return f"{found}，应完成{required}{rule.unit}，已完成{actual}{rule.unit}"


def _short(unit: str) -> str:
    """``个`` for 个村（社区）, where it is named a second time."""
    return "个" if unit.startswith("个") else unit


class Place(NamedTuple):
    """A township and what to look at there."""

    code: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The running month at the end of ``day``; ``others`` concern advisors and the bureau."""

    day: date
    townships: tuple[Place, ...]
    others: tuple[str, ...]

    @property
    def is_calm(self) -> bool:
        return not (self.townships or self.others)


class _Finding(NamedTuple):
    """As the daily check wrote it down."""

    rule: str
    kind: str
    subject: int
    status: str
    actual: int
    required: int


def standing(*, bureau: Bureau, month: Period, viewer: Viewer) -> Standing | None:
    """The newest daily check of a month, in five queries; None before the first one."""
    checks = DailyCheck.objects.visible_to(viewer).filter(bureau=bureau)
    within = checks.filter(day__gte=month.start, day__lt=month.end)
    check = within.order_by("-day").first()
    if check is None:
        return None
    found = [_Finding._make(row) for row in check.findings]
    warned = [finding for finding in found if finding.status in _WARNED]
    rules = _rules(bureau, check.day, {finding.rule for finding in warned})
    return Standing(
        day=check.day,
        townships=_by_township(bureau, warned, rules, viewer),
        others=tuple(_wide(bureau, warned, rules, viewer)),
    )


def _rules(bureau: Bureau, day: date, keys: set[str]) -> dict[str, Rule]:
    """The rules by key, in the order of the policy; of several versions the newest."""
    stored = StoredRule.objects.filter(
        policy__bureau=bureau, policy__effective_from__lte=day, key__in=keys
    )
    rows = stored.order_by("policy__effective_from", "position").values_list("key", "definition")
    return {key: rule_from_json(definition) for key, definition in rows}


def _by_township(
    bureau: Bureau, found: Iterable[_Finding], rules: Mapping[str, Rule], viewer: Viewer
) -> tuple[Place, ...]:
    villages = Village.objects.visible_to(viewer).filter(township__bureau=bureau)
    township_of = dict(villages.values_list("pk", "township_id"))
    appointments = Appointment.objects.visible_to(viewer).filter(village__in=township_of)
    village_of = dict(appointments.values_list("pk", "village_id"))
    worst: dict[int, dict[tuple[str, int], _Finding]] = {}
    for finding in found:
        village = {
            SubjectKind.VILLAGE: finding.subject,
            SubjectKind.APPOINTMENT: village_of.get(finding.subject, 0),
        }.get(SubjectKind(finding.kind), 0)
        own = finding.kind == SubjectKind.TOWNSHIP
        place = finding.subject if own else township_of.get(village)
        if place is not None:
            _keep_worst(worst.setdefault(place, {}), (finding.rule, village), finding)
    townships = Township.objects.visible_to(viewer).filter(pk__in=worst).order_by("code")
    return tuple(
        Place(code, name, _sentence(list(worst[pk].values()), rules))
        for pk, code, name in townships.values_list("pk", "code", "name")
    )


def _keep_worst(
    found: dict[tuple[str, int], _Finding], key: tuple[str, int], new: _Finding
) -> None:
    """One failing of person and village (A13) counts once."""
    known = found.get(key)
    if known is None or _WARNED.index(VerdictStatus(new.status)) < _WARNED.index(
        VerdictStatus(known.status)
    ):
        found[key] = new


def _sentence(found: Sequence[_Finding], rules: Mapping[str, Rule]) -> str:
    parts = []
    for key, rule in rules.items():
        own = [each for each in found if each.rule == key]
        wide = [each for each in own if each.kind == SubjectKind.TOWNSHIP]
        parts += [_said(each, rule) for each in wide]
        counts = Counter(each.status for each in own if each.kind != SubjectKind.TOWNSHIP)
        if words := [f"{counts[s]}个{s.label}" for s in _WARNED if counts[s]]:
            parts.append(f"“{_name(rule)}”{'、'.join(words)}")
    return "；".join(parts) + "。"


def _said(found: _Finding, rule: Rule) -> str:
    return shortfall(rule, actual=found.actual, required=found.required, status=found.status)


def _wide(
    bureau: Bureau, found: Iterable[_Finding], rules: Mapping[str, Rule], viewer: Viewer
) -> Iterable[str]:
    """What concerns people, by rule, and the bureau itself."""
    people: dict[tuple[str, VerdictStatus], list[int]] = {}
    for finding in found:
        if finding.kind == SubjectKind.ADVISOR:
            which = finding.rule, VerdictStatus(finding.status)
            people.setdefault(which, []).append(finding.subject)
        elif finding.kind == SubjectKind.BUREAU:
            yield f"{bureau.name}：{_said(finding, rules[finding.rule])}。"
    asked = [pk for pks in people.values() for pk in pks]
    names = dict(Advisor.objects.visible_to(viewer).filter(pk__in=asked).values_list("pk", "name"))
    for (key, status), pks in people.items():
        who = join_names((names[pk] for pk in pks if pk in names), most=MOST_NAMES)
        yield f"“{_name(rules[key])}”{len(pks)}人{status.label}：{who}。"


def _name(rule: Rule) -> str:
    """``每月现场咨询服务``; a cap has no "every"."""
    return rule.title if rule.bound is Bound.AT_MOST else asked_every(rule.period, rule.title)
