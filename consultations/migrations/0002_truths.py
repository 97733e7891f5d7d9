"""What the database refuses whoever asks: a form, a decision, an answer or a consent is never edited or deleted."""

from django.db import migrations

from clinic.audit.triggers import append_only, audited


class Migration(migrations.Migration):
    dependencies = [("consultations", "0001_initial"), ("audit", "0002_truths")]

    operations = [
        append_only("consultations_questionnaireversion"),
        append_only("consultations_submission", sealed=("answers", "as_asked", "findings")),
        append_only(
            "consultations_reviewdecision", sealed=("reason", "patient_text", "precautions", "question")
        ),
        append_only("consultations_questionanswer", sealed=("text",)),
        append_only("consultations_consenttext"),
        append_only("consultations_treatmentconsent", sealed=("typed_name",)),
        audited("consultations_questionnaireversion"),
        audited("consultations_submission"),
        audited("consultations_reviewdecision"),
        audited("consultations_questionanswer"),
        audited("consultations_treatmentconsent"),
        audited("consultations_draft"),
    ]
