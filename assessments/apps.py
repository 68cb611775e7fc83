from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "政策与考核"

    def ready(self) -> None:
        from assessments import (  # noqa: F401  (they register jobs and importers)
            closing,
            daily,
            importers,
            record_files,
        )
        from assessments.filling import monthly  # noqa: F401
        from assessments.messages import digest, sending, urgent  # noqa: F401
