"""Cases that the engine once judged wrongly, told literally."""

from __future__ import annotations

from dataclasses import replace

from assessments.quota.facts import Absence
from assessments.quota.verdicts import Status
from tests.quota.build import facts, october, rule, session, verdict


def test_absences_of_the_same_days_with_and_without_a_substitute() -> None:
    away = [Absence(1, october(5), october(9), 2), Absence(1, october(5), october(9), None)]
    told = replace(facts([session(1, october(1))]), absences=away)
    found = verdict(rule("ZX-34"), told)
    assert (found.active_days, found.status) == (27, Status.NOT_ASSESSED)
