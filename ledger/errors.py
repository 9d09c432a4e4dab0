"""Errors of the ledger, by the step of acceptance that raises them. The three families stand in `keys.errors`."""

from __future__ import annotations

from keys.errors import Corrupt, KeyNotAuthorised, LedgerError, Refused, Unavailable

__all__ = ["Corrupt", "KeyNotAuthorised", "LedgerError", "Refused", "Unavailable"]


# (1) size, (2) strict parse and canonical form


class RecordTooLarge(Refused):
    """The envelope is longer than `limits.ENVELOPE_BYTES_MAX`."""

    code = "record-too-large"


class Malformed(Refused):
    """The bytes are not `header.payload.signature~disclosure~…~`."""

    code = "malformed"


class NotCanonical(Refused):
    """JSON not in the one canonical form: duplicate keys, floats, spaces, escapes, order, forbidden characters."""

    code = "not-canonical"


class DisclosureInvalid(Refused):
    """A disclosure is malformed, repeated, unreferenced, weakly salted, or collides with a claim."""

    code = "disclosure-invalid"


# (3) header profile, (4) kind and schema, (5) algorithm


class HeaderInvalid(Refused):
    """The header is not exactly `alg`, `kid`, `typ` with permitted values."""

    code = "header-invalid"


class UnknownKind(Refused):
    """No file in `ledger/records/` defines the kind and version that the payload names."""

    code = "unknown-kind"


class SchemaInvalid(Refused):
    """The payload does not have the form of its kind."""

    code = "schema-invalid"


class IdentifierMalformed(Refused):
    """A number has the wrong length, characters, date, table code or check digit."""

    code = "identifier-malformed"


class AlgorithmNotAccepted(Refused):
    """The algorithm is implemented but the settings of this ledger do not accept it."""

    code = "algorithm-not-accepted"


# (6) signature and (8) key: `keys.errors.BadSignature`, `keys.errors.KeyNotAuthorised`, and:


class KeyUnknown(Refused):
    """No key of this `kid` was ever registered in the log."""

    code = "key-unknown"


# (7) already held


class ExistsDiffers(Refused):
    """The record id is held with other bytes: another signature or other disclosures."""

    code = "exists-differs"


class IdAlreadyUsed(Refused):
    """The issuer used this `id` in another record."""

    code = "id-already-used"


class Erased(Refused):
    """The record was erased at the holder's request."""

    code = "erased"


# (9) standing and accreditation, (10) dates


class IssuerUnknown(Refused):
    """No registered institution has this issuer id."""

    code = "issuer-unknown"


class IssuerDiffers(Refused):
    """The payload names another institution than the one whose key signed."""

    code = "issuer-differs"


class KindRetired(Refused):
    """The authority takes no new records in this version of the kind."""

    code = "kind-retired"


class IssuerSuspended(Refused):
    """The institution's standing does not allow it to append."""

    code = "issuer-suspended"


class NotAccredited(Refused):
    """No accreditation of the issuer covers kind, occupation, level, region and date."""

    code = "not-accredited"


class DatedInFuture(Refused):
    """A date of the record lies after the moment of logging."""

    code = "dated-in-future"


class LateWithoutReason(Refused):
    """The achievement is older than the allowed working days and the record gives no `late.reason`."""

    code = "late-without-reason"


# (11) disclosures and identity


class DisclosuresIncomplete(Refused):
    """A digest has no disclosure: at submission each must have exactly one."""

    code = "disclosures-incomplete"


class NameDiffers(Refused):
    """The number is known under another name and no name change is recorded."""

    code = "name-differs"


# (12) the kind's own rule


class RuleBroken(Refused):
    """The kind's own rule on the histories it reads does not hold."""

    code = "rule-broken"


class CertificateNumberUsed(Refused):
    """Another record of this issuer and kind carries the certificate number."""

    code = "certificate-number-used"


class StatusIndexTaken(Refused):
    """The status entry is taken or belongs to another issuer's list; draw another one."""

    code = "status-index-taken"


class TargetUnknown(Refused):
    """The record acts on a record that this log does not hold."""

    code = "target-unknown"


class TargetForeign(Refused):
    """Only the target's issuer, its registered successor or the authority may act on it."""

    code = "target-foreign"


class GroupIncomplete(Refused):
    """A joint fact has one record for each person, all in one group; one is missing or contradicts the others."""

    code = "group-incomplete"


