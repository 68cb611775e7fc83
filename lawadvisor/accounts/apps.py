from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "lawadvisor.accounts"
    label = "accounts"
    verbose_name = "用户与岗位"
