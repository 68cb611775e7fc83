"""A matter's page and files: role by role what is shown, masked and sealed, and who reads is noted.

The table below is the table of roles, field by field, for an ordinary matter, one of somebody in a
special group, and a mediation.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, _make_county, desk_of
from tests.factories import DAY, at, make_log, make_matter, make_post
from tests.web.conftest import Closed, signed_in
from worklogs import faces
from worklogs.enums import MatterKind, SpecialGroup
from worklogs.models import Attachment, Matter
from worklogs.photos import path_of, store_photo

CLIENT, PHONE = "欧阳金丝雀", "13812345678"
TOLD = {"content": "金丝雀诉说邻里之争", "method": "背靠背劝解之法", "result": "约定相安之果"}
GROUP = SpecialGroup.RELEASED
MASKED_CLIENT, MASKED_PHONE, SEALED = "欧阳*", "138****5678", "已封存"
#: Sees clients / the text of ordinary matters / of special groups / may open marks / mediations.
SEEN = {
    Role.SYSTEM_ADMIN: (False, True, False, True, True),
    Role.BUREAU: (True, True, True, True, False),
    Role.MEDIATION: (True, True, False, False, True),
    Role.JUDICIAL_OFFICE: (True, True, True, True, True),
    Role.TOWNSHIP: (False, True, False, False, False),
    Role.LIAISON: (False, True, False, False, False),
    Role.ADVISOR: (True, True, True, True, True),
}
REFUSED = sorted(set(Role) - set(SEEN))
KINDS = ("ordinary", "special", "mediation")


@pytest.fixture
def matters(county: County) -> dict[str, Matter]:
    log = make_log(appointment=county.appointment)
    told = {"log": log, "client": CLIENT, "phone": PHONE, **TOLD}
    return {
        "ordinary": make_matter(**told),
        "special": make_matter(**told, special_group=GROUP),
        "mediation": make_matter(**told, kind=MatterKind.MEDIATION),
    }


@pytest.fixture
def photo(matters: dict[str, Matter]) -> Callable[[str], Attachment]:
    def stored(kind: str) -> Attachment:
        kept = BytesIO()
        Image.new("RGB", (40, 30), (KINDS.index(kind) * 80, 9, 9)).save(kept, "PNG")
        kept.seek(0)
        matter, now = matters[kind], at(DAY, "20:00")
        return store_photo(by=SYSTEM, matter=matter, file=kept, now=now)

    return stored


def page(client: Client, matter: Matter) -> str:
    response = client.get(reverse("matter", args=(matter.pk,)))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return response.content.decode()


def opened(client: Client, matter: Matter, thing: str, reason: str = "核对案卷"):
    return client.post(reverse("matter-unseal", args=(matter.pk, thing)), {"reason": reason})


def shows_text(html: str) -> bool:
    return TOLD["method"] in html and TOLD["result"] in html


# ── the page ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", SEEN)
def test_the_page_shows_what_the_role_may_see(
    role: Role, county: County, matters: dict[str, Matter]
):
    client = signed_in(desk_of(county, role))
    ordinary, special, mediation = (page(client, matters[kind]) for kind in KINDS)
    clients, text, text_of_special, marks, mediations = SEEN[role]

    for html in (ordinary, special, mediation):
        assert (CLIENT in html, PHONE in html) == (clients, clients)
        assert (MASKED_CLIENT in html, MASKED_PHONE in html) == (not clients, not clients)
        assert GROUP.label not in html
        assert ("特殊群体" in html) == marks
    assert (shows_text(ordinary), shows_text(special)) == (text, text_of_special)
    assert not shows_text(mediation)
    assert mediation.count(SEALED) >= 3
    assert ("查看调解内容" in mediation, "查看调解内容" in ordinary) == (mediations, False)


@pytest.mark.parametrize("role", REFUSED)
def test_other_roles_find_no_page(role: Role, county: County, matters: dict[str, Matter]):
    client = signed_in(desk_of(county, role))

    assert client.get(reverse("matter", args=(matters["ordinary"].pk,))).status_code == 404


def test_a_marked_matter_looks_like_any_other_until_it_is_opened(
    county: County, matters: dict[str, Matter]
):
    """A seal that stands only where something is sealed would tell."""
    client = signed_in(county.office_user)
    plain, marked = (page(client, matters[kind]) for kind in ("ordinary", "special"))
    same = marked.replace(f"/{matters['special'].pk}/", f"/{matters['ordinary'].pk}/")

    assert _without_token(same) == _without_token(plain)


def _without_token(html: str) -> list[str]:
    return [line for line in html.splitlines() if "csrfmiddlewaretoken" not in line]


def test_names_and_numbers_in_a_text_are_masked_too(county: County):
    matter = make_matter(
        log=make_log(appointment=county.appointment),
        client="张三、李四",
        content="张三（13812345678）说，李四的电话是139 8765 4321。",
    )

    html = page(signed_in(county.township_user), matter)
    assert "张*（138****5678）说，李*的电话是139****4321。" in html


def test_the_page_says_the_same_404_to_foreign_people_as_for_nothing(
    county: County, foreign: County, matters: dict[str, Matter]
):
    for user in (foreign.bureau_user, foreign.advisor_user, county.sibling_office_user):
        client = signed_in(user)
        there = client.get(reverse("matter", args=(matters["ordinary"].pk,)))
        nothing = client.get(reverse("matter", args=(10**9,)))
        assert there.status_code == nothing.status_code == 404
        assert _without_token(there.content.decode()) == _without_token(nothing.content.decode())


# ── what is sealed ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", SEEN)
def test_only_who_needs_to_know_opens_a_seal_and_it_is_written_down(
    role: Role, county: County, matters: dict[str, Matter]
):
    user = desk_of(county, role)
    client, (*_, marks, mediations) = signed_in(user), SEEN[role]
    mark = opened(client, matters["special"], "marks")
    text = opened(client, matters["mediation"], "mediation")

    assert (mark.status_code, text.status_code) == (
        200 if marks else 404,
        200 if mediations else 404,
    )
    assert (GROUP.label in mark.content.decode()) == marks
    assert shows_text(text.content.decode()) == mediations
    told = AuditEntry.objects.order_by("pk").values_list(
        "actor_id", "verb", "subject_id", "after", "reason", "bureau_id"
    )
    same = (county.bureau.pk,)
    expected = [
        (user.pk, "matter.unseal", matters[kind].pk, {"opened": name}, "核对案卷", *same)
        for kind, name, may in (("special", "MARKS", marks), ("mediation", "MEDIATION", mediations))
        if may
    ]
    assert list(told) == expected
    assert GROUP.label not in page(client, matters["special"])  # sealed again
    assert not shows_text(page(client, matters["mediation"]))


def test_the_system_administrator_reads_a_mediation_with_its_people_masked(
    system_admin: User, matters: dict[str, Matter]
):
    html = opened(signed_in(system_admin), matters["mediation"], "mediation").content.decode()

    assert shows_text(html)
    assert (CLIENT in html, MASKED_CLIENT in html) == (False, True)


@pytest.mark.parametrize("role", [Role.MEDIATION, Role.SYSTEM_ADMIN])
def test_an_opened_mediation_is_read_whoever_came_to_it(role: Role, county: County):
    """The special group of the party closes its text to those who only look, not to these."""
    log = make_log(appointment=county.appointment)
    matter = make_matter(log=log, kind=MatterKind.MEDIATION, special_group=GROUP, **TOLD)
    html = opened(signed_in(desk_of(county, role)), matter, "mediation").content.decode()

    assert shows_text(html)
    assert GROUP.label not in html


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "请写明查看的事由。"),
        ("   ", "请写明查看的事由。"),
        (f"{CLIENT}来问", "请不要写服务对象的姓名或电话。"),
        ("来电139 0000 0000", "请不要写服务对象的姓名或电话。"),
    ],
)
def test_without_a_reason_that_may_be_kept_it_stays_closed(
    reason: str, sentence: str, county: County, matters: dict[str, Matter]
):
    response = opened(signed_in(county.office_user), matters["mediation"], "mediation", reason)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not shows_text(response.content.decode())
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("thing", ["clients", "records", "nothing"])
def test_there_is_nothing_else_to_open(thing: str, county: County, matters: dict[str, Matter]):
    assert opened(signed_in(county.office_user), matters["mediation"], thing).status_code == 404


def test_looking_at_the_address_of_a_seal_opens_nothing(county: County, matters: dict[str, Matter]):
    address = reverse("matter-unseal", args=(matters["mediation"].pk, "mediation"))
    with CaptureQueriesContext(connection) as ran:
        response = signed_in(county.office_user).get(address)

    assert (response.status_code, response.url) == (
        302,
        reverse("matter", args=(matters["mediation"].pk,)),
    )
    assert [q for q in ran if "foundation_auditentry" in q["sql"]] == []


def test_what_cannot_be_written_down_is_not_shown(
    county: County, matters: dict[str, Matter], monkeypatch: pytest.MonkeyPatch
):
    def fail(**_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(faces.audit, "record", fail)
    client = signed_in(county.office_user)
    client.raise_request_exception = False
    response = opened(client, matters["mediation"], "mediation")

    assert response.status_code == 500
    assert not shows_text(response.content.decode())


def test_every_reading_is_one_line_also_of_many_at_once(
    transactional_db: None, elsewhere: Callable[..., Future]
):
    county = _make_county()
    told = {"log": make_log(appointment=county.appointment), "kind": MatterKind.MEDIATION, **TOLD}
    matter = make_matter(**told)
    clients = [signed_in(county.office_user) for _ in range(8)]

    def read_five_times(client: Client) -> int:
        answers = [opened(client, matter, "mediation") for _ in range(5)]
        return sum(shows_text(answer.content.decode()) for answer in answers)

    shown = [elsewhere(read_five_times, client) for client in clients]
    assert sum(each.result() for each in shown) == 40
    assert AuditEntry.objects.filter(verb="matter.unseal").count() == 40


def test_a_wall_with_a_hole_is_noticed(
    county: County, matters: dict[str, Matter], monkeypatch: pytest.MonkeyPatch
):
    """The guard off, the test of the page would see the text."""
    monkeypatch.setattr(faces, "_is_sealed", lambda *_: False)

    assert shows_text(page(signed_in(county.township_user), matters["mediation"]))


def test_no_session_keeps_what_was_opened(county: County, matters: dict[str, Matter]):
    opened(signed_in(county.office_user), matters["mediation"], "mediation")

    kept = [str(session.get_decoded()) for session in Session.objects.all()]
    assert kept
    assert [text for text in kept if TOLD["method"] in text] == []


# ── files ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", Role)
def test_a_photo_is_shown_to_those_who_see_clients(
    role: Role, county: County, photo: Callable[[str], Attachment]
):
    file = photo("ordinary")
    response = signed_in(desk_of(county, role)).get(reverse("attachment", args=(file.pk,)))
    clear = SEEN.get(role, (False,))[0]

    assert response.status_code == (200 if clear else 404)
    if clear:
        assert b"".join(response.streaming_content) == path_of(file).read_bytes()
        headers = {name: response[name] for name in HEADERS}
        assert headers == {**HEADERS, "Content-Disposition": f'inline; filename="{file.pk}.jpg"'}


HEADERS = {
    "Content-Type": "image/jpeg",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "",
}


def test_a_photo_of_a_mediation_is_shown_with_what_was_opened_and_to_nobody_else(
    county: County, matters: dict[str, Matter], photo: Callable[[str], Attachment]
):
    file = photo("mediation")
    office, advisor = signed_in(county.office_user), signed_in(county.advisor_user)
    address = reverse("attachment", args=(file.pk,))
    html = opened(office, matters["mediation"], "mediation").content.decode()
    given = html.split(f'src="{address}?pass=')[1].split('"')[0]

    assert address not in page(office, matters["mediation"])
    assert office.get(address).status_code == 404
    assert office.get(address, {"pass": "x"}).status_code == 404
    shown = office.get(address, {"pass": given})
    assert b"".join(shown.streaming_content) == path_of(file).read_bytes()
    assert advisor.get(address, {"pass": given}).status_code == 404  # somebody else's
    assert signed_in(county.bureau_user).get(address, {"pass": given}).status_code == 404


def test_a_pass_runs_out(
    county: County,
    matters: dict[str, Matter],
    photo: Callable[[str], Attachment],
    monkeypatch: pytest.MonkeyPatch,
):
    file, office = photo("mediation"), signed_in(county.office_user)
    html = opened(office, matters["mediation"], "mediation").content.decode()
    given = html.split("?pass=")[1].split('"')[0]
    monkeypatch.setattr(faces, "OPEN_SECONDS", -1)

    address = reverse("attachment", args=(file.pk,))
    assert office.get(address, {"pass": given}).status_code == 404


TRICKS = (
    ("/attachments/{pk}/", {}),
    ("/attachments/{pk}/", {"HTTP_RANGE": "bytes=0-9"}),
    ("/attachments/{pk}/", {"HTTP_IF_MODIFIED_SINCE": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ("/attachments/{pk}/", {"HTTP_X_ORIGINAL_URL": "/attachments/{pk}/"}),
    ("/attachments/{pk}/?pass=altered", {}),
    ("/attachments/{pk}/../{pk}/", {}),
    ("/attachments/0{pk}/", {}),
    ("/media/photos/{two}/{checksum}.jpg", {}),
    ("/media/../media/photos/{two}/{checksum}.jpg", {}),
    ("/static/../var/media/photos/{two}/{checksum}.jpg", {}),
    ("/static/%2e%2e/media/photos/{two}/{checksum}.jpg", {}),
    ("/photos/{two}/{checksum}.jpg", {}),
    ("/files/{pk}/{checksum}.jpg", {}),
)


@pytest.mark.parametrize(("address", "headers"), TRICKS)
def test_no_trick_gives_a_foreign_caller_a_byte(
    address: str,
    headers: dict[str, str],
    county: County,
    foreign: County,
    photo: Callable[[str], Attachment],
):
    file = photo("ordinary")
    told = {"pk": file.pk, "two": file.checksum[:2], "checksum": file.checksum}
    content = path_of(file).read_bytes()
    callers = (foreign.bureau_user, foreign.advisor_user, county.sibling_office_user, None)
    for caller in callers:
        response = signed_in(caller).get(address.format(**told), **headers)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code in (302, 404)
        assert content[:64] not in body


def test_a_row_without_its_file_is_not_there(county: County, photo: Callable[[str], Attachment]):
    file = photo("ordinary")
    path_of(file).unlink()
    client = signed_in(county.bureau_user)
    gone = client.get(reverse("attachment", args=(file.pk,)))
    nothing = client.get(reverse("attachment", args=(10**9,)))

    assert gone.status_code == nothing.status_code == 404
    assert _without_token(gone.content.decode()) == _without_token(nothing.content.decode())


def test_no_other_door_leads_to_the_media_folder():
    """Neither a route, nor the static files, nor the proxy in front knows it."""
    from django.conf import settings

    proxy = (Path(settings.BASE_DIR) / "deploy" / "nginx.conf").read_text()
    assert [word for word in ("alias ", "root ", "autoindex", "sendfile") if word in proxy] == []
    assert not hasattr(settings, "WHITENOISE_ROOT")
    assert all(
        not str(settings.MEDIA_ROOT).startswith(str(folder)) for folder in settings.STATICFILES_DIRS
    )


# ── ways to the page ────────────────────────────────────────────────────────────────────────────


def test_the_back_office_shows_of_a_record_that_there_are_matters(
    county: County, matters: dict[str, Matter]
):
    log = matters["ordinary"].log
    address = reverse("admin:worklogs_servicelog_change", args=(log.pk,))
    client, pk = signed_in(county.bureau_user), matters["mediation"].pk
    html = client.get(address).content.decode()

    listed = reverse("admin:worklogs_matter_change", args=(pk,))
    assert listed in html
    assert reverse("matter", args=(pk,)) in client.get(listed).content.decode()
    planted = (CLIENT, PHONE, *TOLD.values(), GROUP.label)
    assert [canary for canary in planted if canary in html] == []


def test_a_verdict_leads_to_the_matters_behind_it_and_tells_nothing_of_them(closed: Closed):
    county = closed.county
    log = county.appointment.logs.earliest("pk")
    told = {"log": log, "client": CLIENT, "phone": PHONE, **TOLD, "special_group": GROUP}
    matter = make_matter(kind=MatterKind.MEDIATION, **told)
    away = make_matter(**{**told, "log": make_log(appointment=county.sibling_appointment)})
    behind = list(closed.close.verdicts.filter(appointment=county.appointment))
    pages = {
        user: "".join(
            signed_in(user).get(reverse("verdict", args=(verdict.pk,))).content.decode()
            for verdict in behind
        )
        for user in (county.bureau_user, county.township_user, county.advisor_user)
    }

    for html in pages.values():
        assert f'href="{reverse("matter", args=(matter.pk,))}"' in html
        assert reverse("matter", args=(away.pk,)) not in html
        planted = (CLIENT, PHONE, *TOLD.values(), GROUP.label)
        assert [canary for canary in planted if canary in html] == []


def test_whoever_sits_at_another_desk_sees_with_its_eyes(
    county: County, matters: dict[str, Matter]
):
    """A bureau clerk who is also a township's sees masks at that desk."""
    user = county.township_user
    make_post(user=user, role=Role.BUREAU, bureau=county.bureau)
    client = signed_in(user)
    seen = set()
    for desk in user.posts.all():
        client.post(reverse("desks"), {"desk": f"post-{desk.pk}"})
        seen.add(CLIENT in page(client, matters["ordinary"]))

    assert seen == {True, False}
