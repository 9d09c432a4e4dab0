"""What certificates and decisions rest on: records by the name of their kind, and published levels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from ledger.errors import EvidenceMissing
from ledger.records._base import History, Record
from ledger.records._event import cited
from ledger.rules.ladder import BASES

LEVEL_KINDS: Final = frozenset({"skill-certificate", "vocational-qualification"})
"""Kinds of certificates that give a level."""


def cited_certificate(history: History, record_id: str) -> Record:
    """A cited certificate of a level, by today's kinds or by the one that once held all families of certificates.

    returns  a record with `occupation_code` and `level_order`
    raises   EvidenceMissing (Refused)
    """
    found = cited(history, record_id, Record)
    if found.KIND not in LEVEL_KINDS or found.field("certificate_kind") == "SPECIAL_ABILITY":
        raise EvidenceMissing(f"a cited record is of kind {found.KIND}, expected a certificate of a level")
    return found


def check_basis(
    history: History, *, basis: str, evidence: Sequence[str], occupation_code: str, level_order: int, on: date
) -> None:
    """What is cited stands and is this person's, and the basis has the record that it needs.

    on      date of the certificate, which the record it rests on must not come after
    raises  EvidenceMissing (Refused)
    """
    found = [cited(history, record_id, Record) for record_id in evidence]
    wanted = BASES[basis].evidence
    if not wanted:
        return
    for one in found:
        same = (one.field("occupation_code"), one.field("level_order")) == (occupation_code, level_order)
        if one.KIND in wanted and same and one.field("basis") in (None, basis) and one.occurred_on() <= on:
            return
    raise EvidenceMissing(
        f"basis {basis} needs a cited {' or '.join(wanted)} for it, for occupation {occupation_code} and level "
        f"{level_order}, dated {on} or before"
    )