class SecondSignatureMissing(Refused):
    """The institution's own policy demands a second signature on records of this kind, in the same group."""

    code = "second-signature-missing"


class EvidenceMissing(Refused):
    """The kind's rule demands a cited record that is not cited, or is of another kind, person or standing."""

    code = "evidence-missing"


class ThresholdMissed(Refused):
    """What the cited rule asks for, such as a rank or years of work, is not reached."""

    code = "threshold-missed"


class LevelUnknown(Refused):
    """The occupation does not have this level."""

    code = "level-unknown"


class MinutesDiffer(Refused):
    """Minutes do not add up, or exceed what the class planned."""

    code = "minutes-differ"


class NumberUsed(Refused):
    """The number is used already where it must be one's own: of a class, contest, carrier or decision."""

    code = "number-used"


class SubsidyTaken(Refused):
    """A subsidy was granted, or is being decided, for the same qualifying record."""

    code = "subsidy-taken"


class RuleNotInForce(Refused):
    """No published version of the rule with this number and hash is in force on the date."""

    code = "rule-not-in-force"


class RuleOverlaps(Refused):
    """Two versions of one rule would be in force on one day."""

    code = "rule-overlaps"


class OutsideDelegation(Refused):
    """The authority has not delegated this act, or not for this region."""

    code = "outside-delegation"


class ApprovalsMissing(Refused):
    """Fewer key holders approved than the authority's policy demands."""

    code = "approvals-missing"


class SubjectUnknown(Refused):
    """No worker of this ledger has the number or the subject id."""

    code = "subject-unknown"


class AliasTaken(Refused):
    """The number belongs to another subject; if both are one person, the authority merges them."""

    code = "alias-taken"


class AliasRetired(Refused):
    """The number was retired before the date of the record; use the holder's present number."""

    code = "alias-retired"


class Restricted(Refused):
    """The holder's statutory records are kept but no longer processed."""

    code = "restricted"


class GroupRefused(Refused):
    """A group stands or falls together, and one of its records was refused."""

    code = "group-refused"


# Reading, storing, logging


class CodeMalformed(Refused):
    """A verification code has the wrong length, characters or check character."""

    code = "code-malformed"


class NotFound(Refused):
    """Nothing is held under this name."""

    code = "not-found"


class Overloaded(Unavailable):
    """Too many records are waiting; submit the same bytes again later."""

    code = "overloaded"


class StoreUnavailable(Unavailable):
    """The database cannot be reached or did not confirm; submit the same bytes again."""

    code = "store-unavailable"


class StoreNotInitialised(Refused):
    """The store holds no log; run `skill-ledger init` first."""

    code = "store-not-initialised"


class StoreNotEmpty(Refused):
    """The store already holds a log; `init` never starts a second one."""

    code = "store-not-empty"


class VersionConflict(Refused):
    """A stored event's version is not the next one of its stream (the library's optimistic check)."""

    code = "version-conflict"


class StoreLocked(Unavailable):
    """Another process serves this SQLite store."""

    code = "store-locked"


class OwnerMayNotServe(Refused):
    """The database role may change or delete events; serve with the service role."""

    code = "owner-may-not-serve"


class EraserNeeded(Refused):
    """The database role may not erase; on PostgreSQL a role of its own does."""

    code = "eraser-needed"


class Unforeseen(Corrupt):
    """A record met a defect of ours; nothing of it was stored, and other records are not held up."""

    code = "internal"


class StoreDamaged(Corrupt):
    """Stored rows contradict each other or the log."""

    code = "store-damaged"


class MarkAhead(Corrupt):
    """The signer's mark is ahead of the store: the store was rolled back or replaced."""

    code = "mark-ahead"


class MarkDiffers(Corrupt):
    """The store's history is not the one that the signer's mark attests."""

    code = "mark-differs"


class MalformedCheckpoint(Refused):
    """A checkpoint, signed note, proof, tile path or policy is not in its one canonical form."""

    code = "malformed-checkpoint"


class ProofInvalid(Refused):
    """An inclusion or consistency proof does not lead to the root it claims."""

    code = "proof-invalid"


class QuorumMissing(Unavailable):
    """Not enough witnesses have cosigned the checkpoint yet: fetch a newer receipt and ask again."""

    code = "quorum-missing"


class StatusListInvalid(Refused):
    """A status list is not one gzip member in multibase base64url, or is shorter or longer than allowed."""

    code = "status-list-invalid"
