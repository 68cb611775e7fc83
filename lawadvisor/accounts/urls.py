from django.urls import path

from lawadvisor.accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/code/", views.login_code, name="login-code"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="account-password"),
    path("account/second-factor/", views.factor, name="account-second-factor"),
    path("account/everywhere/", views.everywhere, name="account-everywhere"),
]
