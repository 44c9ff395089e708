"""Sign-in, password, second factor, one's own account. Of allauth only what is used: no sign-up, no e-mail pages."""

from allauth.account import views as sign_in
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from django.urls import include, path, re_path

from clusters import home_views
from clusters.confirmed import confirmed
from clusters.signing_in import council
from clusters.signing_in import factor_views as factors
from clusters.signing_in import views as signing_in
from clusters.views import account

second_factor = [
    path("", mfa.index, name="mfa_index"),
    path("authenticate/", factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", confirmed(factors.AddApp.as_view()), name="mfa_activate_totp"),
    path("totp/deactivate/", confirmed(factors.RemoveApp.as_view()), name="mfa_deactivate_totp"),
    path("passkeys/add/", confirmed(factors.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("passkeys/reauthenticate/", factors.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("passkeys/login/", factors.SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("passkeys/<int:pk>/remove/", confirmed(factors.RemovePasskey.as_view()), name="mfa_remove_webauthn"),
    path("recovery-codes/", confirmed(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", confirmed(factors.NewRecoveryCodes.as_view()), name="mfa_generate_recovery_codes"),
]

urlpatterns = [
    path("", account.account, name="account"),
    path("sessions/end/", confirmed(account.sessions_end), name="account-sessions-end"),
    path("sessions/<int:pk>/end/", confirmed(account.session_end), name="account-session-end"),
    path("profile/", account.profile, name="account-profile"),
    path("home/", home_views.home, name="account-home"),
    path("tokens/new/", confirmed(account.token_new), name="account-token-new"),
    path("tokens/<int:pk>/withdraw/", account.token_revoke, name="account-token-revoke"),
    path("invitation/<str:key>/", account.invitation, name="invitation"),
    path("login/", sign_in.login, name="account_login"),
    path("logout/", signing_in.sign_out, name="account_logout"),
    path("inactive/", sign_in.account_inactive, name="account_inactive"),
    path("reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("password/change/", sign_in.password_change, name="account_change_password"),
    path("password/set/", confirmed(sign_in.password_set), name="account_set_password"),
    path("password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("second-factor/", signing_in.needed, name="second-factor"),
    path("2fa/", include(second_factor)),
    path("council/login/", council.login, {"provider_id": "council"}, name="openid_connect_login"),
    path("council/login/callback/", council.callback, {"provider_id": "council"}, name="openid_connect_callback"),
    path("council/stopped/", signing_in.stopped, name="socialaccount_login_cancelled"),
]
