"""Planted names and numbers, looked for wherever a mistake would leave them: answers of forced
errors, logs, the dump of every table, sessions, files, messages.
"""

from __future__ import annotations

import io
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import DataError, connection
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from lawadvisor.foundation.errors import DomainError
from tests.conftest import County
from tests.factories import DAY, at, make_log, make_matter
from tests.web.conftest import signed_in
from worklogs import entries, services
from worklogs.models import Matter

NAME, PHONE, STORY = "欧阳金丝雀", "13812345678", "诉说家中变故的经过"
CANARIES = (NAME, "金丝雀", PHONE, STORY, "家中变故", "刑满释放")
PLANTED = {"client": NAME, "phone": PHONE, "content": STORY, "result": STORY}


@pytest.fixture
def written() -> Iterator[logging.StreamHandler]:
    """What the portal's own handler writes, of every logger."""
    told = django_settings.LOGGING["formatters"]["line"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(import_string(told["class"])(told["format"]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


@pytest.fixture
def matter(county: County) -> Matter:
    log = make_log(appointment=county.appointment)
    return make_matter(log=log, kind="mediation", special_group="released", **PLANTED)


def dump() -> str:
    with connection.cursor() as cursor:
        texts = []
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            texts += [text for (text,) in cursor.fetchall()]
    return "\n".join(texts)


#: A file that another test blew up holds nothing of ours.
HUGE = 50 * 1024 * 1024


def files() -> str:
    walked = os.walk(django_settings.VAR_DIR)
    found = (Path(folder, name) for folder, _, names in walked for name in names)
    return "\n".join(text_of(path) for path in found if "fonts" not in path.parts)


def text_of(path: Path) -> str:
    """ "" for what is gone: another worker's browser takes its own away meanwhile."""
    try:
        if not path.is_file() or path.stat().st_size >= HUGE:
            return ""
        return path.read_bytes().decode("utf-8", errors="ignore")
    except FileNotFoundError:
        return ""


def left_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def quiet(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def breaks(*_: object, **given: object) -> None:
    """As code breaks that has the values in hand: it repeats them, and so does the database."""
    held = [NAME, PHONE, STORY, given]
    raise DataError(f"value too long: {NAME}\nDETAIL:  Failing row contains ({held}).")


#: What is sent, and what breaks meanwhile.
FORCED: dict[str, tuple[str, Callable[[Matter], str], dict[str, str]]] = {
    "opening a seal": (
        "worklogs.faces.audit.record",
        lambda matter: reverse("matter-unseal", args=(matter.pk, "marks")),
        {"reason": "核对案卷", "note": f"{NAME}，{PHONE}"},
    ),
    "looking at a matter": (
        "worklogs.views.face_of",
        lambda matter: reverse("matter", args=(matter.pk,)),
        {},
    ),
    "finding a client": (
        "assessments.privacy_pages.find_client",
        lambda _: reverse("privacy-client"),
        {"name": NAME, "phone": PHONE},
    ),
    "deleting a client": (
        "assessments.privacy_pages.erase_client",
        lambda _: reverse("privacy-client"),
        {"name": NAME, "phone": PHONE, "do": "erase", "matter": "1", "reason": STORY},
    ),
}


@pytest.mark.parametrize("name", FORCED)
def test_an_error_leaves_no_trace_of_anybody(
    name: str,
    county: County,
    matter: Matter,
    written: logging.StreamHandler,
    monkeypatch: pytest.MonkeyPatch,
):
    broken, address, sent = FORCED[name]
    monkeypatch.setattr(broken, breaks)
    client = quiet(signed_in(county.bureau_user))
    response = client.post(address(matter), sent) if sent else client.get(address(matter))

    assert response.status_code == 500
    assert "DataError" in written.stream.getvalue()
    assert left_in(written.stream.getvalue()) == []
    assert left_in(response.content.decode()) == []
    assert left_in(dump()) == []
    assert left_in(files()) == []


def test_a_plain_formatter_would_have_told(
    county: County, matter: Matter, written: logging.StreamHandler, monkeypatch: pytest.MonkeyPatch
):
    """The control: with the guard off the same error is a leak that is found."""
    written.setFormatter(logging.Formatter("%(message)s"))
    monkeypatch.setattr("worklogs.views.face_of", breaks)
    quiet(signed_in(county.bureau_user)).get(reverse("matter", args=(matter.pk,)))

    assert {NAME, PHONE, STORY} <= set(left_in(written.stream.getvalue()))


def test_the_whole_life_of_a_record_leaves_nothing_in_clear(
    county: County, written: logging.StreamHandler
):
    """Entered, sent twice, returned, looked at, opened, searched for: and then the dump is read."""
    by = county.advisor_user.as_actor()
    entry = entries.SessionEntry(
        day=DAY,
        start=9 * 60,
        end=12 * 60,
        mode="on_site",
        purpose="duty",
        matters=[
            entries.MatterEntry(kind="mediation", special_group="released", **PLANTED),
            entries.MatterEntry(kind="consultation", **PLANTED),
        ],
    )
    given = {"by": by, "appointment": county.appointment, "client_uuid": uuid.uuid4()}
    sent = {**given, "received_at": at(DAY, "20:00"), "required": frozenset({"client", "phone"})}
    log, _ = services.submit_log(entry=entry, **sent)
    assert services.submit_log(entry=entry, **sent) == (log, False)
    changed = entries.SessionEntry(**{**_fields(entry), "matters": entry.matters[:1]})
    with pytest.raises(DomainError, match="内容不同") as refused:
        services.submit_log(entry=changed, **sent)
    office = signed_in(county.office_user)
    services.move_log(by=county.office_user.as_actor(), log=log, to="returned", reason="请补充说明")
    for matter in log.matters.all():
        office.get(reverse("matter", args=(matter.pk,)))
        for thing in ("marks", "mediation"):
            address = reverse("matter-unseal", args=(matter.pk, thing))
            office.post(address, {"reason": "核对"})
    signed_in(county.bureau_user).post(reverse("privacy-client"), {"name": NAME})

    assert left_in(dump()) == left_in(files()) == left_in(written.stream.getvalue()) == []
    assert left_in(str(refused.value)) == []


def _fields(entry: entries.SessionEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


def test_a_refusal_of_a_field_repeats_nothing_of_it(county: County):
    long = entries.MatterEntry(kind="consultation", client=NAME * 20, phone=PHONE)
    entry = entries.SessionEntry(
        day=DAY, start=540, end=720, mode="on_site", purpose="duty", matters=[long]
    )
    with pytest.raises(DomainError, match="服务对象最多50个字，现有100个。") as refused:
        services.submit_log(
            by=county.advisor_user.as_actor(),
            appointment=county.appointment,
            entry=entry,
            client_uuid=uuid.uuid4(),
            received_at=at(DAY, "20:00"),
            required=frozenset(),
        )
    assert left_in(str(refused.value)) == []
