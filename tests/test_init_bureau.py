"""manage.py init_bureau and createsuperuser: an empty installation becomes usable, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client

from advisors.models import Post
from advisors.viewers import viewer_for
from assessments.models import Policy
from assessments.services import PACKS
from lawadvisor import setup_bureau
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.management.commands import init_bureau
from tests import factories
from tests.test_architecture import ROOT
from villages.models import Bureau, Township, Village

pytestmark = pytest.mark.django_db

CSV = ROOT / "villages" / "data" / "zhengxiang_430408.csv"
HEAD = "code,name,township_code,township,county_code,county,prefecture,province\n"
GOOD = "430408001001,红湖社区居委会,430408001,蒸湘街道,430408,蒸湘区,衡阳市,湖南省\n"
PASSWORD = "cun-ju-gu-wen-26"
PLACES = {"villages": str(CSV), "policy": "zx"}
NAME_BOTH = (
    "请用 --county 写明县区的区划代码（或用 --villages 另给村（社区）名单），"
    "用 --policy 写明政策，如 init_bureau --county 430408 --policy zx。"
)
PEOPLE = {
    "admin": "sysadmin",
    "admin_name": "张三",
    "staff": "zx-li",
    "staff_name": "李四",
}


@pytest.fixture(autouse=True)
def _nobody_sits_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())
    monkeypatch.setenv(init_bureau.PASSWORD_VARIABLE, PASSWORD)


def run(**options: str) -> str:
    out = StringIO()
    call_command("init_bureau", stdout=out, **options)
    return out.getvalue()


def refusal(**options: str) -> str:
    """The sentence; nothing was written."""
    before = rows()
    with pytest.raises(CommandError) as refused:
        run(**options)
    assert rows() == before
    return str(refused.value)


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Somebody at a terminal who types these words; returns the prompts that he was shown."""

    def at_terminal(*words: str | BaseException) -> list[str]:
        prompts: list[str] = []
        answers = iter(words)

        def answer(prompt: str) -> str:
            prompts.append(prompt)
            word = next(answers)
            if isinstance(word, BaseException):
                raise word
            return word

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(init_bureau, "getpass", answer)
        return prompts

    return at_terminal


# ── the whole way ───────────────────────────────────────────────────────────────────────────────


def test_an_empty_installation_becomes_usable():
    said = run(**PLACES, **PEOPLE).splitlines()

    policy = Policy.objects.get()
    assert said == [
        "蒸湘区司法局：新增镇街5个、村（社区）54个，更名0个",
        f"政策：{policy}，已采用",
        "账号：sysadmin（张三），系统管理员，已开通",
        "账号：zx-li（李四），司法局工作人员，已开通",
        "初始化完成。",
    ]
    assert (policy.key, policy.effective_from) == ("ZX", date(2021, 1, 1))
    assert (Township.objects.count(), Village.objects.count()) == (5, 54)


def test_a_county_of_the_shipped_files_needs_no_file_of_ones_own():
    """Of the seven counties of 崇左 one is set up, and no other."""
    said = run(county="451481", policy="cz").splitlines()

    assert said[0] == "凭祥市司法局：新增镇街5个、村（社区）41个，更名0个"
    assert (Bureau.objects.count(), Village.objects.count()) == (1, 41)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"county": "4304"}, "县区的区划代码应为6位数字，如 430408，而不是“4304”。"),
        ({"county": "４３０４０８"}, "县区的区划代码应为6位数字"),
        ({"county": "110101"}, "随附的区划文件中没有 110101，现有："),
        ({"county": "110101", "villages": str(CSV)}, "中没有 110101，只有：蒸湘区（430408）。"),
    ],
)
def test_a_county_that_is_not_there_is_said(options: dict[str, str], sentence: str):
    assert sentence in refusal(policy="zx", **options)


