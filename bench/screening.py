"""How long a verdict on a whole form takes, for every treatment: ``python -m bench.screening``. No database.

What validation costs, which pages and the API run before it, stands beside it. Times in microseconds.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import quantiles

from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import CONSULT
from consultations.questionnaire.validation import validate_answers
from consultations.screening import screen

TODAY = date(2027, 3, 1)
AREAS = {"face": "face", "legs": "body"}
RUNS = 2000


def form(modality: str, worst: bool) -> dict:
    """Every question with its first fine answer, or with its last (most are the worst or unsure)."""
    answers = {}
    for question in questions_for(current(), modality=modality, areas=AREAS, stage="full"):
        if question.kind == "date":
            answers[question.id] = date(1990, 5, 5)
        elif question.kind == "text":
            answers[question.id] = "something" if worst else ""
        else:
            answers[question.id] = question.options[-1] if worst else question.fine[0]
            follow_up = question.follow_up
            if follow_up and answers[question.id] in follow_up.when:
                answers[follow_up.id] = TODAY - timedelta(days=3) if follow_up.kind == "date" else "a name"
    return answers


def measure(act: Callable[..., object], modality: str, worst: bool) -> list[float]:
    frame = {"modality": modality, "areas": AREAS, "today": TODAY, "answers": form(modality, worst)}
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act(current(), **frame)
        taken.append((time.perf_counter() - start) * 1e6)
    return taken


def main() -> None:
    start = time.perf_counter()
    current()
    print(f"reading and checking the data: {(time.perf_counter() - start) * 1e3:.0f} ms, once")
    print(f"{'treatment':12}{'form':8}{'answers':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'validated, p50':>17}")
    for modality in (one for one in current().modalities if one != CONSULT):
        for worst in (False, True):
            cuts = quantiles(measure(screen, modality, worst), n=100)
            checked = quantiles(measure(validate_answers, modality, worst), n=100)[49]
            kind, answers = "worst" if worst else "fine", len(form(modality, worst))
            print(f"{modality:12}{kind:8}{answers:8}{cuts[49]:8.0f}{cuts[94]:8.0f}{cuts[98]:8.0f}{checked:17.0f}")


if __name__ == "__main__":
    main()
