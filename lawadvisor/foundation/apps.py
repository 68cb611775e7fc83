from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "lawadvisor.foundation"
    label = "foundation"
    verbose_name = "系统"

    def ready(self) -> None:
        """A data key that is none must not come to light with the first name entered."""
        from lawadvisor.foundation.importing import batches  # noqa: F401  (it registers its jobs)
        from lawadvisor.foundation.secrets import check_data_keys  # needs the settings

        check_data_keys()
