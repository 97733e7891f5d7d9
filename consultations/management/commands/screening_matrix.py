import csv

from django.core.management.base import BaseCommand
from django.utils import translation

from consultations.models import QuestionnaireVersion
from consultations.questionnaire import current, matrix
from consultations.questionnaire.checks import LANGUAGES

SIGNATURE = """
## Signature

I have read every line of these rules, version {version}.

| | |
|---|---|
| Name | |
| Registration | |
| Date | |
| Signature | |

Then: `manage.py sign_off_questionnaire --name "…"`, or sign on the page `/rules/`.
"""


class Command(BaseCommand):
    help = "Print what every answer leads to for every treatment, by which rule, to be read and signed by a clinician."

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=["markdown", "csv"], default="markdown")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="Language of questions and outcomes.")
        parser.add_argument("--reasons", action="store_true", help="Add the practitioner's reason of each rule.")

    def handle(self, *args, language="en", reasons=False, **options):
        with translation.override(language):
            rows = list(self._rows(language, reasons))
        if options["format"] == "csv":
            csv.writer(self.stdout, lineterminator="\n").writerows(rows)
            return
        self.stdout.write(f"# Screening rules {current().version} ({_standing()})\n\n")
        for number, row in enumerate(rows):
            self.stdout.write(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n")
            if number == 0:
                self.stdout.write(f"|{'---|' * len(row)}\n")
        self.stdout.write("\n" + "\n".join(f"- {name}: {title}" for name, title in current().sources.items()) + "\n")
        self.stdout.write(SIGNATURE.format(version=current().version))

    def _rows(self, language: str, reasons: bool):
        columns = matrix.treatments(current())
        why = ["why"] if reasons else []
        yield ["question", "answer", *columns, "rules", *why, "sources", "confidence"]
        for line in matrix.lines(current(), language):
            answer = line.answer if line.said == line.answer else f"{line.answer}: {line.said}"
            cells = [line.cells[slug].words for slug in columns]
            why = [" ".join(line.reasons)] if reasons else []
            more = [" ".join(line.rules), *why, " ".join(line.sources), "/".join(line.confidence)]
            yield [f"{line.question}: {line.asked}", answer, *cells, *more]


def _standing() -> str:
    row = QuestionnaireVersion.objects.filter(content_hash=current().content_hash).first()
    if row is None or row.draft:
        return "draft, to be signed off"
    return f"signed off by {row.signed_off_by}, {row.signed_off_on:%Y-%m-%d}"