def test_at_a_terminal_it_asks_for_what_was_left_open(typed, monkeypatch):
    answers = iter(["430408", "zx", "sysadmin", "张三"])
    questions: list[str] = []
    monkeypatch.setattr("builtins.input", lambda prompt: questions.append(prompt) or next(answers))
    typed(PASSWORD, PASSWORD)

    assert "账号：sysadmin（张三），系统管理员，已开通" in run()
    assert [question[:2] for question in questions] == ["县区", "政策", "系统", "系统"]
    assert "430408 衡阳市蒸湘区" in questions[0]


def test_at_a_terminal_nobody_is_asked_for_an_administrator_twice(typed, monkeypatch):
    factories.make_post(role=Role.SYSTEM_ADMIN)
    answers = iter(["430408", "zx"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    typed()

    assert run().endswith("初始化完成。\n")


def test_an_answer_broken_off_writes_nothing(typed, monkeypatch):
    def broken(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", broken)
    typed()
    assert refusal() == "没有读到回答，已取消，没有写入任何数据。"


def test_the_two_people_see_what_their_desks_allow():
    run(**PLACES, **PEOPLE)
    factories.make_village()
    admin, staff = (
        authenticate(username=name, password=PASSWORD) for name in ("sysadmin", "zx-li")
    )

    assert (admin.is_demo, staff.is_demo) == (False, False)
    everything, own = viewer_for(admin), viewer_for(staff)
    assert (everything.sees_all, own.role) == (True, Role.BUREAU)
    assert Village.objects.visible_to(everything).count() == 55
    assert Village.objects.visible_to(own).count() == 54


def test_the_bureau_opens_its_page_and_the_back_office():
    run(**PLACES, **PEOPLE)
    client = Client()
    assert client.login(username="zx-li", password=PASSWORD)
    assert client.get("/").url == "/account/password/"  # whoever set up knows this one
    own = {"old": PASSWORD, "new": "Ganz-anders-2026", "again": "Ganz-anders-2026"}
    client.post("/account/password/", own)

    assert "蒸湘区司法局" in client.get("/", follow=True).content.decode()
    assert client.get("/admin/").status_code == 200


def test_every_write_has_its_audit_row():
    run(**PLACES, **PEOPLE)

    bureau = Bureau.objects.get()
    assert list(
        AuditEntry.objects.order_by("id").values_list("verb", "subject_label", "bureau_id")
    ) == [
        ("villages.import", "蒸湘区司法局", bureau.pk),
        ("policy.adopt", str(Policy.objects.get()), bureau.pk),
        ("user.create", "张三", None),
        ("post.create", "张三 系统管理员", None),
        ("user.create", "李四", bureau.pk),
        ("post.create", "李四 司法局工作人员 蒸湘区司法局", bureau.pk),
    ]
    assert PASSWORD not in str(list(AuditEntry.objects.values_list("before", "after")))


def test_a_second_run_changes_nothing_asks_nothing_and_says_so(typed):
    run(**PLACES, **PEOPLE)
    before, hashes = rows(), set(User.objects.values_list("password", "name"))
    prompts = typed()

    said = run(**PLACES, **PEOPLE | {"staff_name": "另一个名字"}).splitlines()

    assert (rows(), set(User.objects.values_list("password", "name"))) == (before, hashes)
    assert prompts == []
    assert said == [
        "蒸湘区司法局：镇街和村（社区）已有，未作更改",
        f"政策：{Policy.objects.get()}，已有，未作更改",
        "账号：sysadmin（张三），系统管理员，已有，未作更改",
        "账号：zx-li（李四），司法局工作人员，已有，未作更改",
        "没有需要更改的内容，一切保持原样。",
    ]


def test_another_clerk_is_added_by_a_later_run():
    run(**PLACES, **PEOPLE)

    said = run(**PLACES, staff="zx-wang", staff_name="王五")

    assert "账号：zx-wang（王五），司法局工作人员，已开通" in said
    assert Post.objects.filter(bureau__code="430408", role=Role.BUREAU).count() == 2


def test_a_known_user_without_the_post_is_left_alone_and_named():
    factories.make_user(username="zx-li", name="老李")

    said = run(**PLACES, staff="zx-li")

    sentence = "zx-li（老李），已有，未作更改；该账号没有蒸湘区司法局的司法局工作人员岗位"
    assert sentence in said
    assert not Post.objects.exists()


def test_a_user_name_is_kept_as_the_login_page_reads_it():
    run(**PLACES, admin=" ａｄｍｉｎ ", admin_name=" 张三 ")

    client = Client()
    client.post("/login/", {"username": "ａｄｍｉｎ", "password": PASSWORD})
    assert User.objects.get().name == "张三"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


# ── the policy ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("named", ["zx", "ZX", str(PACKS / "zx.toml")])
def test_a_policy_is_named_by_its_key_or_its_path(named: str):
    run(**PLACES | {"policy": named}, policy_from="2026-01-01")

    assert Policy.objects.get().effective_from == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"policy": "nowhere"},
            "没有代号为“nowhere”的政策，现有：cz、dg、jc、sh、zx；也可以写 .toml 政策文件的路径。",
        ),
        ({"policy": "gone/zx.toml"}, "政策文件 gone/zx.toml 不存在。"),
        (
            {"policy_from": "2026-1-1"},
            "--policy-from 应写作 2026-01-01 这样的日期，而不是“2026-1-1”。",
        ),
        (
            {"policy_from": "2026-02-30"},
            "--policy-from 应写作 2026-01-01 这样的日期，而不是“2026-02-30”。",
        ),
        (
            {"policy_from": "2020-01-01"},
            "该政策自2021-01-01起施行，不能提前到2020-01-01。",
        ),
        (
            {"villages": ""},
            NAME_BOTH,
        ),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(options: dict[str, str], sentence: str):
    assert refusal(**PLACES | options, **PEOPLE) == sentence


def test_a_bad_policy_leaves_no_village_behind(tmp_path: Path):
    pack = tmp_path / "broken.toml"
    pack.write_text("[pack]\nkey = 1\n", encoding="utf-8")

    assert refusal(**PLACES | {"policy": str(pack)}, **PEOPLE).startswith("broken.toml ")
    assert not Bureau.objects.exists()


# ── the villages ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"code\n", "第1行：缺少列 township_code、"),
        (
            (HEAD + GOOD.replace("红湖社区居委会", "")).encode(),
            "第2行 name 列：为空，应填写村（社区）名称。",
        ),
        ((HEAD + GOOD).encode("gb18030"), "名单.csv 不是 UTF-8 编码，"),
        ((HEAD + GOOD).encode("utf-16-le"), "名单.csv 不是文本文件，"),
        ((HEAD + "x" * 200_000).encode(), "名单.csv 不是 CSV 格式，"),
        (
            (HEAD + GOOD + "130102001001,甲社区,130102001,甲街道,130102,长安区,,\n").encode(),
            "名单.csv 中有2个县区：蒸湘区（430408）、长安区（130102），请写明是哪一个的区划代码。",
        ),
    ],
)
def test_a_bad_file_is_answered_as_the_importer_does(tmp_path: Path, content: bytes, sentence: str):
    file = tmp_path / "名单.csv"
    file.write_bytes(content)

    assert refusal(**PLACES | {"villages": str(file)}).startswith(sentence)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path):
    for path in (tmp_path / "none.csv", tmp_path):
        said = refusal(**PLACES | {"villages": str(path)})
        assert said == f"村（社区）名单 {path} 打不开，请核对文件是否存在、能否读取。"


