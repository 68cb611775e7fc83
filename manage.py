#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

#: What the settings must name though this command asks no server: it runs on a bare checkout.
STAND_INS = {
    "check_policy": {
        "DATABASE_URL": "postgres://localhost:1/none",
        "REDIS_URL": "redis://localhost:1",
        "LAWADVISOR_SECRET_KEY": "none",
        "LAWADVISOR_DATA_KEYS": f"{'0' * 43}=",
    }
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lawadvisor.settings")
    for name, stand_in in STAND_INS.get("".join(sys.argv[1:2]), {}).items():
        os.environ.setdefault(name, stand_in)
    execute_from_command_line(sys.argv)
