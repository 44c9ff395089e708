"""The scope in which the rows of a sheet are matched and written."""

from collections.abc import Iterator
from contextlib import contextmanager

from cluster_ehs.core.scope import NamedActor, acting_as, hide_from
from clusters.models import Cluster, User


@contextmanager
def importing(cluster: Cluster | None, author: User | None) -> Iterator[None]:
    """One transaction as the importer, to which is closed what whoever brought the sheet may not open [ADR 0025].

    author: None for the command, to which every restricted record is closed. cluster: None where there is none yet.
    """
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk] if cluster else []):
        hide_from(author.pk if author else None)
        yield
