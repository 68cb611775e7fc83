from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "政策与考核"

    def ready(self) -> None:
        from assessments import closing, daily, importers  # noqa: F401  (they register themselves)
