"""What a client holds after a record was logged, and the check that it belongs to the bytes that were sent."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from api.client.errors import AnswerInvalid, ReceiptInvalid
from keys.errors import Refused
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.merkle import check_inclusion, leaf_hash
from ledger.log.note import parse_note
from ledger.log.receipt import check_logged, parse_receipt

if TYPE_CHECKING:
    from api.client.trust import Trust
    from ledger.wire.envelope import Envelope

_INDEX_MAX: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """The ledger's answer to one record.

    record_id     lowercase hex SHA-256 of the signing input, computed here, not taken from the answer
    index         the record's place in the log, from 0
    code          permanent verification code; None for kinds without one
    already_held  whether the ledger held these bytes before
    warnings      codes of remarks that did not stop the record
    proof         `c2sp.org/tlog-proof@v1`; empty after a batch, where it is asked for separately
    """

    record_id: str
    index: int
    code: str | None = None
    already_held: bool = False
    warnings: tuple[str, ...] = ()
    proof: bytes = b""


def receipt_of(answer: dict[str, Any], *, envelope: Envelope, status: int, trust: Trust | None) -> Receipt:
    """The receipt in a server's answer, checked against the record that was sent.

    answer    `{record_id, index, receipt, code?, warnings?}`; a line of a batch may lack `receipt`
    envelope  what was sent
    status    201 newly logged, 200 already held
    trust     log keys and policy the proof must verify under; None checks only that it proves these bytes at this index
    raises    AnswerInvalid for another shape; ReceiptInvalid when it is about other bytes or does not verify
    """
    record_id, index, code = answer.get("record_id"), answer.get("index"), answer.get("code")
    proof, warnings = answer.get("receipt", ""), answer.get("warnings", [])
    if type(index) is not int or not 0 <= index <= _INDEX_MAX or not isinstance(proof, str):
        raise AnswerInvalid("receipt: expected an index from 0 and a proof as text")
    if not (code is None or isinstance(code, str)) or not isinstance(warnings, list):
        raise AnswerInvalid("receipt: expected a code as text and warnings as a list")
    if record_id != envelope.record_id:
        raise ReceiptInvalid(f"expected a receipt of record {envelope.record_id}, found one of another record")
    receipt = Receipt(
        record_id=envelope.record_id,
        index=index,
        code=code,
        already_held=status == HTTPStatus.OK,
        warnings=tuple(str(warning) for warning in warnings),
        proof=proof.encode(),
    )
    if proof:
        check_proof(receipt.proof, entry=envelope.leaf, index=index, trust=trust)
    return receipt


def check_proof(proof: bytes, *, entry: bytes, index: int, trust: Trust | None) -> None:
    """Accept a proof of exactly these bytes at exactly this index.

    A fresh receipt may come before the witnesses have signed: a missing quorum is no reason to refuse it.

    trust   log keys and policy; None accepts the checkpoint unsigned, so only the arithmetic is checked
    raises  ReceiptInvalid
    """
    try:
        parsed = parse_receipt(proof)
        if parsed.index != index:
            raise ReceiptInvalid(f"expected a proof of index {index}, found one of index {parsed.index}")
        if trust is not None:
            check_logged(proof, entry=entry, log_vkeys=trust.log_vkeys, policy=trust.policy)
            return
        checkpoint = parse_checkpoint(parse_note(parsed.checkpoint).text)
        check_inclusion(
            leaf_hash=leaf_hash(entry),
            leaf_index=index,
            tree_size=checkpoint.size,
            path=parsed.path,
            root=checkpoint.root,
        )
    except ReceiptInvalid:
        raise
    except Refused as error:
        raise ReceiptInvalid(f"the receipt does not prove the record that was sent: {error}") from error
