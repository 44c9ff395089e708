import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cluster_ehs.core import uploads
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from imports.acting import importing
from imports.clusters import find_or_make_cluster
from imports.engine import Batch, Importer, Reject
from imports.labels import Labels, Mapping, check_mapping, read_mapping
from imports.reader import SheetError, open_sheet
from imports.rejects import ENCODING, reject_cells, reject_headings
from imports.services import mapping_of


class Command(BaseCommand):
    help = "Import a Cluster's referral sheet (.xlsx or .csv). Importing it again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--cluster", required=True, metavar="NAME", help="Made when it does not exist.")
        parser.add_argument("--dry-run", action="store_true", help="Check every row and write nothing.")
        parser.add_argument("--map", type=Path, metavar="MAP.csv", help="column,from,to: the Cluster's own words.")
        parser.add_argument("--rejects", type=Path, metavar="OUT.csv", help="Where rows that do not go in are written.")
        parser.add_argument("--json", action="store_true", help="The result as JSON.")
        parser.add_argument(
            "--separate-siblings",
            action="store_true",
            help="Do not make one family of children with the same last name, postcode and address.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        for given in (path, options["map"]):
            if given:
                uploads.check_path(given)
        name = " ".join(options["cluster"].split())
        if not name:
            raise CommandError("--cluster needs the name of a Cluster.")
        try:
            result = self._import(path, name, options)
        except SheetError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
            return
        verb = "would be added" if result["dry_run"] else "added"
        self.stdout.write(
            f"{result['rows']} rows: {result['added']} {verb}, {result['known']} known already, "
            f"{result['rejected']} rejected."
        )
        for reject in result["rejects"][:20]:
            self.stdout.write(f"  row {reject['row']}: {'; '.join(reject['reasons'])}")
        if result["rejected"] > 20:
            self.stdout.write(f"  … and {result['rejected'] - 20} more")

    def _import(self, path: Path, name: str, options: dict[str, Any]) -> dict[str, Any]:
        dry = options["dry_run"]
        cluster = Cluster.objects.filter(name__iexact=name).first()
        words = read_mapping(options["map"]) if options["map"] else []
        mapping = check_mapping(words, Labels(cluster), remembered=self._remembered(cluster))
        counts = {"rows": 0, "added": 0, "known": 0, "rejected": 0}
        rejects: list[Reject] = []
        with open_sheet(path, also=mapping.headings) as sheet:
            if sheet.header.missing:
                raise SheetError(f"The sheet has no column {', '.join(sheet.header.missing)}.")
            made = cluster is None and not dry
            if made:
                cluster = find_or_make_cluster(name)
            with importing(cluster, None):
                importer = Importer(
                    cluster=cluster,
                    sheet=sheet,
                    mapping=mapping,
                    source=path.name,
                    by_address=not options["separate_siblings"],
                )
            writer = RejectsFile(options["rejects"], sheet.header.texts)
            try:
                for batch in importer.batches():
                    self._store(importer, batch, dry=dry)
                    counts["rows"] += batch.seen
                    counts["added"] += batch.added
                    counts["known"] += batch.known
                    counts["rejected"] += len(batch.rejects)
                    writer.write(batch.rejects)
                    # What is shown at the end; the file has them all.
                    rejects += batch.rejects[: max(0, 100 - len(rejects))]
            finally:
                writer.close()
        unknown = [
            {"column": column, "text": text, "rows": count, "nearest": importer.labels.nearest(column, text)}
            for (column, text), count in importer.reader.unknown.most_common(100)
        ]
        return {
            "file": path.name,
            "cluster": cluster.name if cluster else name,
            "cluster_made": made,
            "dry_run": dry,
            **counts,
            "unknown": unknown,
            "rejects": [{"row": r.row_number, "reasons": list(r.reasons)} for r in rejects],
        }

    def _remembered(self, cluster: Cluster | None) -> Mapping:
        """The words that the Cluster has taught the import page; a mapping file says more, and goes before them."""
        if cluster is None:
            return Mapping()
        with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
            return mapping_of(cluster)

    def _store(self, importer: Importer, batch: Batch, *, dry: bool) -> None:
        if dry or importer.cluster is None:
            batch.added = len(batch.ready)
            return
        with importing(importer.cluster, None):
            importer.store(batch)


class RejectsFile:
    """The rows that did not go in, with their reasons and what they were; nothing without a path."""

    def __init__(self, path: Path | None, headings: tuple[str, ...]) -> None:
        self.headings = headings
        self.file = path.open("w", encoding=ENCODING, newline="") if path else None
        if self.file:
            self.writer = csv.writer(self.file)
            self.writer.writerow(reject_headings(headings))

    def write(self, rejects: list[Reject]) -> None:
        if self.file:
            self.writer.writerows(reject_cells(self.headings, r.row_number, r.reasons, r.original) for r in rejects)

    def close(self) -> None:
        if self.file:
            self.file.close()
