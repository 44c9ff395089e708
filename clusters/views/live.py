"""Settings: is everything in place for live data?"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cluster_ehs.core import gate, uploads
from cluster_ehs.core.backups import schedule
from clusters import policies
from clusters.http import UserRequest
from clusters.models import Role, StaffRole
from clusters.signing_in.second_factor import FACTORS
from clusters.views.pages import settings_page


@require_safe
def live(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    lacking = gate.missing()
    staff = set(
        StaffRole.objects.today()
        .exclude(role=Role.REFERRER)
        .filter(user__is_active=True, user__email__isnull=False)
        .values_list("user_id", flat=True)
    )
    having = set(Authenticator.objects.filter(type__in=FACTORS, user_id__in=staff).values_list("user_id", flat=True))
    return settings_page(
        request,
        "clusters/live.html",
        live=settings.LIVE_DATA,
        lacking=len(lacking),
        conditions=[{"condition": one, "met": one not in lacking} for one in gate.CONDITIONS],
        advised=gate.advised(),
        scanner_state=uploads.scanner_state(),
        staff=len(staff),
        with_factor=len(having),
        last_backup=schedule.last_backup_at(),
        backup_state=schedule.state(),
    )
