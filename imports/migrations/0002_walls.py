"""Refused rows carry names: only their own Cluster reads them."""

from django.db import migrations

from cluster_ehs.core.walls import OF_THE_CLUSTER_ALONE, cluster_wall


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("outcomes", "0002_walls")]
    operations = [
        *cluster_wall("imports_importrun", history=False),
        *cluster_wall("imports_rejectedrow", reads=OF_THE_CLUSTER_ALONE, history=False),
        *cluster_wall("imports_valuemapping", history=False),
    ]
