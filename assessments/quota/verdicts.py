"""What the engine answers: plain tuples of ids, numbers and reason codes, ready for JSON."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from assessments.quota.rules import Subject
from lawadvisor.foundation.periods import Period


class Status(StrEnum):
    MET = "met"
    NOT_MET = "not_met"  # over and not enough; at once: a cap, too many due dates missed
    PENDING = "pending"  # enough once the records awaiting confirmation are confirmed (A15)
    OPEN = "open"  # still running, time enough
    AT_RISK = "at_risk"  # running, and by now it looks bad: see engine._threatened
    NOT_ASSESSED = "not_assessed"  # active for too small a share of the period (A12)
    NOTICE = "notice"  # a warning or information rule not fulfilled: shown, never a failure


class Refusal(NamedTuple):
    """Why some records did not count. ``params`` are ints and strings.

    mode (mode,) · purpose (purpose,) · late_entry (days, limit) · evidence (lacking, …) ·
    state (state,) · awaiting (state, needed) · too_short (minutes, needed) · same_day () ·
    short_day (minutes, needed) · no_topic () · repeated_topic (focus,) · uncovered (days,) ·
    over_cap (day, cap, reason…) · incomplete (lacking, …) · entered_late (days, limit) ·
    late (days, due date) · surplus () · category (category,) · volunteer ()

    Without ``ids``, about the verdict: lacking (evidence, …) · excused (reason, approver)
    """

    ids: tuple[int, ...]
    reason: str
    params: tuple[int | str, ...]


class Verdict(NamedTuple):
    """One rule, one subject, one period.

    ``counted`` groups the ids that were joined into one; ids are of the unit the rule
    looks at, for shares and caps they are village ids. ``missing`` is what is still needed,
    ``pending`` how much awaits confirmation, ``minutes`` all time that counts, long enough
    or not. ``last_day`` is the last on which what is missing can be done, None if too late
    or not needed. ``owed_by``: appointments answerable for a village's document (A52).
    """

    rule: str
    subject_kind: Subject
    subject_id: int
    period: Period
    status: Status
    required: int
    actual: int
    pending: int
    missing: int
    minutes: int
    counted: tuple[tuple[int, ...], ...]
    refused: tuple[Refusal, ...]
    active_days: int
    last_day: date | None
    owed_by: tuple[int, ...]
