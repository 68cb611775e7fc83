"""Links of village contacts: what opens, what does not, and that all of it is written down."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from advisors.liaisons import end_liaison, name_liaison
from advisors.models import Liaison
from lawadvisor.accounts.models import User
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.conftest import County
from tests.factories import make_liaison, make_link
from worklogs.links import VALID_DAYS, link_of, renew_link, revoke_link
from worklogs.links import make_link as give
from worklogs.models import LiaisonLink

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=VALID_DAYS)


@pytest.fixture
def liaison(county: County) -> Liaison:
    return make_liaison(village=county.village)


@pytest.fixture
def by(county: County) -> Actor:
    user: User = county.office_user
    return user.as_actor("192.0.2.9")


def test_a_link_opens_for_a_week_and_not_a_moment_longer(liaison: Liaison, by: Actor):
    now = timezone.now()
    link, token = give(by=by, liaison=liaison, now=now)

    assert link_of(token, now=now + WEEK - timedelta(seconds=1)) == link
    assert link_of(token, now=now + WEEK) is None


def test_renewed_it_opens_by_the_same_address(liaison: Liaison, by: Actor):
    now = timezone.now()
    link, token = give(by=by, liaison=liaison, now=now)
    later = now + WEEK * 2
    assert link_of(token, now=later) is None
    renew_link(by=by, link=link, now=later)

    assert link_of(token, now=later + WEEK - timedelta(seconds=1)) == link


def test_taken_back_it_opens_nothing_and_cannot_be_renewed(liaison: Liaison, by: Actor):
    now = timezone.now()
    link, token = give(by=by, liaison=liaison, now=now)
    for _ in range(2):
        revoke_link(by=by, link=link, now=now)

    assert link_of(token, now=now) is None
    with pytest.raises(Conflict, match="已收回"):
        renew_link(by=by, link=link, now=now)
    verbs = [*AuditEntry.objects.order_by("id").values_list("verb", flat=True)]
    assert verbs == ["link.make", "link.revoke"]


def test_a_new_link_closes_the_one_before(liaison: Liaison, by: Actor):
    now = timezone.now()
    (_, old), (link, new) = (give(by=by, liaison=liaison, now=now) for _ in range(2))

    assert (link_of(old, now=now), link_of(new, now=now)) == (None, link)


def test_with_the_contacts_term_his_link_ends(liaison: Liaison, by: Actor, county: County):
    now, today = timezone.now(), date(2026, 11, 20)
    _, token = give(by=by, liaison=liaison, now=now)
    name_liaison(by=by, village=county.village, name="孙八", phone="", today=today)

    assert link_of(token, now=now) is None
    with pytest.raises(Conflict, match="已不在任"):
        give(by=by, liaison=liaison, now=now)
    end_liaison(by=by, liaison=Liaison.objects.serving().get(), today=today)


def test_the_token_is_long_random_and_nowhere_kept(liaison: Liaison, by: Actor):
    tokens = {give(by=by, liaison=liaison, now=timezone.now())[1] for _ in range(50)}
    kept = str([*LiaisonLink.objects.values()]) + str([*AuditEntry.objects.values()])

    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {32}  # 24 bytes: 192 bits
    assert not [token for token in tokens if token in kept]


def test_the_same_bytes_under_another_key_are_another_hash(liaison: Liaison, by: Actor, settings):
    now = timezone.now()
    _, token = give(by=by, liaison=liaison, now=now)
    settings.SECRET_KEY = "another key, as after a dump was carried off" * 2

    assert link_of(token, now=now) is None


def test_of_a_thousand_forged_tokens_none_opens(liaison: Liaison, by: Actor):
    now = timezone.now()
    _, token = give(by=by, liaison=liaison, now=now)
    turned = [token[:n] + chr(ord(token[n]) ^ 1) + token[n + 1 :] for n in range(len(token))]
    forged = [secrets.token_urlsafe(24) for _ in range(1000 - len(turned))] + turned
    odd = ["", token[:-1], token + "A", token.swapcase(), token + "\0", "村" * 32, "%" * 32]

    assert [one for one in forged + odd if link_of(one, now=now)] == []
    assert link_of(token, now=now) is not None


def test_the_machine_gives_no_link(liaison: Liaison):
    with pytest.raises(ValueError, match="by a person"):
        give(by=SYSTEM, liaison=liaison, now=timezone.now())


def test_the_database_knows_one_link_at_a_time(liaison: Liaison):
    make_link(liaison=liaison)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_link(liaison=liaison)
