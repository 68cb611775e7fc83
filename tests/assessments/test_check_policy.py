"""manage.py check_policy: every error with line and key, or the policy read back in Chinese."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments.quota.packs import load_pack
from assessments.quota.policy_wording import describe_settings
from assessments.quota.wording import describe
from tests.test_architecture import ROOT

ZX = ROOT / "assessments" / "policies" / "zx.toml"
SMALL = ROOT / "tests" / "quota" / "small.toml"
WHOLE = SMALL.with_name("whole.toml")


def check(*arguments: str) -> tuple[str, str, str]:
    """What went to standard output, to standard error, and the command's last word."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_policy", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


def test_a_sound_policy_is_read_back() -> None:
    out, err, last = check(str(WHOLE))
    assert (err, last) == ("", "")
    lines = out.splitlines()
    assert lines[0] == "蒸湘区一村（社区）一法律顾问（代号ZX，征求意见稿或草案）"
    defaults = sum("（系统默认）" in line for line in lines[:-1])
    assert defaults > 0
    assert lines[-1] == (
        "合计：规则9条；由本局设定的数值8个（规则2个，任期比例3个，参数3个）；"
        f"采用系统默认的读法{defaults}处。"
    )
    pack = load_pack(WHOLE)
    for number, rule in enumerate(pack.rules, start=1):
        at = lines.index(f"　　{number}. {rule.key}　{rule.title}　依据：{rule.clause}")
        assert lines[at + 1] == f"　　　　原文：“{rule.phrase}”"
        told = [f"　　　　（{n}）{said}" for n, said in enumerate(describe(rule), start=1)]
        assert lines[at + 2 : at + 2 + len(told)] == told


@pytest.mark.parametrize("path", sorted(ZX.parent.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_policy_is_read_back(path: Path) -> None:
    out, err, last = check(str(path))
    assert (err, last) == ("", "")
    assert out.splitlines()[-1].startswith(f"合计：规则{len(load_pack(path).rules)}条；")


def test_the_settings_are_sentences() -> None:
    assert describe_settings(load_pack(SMALL).settings) == (
        "可以担任法律顾问的：律师、基层法律服务工作者。",
        "可以作志愿者、不计入考核的：退休法官。",
        "聘任第一天执业应满2年。",
        "学历不低于大专。",
        "服务记录必须填写：起止时间、服务内容。",
        "法治讲座须有照片。",
        "服务记录经联络员确认后计入。",
        "重大事项报告给：司法所。",
        "服务后超过3天录入的作出提醒（本局设定）。",
        "次月5日关账（本局设定）。",
        "每半年考核一次，期满后10天内进行（本局设定）。",
        "没有参加培训的，续聘须写明理由。",
        "法律顾问的选聘由司法所办理。",
        "每村每年补贴不低于3000元。",
        "补贴只按县级资金计算。",
        "每村计划奖补2000元，只作计划，不作检查。",
    )


def test_settings_that_ask_nothing() -> None:
    text = SMALL.read_text(encoding="utf-8")
    for old, new in (
        ('["lawyer", "legal_worker"]', "[]"),
        ('["retired_judge"]', "[]"),
        ('["start_end", "content"]', "[]"),
        ('["office"]', "[]"),
        ("min_practice_years = 2", 'min_practice_years = "none"'),
        ('"junior_college"', '"none"'),
        ("= 3000", '= "none"'),
        ('"county"', '"none"'),
        ("= 2000", '= "none"'),
    ):
        assert text.count(old) >= 1
        text = text.replace(old, new, 1)
    said = describe_settings(load_pack(text).settings)
    assert said[0] == "没有列出可以担任法律顾问的人员类别。"
    assert said[1:5] == (
        "没有志愿者类别。",
        "不要求执业年限。",
        "不要求学历。",
        "服务记录没有必填项。",
    )
    assert said[7] == "没有规定重大事项报告给谁。"
    assert said[-3:] == ("没有规定补贴最低标准。", "不检查补贴的资金来源。", "没有计划奖补数额。")


def test_every_error_is_told_with_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "zx.toml"
    text = WHOLE.read_text(encoding="utf-8")
    path.write_text(text.replace("target = 2", "target = -2").replace("= 5 ", "= 50 "), "utf-8")
    out, err, last = check(str(path))
    assert out == ""
    told = err.splitlines()
    assert [line.split("：")[0].split(" ")[-1] for line in told] == [
        *("settings.close_day", "rule[1].target")
    ]
    assert all(line.startswith("zx.toml 第 ") and line.endswith("。") for line in told)
    assert last == "zx.toml 有2处错误，改正后请再检查一次。"


def test_no_file_and_no_name() -> None:
    assert check("gone.toml")[2] == "gone.toml 全文：没有这个文件，请核对文件名和所在文件夹。"
    assert check()[2] == "请写明政策文件，如 check_policy assessments/policies/zx.toml。"


def test_the_schema_is_printed() -> None:
    written = (ROOT / "docs" / "policy.schema.json").read_text(encoding="utf-8")
    assert check("--schema") == (written, "", "")


@pytest.mark.parametrize(("content", "code"), [(None, 0), ("key =", 1)])
def test_from_a_shell_without_any_server(content: str | None, code: int, tmp_path: Path) -> None:
    """The settings of a bare checkout name no database, and none is asked."""
    path = ZX
    if content is not None:
        path = tmp_path / "bad.toml"
        path.write_text(content, encoding="utf-8")
    keys = ("LAWADVISOR_SECRET_KEY", "LAWADVISOR_DATA_KEYS")
    drop = ("DATABASE_URL", "REDIS_URL", *keys, "LAWADVISOR_VAR")
    environment = {name: value for name, value in os.environ.items() if name not in drop}
    done = subprocess.run(
        [sys.executable, "manage.py", "check_policy", str(path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert bool(done.stdout) is (code == 0)
    assert ("bad.toml 第 1 行 TOML：" in done.stderr) is (code == 1)