def test_demo_data_are_not_mixed_with_real_ones():
    factories.make_user(is_demo=True)

    assert refusal(**PLACES) == ("数据库中已有演示数据，真实数据不与演示数据混放：请换用空数据库。")


# ── accounts and passwords ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ({"admin": "sysadmin"}, "写了 --admin，还应写 --admin-name 姓名。"),
        ({"staff_name": "李四"}, "写了 --staff-name，还应写 --staff 用户名。"),
        (PEOPLE | {"staff": "sysadmin"}, "--admin 和 --staff 应是两个不同的用户名。"),
        ({"admin": "a", "admin_name": "\udcd5\udcc5"}, "系统管理员的姓名含有无法识别的字符，"),
        ({"admin": "\udcd5", "admin_name": "张三"}, "系统管理员的用户名含有无法识别的字符，"),
        (
            {"admin": "a", "admin_name": "张" * 51},
            "系统管理员的姓名有51个字，不应超过50个字。",
        ),
    ],
)
def test_an_account_that_cannot_be_opened_is_refused(people: dict[str, str], sentence: str):
    assert refusal(**PLACES, **people).startswith(sentence)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Short-1", "密码只有7个字符，至少应有10个字符。"),
        ("Password123", "这个密码太常见了"),
        ("zx-li-sysadmin", "密码应含有大写字母、小写字母、数字、其他符号这四类中的至少3类；"),
        ("zx-li-sysadmi9", "密码中不要含有用户名、姓名或手机号。"),
    ],
)
def test_a_weak_password_is_refused_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, password: str, reason: str
):
    monkeypatch.setenv(init_bureau.PASSWORD_VARIABLE, password)

    said = refusal(**PLACES, admin="zx-li-sysadmi", admin_name="张三")
    assert said.startswith(f"系统管理员 zx-li-sysadmi 的密码不合要求：{reason}")
    assert password not in said.replace("zx-li-sysadmi ", "")
    assert not Bureau.objects.exists()


