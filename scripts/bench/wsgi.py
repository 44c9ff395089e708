import os

os.environ["DJANGO_SETTINGS_MODULE"] = "scripts.bench.settings"

from cluster_ehs.wsgi import application

__all__ = ["application"]
