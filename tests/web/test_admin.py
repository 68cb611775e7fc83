"""The back office: read-only, by role, and never another bureau's row."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from lawadvisor.accounts.models import User
from tests.conftest import County
from tests.web.conftest import Closed, signed_in

MODELS = [model for model in admin.site._registry if model._meta.app_label != "auth"]
#: Seen by the system administrator alone.
SYSTEM_ONLY = {"foundation.job"}


def _names(model: type[Model], action: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}"


@pytest.fixture
def both(closed: Closed, foreign_closed: Closed) -> tuple[Closed, Closed]:
    return closed, foreign_closed


def test_no_django_groups_are_offered() -> None:
    assert [m for m in admin.site._registry if m._meta.app_label == "auth"] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_staff_see_rows_of_their_own_bureau_only(
    model: type[Model], both: tuple[Closed, Closed]
) -> None:
    own, away = (signed_in(side.county.bureau_user) for side in both)
    address = reverse(_names(model, "changelist"))
    if model._meta.label_lower in SYSTEM_ONLY:
        assert own.get(address).status_code == 403
        return
    mine = {row.pk for row in own.get(address).context["cl"].queryset}
    theirs = {row.pk for row in away.get(address).context["cl"].queryset}
    assert mine
    assert mine & theirs == set()
    for pk, expected in ((min(mine), 200), (min(theirs), 302)):
        page = own.get(reverse(_names(model, "change"), args=(pk,)))
        assert page.status_code == expected


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_nothing_is_added_changed_or_deleted(
    model: type[Model], both: tuple[Closed, Closed], system_admin: User
) -> None:
    client = signed_in(system_admin)
    rows = model._default_manager.order_by("pk")
    pk = rows.values_list("pk", flat=True).first() or 1
    assert client.get(reverse(_names(model, "add"))).status_code == 403
    if rows.exists():
        assert client.post(reverse(_names(model, "change"), args=(pk,)), {}).status_code == 403
        assert client.post(reverse(_names(model, "delete"), args=(pk,)), {}).status_code == 403


def test_whoever_has_no_business_there_is_kept_out_of_every_list(county: County) -> None:
    client = signed_in(county.advisor_user)
    answers = [client.get(reverse(_names(model, "changelist"))) for model in MODELS]
    assert {response.status_code for response in answers} == {302}
    assert {response.url.partition("?")[0] for response in answers} == {"/admin/login/"}


def test_every_list_says_what_its_rows_hold() -> None:
    """Else it would be closed to everybody."""
    assert [m for m in MODELS if m._default_manager.all().holds is None] == []


def test_a_password_hash_is_never_shown(closed: Closed) -> None:
    user = closed.county.township_user
    page = signed_in(closed.county.bureau_user).get(
        reverse("admin:accounts_user_change", args=(user.pk,))
    )
    assert user.password not in page.content.decode()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_list_answers_only_what_its_filters_ask(
    model: type[Model], closed: Closed, system_admin: User
) -> None:
    """Else a column that is never shown is read letter by letter."""
    client, address = signed_in(system_admin), reverse(_names(model, "changelist"))
    filters = admin.site._registry[model].list_filter
    for field in model._meta.fields:
        if field.is_relation:
            hidden = (f"{field.name}__pk__gt", f"{field.name}__id__exact", field.name)
        else:
            hidden = (f"{field.name}__startswith", f"{field.name}__regex", f"{field.name}__in")
            hidden += () if field.name in filters else (field.name, f"{field.name}__gte")
        asked = {lookup: client.get(address, {lookup: "1"}).status_code for lookup in hidden}
        assert asked == dict.fromkeys(hidden, 400)


@pytest.mark.parametrize(
    ("app", "lookup"),
    [
        ("accounts_user", "password__startswith"),
        ("advisors_post", "user__password__startswith"),
        ("advisors_advisor", "user__password__startswith"),
        ("assessments_generatedfile", "close__bureau__closes__opened_by"),
    ],
)
def test_staff_cannot_probe_a_hidden_column(closed: Closed, app: str, lookup: str) -> None:
    client = signed_in(closed.county.bureau_user)
    assert client.get(reverse(f"admin:{app}_changelist"), {lookup: "p"}).status_code == 400


def test_every_filter_that_a_list_offers_still_works(closed: Closed, system_admin: User) -> None:
    client, followed = signed_in(system_admin), 0
    for model in MODELS:
        address = reverse(_names(model, "changelist"))
        changes = client.get(address).context["cl"]
        for spec in changes.filter_specs:
            for choice in spec.choices(changes):
                followed += 1
                assert client.get(f"{address}{choice['query_string']}").status_code == 200
    assert followed > 30
