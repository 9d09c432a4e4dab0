"""What a submitter gets back: where the record is, and a proof that anyone can check offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ledger.deciding import Note
from ledger.log.receipt import format_receipt


class ReceiptSource(Protocol):
    """Where a receipt looks up what it was not given: the ledger."""

    def code_of(self, index: int) -> str | None:
        """The verification code of the record at an index."""
        ...

    def prove(self, index: int) -> tuple[Sequence[bytes], bytes]:
        """Inclusion path and a checkpoint that covers the index."""
        ...


class Receipt:
    """What a submitter gets: the record's id and index, and a proof that anyone can check offline."""

    __slots__ = ("_checkpoint", "_code", "_path", "_source", "already_held", "index", "record_id", "warnings")

    def __init__(
        self,
        source: ReceiptSource,
        *,
        record_id: str,
        index: int,
        note: Note | None = None,
        path: Sequence[bytes] | None = None,
        checkpoint: bytes | None = None,
    ) -> None:
        self._source = source
        self.record_id = record_id
        self.index = index
        self.already_held = note is None
        self.warnings = () if note is None else note.warnings
        self._code = None if note is None else note.code
        self._path = path
        self._checkpoint = checkpoint

    @property
    def code(self) -> str | None:
        """The record's permanent verification code, for kinds that have one."""
        if self.already_held:
            return self._source.code_of(self.index)
        return self._code

    @property
    def proof(self) -> bytes:
        """The receipt as c2sp.org/tlog-proof@v1 text."""
        if self._path is None or self._checkpoint is None:
            self._path, self._checkpoint = self._source.prove(self.index)
        return format_receipt(index=self.index, path=self._path, checkpoint=self._checkpoint)

    def __repr__(self) -> str:
        """Record id and index; nothing personal."""
        return f"Receipt(record_id={self.record_id!r}, index={self.index})"
