"""The register: written within the write's transaction, and never altered."""

from __future__ import annotations

import pytest
from django.db import InternalError, transaction
from django.db.transaction import TransactionManagementError

from lawadvisor.foundation import audit
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.factories import make_user, make_village

WANG = Actor(user_id=7, name="王芳", address="10.0.0.1")


@pytest.mark.django_db
def test_what_was_done_is_written_down():
    village = make_village(name="红湖社区居委会")

    entry = audit.record(
        by=WANG,
        verb="village.rename",
        subject=village,
        bureau_id=village.township.bureau_id,
        before={"name": "红湖居委会"},
        after={"name": "红湖社区居委会"},
        reason="更名",
    )

    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor_name, entry.address) == (7, "王芳", "10.0.0.1")
    assert (entry.verb, entry.reason) == ("village.rename", "更名")
    assert (entry.subject_type, entry.subject_id) == ("villages.village", village.pk)
    assert entry.subject_label == "红湖社区居委会"
    assert entry.bureau_id == village.township.bureau_id
    assert (entry.before, entry.after) == ({"name": "红湖居委会"}, {"name": "红湖社区居委会"})
    assert "王芳 village.rename 红湖社区居委会" in str(entry)


@pytest.mark.django_db
def test_the_system_acts_under_its_own_name():
    entry = audit.record(by=SYSTEM, verb="village.check", subject=make_village())

    assert (entry.actor_id, entry.actor_name, entry.address) == (None, "系统", "")
    assert (entry.before, entry.after, entry.bureau_id) == (None, None, None)


@pytest.mark.django_db
def test_a_long_label_is_cut():
    user = make_user(name="长" * 50)
    user.name = "长" * 300  # not saved; the register must take whatever a row is called

    assert audit.record(by=SYSTEM, verb="user.add", subject=user).subject_label == "长" * 200


@pytest.mark.django_db
def test_the_register_outlives_what_it_names():
    village = make_village()
    audit.record(by=SYSTEM, verb="village.delete", subject=village)
    village.delete()

    assert AuditEntry.objects.get().subject_id is not None


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written():
    village = make_village()

    with pytest.raises(TransactionManagementError, match="transaction"):
        audit.record(by=WANG, verb="village.rename", subject=village)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_write_that_fails_takes_its_entry_along():
    village = make_village()

    def fail() -> None:
        with transaction.atomic():
            audit.record(by=WANG, verb="village.rename", subject=village)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "alter",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda _: AuditEntry.objects.update(reason="改"),
        lambda _: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["reason"]),
    ],
    ids=["save", "delete", "update", "delete all", "bulk_update"],
)
def test_entries_are_only_appended(alter):
    entry = audit.record(by=WANG, verb="village.rename", subject=make_village())

    with pytest.raises(InternalError, match=r"Cannot (update|delete)"), transaction.atomic():
        alter(entry)
    assert AuditEntry.objects.get().reason == ""


@pytest.mark.django_db
def test_no_mobile_number_is_kept_whoever_wrote_it_where():
    entry = audit.record(
        by=WANG,
        verb="village.rename",
        subject=make_village(name="13812345678村委会"),
        before={"phone": "13812345678", "list": ["打138 1234 5678", 5], "id": "430408199001011234"},
        after={"inner": {"note": "电话13812345678。"}},
        reason="来电13812345678",
    )
    entry.refresh_from_db()

    masked = "138****5678"
    assert entry.subject_label == f"{masked}村委会"
    assert entry.before == {"phone": masked, "list": [f"打{masked}", 5], "id": "430408199001011234"}
    assert (entry.after, entry.reason) == ({"inner": {"note": f"电话{masked}。"}}, f"来电{masked}")


@pytest.mark.django_db
def test_many_rows_are_written_down_like_one():
    villages = [make_village(name=f"{n}村") for n in "甲乙"]
    changes = [(village, None, {"contact": "13812345678"}) for village in villages]

    audit.record_all(by=WANG, verb="village.import", bureau_id=3, changes=changes)

    told = AuditEntry.objects.order_by("subject_id")
    assert [(entry.subject_label, entry.subject_id) for entry in told] == [
        (village.name, village.pk) for village in villages
    ]
    one = audit.record(by=WANG, verb="village.import", subject=villages[0], after=changes[0][2])
    assert {entry.after["contact"] for entry in told} == {one.after["contact"]} != {"13812345678"}


@pytest.mark.django_db(transaction=True)
def test_many_rows_need_a_transaction_as_one_does():
    with pytest.raises(TransactionManagementError):
        audit.record_all(by=WANG, verb="village.import", bureau_id=None, changes=[])
