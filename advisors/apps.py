from django.apps import AppConfig


class AdvisorsConfig(AppConfig):
    name = "advisors"
    verbose_name = "法律顾问"

    def ready(self) -> None:
        from advisors import importers  # noqa: F401  (they register themselves)
