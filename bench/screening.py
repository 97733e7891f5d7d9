"""How long a whole form takes: ``python bench/screening.py``. Prints p50 and p95 in microseconds. No database."""

import sys
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
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


def measure(modality: str, worst: bool) -> list[float]:
    answers, questionnaire = form(modality, worst), current()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        screen(questionnaire, modality=modality, areas=AREAS, answers=answers, today=TODAY)
        taken.append((time.perf_counter() - start) * 1e6)
    return taken


if __name__ == "__main__":
    start = time.perf_counter()
    current()
    print(f"reading and checking the data: {(time.perf_counter() - start) * 1e3:.0f} ms, once")
    for modality in ("prp", "laser"):
        for worst in (False, True):
            cuts = quantiles(measure(modality, worst), n=100)
            kind = "worst" if worst else "fine"
            print(f"{modality:6} {kind:6} p50 {cuts[49]:6.0f} µs   p95 {cuts[94]:6.0f} µs")
