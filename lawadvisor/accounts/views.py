"""The door, and one's own account."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import auth, messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lawadvisor.accounts import entry, guard, register, second_factor, services
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.forms import CodeForm, LoginForm, PasswordForm
from lawadvisor.accounts.middleware import password_is_due
from lawadvisor.accounts.models import User
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def locked_page(request: HttpRequest, locked: guard.Locked) -> HttpResponse:
    """The same for every name, whether it is an account's or not."""
    page = render(request, "registration/locked.html", {"locked": locked}, status=429)
    page["Retry-After"] = str(locked.seconds)
    return page


class Login(auth_views.LoginView):
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        timed_out = self.request.session.pop("timed_out", False)
        return super().get_context_data(**kwargs, timed_out=timed_out)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except guard.Locked as locked:
            return locked_page(request, locked)

    def form_valid(self, form: Any) -> HttpResponse:
        return entry.enter(
            self.request,
            form.get_user(),
            outcome=Outcome.SUCCESS,
            after=self.get_success_url(),
            kept=form.cleaned_data["kept"],
        )


@login_not_required
@sensitive_post_parameters("code")
@never_cache
@read_or_send
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step. Whoever comes without the first, or too late, begins anew."""
    waiting = entry.waiting(request)
    if waiting is None:
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limits = [guard.of_code(waiting.user.pk)]
        try:
            booked = guard.book(limits)
        except guard.Locked as locked:
            register.note(Outcome.LOCKED, request, user=waiting.user)
            return locked_page(request, locked)
        if second_factor.is_right(waiting.user, form.cleaned_data["code"]):
            guard.forgive(limits, booked)
            return entry.let_in(
                request,
                waiting.user,
                outcome=waiting.outcome,
                after=waiting.after,
                kept=form.cleaned_data["kept"],
                backend=waiting.backend,
            )
        register.note(Outcome.WRONG_CODE, request, user=waiting.user)
        form.add_error("code", "验证码不正确或已用过，请等手机上出现新的验证码后再输入。")
    return render(request, "registration/code.html", {"form": form})


class Logout(auth_views.LogoutView):
    """Signing out is a POST; whoever types the address gets a page with the button."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "registration/logout.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        register.note(Outcome.LOGOUT, request, user=cast(User, request.user))
        return super().post(request, *args, **kwargs)


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    found = {
        "last": register.last_time(user),
        "factor": second_factor.is_set_up(user),
        "demanded": second_factor.is_demanded(request),
    }
    return render(request, "accounts/account.html", found)


@sensitive_post_parameters("old", "new", "again")
@never_cache
@read_or_send
def password(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    due = password_is_due(user)
    form = PasswordForm(request.POST or None, user=user, request=request)
    try:
        done = request.method == "POST" and form.is_valid()
    except guard.Locked as locked:
        return locked_page(request, locked)
    if done:
        user = services.change_password(
            by=actor_of(request), user=user, password=form.cleaned_data["new"]
        )
        messages.success(request, "密码已修改。在其他设备上的登录已经退出。")
        response = redirect("home" if due else "account")
        entry.carry_over(request, response, user)
        return response
    found = {"form": form, "due": due, "rules": password_validators_help_texts()}
    return render(request, "accounts/password.html", found)


@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out on every device, this one too."""
    user = cast(User, request.user)
    services.sign_out_everywhere(by=actor_of(request), user=user)
    register.note(Outcome.LOGOUT_EVERYWHERE, request, user=user)
    auth.logout(request)
    messages.success(request, "已退出所有设备，请重新登录。")
    return redirect("login")


@sensitive_post_parameters("code")
@never_cache
@read_or_send
def factor(request: HttpRequest) -> HttpResponse:
    """Set up the second factor, renew the spare codes, take it away; each proved by a code."""
    user = cast(User, request.user)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST":
        wish = request.POST.get("wish", "")
        try:
            return _FACTOR_WISHES.get(wish, _no_wish)(request, user, form)
        except guard.Locked as locked:
            return locked_page(request, locked)
        except DomainError as error:
            form.add_error("code" if form.is_bound else None, str(error))
    return _factor_page(request, user, form)


def _factor_page(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    is_set_up = second_factor.is_set_up(user)
    device = None if is_set_up else second_factor.pending(user)
    found = {
        "form": form,
        "is_set_up": is_set_up,
        "demanded": second_factor.is_demanded(request),
        "left": second_factor.spare_codes_left(user),
        "picture": device and second_factor.picture(device),
        "secret": device and second_factor.secret_of(device),
    }
    return render(request, "accounts/second_factor.html", found)


def _no_wish(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:  # noqa: ARG001
    return redirect("account-second-factor")


def _begin(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:  # noqa: ARG001
    if not second_factor.is_set_up(user):
        second_factor.begin(user)
    return redirect("account-second-factor")


def _confirm(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    if second_factor.is_set_up(user) or not form.is_valid():
        return _factor_page(request, user, form)
    codes = services.set_up_second_factor(
        by=actor_of(request), user=user, code=form.cleaned_data["code"]
    )
    response = render(request, "accounts/spare_codes.html", {"codes": codes})
    entry.carry_over(request, response, user)
    return response


def _renew(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    if not _proved(request, user, form):
        return _factor_page(request, user, form)
    codes = services.renew_spare_codes(by=actor_of(request), user=user)
    return render(request, "accounts/spare_codes.html", {"codes": codes})


def _remove(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    if not _proved(request, user, form):
        return _factor_page(request, user, form)
    services.remove_second_factor(by=actor_of(request), user=user)
    messages.success(request, "动态验证码已停用。")
    return redirect("account")


_FACTOR_WISHES = {"begin": _begin, "confirm": _confirm, "renew": _renew, "remove": _remove}


def _proved(request: HttpRequest, user: User, form: CodeForm) -> bool:
    """Raises guard.Locked, and DomainError for a wrong code."""
    if not form.is_valid():
        return False
    limits = [guard.of_code(user.pk)]
    booked = guard.book(limits)
    if not second_factor.is_right(user, form.cleaned_data["code"]):
        register.note(Outcome.WRONG_CODE, request, user=user)
        raise DomainError("验证码不正确或已用过，请输入新的验证码。")
    guard.forgive(limits, booked)
    return True
