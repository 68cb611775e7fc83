"""Reasons for a spot check, each in words that name the records; chance that all can repeat."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageDraw

from assessments.checking import CheckEntry
from assessments.models import SpotCheck, SpotDraw
from assessments.review.clues import Mark, Sheaf, Written, clues
from assessments.review.spot import by_chance, clues_in, draw, record_look, spot_rows
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor, Viewer
from tests.conftest import County
from tests.factories import (
    OCTOBER,
    at,
    make_appointment,
    make_attachment,
    make_log,
    make_matter,
    make_village,
)
from tests.web.conftest import signed_in
from worklogs.likeness import is_alike, likeness
from worklogs.models import ServiceLog

NOW = at(date(2026, 11, 3), "09:00")
CLERK = Actor(None, "所长甲")
TEXT = "宣讲民法典婚姻家庭编，解答土地流转合同纠纷"
TRUE = CheckEntry(method="phone", outcome="true", records=2)


# ── the clues themselves ────────────────────────────────────────────────────────────────────────


def written(*days: tuple[int, date]) -> tuple[Written, ...]:
    return tuple(
        Written(pk, date(2026, 10, day), entered) for pk, (day, entered) in enumerate(days)
    )


def told(sheaf: Sheaf, **known: dict[object, list[Mark]]) -> tuple[str, ...]:
    return clues(sheaf, OCTOBER, known.get("texts", {}), known.get("photos", {}))


def test_an_ordinary_month_gives_no_clue() -> None:
    end = date(2026, 10, 31)
    ordinary = Sheaf(written((9, date(2026, 10, 9)), (31, end)), lengths=(240, 240, 241, 240))
    own = Mark("x", 1, 7, "太平村", date(2026, 10, 9))
    assert told(replace(ordinary, texts=(own,)), texts={"x": [own]}) == ()
    # one day's work typed on that day, though it be the last, is nothing
    assert told(Sheaf(written((31, end), (31, end)), lengths=(240, 240, 240))) == ()


@pytest.mark.parametrize("entered", [date(2026, 10, 31), date(2026, 11, 4)])
def test_all_typed_on_the_last_day_or_later(entered: date) -> None:
    found = told(Sheaf(written((9, entered), (16, entered))))
    assert found == (f"集中录入：本月2条记录都在{entered:%-m月%-d日}录入",)
    earlier = date(2026, 10, 30)
    assert told(Sheaf(written((9, earlier), (16, earlier)))) == ()


def test_always_exactly_as_long() -> None:
    assert told(Sheaf((), lengths=(240,) * 4)) == (
        "时长雷同：近三个月4次现场服务，每次都恰好4小时",
    )
    assert told(Sheaf((), lengths=(240,) * 3)) == ()


def test_the_same_text_in_many_villages_names_three_and_counts_the_rest() -> None:
    day = date(2026, 10, 9)
    own = Mark("x", 1, 7, "太平村", day)
    others = [Mark("x", 10 + n, 20 + n, "", day + timedelta(n)) for n in range(5)]
    (found,) = told(Sheaf((), texts=(own,)), texts={"x": [own, *others]})
    assert found == (
        "文字雷同：10月9日的内容与另外5个村（社区）的记录一字不差"
        "（外镇街的村（社区）10月9日、外镇街的村（社区）10月10日、"
        "外镇街的村（社区）10月11日等5处）"
    )


def test_one_photo_on_two_records() -> None:
    day = date(2026, 10, 9)
    own, other = Mark(5, 1, 7, "太平村", day), Mark(6, 2, 7, "太平村", date(2026, 9, 1))
    (found,) = told(Sheaf((), photos=(own,)), photos={5: [own, other]})
    assert found == "照片雷同：10月9日的照片与别的记录相同或极相似（太平村9月1日）"
    assert told(Sheaf((), photos=(own,)), photos={5: [own]}) == ()


# ── what a photo looks like ─────────────────────────────────────────────────────────────────────


def scene(rng: Random) -> Image.Image:
    tiny = Image.new("RGB", (12, 9))
    tiny.putdata([tuple(rng.randrange(256) for _ in range(3)) for _ in range(108)])
    return tiny.resize((800, 600), Image.Resampling.BICUBIC)


def as_jpeg(image: Image.Image, quality: int = 85) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def test_a_photo_is_known_again_saved_anew_smaller_lighter_or_with_a_caption() -> None:
    rng = Random(20261103)
    scenes = [scene(rng) for _ in range(40)]
    looks = [likeness(as_jpeg(image)) for image in scenes]
    for image, look in zip(scenes, looks, strict=True):
        captioned = image.copy()
        ImageDraw.Draw(captioned).rectangle((0, 560, 800, 600), fill="white")
        lighter = image.point(lambda value: min(255, int(value * 1.1)))
        for other in (image.resize((300, 225)), captioned, lighter):
            assert is_alike(look, likeness(as_jpeg(other, 40)))
    pairs = [(a, b) for at_, a in enumerate(looks) for b in looks[:at_]]
    assert not any(is_alike(a, b) for a, b in pairs)


def test_a_blank_page_looks_like_nothing() -> None:
    assert likeness(as_jpeg(Image.new("RGB", (90, 80), "#eeeeee"))) is None


def test_the_mark_has_64_bits_with_a_sign() -> None:
    looks = [likeness(as_jpeg(scene(Random(seed)))) for seed in range(8)]
    assert all(-(1 << 63) <= look < 1 << 63 for look in looks)
    assert min(looks) < 0 < max(looks)
    assert is_alike(-1, -1 ^ 0b11111)
    assert not is_alike(-1, -1 ^ 0b111111)


# ── from the records ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def viewer(county: County) -> Viewer:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return signed_in(county.office_user).get("/").wsgi_request.viewer


def noted(county: County, day: int = 9, text: str = TEXT, **fields: object) -> ServiceLog:
    """A record of the advisor with one consultation that says so."""
    fields.setdefault("entered_at", at(date(2026, 10, day), "20:00"))
    fields.setdefault("appointment", county.appointment)
    log = make_log(day=date(2026, 10, day), **fields)
    make_matter(log=log, content=text, kind=fields.pop("kind", "consultation"))
    return log


def test_the_same_text_elsewhere_is_noticed_and_the_place_told_to_whom_it_is_known(
    county: County, viewer: Viewer
) -> None:
    noted(county)
    noted(county, 12, f"{TEXT}。", appointment=county.sibling_appointment)
    near = make_appointment(village=make_village(township=county.township))
    noted(county, 13, TEXT.replace("，", " "), appointment=near)
    found = clues_in(county.township, OCTOBER, viewer)
    assert set(found) == {county.appointment.pk, near.pk}
    (clue,) = found[county.appointment.pk]
    assert clue == (
        "文字雷同：10月9日的内容与另外2个村（社区）的记录一字不差"
        f"（外镇街的村（社区）10月12日、{near.village.short_name}10月13日）"
    )


def test_what_was_said_in_a_mediation_and_short_texts_are_not_compared(
    county: County, viewer: Viewer
) -> None:
    for appointment in (county.appointment, county.sibling_appointment):
        log = make_log(appointment=appointment, entered_at=at(date(2026, 10, 9), "20:00"))
        make_matter(log=log, content=TEXT, kind="mediation")
        make_matter(log=log, content="法律咨询")
    assert clues_in(county.township, OCTOBER, viewer) == {county.appointment.pk: ()}


def test_a_photo_of_last_year_is_compared_and_days_that_cannot_be(
    county: County, viewer: Viewer
) -> None:
    log, before = noted(county), noted(county, 20, "别的内容")
    ServiceLog.objects.filter(pk=before.pk).update(
        service_date=date(2025, 11, 20),
        started_at=at(date(2025, 11, 20), "09:00"),
        ended_at=at(date(2025, 11, 20), "10:00"),
    )
    for each, look in ((log, 0b1111), (before, 0b0011)):
        make_attachment(matter=each.matters.get(), likeness=look)
    near = make_appointment(village=make_village(township=county.township), advisor=county.advisor)
    noted(county, 9, "又别的内容", appointment=near, start="13:05", end="17:30")
    found = clues_in(county.township, OCTOBER, viewer)[county.appointment.pk]
    own = county.village.short_name
    assert found[0] == f"照片雷同：10月9日的照片与别的记录相同或极相似（{own}11月20日）"
    assert "10月9日两村之间只隔5分钟" in found
    assert "10月9日当天合计8小时25分，超过8小时" in found


def test_the_number_of_queries_does_not_grow(county: County, viewer: Viewer) -> None:
    spent = []
    for more in (1, 6):
        for _ in range(more):
            village = make_village(township=county.township)
            log = noted(county, appointment=make_appointment(village=village))
            make_attachment(matter=log.matters.get(), likeness=log.pk << 20)
        with CaptureQueriesContext(connection) as queries:
            clues_in(county.township, OCTOBER, viewer)
        spent.append(len(queries))
    assert spent[0] == spent[1]


# ── chance, and the look ────────────────────────────────────────────────────────────────────────


def drawn(county: County, viewer: Viewer, **fields: object) -> SpotDraw:
    asked = {"by": CLERK, "township": county.township, "month": OCTOBER, "viewer": viewer}
    return draw(**{**asked, "size": 2, "now": NOW, **fields})


def test_the_draw_takes_all_with_clues_and_chance_takes_others_that_anybody_can_draw_again(
    county: County, viewer: Viewer
) -> None:
    noted(county, entered_at=at(date(2026, 10, 31), "20:00"))
    noted(county, 16, "另一段内容", entered_at=at(date(2026, 10, 31), "20:00"))
    others = [make_appointment(village=make_village(township=county.township)) for _ in range(6)]
    for number, appointment in enumerate(others):
        noted(county, text=f"第{number}村", appointment=appointment)
    made = drawn(county, viewer)
    chosen = {each.appointment: each for each in made.all_chosen}
    assert (made.size, made.population, len(chosen)) == (2, 6, 3)
    assert not chosen[county.appointment.pk].by_chance
    lots = [pk for pk, each in chosen.items() if each.by_chance]
    pks = sorted(appointment.pk for appointment in others)
    assert sorted(lots) == by_chance(pks, made.size, made.seed)
    assert {tuple(by_chance(pks, 2, seed)) for seed in range(200)} > {tuple(sorted(lots))}
    entry = AuditEntry.objects.get(verb="spot.draw")
    assert (entry.after["seed"], entry.after["population"]) == (made.seed, 6)
    with pytest.raises(Conflict, match="已经抽取，不能重抽"):
        drawn(county, viewer)


def test_a_month_that_runs_is_not_drawn_and_a_size_is_a_number_of_people(
    county: County, viewer: Viewer
) -> None:
    with pytest.raises(DomainError, match="2026年10月尚未结束，不能抽取。"):
        drawn(county, viewer, now=at(date(2026, 10, 31), "23:59"))
    for size in (-1, 51):
        with pytest.raises(DomainError, match="随机抽取数应为0至50。"):
            drawn(county, viewer, size=size)
    made = drawn(county, viewer, size=50)  # nobody handed anything in
    assert (made.chosen, made.population) == ([], 0)


def test_a_look_is_written_down_once_with_its_clues_and_tells_faults(
    county: County, viewer: Viewer
) -> None:
    noted(county)
    made = drawn(county, viewer)
    asked = {"by": CLERK, "drawn": made, "appointment": county.appointment, "now": NOW}
    with pytest.raises(DomainError, match="请写明发现的情况"):
        record_look(**asked, entry=replace(TRUE, outcome="untrue"))
    with pytest.raises(DomainError, match="请选择是否属实"):
        record_look(**asked, entry=replace(TRUE, outcome="no_demand"))
    with pytest.raises(DomainError, match="不在选项中"):
        record_look(**asked, entry=replace(TRUE, method="guess"))
    check = record_look(**asked, entry=replace(TRUE, advice="写明来访人的诉求"))
    assert (check.checked_by, check.clues, check.checked_at) == ("所长甲", [], NOW)
    with pytest.raises(Conflict, match="已由所长甲填写抽查记录。"):
        record_look(**asked, entry=TRUE)
    with pytest.raises(DomainError, match="不在本月的抽查名单中。"):
        record_look(**{**asked, "appointment": county.sibling_appointment}, entry=TRUE)
    assert SpotCheck.objects.count() == 1
    assert [row.check for row in spot_rows(made)] == [check]
    # it changes no figure
    assert not ServiceLog.objects.exclude(state="submitted").exists()
