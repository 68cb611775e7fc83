"""Drafts of a policy: begun, changed, adopted, thrown away, each with its audit row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assessments import drafting
from assessments.models import Policy, PolicyDraft
from assessments.services import PACKS, adopt_policy
from assessments.versions import checked, pack_of, text_of
from lawadvisor.accounts.models import User
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.factories import make_bureau, make_close, make_user
from villages.models import Bureau

ZX = PACKS / "zx.toml"


@pytest.fixture
def bureau(db: None) -> Bureau:
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=ZX, by=SYSTEM)
    return bureau


@pytest.fixture
def clerk(db: None) -> Actor:
    user: User = make_user(name="王科员")
    return Actor(user_id=user.pk, name=user.name, address="10.0.0.7")


def begun(bureau: Bureau, clerk: Actor) -> PolicyDraft:
    policy = Policy.objects.get(bureau=bureau)
    return drafting.begin_draft(by=clerk, bureau=bureau, title="修订稿", source=policy)


def saved(draft: PolicyDraft, clerk: Actor, text: str) -> PolicyDraft:
    return drafting.save_draft(
        by=clerk, draft=draft, title=draft.title, text=text, seen=draft.changed_at
    )


def test_a_version_is_copied_with_its_comments(bureau: Bureau, clerk: Actor) -> None:
    draft = begun(bureau, clerk)
    assert draft.text == ZX.read_text(encoding="utf-8")
    entry = AuditEntry.objects.get(verb="draft.begin")
    assert (entry.actor_name, entry.after["title"]) == ("王科员", "修订稿")


def test_a_shipped_policy_is_copied_too(bureau: Bureau, clerk: Actor) -> None:
    draft = drafting.begin_draft(
        by=clerk, bureau=bureau, title="崇左的做法", source=PACKS / "cz.toml"
    )
    assert draft.based_on is None
    pack = checked(draft.text).pack
    assert pack is not None
    assert pack.key == "CZ"


def test_a_version_without_its_text_is_written_back_from_its_rules(bureau: Bureau) -> None:
    policy = Policy.objects.get(bureau=bureau)
    whole = pack_of(policy)
    policy.text = ""
    again = checked(text_of(policy)).pack
    assert again is not None
    assert again.rules == whole.rules
    assert again.settings == whole.settings


def test_what_is_wrong_is_kept_and_told_with_its_line(bureau: Bureau, clerk: Actor) -> None:
    wrong = ZX.read_text(encoding="utf-8").replace('key = "ZX"', "key = 1", 1)
    draft = saved(begun(bureau, clerk), clerk, wrong)
    assert draft.text == wrong
    found = checked(draft.text)
    assert found.pack is None
    line = wrong.split("\n").index("key = 1") + 1
    assert [(p.key, p.line, p.quoted) for p in found.problems] == [("pack.key", line, "key = 1")]


def test_who_saves_on_top_of_anothers_change_is_told(bureau: Bureau, clerk: Actor) -> None:
    draft = begun(bureau, clerk)
    before = draft.changed_at
    saved(draft, clerk, "# 甲")
    with pytest.raises(Conflict, match="王科员刚刚保存过"):
        drafting.save_draft(by=clerk, draft=draft, title="修订稿", text="# 乙", seen=before)
    draft.refresh_from_db()
    assert draft.text == "# 甲"


@pytest.mark.parametrize(("title", "says"), [(" ", "请填写名称"), ("长" * 101, "不超过100字")])
def test_a_draft_has_a_name_of_some_length(
    bureau: Bureau, clerk: Actor, title: str, says: str
) -> None:
    draft = begun(bureau, clerk)
    with pytest.raises(DomainError, match=says):
        drafting.save_draft(by=clerk, draft=draft, title=title, text="", seen=draft.changed_at)


def test_a_number_is_changed_at_its_line_and_nothing_else(bureau: Bureau, clerk: Actor) -> None:
    draft = begun(bureau, clerk)
    old = draft.text
    wanted = {"ZX-34.target": "3", "ZX-34.min_minutes": "180"}
    draft = drafting.set_numbers(by=clerk, draft=draft, wanted=wanted, seen=draft.changed_at)
    changed = [
        (one, other)
        for one, other in zip(old.split("\n"), draft.text.split("\n"), strict=True)
        if one != other
    ]
    assert len(changed) == 2
    pack = checked(draft.text).pack
    assert pack is not None
    visits = next(rule for rule in pack.rules if rule.key == "ZX-34")
    assert visits.records is not None
    assert (visits.target, visits.records.min_minutes) == (3, 180)
    assert AuditEntry.objects.get(verb="draft.numbers").after == wanted


@pytest.mark.parametrize(
    ("wanted", "field", "says"),
    [
        ({"ZX-34.target": "两次"}, "ZX-34.target", "应为不小于0的整数"),
        ({"ZX-34.target": "0"}, "ZX-34.target", "至少0次等于没有要求"),
        ({"ZX-34.min_minutes": "1500"}, "ZX-34.min_minutes", "应为0至1440的整数"),
        ({"ZX-36.min_share": "3/2"}, "ZX-36.min_share", "不超过1的分数"),
    ],
)
def test_a_number_that_cannot_be_is_refused_at_its_field(
    bureau: Bureau, clerk: Actor, wanted: dict[str, str], field: str, says: str
) -> None:
    draft = begun(bureau, clerk)
    with pytest.raises(DomainError, match=says) as refusal:
        drafting.set_numbers(by=clerk, draft=draft, wanted=wanted, seen=draft.changed_at)
    assert refusal.value.field == field
    old = draft.text
    draft.refresh_from_db()
    assert draft.text == old


def adopted(draft: PolicyDraft, clerk: Actor, on: date, title: str = "新办法") -> Policy:
    return drafting.adopt_draft(by=clerk, draft=draft, title=title, effective_from=on)


def test_a_draft_becomes_a_version_and_is_gone(bureau: Bureau, clerk: Actor) -> None:
    draft = begun(bureau, clerk)
    draft = drafting.set_numbers(
        by=clerk, draft=draft, wanted={"ZX-34.target": "3"}, seen=draft.changed_at
    )
    policy = adopted(draft, clerk, date(2027, 1, 1))
    assert (policy.title, policy.effective_from) == ("新办法", date(2027, 1, 1))
    assert policy.rules.get(key="ZX-34").definition["target"] == 3
    assert 'title = "新办法"' in policy.text
    assert not PolicyDraft.objects.exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"draft.adopt", "policy.adopt"} <= verbs


def test_a_draft_in_error_is_not_adopted(bureau: Bureau, clerk: Actor) -> None:
    draft = saved(begun(bureau, clerk), clerk, "[pack]")
    with pytest.raises(DomainError) as refusal:
        adopted(draft, clerk, date(2027, 1, 1))
    assert refusal.value.field == "pack"
    assert Policy.objects.count() == 1


def test_nothing_is_adopted_into_what_is_closed(bureau: Bureau, clerk: Actor) -> None:
    policy = Policy.objects.get(bureau=bureau)
    make_close(policy=policy, closed_at=policy_day(policy))
    draft = begun(bureau, clerk)
    with pytest.raises(Conflict, match="已用于关账，不能更改"):
        adopted(draft, clerk, policy.effective_from)
    assert PolicyDraft.objects.filter(pk=draft.pk).exists()
    with pytest.raises(DomainError, match="不能提前"):
        adopted(draft, clerk, policy.effective_from - timedelta(days=1))


def policy_day(policy: Policy) -> str:
    return f"{policy.effective_from + timedelta(days=40)}T08:00:00+08:00"


def test_the_same_again_is_no_new_version(bureau: Bureau, clerk: Actor) -> None:
    policy = Policy.objects.get(bureau=bureau)
    with pytest.raises(Conflict, match="已有内容相同的版本"):
        adopted(begun(bureau, clerk), clerk, policy.effective_from, policy.title)


def test_a_discarded_draft_leaves_its_trace(bureau: Bureau, clerk: Actor) -> None:
    drafting.discard_draft(by=clerk, draft=begun(bureau, clerk))
    assert not PolicyDraft.objects.exists()
    assert AuditEntry.objects.get(verb="draft.discard").before["title"] == "修订稿"


def test_a_draft_that_another_clerk_threw_away_is_no_crash(bureau: Bureau, clerk: Actor) -> None:
    draft = begun(bureau, clerk)
    opened = PolicyDraft.objects.get(pk=draft.pk)
    drafting.discard_draft(by=clerk, draft=draft)
    entries = AuditEntry.objects.count()
    with pytest.raises(Conflict, match="已被采用或删除"):
        adopted(opened, clerk, date(2027, 1, 1))
    with pytest.raises(Conflict, match="已被采用或删除"):
        saved(opened, clerk, "")
    with pytest.raises(Conflict, match="已被采用或删除"):
        drafting.discard_draft(by=clerk, draft=opened)
    assert AuditEntry.objects.count() == entries
