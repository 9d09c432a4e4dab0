"""The audit's own key register: which key spoke for whom, from which index to which, and for which kinds of record.

Source: DESIGN section 4. A key speaks above the index that registered it and below the index that ended it; the root
key in record 0 speaks from record 0 on. Who signs a kind comes from the kind (`_audit_kinds`); whether this signer is
one of them, by its own right or by delegation, is judged here from the payloads (`_audit_bodies`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keys.algorithms import algorithm, algorithm_of_jwk
from keys.errors import KeyAlreadyRegistered, LedgerError
from keys.ids import format_kid
from ledger._audit_bodies import Bodies, Holders
from ledger._audit_bytes import Leaf
from ledger._audit_kinds import changes_registry, regions_of, signers_of


@dataclass(slots=True)
class _Key:
    alg: str
    public: bytes
    issuer: str
    use: str
    speaks_from: int
    speaks_below: int | None = None

    def end(self, index: int) -> None:
        """It no longer speaks from this index on."""
        if self.speaks_below is None:
            self.speaks_below = index


class SignerAudit:
    """Follows the records in log order."""

    def __init__(self, report: Callable[[str, int | None], None]) -> None:
        self._report = report
        self._keys: dict[str, _Key] = {}
        self._bodies = Bodies()
        self._lone: dict[str, tuple[int, str, str | None]] = {}

    @property
    def uscc_by_issuer(self) -> Mapping[str, str]:
        """Credit codes of the institutions registered so far."""
        return self._bodies.uscc_by_issuer

    def follow(self, leaf: Leaf, *, topic: str, index: int, judged: bool) -> None:
        """Judge a record by those before it, then take up what it says. Record 0 brings its own key.

        topic   kind and version
        judged  False for records that are only followed
        """
        if judged and index > 0:
            self._check(leaf, topic, index)
        try:
            self._fold(leaf, topic.partition("/")[0], index)
        except (KeyError, TypeError, AttributeError):
            self._report("record-contradicts-kind", index)
        except LedgerError:
            self._report("key-invalid", index)
        if judged and index == 0:
            self._check(leaf, topic, index)

    def check_act(self, *, actor: str, owner: str, index: int) -> None:
        """Report an act on a record by somebody who does not speak for its issuer."""
        if not self._bodies.acts_for(actor, owner):
            self._report("act-not-authorised", index)

    def finish(self) -> None:
        """Report records that needed a second signature and got none in their group."""
        for index, _, _ in self._lone.values():
            self._report("second-signature-missing", index)

    # -- taking up -----------------------------------------------------------------------------------------------------

    def _fold(self, leaf: Leaf, name: str, index: int) -> None:
        payload = leaf.payload
        if name == "authority-root" and index != 0:
            self._report("second-root", index)
            return
        if name in {"root-policy", "root-rotated"} and not self._bodies.is_approved(
            payload, name, kid=leaf.header["kid"]
        ):
            self._report("approvals-missing", index)
            return
        self._bodies.fold(name, payload)
        self._fold_keys(payload, name, index)
        if name == "cosignature":
            self._take_second(leaf)

    def _fold_keys(self, payload: Mapping[str, Any], name: str, index: int) -> None:
        match name:
            case "authority-root":
                self._register(payload["iss"], payload["jwk"], speaks_from=0)
            case "key-registered":
                key = payload["key"]
                self._register(key["issuer"], key["jwk"], speaks_from=index + 1, use=key["use"])
            case "key-revoked":
                self._end(payload["key"]["kid"], index)
            case "key-recovered":
                lost = payload["key"]["lost"]
                self._end(lost, index)
                self._register(lost.partition("#")[0], payload["key"]["jwk"], speaks_from=index + 1)
            case "root-policy":
                self._fold_policy(payload["policy"], index)
            case "root-rotated":
                for key in self._keys.values():
                    if (key.issuer, key.use) == (self._bodies.authority, "records"):
                        key.end(index)
                self._register(payload["iss"], payload["rotation"]["jwk"], speaks_from=index + 1)

    def _fold_policy(self, policy: Mapping[str, Any], index: int) -> None:
        before = self._bodies.holders.keys if self._bodies.holders is not None else {}
        kids = [
            self._register(self._bodies.authority, one["jwk"], speaks_from=index + 1, use="rotation")
            for one in policy["holders"]
        ]
        for kid in before.keys() - set(kids):
            self._keys[kid].end(index)
        keys = {kid: (self._keys[kid].alg, self._keys[kid].public) for kid in kids}
        self._bodies.holders = Holders(policy["threshold"], keys)

    def _register(self, issuer: str, jwk: Mapping[str, Any], *, speaks_from: int, use: str = "records") -> str:
        entry = algorithm_of_jwk(jwk)
        kid = format_kid(issuer=issuer, jwk=jwk)
        held = self._keys.get(kid)
        if held is None:
            self._keys[kid] = _Key(entry.name, entry.public_from_jwk(jwk), issuer, use, speaks_from)
        elif not held.use == use == "rotation" or held.speaks_below is not None:
            raise KeyAlreadyRegistered("a key is registered once; a holder's key may stay from one policy to the next")
        return kid

    def _end(self, kid: str, index: int) -> None:
        key = self._keys.get(kid)
        if key is not None and key.use != "rotation":
            key.end(index)

    # -- judging -------------------------------------------------------------------------------------------------------

    def _check(self, leaf: Leaf, topic: str, index: int) -> None:
        """Report a record that its key did not sign, or may not have signed at this index or at all."""
        kid = leaf.header["kid"]
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            self._report("key-unknown", index)
            return
        speaks = key.speaks_from <= index and (key.speaks_below is None or index < key.speaks_below)
        if not speaks or leaf.header["alg"] != key.alg or leaf.payload.get("iss") != key.issuer:
            self._report("key-not-authorised", index)
        elif not self._may_sign(leaf, topic, key):
            self._report("signer-not-authorised", index)
        self._remember_lone(leaf, topic, index)
        try:
            algorithm(key.alg).check_signature(public=key.public, message=leaf.signing_input, signature=leaf.signature)
        except LedgerError:
            self._report("signature-invalid", index)

    def _may_sign(self, leaf: Leaf, topic: str, key: _Key) -> bool:
        """Whether a key's owner may sign this kind: by its own right, or an institution in the authority's name."""
        signers = signers_of(topic)
        if key.use != "records" or key.issuer == self._bodies.authority:
            return ("authority" if key.use == "records" else key.use) in signers
        body = self._bodies.body(key.issuer)
        if body is None or body.standing != "active":
            return False
        if "institution" in signers:
            return not changes_registry(topic) or self._speaks_of_itself(leaf.payload, key.issuer)
        regions = {uscc: one.region for uscc, one in self._bodies.by_uscc.items()}
        try:
            about, concerned = regions_of(leaf.text + b"~", regions=regions, uscc_by_issuer=self.uscc_by_issuer)
        except LedgerError:
            return False
        on_itself = about == self.uscc_by_issuer[key.issuer]
        return not on_itself and self._bodies.is_delegated(key.issuer, topic.partition("/")[0], concerned)

    def _speaks_of_itself(self, payload: Mapping[str, Any], issuer: str) -> bool:
        """Whether every institution and key that a registry record names is the issuer's own."""
        parts = [part for part in payload.values() if isinstance(part, dict)]
        owners = {str(part["kid"]).partition("#")[0] for part in parts if "kid" in part}
        codes = {part["uscc"] for part in parts if "uscc" in part}
        return owners <= {issuer} and codes <= {self.uscc_by_issuer[issuer]}

    def _remember_lone(self, leaf: Leaf, topic: str, index: int) -> None:
        body = self._bodies.body(leaf.payload.get("iss", ""))
        if body is not None and topic.partition("/")[0] in body.cosigned:
            self._lone[leaf.record_id.hex()] = (index, leaf.header["kid"], leaf.payload.get("group"))

    def _take_second(self, leaf: Leaf) -> None:
        """A record that waits for a second signature got one, if another key of its issuer gave it in its group."""
        target = leaf.payload["target"]["record"]
        _, first, group = self._lone.get(target, (0, "", None))
        second = leaf.header["kid"]
        same_issuer = first.partition("#")[0] == second.partition("#")[0]
        if first != second and same_issuer and group is not None and leaf.payload.get("group") == group:
            self._lone.pop(target)
