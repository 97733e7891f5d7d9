"""Writes: one transaction each, behind ordered locks, refusing with a sentence."""
