"""A draft tried on months that are over: what would have come out; nothing is written.

Both sets of rules judge the same facts, read once a month: all that is known today, also
what was entered after a close. So the figures under the standing rules may differ from a
closed month's own, and neither side is favoured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from advisors.models import Advisor, Appointment, Organisation, ServiceTeam
from assessments.enums import VerdictStatus
from assessments.facts import Desk, facts_for
from assessments.quota.engine import judge
from assessments.quota.explain import Explanation
from assessments.quota.packs import Pack
from assessments.quota.rules import Bound, Force, Measure, Rule, Subject
from assessments.quota.verdicts import Status
from assessments.quota.verdicts import Verdict as Judged
from assessments.selectors import in_words, rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.models import Bureau, Township, Village, short_village_name

MOST_MONTHS = 12
#: So many changes are told with their records; all are counted.
MOST_TOLD = 200
_SHORT = frozenset({Status.NOT_MET, Status.NOTICE})
#: A draft is tried as if it had always been in force; a rule that ends by its day is not.
_ALWAYS = date(1, 1, 1)

Key = tuple[str, Subject, int, Period]  # rule, subject, and for when


class Count(NamedTuple):
    """One rule in one month: how many are judged, and how many of them fall short.

    None where the side has no such rule, or it judges nobody.
    """

    before: int | None
    after: int | None
    judged: int

    @property
    def differs(self) -> bool:
        return self.before != self.after


class Change(NamedTuple):
    """One subject that another word would be said of; ``words`` None beyond MOST_TOLD."""

    month: Period
    rule: str
    title: str
    subject: str
    before: VerdictStatus | None
    after: VerdictStatus | None
    words_before: Explanation | None
    words_after: Explanation | None


@dataclass(frozen=True, slots=True)
class Trial:
    """``rows`` hold per rule (key, title) a count for each of ``months``, in their order."""

    months: tuple[Period, ...]
    rows: tuple[tuple[str, str, tuple[Count, ...]], ...]
    worse: tuple[Change, ...]  # from met to short
    better: tuple[Change, ...]  # from short to met
    others: tuple[Change, ...]

    @property
    def is_equal(self) -> bool:
        return not (self.worse or self.better or self.others)


class _Month(NamedTuple):
    """Both sides of one month: rule and verdict by what they are about."""

    period: Period
    before: dict[Key, tuple[Rule, Judged]]
    after: dict[Key, tuple[Rule, Judged]]


def try_draft(*, bureau: Bureau, pack: Pack, months: Sequence[Period]) -> Trial:
    """Judge ``months`` by the standing rules and by the draft's, and compare.

    In a number of queries that grows with the months and the policy alone.
    """
    tried = [_month(bureau, pack, pack.rules, month) for month in months]
    titles = {rule.key: rule.title for month in tried for rule, _ in month.before.values()}
    titles |= {rule.key: rule.title for rule in pack.rules}
    changes = list(_changes(bureau, tried))
    worse, better, others = _sorted(changes)
    return Trial(
        months=tuple(months),
        rows=tuple(
            (key, title, tuple(_count(month, key) for month in tried))
            for key, title in titles.items()
        ),
        worse=worse,
        better=better,
        others=others,
    )


def above_the_cap(*, bureau: Bureau, pack: Pack, on: date) -> list[str]:
    """Whom the draft's caps would put above them on a day who is not above today's: names.

    Existing appointments stay; the monthly check will list these people.
    """
    caps = [
        replace(rule, applies=replace(rule.applies, phases=()))
        for rule in pack.rules
        if _is_cap(rule)
    ]
    month = _month(bureau, pack, caps, Period.containing(PeriodKind.MONTH, on))
    already = _above(month.before)
    above = {pk: held for pk, held in _above(month.after).items() if pk not in already}
    names = dict(Advisor.objects.filter(pk__in=above).values_list("pk", "name"))
    return [f"{names[pk]}（{held}个村）" for pk, held in sorted(above.items())]


def _is_cap(rule: Rule) -> bool:
    """Does it bound how many villages one advisor holds? What only informs bounds nobody."""
    return (
        rule.measure is Measure.CONCURRENT
        and rule.bound is Bound.AT_MOST
        and rule.subjects == (Subject.ADVISOR,)
        and rule.force is not Force.INFORMATION
    )


def _above(side: Mapping[Key, tuple[Rule, Judged]]) -> dict[int, int]:
    """How many villages each advisor holds who is above a cap."""
    return {
        verdict.subject_id: verdict.actual
        for rule, verdict in side.values()
        if _is_cap(rule) and verdict.status in _SHORT
    }


def _as_of_old(rule: Rule) -> Rule:
    return replace(rule, applies=replace(rule.applies, start=_ALWAYS))


def _month(bureau: Bureau, pack: Pack, rules: Sequence[Rule], month: Period) -> _Month:
    """``rules`` are those of the draft ``pack`` that are tried; its sentences keep their days."""
    standing = list(rules_in_force(bureau.pk, month).values())
    draft = {
        rule.key: rule
        for rule in rules
        if rule.applies.until is None or rule.applies.until > pack.effective_from
    }
    old = [_as_of_old(rule) for rule in draft.values()]
    facts = facts_for(Desk(bureau.pk), [*standing, *old], month)
    before = judge(standing, facts, month, month.end)
    after = judge(old, facts, month, month.end)
    return _Month(
        month,
        {_key(verdict): (_rule_of(verdict, standing), verdict) for verdict in before},
        {_key(verdict): (draft[verdict.rule], verdict) for verdict in after},
    )


def _key(verdict: Judged) -> Key:
    return verdict.rule, verdict.subject_kind, verdict.subject_id, verdict.period


def _rule_of(verdict: Judged, rules: Iterable[Rule]) -> Rule:
    first = verdict.period.start
    return next(r for r in rules if r.key == verdict.rule and r.applies.in_force(first))


def _count(month: _Month, key: str) -> Count:
    sides = [
        [verdict.status for rule, verdict in side.values() if rule.key == key]
        for side in (month.before, month.after)
    ]
    short = [sum(status in _SHORT for status in side) if side else None for side in sides]
    return Count(short[0], short[1], max(map(len, sides)))


def _changes(bureau: Bureau, tried: Sequence[_Month]) -> Iterator[Change]:
    """Of rules that both sides have: what is added or dropped is a matter of comparing."""
    found = [
        (month, key, month.before[key], month.after[key])
        for month in tried
        for key in month.before.keys() & month.after.keys()
        if month.before[key][1].status is not month.after[key][1].status
    ]
    found.sort(key=lambda each: (each[0].period, each[1]))
    names = _names([each[1] for each in found], bureau)
    told = found[:MOST_TOLD]
    before = in_words([each[2] for each in told], bureau.pk)
    after = in_words([each[3] for each in told], bureau.pk)
    for place, (month, key, (_, old), (rule, new)) in enumerate(found):
        yield Change(
            month=month.period,
            rule=rule.key,
            title=rule.title,
            subject=names[key[1], key[2]],
            before=VerdictStatus(old.status.value),
            after=VerdictStatus(new.status.value),
            words_before=before[place] if place < len(told) else None,
            words_after=after[place] if place < len(told) else None,
        )


def _sorted(changes: Iterable[Change]) -> tuple[tuple[Change, ...], ...]:
    short = {VerdictStatus.NOT_MET, VerdictStatus.NOTICE}
    worse, better, others = list[Change](), list[Change](), list[Change]()
    for change in changes:
        if change.before == VerdictStatus.MET and change.after in short:
            worse.append(change)
        elif change.before in short and change.after == VerdictStatus.MET:
            better.append(change)
        else:
            others.append(change)
    return tuple(worse), tuple(better), tuple(others)


def _names(keys: Iterable[Key], bureau: Bureau) -> Mapping[tuple[Subject, int], str]:
    """What a reader calls each subject; one query a kind."""
    wanted: dict[Subject, set[int]] = {}
    for _, kind, pk, _ in keys:
        wanted.setdefault(kind, set()).add(pk)
    found: dict[tuple[Subject, int], str] = {}
    for kind, ids in wanted.items():
        found |= {(kind, pk): name for pk, name in _named(kind, ids, bureau)}
    return found


def _named(kind: Subject, ids: set[int], bureau: Bureau) -> Iterator[tuple[int, str]]:
    if kind is Subject.APPOINTMENT:
        rows = Appointment.objects.filter(pk__in=ids)
        for pk, village, advisor in rows.values_list("pk", "village__name", "advisor__name"):
            yield pk, f"{short_village_name(village)} {advisor}"
    elif kind is Subject.VILLAGE:
        for pk, name in Village.objects.filter(pk__in=ids).values_list("pk", "name"):
            yield pk, short_village_name(name)
    elif kind is Subject.ADVISOR:
        yield from Advisor.objects.filter(pk__in=ids).values_list("pk", "name")
    elif kind is Subject.TOWNSHIP:
        yield from Township.objects.filter(pk__in=ids).values_list("pk", "name")
    elif kind is Subject.TEAM:
        yield from ServiceTeam.objects.filter(pk__in=ids).values_list("pk", "name")
    elif kind is Subject.ORGANISATION:
        yield from Organisation.objects.filter(pk__in=ids).values_list("pk", "name")
    else:
        yield bureau.pk, bureau.name
