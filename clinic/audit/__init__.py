"""Who read or changed what: append-only, without values."""
