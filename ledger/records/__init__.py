"""Kinds of records: one file a kind, found by looking. Start with `skill_certificate.py`."""

from __future__ import annotations

from ledger.records._codec import build_record, parse_record
from ledger.records._discovery import ACT_KINDS, KINDS, REGISTRY_KINDS, kind_class, kind_of

__all__ = ["ACT_KINDS", "KINDS", "REGISTRY_KINDS", "build_record", "kind_class", "kind_of", "parse_record"]
