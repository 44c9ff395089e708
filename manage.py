#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from cluster_ehs.core import servers


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")
    try:
        servers.ensure_started()
    except servers.ServerError as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
