"""Why an identifier is refused, in a form that a table can hold and a page can translate."""

from __future__ import annotations

from ledger.errors import IdentifierMalformed


class IdentifierRefused(IdentifierMalformed):
    """An identifier breaks one rule of its kind; `kind` and `reason` name both, the value is not kept."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}: {REASONS[reason]}")
        self.kind = kind
        self.reason = reason


REASONS = {
    "kind-unknown": "no such kind of identifier",
    "form": "wrong length or characters; no spaces, no full-width characters, capital letters only",
    "lower-case-x": "the check character is written X",
    "old-form": "15 digits: the old form must be upgraded to 18 digits first",
    "province-unknown": "no province, municipality or region has these first two digits",
    "date-impossible": "the calendar has no such date of birth",
    "date-in-future": "the date of birth lies in the future",
    "check-digit": "the check digit does not fit",
    "inner-check-digit": "the check digit of the organisation code (position 17) does not fit",
    "serial-zero": "serial numbers start at 1",
    "year-differs": "the year in the number is not the year of issue",
    "level-differs": "the level in the number is not the level of the certificate",
}
"""Every reason with what it means; codes are permanent."""
