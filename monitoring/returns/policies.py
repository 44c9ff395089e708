"""Who makes a return and who takes its file. The file is walled besides: the database shows it to its asker alone."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from monitoring.returns.models import ReturnRun


def check_makes_returns(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("Statutory returns are made by managers.")


def can_make_returns(user: User, **_: object) -> bool:
    return duties(user).is_manager


def check_take_file(user: User, run: ReturnRun) -> None:
    """It holds children's dates of birth: whoever asked for it, with a reason, and nobody else."""
    check_makes_returns(user)
    if run.asked_by_id != user.pk:
        raise Denied(
            f"This file is for {run.asked_by}, who asked for it. Make the return yourself if you need it: "
            "your reason is then kept with it."
        )
