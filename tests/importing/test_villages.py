"""The roster of villages: from the bureau's own file to rows, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.models import AuditEntry, BatchState
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of, brought_in, confirmed, exported, said_of
from villages.enums import VillageKind
from villages.models import Village

pytestmark = pytest.mark.django_db

HEAD = ("镇街", "村名", "区划代码")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def new_code(county: County, number: int = 777) -> str:
    return f"{county.township.code}{number}"


def test_new_changed_and_same_rows_are_told_apart_and_written(county: County):
    village, sibling = county.village, county.sibling_village
    content = book_of(
        ("2026年村（社区）名册",),
        HEAD,
        (county.township.name, "新桥村", new_code(county)),
        (county.township.name, "改名社区", village.code),
        (county.sibling_township.name, sibling.name, float(sibling.code)),
    )

    batch = brought_in(county.bureau_user, county.bureau, "villages", content)
    assert batch.counts == {"new": 1, "changed": 1, "same": 1, "bad": 0, "bad_rows": 0}
    assert Village.objects.filter(township__bureau=county.bureau).count() == 2

    confirmed(county.bureau_user, batch)
    made = Village.objects.get(code=new_code(county))
    village.refresh_from_db()
    assert (made.name, made.township, made.kind) == ("新桥村", county.township, VillageKind.VILLAGE)
    assert made.pinyin.startswith("xinqiaocun")
    assert (village.name, village.kind) == ("改名社区", VillageKind.COMMUNITY)
    told = AuditEntry.objects.filter(verb="village.import").order_by("subject_label")
    assert {(entry.subject_id, bool(entry.before)) for entry in told} == {
        (made.pk, False),
        (village.pk, True),
    }
    assert AuditEntry.objects.get(verb="import.write").after["new"] == 1


def test_the_same_file_a_second_time_changes_nothing(county: County):
    content = book_of(HEAD, (county.township.name, "新桥村", new_code(county)))
    confirmed(
        county.bureau_user, brought_in(county.bureau_user, county.bureau, "villages", content)
    )

    again = brought_in(county.bureau_user, county.bureau, "villages", content)
    assert again.counts == {"same": 1, "bad": 0, "bad_rows": 0}
    with pytest.raises(DomainError, match="没有需要写入的内容"):
        confirmed(county.bureau_user, again)


def test_what_is_exported_comes_back_unchanged(county: County):
    county.village.name, county.village.is_active = "=1+1村", False
    county.village.klass = "一类"
    county.village.save()
    content = exported(county, "villages")

    batch = brought_in(county.bureau_user, county.bureau, "villages", content)
    assert batch.note == ""
    assert batch.counts == {"same": 2, "bad": 0, "bad_rows": 0}


def test_a_name_written_otherwise_is_offered_and_not_guessed(county: County):
    county.village.name = "红湖社区居委会"
    county.village.save()
    content = book_of(
        HEAD, (county.township.name, "红湖社区", None), (county.township.name, "红湖小区", None)
    )

    batch = brought_in(county.bureau_user, county.bureau, "villages", content)
    assert [(where, near) for where, _, near in said_of(batch)] == [
        ("B2", "红湖社区居委会"),
        ("B3", "红湖社区居委会"),
    ]

    fixed = batches.accept_spellings(by=county.bureau_user.as_actor(), batch=batch)
    assert fixed.counts == {"same": 1, "bad": 1, "bad_rows": 1}
    with pytest.raises(DomainError, match="没有只是写法不同的名称"):
        batches.accept_spellings(by=county.bureau_user.as_actor(), batch=fixed)


def test_good_rows_go_in_without_the_bad_ones_when_somebody_says_so(county: County):
    content = book_of(
        HEAD,
        (county.township.name, "新桥村", new_code(county)),
        (county.township.name, "坏村", "12345"),
    )
    batch = brought_in(county.bureau_user, county.bureau, "villages", content)

    with pytest.raises(DomainError, match="只导入无误的行"):
        confirmed(county.bureau_user, batch)
    done = confirmed(county.bureau_user, batch, partial=True)
    assert done.state == BatchState.DONE
    assert not Village.objects.filter(name="坏村").exists()
    assert Village.objects.filter(name="新桥村").exists()


def test_undoing_deletes_the_new_and_sets_back_the_changed(county: County):
    before = county.village.name
    content = book_of(
        HEAD,
        (county.township.name, "新桥村", new_code(county)),
        (county.township.name, "改名社区", county.village.code),
    )
    batch = confirmed(
        county.bureau_user, brought_in(county.bureau_user, county.bureau, "villages", content)
    )
    actor = county.bureau_user.as_actor()

    with pytest.raises(DomainError, match="事由"):
        batches.undo(by=actor, batch=batch, reason=" ")
    batches.undo(by=actor, batch=batch, reason="传错了文件")
    county.village.refresh_from_db()
    assert (county.village.name, county.village.kind) == (before, VillageKind.VILLAGE)
    assert not Village.objects.filter(name="新桥村").exists()
    with pytest.raises(Conflict):
        batches.undo(by=actor, batch=batch, reason="再来一次")


def test_what_others_have_built_on_cannot_be_undone_and_nothing_is_half_undone(county: County):
    content = book_of(
        HEAD,
        (county.township.name, "新桥村", new_code(county)),
        (county.township.name, "改名社区", county.village.code),
    )
    batch = confirmed(
        county.bureau_user, brought_in(county.bureau_user, county.bureau, "villages", content)
    )
    made = Village.objects.get(name="新桥村")
    factories.make_appointment(advisor=county.advisor, village=made)

    with pytest.raises(DomainError, match=r"新桥村已有1条聘任.*没有撤销任何内容"):
        batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了文件")
    county.village.refresh_from_db()
    assert county.village.name == "改名社区"


def test_a_later_change_stands_in_the_way_of_undoing(county: County):
    content = book_of(HEAD, (county.township.name, "改名社区", county.village.code))
    batch = confirmed(
        county.bureau_user, brought_in(county.bureau_user, county.bureau, "villages", content)
    )
    Village.objects.filter(pk=county.village.pk).update(name="又改名社区")

    with pytest.raises(DomainError, match="又改为“又改名社区”"):
        batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了文件")


def test_what_the_file_leaves_out_stays_and_is_named(county: County):
    content = book_of(HEAD, (county.township.name, "新桥村", new_code(county)))
    batch = brought_in(county.bureau_user, county.bureau, "villages", content)

    assert sorted(batch.findings["absent"]) == sorted(
        f"{village.township.name}{village.name}"
        for village in (county.village, county.sibling_village)
    )
    confirmed(county.bureau_user, batch)
    assert Village.objects.filter(township__bureau=county.bureau, is_active=True).count() == 3


def test_a_plan_that_no_longer_holds_comes_back_instead_of_being_written(county: County):
    content = book_of(HEAD, (county.township.name, "新桥村", new_code(county)))
    batch = brought_in(county.bureau_user, county.bureau, "villages", content)
    factories.make_village(township=county.township, code=new_code(county), name="别名村")

    again = confirmed(county.bureau_user, batch)
    assert (again.state, again.note) == (BatchState.CHECKED, batches.MOVED_ON)
    assert again.counts["changed"] == 1
    assert confirmed(county.bureau_user, again).state == BatchState.DONE


def test_another_bureaus_villages_are_out_of_reach(county: County, foreign: County):
    content = book_of(HEAD, (None, "新桥村", foreign.village.code))
    batch = brought_in(county.bureau_user, county.bureau, "villages", content)

    assert batch.counts["bad"] == 1
    assert batch.findings["lines"] == []
