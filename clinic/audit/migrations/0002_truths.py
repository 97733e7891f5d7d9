from django.db import migrations

from clinic.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("people", "0001_initial")]

    operations = [
        triggers.functions(),
        triggers.append_only("audit_entry"),
        triggers.audited("people_patient"),
        triggers.audited("people_user"),
    ]
