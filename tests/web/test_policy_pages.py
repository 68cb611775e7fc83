"""The policy pages of the back office, as a clerk meets them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Policy, PolicyDraft
from assessments.services import PACKS
from lawadvisor.accounts.models import User
from tests.web.conftest import Closed, signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:assessments_policy_changelist")


@pytest.fixture
def clerk(closed: Closed) -> Client:
    return signed_in(closed.county.bureau_user)


def version(closed: Closed) -> Policy:
    return closed.close.policy


def draft_of(closed: Closed, source: str = "") -> PolicyDraft:
    """A draft copied by the clerk, from the standing version unless ``source`` is given."""
    signed_in(closed.county.bureau_user).post(
        reverse("admin:policy-copy"),
        {
            "bureau": closed.county.bureau.pk,
            "source": source or f"v{version(closed).pk}",
            "title": "2027年修订稿",
        },
    )
    return PolicyDraft.objects.get(title="2027年修订稿", bureau=closed.county.bureau, text__gt="")


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def edit(draft: PolicyDraft) -> str:
    return reverse("admin:assessments_policydraft_change", args=(draft.pk,))


def post(client: Client, name: str, draft: PolicyDraft, **fields: str) -> HttpResponse:
    draft.refresh_from_db()
    fields.setdefault("seen", draft.changed_at.isoformat())
    return client.post(reverse(f"admin:{name}", args=(draft.pk,)), fields, follow=True)


def test_the_list_tells_how_each_version_stands(closed: Closed, clerk: Client) -> None:
    text = text_of(clerk.get(LIST))
    assert "现行" in text
    assert re.findall(r">([0-9]+)</td>", text) == ["12", "1"], "rules, closed months"
    assert "范本：东莞市" in text


def test_a_version_is_read_beside_its_text(closed: Closed, clerk: Client) -> None:
    text = text_of(
        clerk.get(reverse("admin:assessments_policy_change", args=(version(closed).pk,)))
    )
    assert "每月到顾问村（社区）现场提供法律咨询服务不少于2次，每次不少于4小时。" in text
    assert "每次不少于4小时，差一分钟也不计" in text
    assert '<span class="mark default">系统默认</span>' in text
    assert '<span class="mark own">本局设定</span>' in text
    assert "每年考核一次" in text


def test_copy_change_a_number_try_and_adopt(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed)
    assert "常改的数" in text_of(clerk.get(edit(draft)))
    response = post(clerk, "draft-numbers", draft, **{"number-ZX-34.target": "1"})
    assert "数值已写入草稿。" in text_of(response)

    tried = text_of(
        clerk.get(reverse("admin:draft-try", args=(draft.pk,)), {"last": "2026-10", "months": "2"})
    )
    assert "由未达标变为达标：2 项" in tried
    assert "2026年9月" in tried
    own = closed.county.village.short_name
    assert f"2026年10月 {own}：现场咨询服务，未达标 → 达标" in tried
    assert "应不少于1次，已计1次" in tried

    response = post(
        clerk, "draft-adopt", draft, adopted_title="新办法", effective_from="2027-01-01"
    )
    assert "已采用，自2027-01-01起生效。" in text_of(response)
    policy = Policy.objects.get(effective_from=date(2027, 1, 1))
    assert policy.rules.get(key="ZX-34").definition["target"] == 1
    compared = text_of(
        clerk.get(
            reverse("admin:policy-compare"),
            {"old": f"v{version(closed).pk}", "new": f"v{policy.pk}"},
        )
    )
    assert "改动 1 条" in compared
    assert re.search(r'class="differs"><td>[^<]*不少于2次[^<]*</td><td>[^<]*不少于1次', compared)


def test_a_text_in_error_is_kept_and_every_error_named(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed)
    wrong = draft.text.replace('force = "hard"', 'force = "hrad"', 1).replace(
        'clause = "二（四）3"', 'clause = ""', 1
    )
    text = text_of(post(clerk, "draft-save", draft, title=draft.title, text=wrong))
    assert "有 2 处需要改正" in text
    line = wrong[: wrong.index("hrad")].count("\n") + 1
    assert f"第 {line} 行 rule[1].force" in text
    assert "<code>force = &quot;hrad&quot;</code>" in text
    assert "draft-adopt" not in text
    assert reverse("admin:draft-adopt", args=(draft.pk,)) not in text
    assert "草稿中有错误" in text_of(clerk.get(reverse("admin:draft-try", args=(draft.pk,))))


def test_what_is_refused_keeps_what_was_typed(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed)
    response = post(
        clerk, "draft-save", draft, title="改名", text="# 我写的", seen="2020-01-01T00:00:00+08:00"
    )
    assert response.status_code == 409
    assert "刚刚保存过这份草稿" in text_of(response)
    assert "# 我写的" in text_of(response)
    response = post(
        clerk, "draft-adopt", draft, adopted_title="新办法", effective_from="２０２７年某日"
    )
    assert "无法识别，应为如 2026-11-05 的日期" in text_of(response)
    response = post(clerk, "draft-numbers", draft, **{"number-ZX-34.target": "两"})
    assert "应为不小于0的整数" in text_of(response)
    assert 'name="number-ZX-34.target" value="两"' in text_of(response)


def test_a_shipped_policy_of_another_place_can_be_begun_from(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed, "dg")
    assert draft.text == (PACKS / "dg.toml").read_text(encoding="utf-8")
    text = text_of(
        clerk.get(reverse("admin:draft-try", args=(draft.pk,)), {"last": "2026-10", "months": "1"})
    )
    assert "新增：" in text
    assert "取消（" in text


@pytest.mark.parametrize("last", ["2026-13", "2030-01", "x", "2026"])
def test_a_month_that_is_none_is_named(closed: Closed, clerk: Client, last: str) -> None:
    draft = draft_of(closed)
    text = text_of(clerk.get(reverse("admin:draft-try", args=(draft.pk,)), {"last": last}))
    assert f"月份“{last}”不正确，应为2026-10或更早的年月。" in text


def test_a_discarded_draft_is_gone(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed)
    assert "已删除草稿" in text_of(post(clerk, "draft-discard", draft))
    assert not PolicyDraft.objects.filter(pk=draft.pk).exists()


# ── who may ─────────────────────────────────────────────────────────────────────────────────────


def writes(draft: PolicyDraft, closed: Closed) -> dict[str, dict[str, str]]:
    fields = {"seen": draft.changed_at.isoformat(), "title": "x", "text": "# x"}
    return {
        reverse("admin:draft-save", args=(draft.pk,)): fields,
        reverse("admin:draft-numbers", args=(draft.pk,)): {**fields, "number-ZX-34.target": "9"},
        reverse("admin:draft-adopt", args=(draft.pk,)): {
            "adopted_title": "x",
            "effective_from": "2027-01-01",
        },
        reverse("admin:draft-discard", args=(draft.pk,)): {},
        reverse("admin:policy-copy"): {
            "bureau": str(closed.county.bureau.pk),
            "source": "zx",
            "title": "x",
        },
    }


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("system_admin", 403),
        ("foreign", 404),
        ("office_user", 302),
        ("township_user", 302),
        ("advisor_user", 302),
    ],
)
def test_only_the_bureaus_own_staff_write(
    closed: Closed, foreign_closed: Closed, system_admin: User, who: str, expected: int
) -> None:
    """Who is no staff is shown the door that the back office has for him."""
    draft = draft_of(closed)
    before = PolicyDraft.objects.count(), Policy.objects.count()
    others = {"system_admin": system_admin, "foreign": foreign_closed.county.bureau_user}
    client = signed_in(others.get(who) or getattr(closed.county, who))
    for address, fields in writes(draft, closed).items():
        assert client.post(address, fields).status_code == expected, address
    draft.refresh_from_db()
    assert draft.title == "2027年修订稿"
    assert (PolicyDraft.objects.count(), Policy.objects.count()) == before


def test_an_administrator_looks_and_a_neighbour_does_not(
    closed: Closed, foreign_closed: Closed, system_admin: User
) -> None:
    draft = draft_of(closed)
    looks = [
        edit(draft),
        reverse("admin:draft-try", args=(draft.pk,)),
        reverse("admin:assessments_policy_change", args=(version(closed).pk,)),
    ]
    administrator, neighbour = signed_in(system_admin), signed_in(foreign_closed.county.bureau_user)
    assert [administrator.get(address).status_code for address in looks] == [200, 200, 200]
    assert [neighbour.get(address).status_code for address in looks] == [302, 404, 302]
    both = {"old": f"v{version(foreign_closed).pk}", "new": f"v{version(closed).pk}"}
    text = text_of(neighbour.get(reverse("admin:policy-compare"), both))
    assert closed.county.bureau.name not in text
    text = text_of(administrator.get(reverse("admin:policy-compare"), both))
    assert "请选择同一司法局的两个版本。" in text


def test_looking_writes_nothing(closed: Closed, clerk: Client) -> None:
    draft = draft_of(closed)
    addresses = [
        LIST,
        edit(draft),
        reverse("admin:policy-compare") + f"?old=v{version(closed).pk}&new=d{draft.pk}",
        reverse("admin:draft-try", args=(draft.pk,)) + "?last=2026-10&months=3",
    ]
    with CaptureQueriesContext(connection) as ran:
        assert [clerk.get(address).status_code for address in addresses] == [200] * 4
    wrote = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE)\b")
    assert [query["sql"] for query in ran if wrote.match(query["sql"])] == []
