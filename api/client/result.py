"""The result of a verification: outcome, seven checks, and the content where it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.client.outcome import Checks, Text, missing_checks, outcome, shows_content, text_for
from ledger.clock import format_instant


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found about one record.

    checks     the seven checks; outcome and texts are derived from them, so they cannot disagree
    at         the instant asked about, in seconds since 1970
    trust      "pinned": anchors were given; "pack": the evidence brought its own anchors, which proves only that it is
               consistent; "none": there were none
    record_id  lowercase hex SHA-256 of the signing input; None when the bytes could not be read
    kind       name and version of the record's kind, None likewise
    index      place in the log; None when no proof of it held
    warnings   plain sentences for the person who asks; never a personal value
    """

    checks: Checks
    at: int
    trust: str
    record_id: str | None = None
    kind: str | None = None
    index: int | None = None
    warnings: tuple[str, ...] = ()
    _content: dict[str, Any] | None = None

    @property
    def outcome(self) -> str:
        """The one word; a key of `api.client.outcome.TEXTS`."""
        return outcome(self.checks)

    @property
    def text(self) -> Text:
        """Banner, advice, icon and exit code in both languages."""
        return text_for(self.checks)

    @property
    def content(self) -> dict[str, Any] | None:
        """The payload with its disclosed claims in place; None wherever the checks do not allow showing it."""
        return self._content if shows_content(self.checks) else None

    def to_json(self) -> dict[str, Any]:
        """One JSON object, shaped like the answer of `POST /v1/verifications` with what only this verifier knows."""
        answer: dict[str, Any] = {
            "outcome": self.outcome,
            "as_of": format_instant(self.at),
            "record_id": self.record_id,
            "kind": self.kind,
            "index": self.index,
            "trust": self.trust,
            "checks": self.checks.to_json(),
            "missing": missing_checks(self.checks),
            "warnings": list(self.warnings),
        }
        if self.content is not None:
            answer["content"] = self.content
        return answer
