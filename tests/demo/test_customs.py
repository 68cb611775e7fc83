"""Small counties by the customs of each place: what is sure without flaws, on any day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from lawadvisor.demo import photos
from lawadvisor.demo.customs import Customs
from lawadvisor.demo.five import DONGGUAN, JIADING, JIAOCHENG, PINGXIANG, ZHENGXIANG
from lawadvisor.foundation.periods import Period, local_date
from tests.demo.data import SMALL, Generated, generate, month_of
from worklogs.enums import FilingKind, LogState, MatterKind, Mode

CUSTOMS = {
    "zx": ZHENGXIANG,
    "jc": JIAOCHENG,
    "sh": JIADING,
    "cz": PINGXIANG,
    "dg": DONGGUAN,
}
#: The second township of the invented county.
MOUNTAIN = "990001002"


@pytest.fixture(autouse=True)
def _pictures_go_elsewhere(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def small(customs: Customs, **more: object) -> Generated:
    return generate(replace(SMALL, customs=customs, mountains=(MOUNTAIN,), **more))


@pytest.mark.django_db
@pytest.mark.parametrize("place", CUSTOMS)
def test_one_seed_gives_one_county(place: str):
    assert small(CUSTOMS[place]).digest == small(CUSTOMS[place]).digest


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["jc", "dg"])
@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 8, 1), date(2028, 2, 29)])
def test_any_day_may_be_today(place: str, today: date):
    found = small(CUSTOMS[place], today=today)
    assert found.logs
    assert all(local_date(log.entered_at) < today for log in found.logs)
    assert all(filing.filed_on and filing.filed_on < today for filing in found.filings)


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "hours"), [("sh", 6), ("cz", 5), ("dg", 8)])
def test_without_flaws_the_hours_of_each_village_add_up(place: str, hours: int):
    found = small(CUSTOMS[place], flaws=False)
    minutes: Counter[tuple[int, Period]] = Counter()
    days = defaultdict(set)
    for log in found.visits:
        key = log.appointment.village_id, month_of(log.service_date)
        minutes[key] += log.minutes
        days[key].add(log.service_date)
    assert len(minutes) == SMALL.villages * SMALL.months
    assert min(minutes.values()) >= hours * 60
    fewest, most = CUSTOMS[place].visits.stays
    assert {len(held) for held in days.values()} <= set(range(fewest, most + 3))


@pytest.mark.django_db
def test_only_villages_in_the_mountains_are_trained_online():
    found = small(JIAOCHENG, months=8)
    mountains = {v.pk for v in found.villages if v.township.code == MOUNTAIN}
    assert {v.terrain for v in found.villages if v.pk in mountains} == {"mountain"}
    trained = [
        (log, matter)
        for log in found.logs
        for matter in found.matters[log.pk]
        if matter.kind == MatterKind.TRAINING
    ]
    online = {log.appointment.village_id for log, _ in trained if log.mode != Mode.ON_SITE}
    assert online
    assert online <= mountains
    whole = [matter for _, matter in trained if len(matter.marks) == len(JIAOCHENG.trained)]
    assert 0.6 < len(whole) / len(trained) < 1


@pytest.mark.django_db
def test_phones_are_nobodys_and_some_are_missing():
    found = small(JIAOCHENG)
    clients = [m for held in found.matters.values() for m in held if m.audience is None]
    given = [matter.phone.reveal() for matter in clients if matter.phone]
    assert all(len(phone) == 11 and phone.startswith("100") for phone in given)
    assert 0.9 < len(given) / len(clients) < 1


@pytest.mark.django_db
def test_records_wait_longest_where_somebody_is_slow():
    found = small(DONGGUAN, months=8)
    waiting = Counter(log.state for log in found.logs if log.service_date >= date(2026, 10, 1))
    assert waiting[LogState.SUBMITTED] > 0
    assert waiting[LogState.CONFIRMED] > 0
    assert waiting[LogState.REVIEWED] > waiting[LogState.CONFIRMED]
    old = Counter(log.state for log in found.logs if log.service_date < date(2026, 5, 1))
    assert old[LogState.SUBMITTED] <= len(found.logs) * 0.005


@pytest.mark.django_db
def test_papers_name_their_level_and_come_once():
    found = small(DONGGUAN, months=11)
    seen = Counter(
        (f.kind, f.village_id, f.township_id, f.period_start, f.filed_on) for f in found.filings
    )
    assert max(seen.values()) == 1
    by_kind = Counter(filing.kind for filing in found.filings)
    assert set(by_kind) == {paper.kind.value for paper in DONGGUAN.papers}
    assert by_kind[FilingKind.MONTHLY_CHECK] > 0.9 * 23 * 11
    assert all(f.title and f.body and "{" not in f.body for f in found.filings)
    assert {bool(f.village_id) for f in found.filings if f.kind == FilingKind.CAMPAIGN} == {False}


def test_a_picture_is_drawn_alike_for_one_seed():
    one = photos.draw(Random(1))
    assert one == photos.draw(Random(1))
    assert one != photos.draw(Random(2))
    assert len(one) < 20_000
