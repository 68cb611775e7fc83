from django.apps import AppConfig


class VillagesConfig(AppConfig):
    name = "villages"
    verbose_name = "区划与村居"

    def ready(self) -> None:
        from villages import roster  # noqa: F401  (it registers its importer)
