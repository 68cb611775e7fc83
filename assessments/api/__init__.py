"""``/api/v1/``: the advisor's desk for phones and programs, described by docs/openapi.yaml."""
