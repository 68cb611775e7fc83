"""The ZX policy once more, day by day and minute by minute, straight from the document.

Written to be slow and obvious, and to share nothing with the engine: it imports none of
it and reads only the attributes of what it is given.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

COUNTING = {"submitted", "confirmed", "reviewed"}
ALLOWED = {"lawyer", "legal_worker", "bureau_staff", "retired_cadre"}
Answer = dict[tuple[str, str, int], tuple[str, int]]


def days_between(first: date, after: date) -> list[date]:
    found, day = [], first
    while day < after:
        found.append(day)
        day += timedelta(days=1)
    return found


def month_days(year: int, month: int) -> list[date]:
    return [date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1])]


def quarter_days(year: int, month: int) -> list[date]:
    first = {1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4, 7: 7, 8: 7, 9: 7, 10: 10, 11: 10, 12: 10}[month]
    return [day for m in (first, first + 1, first + 2) for day in month_days(year, m)]


def year_days(year: int) -> list[date]:
    return [day for m in range(1, 13) for day in month_days(year, m)]


def serves(term: Any, day: date) -> bool:
    """In office and not suspended."""
    if day < term.start or (term.end is not None and day >= term.end):
        return False
    return term.suspended is None or day < term.suspended


def holds(term: Any, day: date) -> bool:
    """Counts for the cap, suspended or not."""
    return day >= term.start and (term.end is None or day < term.end)


def four_hours_sat(records: list[Any]) -> bool:
    sat: set[int] = set()
    for record in records:
        sat |= set(range(record.start, record.end))
    return len(sat) >= 4 * 60


class Oracle:
    def __init__(self, facts: Any, year: int, month: int, as_of: date) -> None:
        self.bureau, self.places, self.all_terms = facts.bureau, facts.places, facts.terms
        here = {place.id for place in facts.places}
        self.terms = [term for term in facts.terms if term.village in here]
        known = [r for r in facts.records if r.day < as_of and r.state in COUNTING]
        self.records = [r for r in known if r.village in here]
        self.summaries = [r for r in known if r.kind == "monthly_summary"]
        self.year, self.month, self.as_of = year, month, as_of
        self.answer: Answer = {}

    def all(self) -> Answer:
        self.visits()
        self.lectures()
        self.focus()
        self.cap()
        self.documents()
        self.journal()
        self.coverage()
        self.groups()
        self.entry()
        self.summary()
        return self.answer

    def visits(self) -> None:
        """每月现场提供法律咨询服务不少于2次，每次不少于4小时."""
        days = month_days(self.year, self.month)
        third = next(day for n, day in enumerate(days) if 3 * n >= 2 * len(days))
        on_duty = [
            r for r in self.records
            if r.unit == "session" and r.mode == "on_site" and r.purpose == "duty"
        ]  # fmt: skip
        for term in self.terms:
            mine = [r for r in on_duty if r.appointment == term.id]
            count = sum(four_hours_sat([r for r in mine if r.day == day]) for day in days)
            served = [day for day in days if serves(term, day)]
            left = len([day for day in served if day >= self.as_of])
            if served:
                status = self.personal(count, 2, days, third, left)
                whole = len(served) == len(days)
                self.note("ZX-34", "appointment", term.id, status if whole else "", count)
        for place in self.places:
            there = [r for r in on_duty if r.village == place.id]
            count = 0
            for day in days:
                today = [r for r in there if r.day == day]
                people = {r.advisor for r in today}
                if any(four_hours_sat([r for r in today if r.advisor == p]) for p in people):
                    count += 1
            left = len([day for day in days if day >= self.as_of])
            status = self.personal(count, 2, days, third, left)
            self.note("ZX-34", "village", place.id, status, count)

    def lectures(self) -> None:
        """每季度1次法治讲座."""
        days = quarter_days(self.year, self.month)
        third = date(days[-1].year, days[-1].month, 1)
        held = [
            r for r in self.records
            if r.kind == "lecture" and r.unit == "matter" and r.mode == "on_site" and r.day in days
        ]  # fmt: skip
        for term in self.terms:
            count = len([r for r in held if r.appointment == term.id])
            served = [day for day in days if serves(term, day)]
            if served:
                left = 1 if any(day >= self.as_of for day in served) else 0
                status = self.personal(count, 1, days, third, left)
                enough = 3 * len(served) >= 2 * len(days)
                self.note("ZX-36", "appointment", term.id, status if enough else "", count)
        for place in self.places:
            count = len([r for r in held if r.village == place.id])
            left = 1 if days[-1] >= self.as_of else 0
            status = self.personal(count, 1, days, third, left)
            self.note("ZX-36", "village", place.id, status, count)

    def focus(self) -> None:
        """每次讲堂要有不同法律重点: a warning, same village and calendar year."""
        for place in self.places:
            told = [
                r.focus.replace(" ", "") for r in self.records
                if r.kind == "lecture" and r.unit == "matter"
                and r.village == place.id and r.day.year == self.year
            ]  # fmt: skip
            different = len({focus for focus in told if focus})
            status = "met" if different == len(told) else "notice"
            self.note("ZX-37", "village", place.id, status, different)

    def cap(self) -> None:
        """1名律师、基层法律服务工作者最多担任3个."""
        days = month_days(self.year, self.month)
        for key, bound in (("ZX-24", True), ("ZX-24-others", False)):
            people = {
                t.advisor for t in self.terms
                if (t.category in ("lawyer", "legal_worker")) is bound
                and any(holds(t, day) for day in days)
            }  # fmt: skip
            for advisor in people:
                most = max(
                    len({t.village for t in self.all_terms if t.advisor == advisor and holds(t, d)})
                    for d in days
                )
                over = "not_met" if bound else "notice"
                self.note(key, "advisor", advisor, over if most > 3 else "met", most)

    def documents(self) -> None:
        """每年1份建议报告, 每年1卷法治档案."""
        days = year_days(self.year)
        for key, kind in (("ZX-44", "suggestion_report"), ("ZX-45", "dossier")):
            for place in self.places:
                count = len([
                    r for r in self.records
                    if r.kind == kind and r.village == place.id and r.covers.year == self.year
                ])  # fmt: skip
                left = 1 if days[-1] >= self.as_of else 0
                status = self.personal(count, 1, days, date(self.year, 9, 1), left)
                self.note(key, "village", place.id, status, count)

    def journal(self) -> None:
        """每年1本工作日志: each month of full service with no entry is shown."""
        days = month_days(self.year, self.month)
        third = next(day for n, day in enumerate(days) if 3 * n >= 2 * len(days))
        for advisor in {t.advisor for t in self.terms}:
            mine = [t for t in self.terms if t.advisor == advisor]
            served = [day for day in days if any(serves(t, day) for t in mine)]
            entries = [
                r for r in self.records
                if r.unit == "session" and r.advisor == advisor and r.day in days
            ]  # fmt: skip
            if served:
                left = 1 if any(day >= self.as_of for day in served) else 0
                status = self.personal(len(entries), 1, days, third, left)
                mild = "notice" if status in ("not_met", "at_risk") else status
                whole = len(served) == len(days)
                self.note("ZX-38", "advisor", advisor, mild if whole else "", len(entries))

    def coverage(self) -> None:
        """有效配备比例达100%."""
        days = month_days(self.year, self.month)
        last = max([day for day in days if day < self.as_of], default=days[0])
        covered = {t.village for t in self.terms if t.category in ALLOWED and serves(t, last)}
        regions = [("bureau", self.bureau, {p.id for p in self.places})]
        regions += [
            ("township", township, {p.id for p in self.places if p.township == township})
            for township in {p.township for p in self.places}
        ]
        for kind, number, villages in regions:
            have = len(villages & covered)
            short = "at_risk" if days[-1] >= self.as_of else "not_met"
            self.note("ZX-04", kind, number, "met" if have == len(villages) else short, have)

    def groups(self) -> None:
        """建立（加入）1个微信工作群: its registration, a warning."""
        days = month_days(self.year, self.month)
        third = next(day for n, day in enumerate(days) if 3 * n >= 2 * len(days))
        left = 1 if days[-1] >= self.as_of else 0
        for place in self.places:
            count = len([
                r for r in self.records
                if r.kind == "online_group" and r.village == place.id and r.covers in days
            ])  # fmt: skip
            status = self.personal(count, 1, days, third, left)
            mild = "notice" if status in ("not_met", "at_risk") else status
            self.note("ZX-32", "village", place.id, mild, count)

    def entry(self) -> None:
        """Each session entered within three days; the number is the bureau's, a warning."""
        days = month_days(self.year, self.month)
        for term in self.terms:
            mine = [
                r for r in self.records
                if r.unit == "session" and r.appointment == term.id and r.day in days
            ]  # fmt: skip
            if any(serves(term, day) for day in days):
                prompt = [r for r in mine if r.entered <= r.day + timedelta(days=3)]
                status = "met" if len(prompt) == len(mine) else "notice"
                self.note("ZX-39-entry", "appointment", term.id, status, len(prompt))

    def summary(self) -> None:
        """汇总每月…并报区司法局: last month's, by the fifth; the day is the bureau's, a warning."""
        before = month_days(self.year, self.month)[0] - timedelta(days=1)
        days, due = month_days(before.year, before.month), date(self.year, self.month, 5)
        for township in {p.township for p in self.places}:
            handed = any(
                r.township == township and r.covers in days and r.day <= due
                for r in self.summaries
            )  # fmt: skip
            late = "notice" if self.as_of > due else "open"
            self.note("ZX-72", "township", township, "met" if handed else late, int(handed))

    def personal(self, count: int, owed: int, days: list[date], third: date, left: int) -> str:
        """The word for ``count`` of ``owed``, when ``left`` more can still be done."""
        if count >= owed:
            return "met"
        if days[-1] < self.as_of:
            return "not_met"
        if owed - count > left or (count == 0 and self.as_of >= third):
            return "at_risk"
        return "open"

    def note(self, key: str, kind: str, number: int, status: str, count: int) -> None:
        self.answer[key, kind, number] = (status or "not_assessed", count)