def test_without_terminal_and_variable_the_variable_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(init_bureau.PASSWORD_VARIABLE)

    said = refusal(**PLACES, **PEOPLE)
    assert said == "没有终端可以输入密码，请设置环境变量 LAWADVISOR_INIT_PASSWORD。"


def test_a_terminal_is_asked_twice_for_each_new_account(typed):
    prompts = typed(PASSWORD, PASSWORD, "another-pass-26", "another-pass-26")

    run(**PLACES, **PEOPLE)

    assert prompts == [
        "系统管理员 sysadmin 的密码：",
        "再输入一次：",
        "司法局工作人员 zx-li 的密码：",
        "再输入一次：",
    ]
    assert authenticate(username="zx-li", password="another-pass-26") is not None
    assert authenticate(username="sysadmin", password=PASSWORD) is not None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((PASSWORD, PASSWORD + "!"), "两次输入的密码不一致，没有写入任何数据，请重新运行。"),
        (("", ""), "请填写系统管理员的密码。"),
        ((KeyboardInterrupt(),), "没有读到密码，已取消，没有写入任何数据。"),
        ((PASSWORD, EOFError()), "没有读到密码，已取消，没有写入任何数据。"),
    ],
)
def test_a_slip_at_the_terminal_writes_nothing(typed, words, sentence: str):
    typed(*words)

    assert refusal(**PLACES, **PEOPLE) == sentence


def test_nothing_is_asked_when_the_file_is_bad(typed):
    prompts = typed()
    refusal(**PLACES | {"villages": "none.csv"}, **PEOPLE)
    assert prompts == []


# ── the way it ends ─────────────────────────────────────────────────────────────────────────────


def test_a_database_that_refuses_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError('relation "x" does not exist\nLINE 1: …')

    monkeypatch.setattr(setup_bureau, "store_villages", fail)
    said = refusal(**PLACES)
    assert said.startswith("数据库没有完成操作，请确认它已启动并已运行 manage.py migrate：")
    assert "\n" not in said


def test_a_refusal_is_one_line_on_standard_error_and_exit_code_1():
    done = subprocess.run(
        [sys.executable, "manage.py", "init_bureau", "--villages", "x.csv", "--policy", "none"],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "CommandError: 没有代号为“none”的政策，现有：cz、dg、jc、sh、zx；"
        "也可以写 .toml 政策文件的路径。\n"
    )


# ── createsuperuser ─────────────────────────────────────────────────────────────────────────────


def test_djangos_own_superuser_is_refused_with_the_way_that_works():
    with pytest.raises(CommandError, match="init_bureau --admin"):
        call_command("createsuperuser")
    assert not User.objects.exists()
