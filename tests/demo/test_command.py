"""manage.py demo: refusals, the whole way, and that a second run changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from assessments import papers
from assessments.models import FormFilling, Message, MonthClose, Verdict
from lawadvisor.demo import showcase
from lawadvisor.demo.digest import digest
from lawadvisor.demo.logins import DEMO_PASSWORD
from lawadvisor.demo.watch import Tell, wait_for
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.management.commands import demo
from tests import factories
from tests.demo.data import SMALL
from villages.models import Bureau

SPECS = (
    replace(SMALL, villages=20, months=2),
    replace(SMALL, villages=20, months=2, code="990002", name="邻县司法局", prefix="lx"),
)


@pytest.fixture
def demo_mode(settings, tmp_path, monkeypatch):
    """Demo mode with two small counties, no paper printed, and the worker inside the wait."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    monkeypatch.setattr(showcase, "specs", lambda _today: SPECS)
    monkeypatch.setattr(papers, "write_paper", lambda **_: [])
    monkeypatch.setattr(demo, "wait_for", _working_wait)
    monkeypatch.setenv("LAWADVISOR_ADDRESS", "http://127.0.0.1:8765")


def _working_wait(closes: Sequence[MonthClose], tell: Tell) -> None:
    wait_for(closes, tell, pause=_work)


def _work(_seconds: float) -> None:
    for job in Job.objects.filter(state=JobState.QUEUED):
        jobs.run(job.pk)


def _run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def _rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.django_db
def test_it_is_refused_outside_demo_mode(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match=r"^演示数据只在演示模式下生成：.*LAWADVISOR_DEMO=1。$"):
        _run()
    assert not Bureau.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (factories.make_user, "用户1个"),
        (factories.make_bureau, "司法局1个"),
        (factories.make_village, "司法局1个"),
    ],
)
def test_real_data_are_not_mixed_with_invented_ones(demo_mode, make, what):
    make()
    before = _rows()
    with pytest.raises(CommandError, match=f"数据库中已有非演示数据（{what}）"):
        _run()
    assert _rows() == before


@pytest.mark.django_db
def test_the_whole_way_and_nothing_more_the_second_time(demo_mode, tmp_path):
    said = _run()
    closes = list(MonthClose.objects.all())
    assert [close.period.code for close in closes] == ["2026-10", "2026-10"]
    assert all(close.closed_at for close in closes)
    assert Verdict.objects.exists()
    planned = sum(close.planned for close in closes)
    _work(0)
    fillings = FormFilling.objects.filter(is_draft=False)
    assert {filling.close_id for filling in fillings} == {close.pk for close in closes}
    assert set(Message.objects.values_list("kind", flat=True)) >= {"digest", "incident"}
    for part in (
        f"正在由后台任务关账：已处理 {planned}/{planned}",
        "演示县司法局：镇街2个，村（社区）20个，",
        f"2026年10月已关账：PDF 0份，Excel 0份，在 {tmp_path}/papers/邻县司法局/2026-10",
        "地址：http://127.0.0.1:8765/",
        DEMO_PASSWORD,
        "ys-bureau   司法局工作人员",
        "ys-advisor  法律顾问",
        "lx-bureau   司法局工作人员",
        "其他各局同样有这些账号，用户名以 lx-（邻县司法局） 开头",
        "admin       系统管理员",
    ):
        assert part in said
    assert "lx-office" not in said
    rows, fingerprint = _rows(), digest()
    again = _run()
    assert (_rows(), digest()) == (rows, fingerprint)
    assert "正在" not in again
    assert again.splitlines() == [line for line in said.splitlines() if "正在" not in line]


@pytest.mark.django_db
def test_an_interrupted_first_run_is_completed(demo_mode):
    showcase.set_up(SPECS[0])
    _run()
    assert set(Bureau.objects.values_list("code", flat=True)) == {spec.code for spec in SPECS}
    assert MonthClose.objects.filter(closed_at__isnull=False).count() == 2


@pytest.mark.django_db
def test_a_domain_error_is_one_sentence(demo_mode, monkeypatch, tmp_path):
    pack = tmp_path / "zx.toml"
    pack.write_text("[pack]\n", encoding="utf-8")
    monkeypatch.setattr(showcase, "PACKS", tmp_path)
    with pytest.raises(CommandError, match=r"zx\.toml"):
        _run()
    assert not Bureau.objects.exists()
