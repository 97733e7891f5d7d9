from django.db import migrations

from clinic.audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("audit", "0002_truths")]

    operations = [append_only("messaging_consent", erasable=True), append_only("messaging_suppression")]
