"""References people read out on the phone, such as ND-7K3Q9P: no letter or digit that looks like another."""

import secrets

ALPHABET = "23456789ACDEFGHJKLMNPQRTUVWXYZ"


def new_reference() -> str:
    return "ND-" + "".join(secrets.choice(ALPHABET) for _ in range(6))
