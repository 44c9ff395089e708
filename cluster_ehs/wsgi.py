import os

from django.core.wsgi import get_wsgi_application

from cluster_ehs.core import gate, patience, servers
from cluster_ehs.core.walls_check import refuse_unsafe_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")
servers.ensure_started()  # does nothing in production

application = get_wsgi_application()
patience.install()
refuse_unsafe_role()
gate.refuse_unready()
