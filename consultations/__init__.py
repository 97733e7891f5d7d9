"""Is it safe, what was done: intake, screening, review, consent, and the patient's path through it all."""
