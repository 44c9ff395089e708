import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Who asks says so in the own name; who confirms is a manager of today, neither who asked nor whom it is about.
REQUEST = """
CREATE FUNCTION ehs_account_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    who bigint := ehs_user_id();
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status = 'waiting' AND NEW.done_at IS NULL AND NEW.asked_by_id IS NOT DISTINCT FROM who THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND ROW(NEW.user_id, NEW.what, NEW.email, NEW.asked_by_id, NEW.asked_at)
          IS NOT DISTINCT FROM ROW(OLD.user_id, OLD.what, OLD.email, OLD.asked_by_id, OLD.asked_at) THEN
        IF OLD.status = 'waiting' AND NEW.status IN ('refused', 'lapsed') AND NEW.done_at IS NULL THEN
            RETURN NEW;
        END IF;
        IF OLD.status = 'waiting' AND NEW.status = 'confirmed' AND NEW.done_at IS NULL
           AND who IS NOT NULL AND NEW.answered_by_id = who AND who <> OLD.asked_by_id AND who <> OLD.user_id
           AND now() <= OLD.asked_at + interval '7 days'
           AND EXISTS (SELECT 1 FROM clusters_staffrole r JOIN clusters_user u ON u.id = r.user_id
                       WHERE r.user_id = who AND u.is_active AND r.role = 'manager' AND r.starts_on <= today
                         AND (r.ends_on IS NULL OR r.ends_on > today)) THEN
            RETURN NEW;
        END IF;
        IF OLD.status = 'confirmed' AND NEW.status = 'confirmed' AND OLD.done_at IS NULL AND NEW.done_at IS NOT NULL
           AND ROW(NEW.answered_by_id, NEW.answered_at)
               IS NOT DISTINCT FROM ROW(OLD.answered_by_id, OLD.answered_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a manager''s account needs two people' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER account_request BEFORE INSERT OR UPDATE OR DELETE ON clusters_accountrequest
    FOR EACH ROW EXECUTE FUNCTION ehs_account_request();
"""

# The address of a manager's account, and a manager's second factor by somebody else, change in a person's name only where a
# confirmed request waits to be carried out by that person. Who runs a command on the server acts in nobody's name.
WAYS_IN = """
CREATE FUNCTION ehs_managers_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    who bigint := ehs_user_id();
    whose bigint;
    wanted text;
    address text := '';
BEGIN
    IF TG_TABLE_NAME = 'clusters_user' THEN
        whose := OLD.id;
        wanted := 'address';
        address := NEW.email;
        IF NEW.email IS NOT DISTINCT FROM OLD.email THEN
            RETURN NEW;
        END IF;
    ELSE
        whose := OLD.user_id;
        wanted := 'second_factor';
        IF whose = who THEN
            RETURN OLD;
        END IF;
    END IF;
    IF who IS NULL
       OR NOT EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = whose AND r.role = 'manager'
                        AND (r.ends_on IS NULL OR r.ends_on > today))
          AND NOT EXISTS (SELECT 1 FROM clusters_managerrequest m WHERE m.user_id = whose AND m.status = 'waiting')
       OR EXISTS (SELECT 1 FROM clusters_accountrequest q
                  WHERE q.user_id = whose AND q.what = wanted AND q.email = address AND q.status = 'confirmed'
                    AND q.answered_by_id = who AND q.done_at IS NULL) THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a manager''s account needs two people' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER managers_account BEFORE UPDATE OF email ON clusters_user
    FOR EACH ROW EXECUTE FUNCTION ehs_managers_account();
CREATE TRIGGER managers_account BEFORE DELETE ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION ehs_managers_account();
"""


def user(**more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0018_names_of_people_checked"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("address", "A new e-mail address"), ("second_factor", "Take away the second factor")],
                        max_length=13,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="new e-mail address")),
                ("reason", models.CharField(max_length=300)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits to be confirmed"),
                            ("confirmed", "Confirmed"),
                            ("refused", "Refused"),
                            ("lapsed", "Not confirmed in time"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("answered_by", user(blank=True, null=True, related_name="+")),
                ("asked_by", user(related_name="+")),
                ("user", user(related_name="account_requests")),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")),
                        fields=("user", "what"),
                        name="accountrequest_one_waits_for_each",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what", "address"), models.Q(("email", ""), _negated=True)),
                            models.Q(("email", ""), ("what", "second_factor")),
                            _connector="OR",
                        ),
                        name="accountrequest_address_of_its_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "confirmed"), _negated=True),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answered_by", models.F("asked_by")), _negated=True),
                                models.Q(("answered_by", models.F("user")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="accountrequest_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done_at__isnull", True), ("status", "confirmed"), _connector="OR"),
                        name="accountrequest_done_when_confirmed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REQUEST, migrations.RunSQL.noop),
        migrations.RunSQL(WAYS_IN, migrations.RunSQL.noop),
    ]
