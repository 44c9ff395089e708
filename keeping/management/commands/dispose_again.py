from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from cluster_ehs.core.db import as_owner
from keeping.disposal import elsewhere, services


class Command(BaseCommand):
    """After a back-up was brought back: what two people had agreed to dispose of since it was made goes again.

    It reads `disposals.txt` beside EHS_AUDIT_HEADS, may be run again, and ends with 1 when something is left to do.
    """

    help = "Dispose again of what a restored back-up has brought back (docs/operations.md)."

    def handle(self, **_: object) -> None:
        if not elsewhere.place().exists():
            raise CommandError(f"{elsewhere.place()} is not there. It lies beside the file of EHS_AUDIT_HEADS.")
        gone, left = 0, []
        for number, said in elsewhere.noted():
            if said is None:
                left.append(f"Line {number} is not signed by this service.")
                continue
            try:
                with as_owner():
                    again = elsewhere.agree_again(said)
                for disposal in again:
                    services.carry_out(disposal.pk)
                    gone += 1
                    self.stdout.write(f"{disposal.reference}: disposed of again.")
            except LookupError as unknown:
                left.append(f"{said['reference']}: {unknown.args[0]}.")
            except (DatabaseError, OSError) as refused:
                left.append(f"{said['reference']}: {str(refused).splitlines()[0]}.")
        self.stdout.write(f"{gone} disposed of again." if gone else "Nothing that was disposed of is here again.")
        if left:
            raise CommandError("\n".join(left))
