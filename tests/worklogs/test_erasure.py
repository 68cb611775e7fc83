"""A client's own records: found in any spelling, deleted whole, nothing of him left anywhere."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, transaction
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from advisors.viewers import viewer_for
from assessments.facts import records_by_id
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.secrets import Secret
from lawadvisor.foundation.viewer import SYSTEM, Viewer
from tests.conftest import County, desk_of
from tests.factories import DAY, at, make_log, make_matter
from worklogs import erasure
from worklogs.erasure import Basis, Person, erase_client, find_client
from worklogs.models import Attachment, Matter
from worklogs.photos import path_of, store_photo

NAME, PHONE, STORY = "欧阳金丝雀", "13812345678", "诉说家中变故的经过"
HIM = Person.typed(NAME, PHONE)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def clerk(county: County) -> Viewer:
    return viewer_for(county.bureau_user)


@pytest.fixture
def matters(county: County) -> dict[str, Matter]:
    log = make_log(appointment=county.appointment)
    own = {"content": STORY, "method": "当面解答", "result": "已释疑"}
    story = f"{NAME}（138 1234-5678）来过，他的邻居不服。"
    return {
        "own": make_matter(log=log, client=NAME, phone=PHONE, special_group="released", **own),
        "named": make_matter(log=log, client="欧阳 金丝雀", content=STORY),
        "called": make_matter(log=log, phone="+86 138-1234-5678", content=STORY),
        "shared": make_matter(
            log=log, kind="mediation", client=f"{NAME}、李四", content=story, result="和解"
        ),
        "mentioned": make_matter(log=log, client="王五", content=story, focus=f"{NAME}案"),
        "other": make_matter(log=log, client="欧阳金", phone="13812345679", content="他事"),
    }


def erase(clerk: Viewer, chosen: list[Matter], reason: str = "本人书面申请") -> int:
    ids = [matter.pk for matter in chosen]
    return erase_client(by=SYSTEM, viewer=clerk, person=HIM, matters=ids, reason=reason)


def told(matter: Matter) -> list[str]:
    matter.refresh_from_db()
    sealed = (matter.client, matter.phone, matter.content, matter.method, matter.result)
    return [secret.reveal() for secret in sealed]


# ── finding ─────────────────────────────────────────────────────────────────────────────────────


def test_he_is_found_by_name_by_number_and_where_he_is_mentioned(
    clerk: Viewer, matters: dict[str, Matter]
):
    found = {hit.matter.pk: hit.basis for hit in find_client(viewer=clerk, person=HIM)}

    assert found == {
        matters["own"].pk: Basis.BOTH,
        matters["named"].pk: Basis.NAME,
        matters["called"].pk: Basis.PHONE,
        matters["shared"].pk: Basis.NAME,
        matters["mentioned"].pk: Basis.MENTIONED,
    }


def test_another_bureaus_records_are_not_found(foreign: County, matters: dict[str, Matter]):
    assert find_client(viewer=viewer_for(foreign.bureau_user), person=HIM) == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BUREAU}))
def test_no_other_role_may_look(role: Role, county: County, matters: dict[str, Matter]):
    viewer = viewer_for(desk_of(county, role))

    with pytest.raises(DomainError, match="只有司法局工作人员"):
        find_client(viewer=viewer, person=HIM)
    with pytest.raises(DomainError, match="只有司法局工作人员"):
        erase(viewer, [matters["own"]])
    assert told(matters["own"])[0] == NAME


@pytest.mark.parametrize(
    ("name", "phone", "sentence"),
    [
        ("", "", "请填写姓名或电话。"),
        ("  ", " ", "请填写姓名或电话。"),
        ("张", "", "请填写完整的姓名。"),
        ("张三", "138", "请填写完整的电话号码。"),
        ("张三", "无", "请填写完整的电话号码。"),
    ],
)
def test_what_names_nobody_is_refused(name: str, phone: str, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        Person.typed(name, phone)


def test_two_numbers_side_by_side_are_not_a_third():
    assert not HIM.is_named_in("共138人，来电12345678")
    assert HIM.is_named_in("来电１３８ 1234—5678。")


# ── deleting ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_his_alone_goes_whole(clerk: Viewer, matters: dict[str, Matter]):
    assert erase(clerk, [matters[kind] for kind in ("own", "named", "called")]) == 3

    gone = "已删除"
    assert told(matters["own"]) == [gone] * 5
    assert told(matters["named"]) == [gone, "", gone, "", ""]
    assert told(matters["called"]) == ["", gone, gone, "", ""]
    assert not matters["own"].special_group


def test_of_what_is_others_too_only_he_goes(clerk: Viewer, matters: dict[str, Matter]):
    erase(clerk, [matters["shared"], matters["mentioned"]])

    without = "已删除（已删除）来过，他的邻居不服。"
    assert told(matters["shared"]) == ["已删除、李四", "", without, "", "和解"]
    assert told(matters["mentioned"]) == ["王五", "", without, "", ""]
    assert matters["mentioned"].focus == "已删除案"


def test_a_relative_with_the_same_number_keeps_his_record(clerk: Viewer, county: County):
    log = make_log(appointment=county.appointment)
    relative = make_matter(log=log, client="欧阳父", phone=PHONE, content=STORY)
    erase(clerk, [relative])

    assert told(relative) == ["欧阳父", "已删除", STORY, "", ""]


def test_what_was_not_chosen_stays(clerk: Viewer, matters: dict[str, Matter]):
    erase(clerk, [matters["own"], matters["other"]])

    assert told(matters["named"])[0] == "欧阳 金丝雀"
    assert told(matters["other"]) == ["欧阳金", "13812345679", "他事", "", ""]


def test_the_evidence_that_verdicts_rest_on_is_as_before(clerk: Viewer, matters: dict[str, Matter]):
    ids = [matter.pk for matter in matters.values()]
    before = filled()
    records = records_by_id("matter", ids)
    erase(clerk, [*matters.values()])

    assert filled() == before
    assert {pk: r._replace(focus="") for pk, r in records_by_id("matter", ids).items()} == {
        pk: r._replace(focus="") for pk, r in records.items()
    }


def filled() -> list[tuple[object, ...]]:
    names = ("client", "phone", "content", "method", "result", "focus")
    rows = Matter.objects.order_by("pk").values_list("kind", "audience", "succeeded", *names)
    return [(*row[:3], *map(bool, row[3:])) for row in rows]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "请写明删除的事由"),
        (f"{NAME}书面申请", "不要写本人的姓名"),
        ("来电138 1234 5678", "不要写本人的姓名"),
    ],
)
def test_a_reason_is_needed_that_does_not_name_him(
    reason: str, sentence: str, clerk: Viewer, matters: dict[str, Matter]
):
    with pytest.raises(DomainError, match=sentence):
        erase(clerk, [matters["own"]], reason)
    assert told(matters["own"])[0] == NAME


def test_a_second_time_there_is_nothing_left(clerk: Viewer, matters: dict[str, Matter]):
    erase(clerk, [matters["own"]])

    with pytest.raises(DomainError, match="已没有此人的信息"):
        erase(clerk, [matters["own"]])


def test_the_audit_says_what_and_why_and_not_who(clerk: Viewer, matters: dict[str, Matter]):
    erase(clerk, [matters["own"]])

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject_id, entry.reason) == (
        "client.erase",
        matters["own"].pk,
        "本人书面申请",
    )
    fields = ["client", "phone", "content", "method", "result", "special_group"]
    assert entry.after == {"fields": fields, "photos": 0}


# ── photos ──────────────────────────────────────────────────────────────────────────────────────


def photo_of(matter: Matter, colour: str) -> Attachment:
    kept = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(kept, "PNG")
    kept.seek(0)
    return store_photo(by=SYSTEM, matter=matter, file=kept, now=at(DAY, "20:00"))


def test_photos_of_his_alone_go_and_others_stay(
    clerk: Viewer,
    matters: dict[str, Matter],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    alone, both = photo_of(matters["own"], "red"), photo_of(matters["own"], "green")
    again, shared = photo_of(matters["other"], "green"), photo_of(matters["shared"], "blue")
    gone, kept = path_of(alone), [path_of(photo) for photo in (both, again, shared)]
    with django_capture_on_commit_callbacks(execute=True):
        erase(clerk, [matters["own"], matters["shared"]])

    assert not gone.exists()
    assert all(path.exists() for path in kept)
    rows = matters["own"].attachments.values_list("size", "media_type")
    assert list(rows) == [(0, "")] * 2  # that there were photos stays
    assert alone.checksum not in Attachment.objects.values_list("checksum", flat=True)


def test_what_is_not_committed_deletes_no_file(
    clerk: Viewer,
    matters: dict[str, Matter],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    path = path_of(photo_of(matters["own"], "red"))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        erase(clerk, [matters["own"]])
        transaction.set_rollback(True)

    assert path.exists()
    assert told(matters["own"])[0] == NAME


# ── nothing of him is left ──────────────────────────────────────────────────────────────────────


def everything() -> str:
    """Every row of every table, sealed columns opened, and every file."""
    lines = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            values = (getattr(row, field.attname) for field in model._meta.concrete_fields)
            lines += [v.reveal() if isinstance(v, Secret) else str(v) for v in values]
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            lines += [text for (text,) in cursor.fetchall()]
    for path in Path(django_settings.MEDIA_ROOT).rglob("*"):
        lines += [path.name, path.read_bytes().decode("latin-1") if path.is_file() else ""]
    return "\n".join(lines)


CANARIES = (NAME, "金丝雀", PHONE, "1234-5678", STORY, "家中变故")


def test_nothing_of_him_is_found_anywhere(
    clerk: Viewer,
    matters: dict[str, Matter],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    photo = photo_of(matters["own"], "red")
    canaries = (*CANARIES, photo.checksum)
    before = everything()
    assert [canary for canary in canaries if canary not in before] == []
    with django_capture_on_commit_callbacks(execute=True):
        erase(clerk, [*matters.values()])

    after = everything()
    assert [canary for canary in canaries if canary in after] == []


def test_the_search_finds_him_where_only_half_is_deleted(
    clerk: Viewer, matters: dict[str, Matter], monkeypatch: pytest.MonkeyPatch
):
    """The control: a text forgotten is a canary found."""
    monkeypatch.setattr(erasure, "TEXTS", ("focus", "method", "result"))
    erase(clerk, [*matters.values()])

    assert STORY in everything()
