"""Settings of signing in that are long: passwords, allauth's forms in our markup, the council's directory."""

import os

# Characters at least; no rules of composition [NIST SP 800-63B].
PASSWORD_LENGTH = int(os.environ.get("EHS_PASSWORD_LENGTH", "12"))
# Words of the place that no password is made of, by comma, beside those of clusters/signing_in/passwords.py.
PASSWORD_WORDS = [word for word in os.environ.get("EHS_PASSWORD_WORDS", "").replace(",", " ").split() if word]
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
# Django's own: allauth's notes each address beside the account, where an earlier one would go on opening it.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Passwords are counted by clusters/signing_in/attempts.py; "login_failed" is left for the codes of the second step,
# where a whole office may stand behind one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "100/m/ip,10/10m/key", "reset_password": "20/m/ip,5/m/key"}
# Whoever holds the device also shows its PIN, finger or face, at each use.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A passkey holds no secret that could be guessed; a whole office may sign in at nine from one address.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
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
# The directory asks for password and second factor at each sign-in here, also when it knows the browser. Without that,
# whoever finds a browser open gets past our limits of time with one button. Empty: as the directory likes.
DIRECTORY_PROMPT = os.environ.get("EHS_OIDC_PROMPT", "login")
SOCIALACCOUNT_ADAPTER = "clusters.signing_in.council.DirectoryAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "AUTH_PARAMS": {"prompt": DIRECTORY_PROMPT} if DIRECTORY_PROMPT else {},
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
