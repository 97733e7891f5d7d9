"""Every rule of the questionnaire with every single fault, judged by the decision table: ``python -m bench.mutants``.

Prints a line for each kind of fault and each fault that nobody noticed. Status 1 where one was not noticed and could
change a verdict. No database.
"""

import sys
import time
from collections import Counter

from consultations.questionnaire import current
from tests.consultations.decisions import ROWS
from tests.consultations.mutants import Mutant, mutants_of


def kind_of(mutant: Mutant) -> str:
    """ "step 0 review" and "step 1 ok" are both a flipped outcome."""
    words = mutant.fault.split()
    if words[0] == "step":
        return "length off by one" if words[2] in ("days", "months") else "outcome flipped"
    if words[0] in ("not", "for"):
        return "treatment taken out" if words[0] == "not" else "treatment added"
    if mutant.fault in ("every group", "only the face"):
        return "areas widened or narrowed"
    if words[0] in ("one", "from"):
        return "age off by one"
    return mutant.fault.rstrip(" 0123456789")


def main() -> int:
    start = time.perf_counter()
    total, noticed, same, missed = Counter(), Counter(), Counter(), []
    for one in (mutant for rule in current().rules for mutant in mutants_of(rule)):
        kind = kind_of(one)
        total[kind] += 1
        if one.is_noticed:
            noticed[kind] += 1
        elif one.same_as:
            same[kind] += 1
        else:
            missed.append(one)
    print(f"{len(current().rules)} rules of {current().version}, {len(ROWS)} rows of the decision table")
    print(f"{'fault':28}{'made':>7}{'noticed':>9}{'no verdict can change':>24}{'missed':>8}")
    for kind in total:
        left = total[kind] - noticed[kind] - same[kind]
        print(f"{kind:28}{total[kind]:7}{noticed[kind]:9}{same[kind]:24}{left:8}")
    sums = (total.total(), noticed.total(), same.total(), len(missed))
    print(f"{'together':28}{sums[0]:7}{sums[1]:9}{sums[2]:24}{sums[3]:8}   {time.perf_counter() - start:.1f} s")
    for one in missed:
        print(f"MISSED {one.rule}: {one.fault}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
