"""Settings of signing in that are long: passwords, allauth's forms in our markup, the council's directory."""

import os

# Characters at least; no rules of composition [NIST SP 800-63B].
PASSWORD_LENGTH = int(os.environ.get("EHS_PASSWORD_LENGTH", "12"))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clusters.signing_in.passwords.BuiltFromKnown"},
    {"NAME": "clusters.signing_in.passwords.NotBreached"},
]
# A list of breached passwords of one's own, sorted by SHA-1, such as the whole of Pwned Passwords; empty: none.
BREACHED_PASSWORDS = os.environ.get("EHS_BREACHED_PASSWORDS", "")
ACCOUNT_FORMS = {
    "login": "clusters.account_forms.SignInForm",
    "reset_password": "clusters.account_forms.ResetPasswordForm",
    "reset_password_from_key": "clusters.account_forms.NewPasswordForm",
    "change_password": "clusters.account_forms.ChangePasswordForm",
    "set_password": "clusters.account_forms.SetPasswordForm",
    "reauthenticate": "clusters.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "clusters.account_forms.AuthenticateForm",
    "reauthenticate": "clusters.account_forms.ReauthenticateCodeForm",
    "activate_totp": "clusters.account_forms.ActivateForm",
    "deactivate_totp": "clusters.account_forms.DeactivateForm",
    "add_webauthn": "clusters.account_forms.AddPasskeyForm",
    "generate_recovery_codes": "clusters.account_forms.RecoveryCodesForm",
}
# The council's directory (clusters/signing_in/council.py); without an issuer nobody is offered it.
DIRECTORY_ISSUER = os.environ.get("EHS_OIDC_ISSUER", "").rstrip("/")
DIRECTORY_NAME = os.environ.get("EHS_OIDC_NAME", "your council account")
# The claim with a person's groups, the file that says which roles they mean, and the amr or acr of a second factor.
DIRECTORY_GROUPS = os.environ.get("EHS_OIDC_GROUPS", "groups")
DIRECTORY_ROLES = os.environ.get("EHS_OIDC_ROLES", "")
DIRECTORY_SECOND_FACTOR = [one for one in os.environ.get("EHS_OIDC_SECOND_FACTOR", "mfa").split(",") if one]
# A directory that never says `email_verified`, but whose addresses only the council itself can set.
DIRECTORY_TRUSTS_ADDRESSES = os.environ.get("EHS_OIDC_TRUSTS_ADDRESSES", "no") == "yes"
SOCIALACCOUNT_ADAPTER = "clusters.signing_in.council.DirectoryAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "council",
                "name": DIRECTORY_NAME,
                "client_id": os.environ.get("EHS_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("EHS_OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": DIRECTORY_ISSUER},
            }
        ]
        if DIRECTORY_ISSUER
        else [],
    }
}
