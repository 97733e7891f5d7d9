import csv

from django.core.management.base import BaseCommand

from consultations.questionnaire import current, matrix
from consultations.questionnaire.texts import option_labels, question_text


class Command(BaseCommand):
    help = "Print what every answer leads to for every treatment, to be read and signed off by a clinician."

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=["markdown", "csv"], default="markdown")
        parser.add_argument("--language", default="en", help="Language of the questions (en, tr, es, ar).")

    def handle(self, *args, language="en", **options):
        questionnaire = current()
        columns = matrix.treatments(questionnaire)
        rows = [["question", "answer", *columns, "sources", "confidence"]]
        for line in matrix.lines(questionnaire):
            labels = (
                dict(option_labels(line.question, language)) if questionnaire.question[line.question].options else {}
            )
            answer = f"{line.answer}: {labels[line.answer]}" if line.answer in labels else line.answer
            cells = [line.cells[slug] for slug in columns]
            asked = f"{line.question}: {question_text(line.question, language)}"
            rows.append([asked, answer, *cells, " ".join(line.sources), line.confidence])
        if options["format"] == "csv":
            csv.writer(self.stdout, lineterminator="\n").writerows(rows)
            return
        state = "draft, to be signed off" if questionnaire.draft else "signed off"
        self.stdout.write(f"# Screening rules {questionnaire.version} ({state})\n\n")
        for number, row in enumerate(rows):
            self.stdout.write(f"| {' | '.join(row)} |\n")
            if number == 0:
                self.stdout.write(f"|{'---|' * len(row)}\n")
        self.stdout.write("\n" + "\n".join(f"- {name}: {title}" for name, title in questionnaire.sources.items()))
