"""The door in a real browser, at two sizes: what a clerk sees, types and is told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from advisors.viewers import viewer_for
from lawadvisor.accounts import second_factor, services, sessions
from lawadvisor.accounts.models import TryCount, User
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.web.browsing import Visit, barriers, overflow, small_targets
from tests.web.conftest import Closed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD, NEXT = "Right-password-1", "Other-password-2"


@pytest.fixture
def user(transactional_db: None, settings: Settings) -> User:
    user = factories.make_user(username="zx-li", password=PASSWORD, name="李明")
    bureau = factories.make_bureau(name="蒸湘区司法局")
    factories.make_post(user=user, role=Role.BUREAU, bureau=bureau)
    return user


def enter(visit: Visit, password: str = PASSWORD) -> None:
    visit.page.goto(f"{visit.base}/login/")
    type_in(visit.page, password)


def type_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("用户名").fill("zx-li")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def says(visit: Visit, *sentences: str) -> None:
    """On a page that fits, whose targets a thumb can hit, and that a blind clerk can use."""
    text = visit.page.inner_text("main")
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert (overflow(visit.page), small_targets(visit.page)) == (0, [])
    assert barriers(visit.page) == []


def quiet(visit: Visit, *statuses: int) -> None:
    """No script was refused, nothing asked elsewhere; ``statuses`` are answers that are meant."""
    meant = re.compile("|".join(f"status of {status}" for status in statuses) or "$^")
    assert [told for told in visit.complaints if not meant.search(told)] == []


def test_signing_in_and_out(user: User, visit: Visit) -> None:
    enter(visit, "wrong")
    says(visit, "用户名、手机号或密码不正确，请核对后再试。")
    type_in(visit.page)
    says(visit, "这是您第一次登录本平台。")
    visit.page.get_by_role("link", name="李明").click()
    says(visit, "我的账号", "zx-li", "此前有1次登录没有成功")
    visit.page.get_by_role("button", name="退出登录").click()
    says(visit, "登录")
    quiet(visit)


def test_a_locked_account(user: User, visit: Visit) -> None:
    for _ in range(6):
        enter(visit, "wrong")
    says(visit, "尝试次数过多", "之后再试", "请联系司法局")
    services.unlock(by=SYSTEM, user=user)
    TryCount.objects.all().delete()
    visit.page.get_by_role("link", name="返回登录").click()
    type_in(visit.page)
    visit.page.wait_for_url(f"{visit.base}/bureau/**")
    quiet(visit, 429)


def test_a_first_password_is_changed_before_all_else(user: User, visit: Visit) -> None:
    password = services.reset_password(by=SYSTEM, user=user)
    enter(visit, password)
    says(visit, "现在的密码只能用一次", "至少10个字符。")
    visit.page.goto(f"{visit.base}/places/")
    says(visit, "现在的密码只能用一次")
    page = visit.page
    for new, sentence in (("short", "至少应有10个字符"), (NEXT, "密码已修改")):
        page.get_by_label("现在的密码").fill(password)
        page.get_by_label("新密码", exact=True).fill(new)
        page.get_by_label("再输入一次新密码").fill(new)
        page.get_by_role("button", name="修改密码").click()
        says(visit, sentence)
    assert "/bureau/" in page.url
    quiet(visit)


def code_of(user: User) -> str:
    return f"{totp(TOTPDevice.objects.get(user=user).bin_key):06d}"


def forget_codes(user: User) -> None:
    """As half a minute does: the code of this moment may be asked for again."""
    TOTPDevice.objects.filter(user=user).update(last_t=-1)


def test_setting_up_and_using_the_second_factor(user: User, visit: Visit) -> None:
    page = visit.page
    enter(visit)
    page.goto(f"{visit.base}/account/second-factor/")
    says(visit, "别人知道了密码，也不能登录")
    page.get_by_role("button", name="开始").click()
    says(visit, "扫描下面的二维码")
    drawn = page.locator("svg").bounding_box()
    assert drawn is not None
    assert drawn["width"] == drawn["height"] >= 200
    page.get_by_label("验证码").fill(code_of(user))
    page.get_by_role("button", name="启用").click()
    says(visit, "请保存这些备用码")
    spare = page.locator(".codes li").all_inner_texts()
    assert len(spare) == second_factor.SPARE_CODES
    page.get_by_role("link", name="已保存").click()
    says(visit, "已启用：登录时除密码外")
    page.get_by_role("button", name="退出登录").click()
    forget_codes(user)

    type_in(page)
    says(visit, "动态验证码", "可以输入一个备用码")
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="登录").click()
    says(visit, "验证码不正确或已用过")
    page.get_by_label("验证码").fill(code_of(user))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{visit.base}/bureau/**")
    page.get_by_role("button", name="退出登录").click()
    type_in(page)
    page.get_by_label("验证码").fill(spare[0])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{visit.base}/bureau/**")
    quiet(visit)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    later = [0.0]
    monkeypatch.setattr(sessions, "time", SimpleNamespace(time=lambda: time.time() + later[0]))

    def move(seconds: float) -> None:
        later[0] += seconds

    return move


def test_a_session_that_rested_ends_with_a_word(
    user: User, visit: Visit, wait: Callable[[float], None]
) -> None:
    enter(visit)
    visit.page.goto(f"{visit.base}/account/")
    wait(31 * 60)
    visit.page.get_by_role("link", name="修改密码").click()
    says(visit, "较长时间没有操作，为保证安全已退出，请重新登录。")
    type_in(visit.page)
    visit.page.wait_for_url(f"{visit.base}/account/password/")
    quiet(visit)


def test_a_form_that_came_too_late_is_sent_after_signing_in_again(
    user: User, visit: Visit, wait: Callable[[float], None]
) -> None:
    enter(visit)
    visit.page.goto(f"{visit.base}/account/second-factor/")
    wait(31 * 60)
    visit.page.get_by_role("button", name="开始").click()
    says(visit, "登录已超时，刚才提交的内容没有保存", "不必再填一遍")
    type_in(visit.page, "wrong")
    says(visit, "用户名、手机号或密码不正确")
    type_in(visit.page)
    says(visit, "重新提交刚才填写的内容")
    assert not TOTPDevice.objects.exists()
    visit.page.get_by_role("button", name="重新提交").click()
    says(visit, "扫描下面的二维码")
    assert TOTPDevice.objects.filter(user=user).count() == 1
    quiet(visit, 403)


def test_signing_out_everywhere(user: User, visit: Visit, live_server: LiveServer) -> None:
    other = visit.page.context.browser.new_context().new_page()
    there = Visit(other, live_server.url)
    enter(there)
    enter(visit)
    visit.page.goto(f"{visit.base}/account/")
    visit.page.get_by_role("button", name="退出所有设备").click()
    says(visit, "已退出所有设备，请重新登录。")
    other.goto(f"{visit.base}/account/")
    assert "/login/" in other.url
    other.context.close()
    quiet(visit)


def test_an_old_password_is_asked_to_be_changed(user: User, visit: Visit) -> None:
    User.objects.update(password_changed_at=timezone.now() - timedelta(days=91))
    enter(visit)
    says(visit, "密码已使用较长时间，请更换后再使用本平台。")
    quiet(visit)


def test_the_back_office_runs_under_the_strict_policy(shown: Closed, visit: Visit) -> None:
    """Every list with its newest row, a filter and a search: nothing is refused by the browser."""
    factories.make_sign_in(user=shown.county.township_user)
    visit.sign_in(shown.county.bureau_user)
    walked = []
    for model in admin.site._registry:
        rows = model._default_manager.visible_to(viewer_for(shown.county.bureau_user))
        if not rows.exists():
            continue
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses = (reverse(f"{stem}_changelist"), reverse(f"{stem}_change", args=[rows[0].pk]))
        for address in addresses:
            answer = visit.page.goto(visit.base + address)
            walked.append((address, answer.status if answer else None))
    visit.page.goto(f"{visit.base}/admin/accounts/signin/?outcome__exact=success&q=user")
    visit.page.goto(f"{visit.base}/admin/")
    quiet(visit)
    assert len(walked) > 20
    assert {status for _, status in walked} == {200}


def test_a_barrier_is_found(user: User, visit: Visit) -> None:
    """The control of ``barriers``: a field that has lost its label."""
    visit.page.goto(f"{visit.base}/login/")
    visit.page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    assert "label" in {found.partition(":")[0] for found in barriers(visit.page)}


def test_the_policy_bites(user: User, visit: Visit) -> None:
    """The control: what is written into a page does not run, and the browser says so."""
    visit.page.goto(f"{visit.base}/login/")
    visit.page.evaluate(
        """() => { const script = document.createElement('script');
        script.text = 'document.title = "run"'; document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>'); }"""
    )
    assert visit.page.title() != "run"
    assert sum("Content Security Policy" in told for told in visit.complaints) == 2
