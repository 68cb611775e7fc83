"""What a village still wants of lectures and has heard already: a hint that forbids nothing.

What is owed comes from the engine, whether each lecture needs a focus of its own from the policy
(ZX-37), and what was taught from the village's records of the calendar year, whoever gave them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisors.models import Appointment
from assessments.left import Left
from assessments.quota.rules import Measure, Rule
from assessments.selectors import rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from worklogs.enums import MatterKind
from worklogs.lectures import Lesson, lessons_of, repeat_sentence

#: So many lessons are named.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Teaching:
    """Of one village. ``owed`` are the engine's sentences on lectures that are still missing;
    ``distinct``: the policy asks for another focus each time; ``lessons`` the newest first."""

    owed: tuple[str, ...]
    distinct: bool
    lessons: tuple[Lesson, ...]

    @property
    def sentence(self) -> str:
        """What was taught this year and what that means for the next one; "" for nothing."""
        names = list(dict.fromkeys(lesson.named for lesson in self.lessons if lesson.focus))
        said = ""
        if names:
            rest = f"等{len(names)}个" if len(names) > _NAMED else ""
            said = f"今年已讲：{'、'.join(names[:_NAMED])}{rest}。"
        return f"{said}本地政策要求每次讲座的法律重点不同。" if self.distinct else said

    @property
    def repeats(self) -> Mapping[str, str]:
        """A sentence for each focus, written without blanks, that would be a repeat."""
        return {
            "".join(lesson.focus.split()): repeat_sentence(lesson)
            for lesson in self.lessons  # the oldest has the last word
            if lesson.focus
        }

    def as_json(self) -> dict[str, object]:
        return {"owed": self.owed, "said": self.sentence, "repeats": self.repeats}


def teaching_in(
    appointments: Sequence[Appointment], left: Mapping[int, Iterable[Left]], today: date
) -> dict[int, Teaching]:
    """By appointment; they come with their village and its township. ``left`` is what the engine
    says of each."""
    lessons = lessons_of({row.village_id for row in appointments}, today.year)
    bureaus = {row.village.township.bureau_id for row in appointments}
    rules = {bureau: _of_lectures(bureau, today) for bureau in bureaus}
    found = {}
    for row in appointments:
        own = rules[row.village.township.bureau_id]
        keys = {rule.key for rule in own}
        found[row.pk] = Teaching(
            owed=tuple(
                each.sentence for each in left.get(row.pk, ()) if each.rule in keys and each.missing
            ),
            distinct=any(rule.measure is Measure.DISTINCT_TOPICS for rule in own),
            lessons=lessons.get(row.village_id, ()),
        )
    return found


def _of_lectures(bureau_id: int, today: date) -> list[Rule]:
    month = Period.containing(PeriodKind.MONTH, today)
    return [
        rule
        for rule in rules_in_force(bureau_id, month).values()
        if rule.records and MatterKind.LECTURE in (rule.records.kinds or ())
    ]
