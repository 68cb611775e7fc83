from django.urls import path

from lawadvisor.accounts import single_sign_on, token_views, views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/code/", views.login_code, name="login-code"),
    # the library asks for these two names
    path("login/single/", single_sign_on.leave, name="oidc_authentication_init"),
    path("login/single/back/", single_sign_on.come_back, name="oidc_authentication_callback"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="account-password"),
    path("account/second-factor/", views.factor, name="account-second-factor"),
    path("account/tokens/", token_views.own_tokens, name="account-tokens"),
    path("account/tokens/<int:pk>/revoke/", token_views.revoke, name="account-token-revoke"),
    path("account/everywhere/", views.everywhere, name="account-everywhere"),
]
