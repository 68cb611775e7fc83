from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "lawadvisor.accounts"
    label = "accounts"
    verbose_name = "用户与岗位"

    def ready(self) -> None:
        from lawadvisor.accounts import sessions  # its signal needs the models

        sessions.connect()
