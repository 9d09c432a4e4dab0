"""The text that travels with an evidence pack: how to check each part by hand, with tools that are not ours."""

from __future__ import annotations

from typing import Final

README: Final = """\
EVIDENCE PACK 证据包
record {record_id}
log    {origin}, index {index}

What each file is, and how to check it without our software: a shell, sha256sum, openssl (3.0 or newer) and python3.
Keys in this folder prove only that the pack is consistent with itself. Compare log.vkey, policy and the authority's
root key (registry/00000000-*.sdjwt) with those that the authority publishes elsewhere, or on paper.

1. The record's id is the SHA-256 of header.payload.

   tr -d '\\n' < entry.bin | sed 's/\\.[^.]*$//' | tr -d '\\n' | sha256sum
   (expected: the id above)

2. What it says. Each personal value is a disclosure; its digest must stand in the payload (RFC 9901).

   python3 - <<'EOF'
   import base64, hashlib, json
   b = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
   leaf, *shown = open("record.sdjwt").read().rstrip("~").split("~")
   payload = b(leaf.split(".")[1]).decode()
   print(json.dumps(json.loads(payload), ensure_ascii=False, indent=1))
   for one in shown:
       digest = base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest()).decode().rstrip("=")
       print("in payload" if digest in payload else "NOT IN PAYLOAD", json.loads(b(one)))
   EOF

3. Who signed it. The header's kid is the issuer's id, "#", and the thumbprint of a key in issuer.jwks.json:
   {kid}
   For an Ed25519 key:

   python3 - <<'EOF'
   import base64, json
   b = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
   head, payload, signature = open("entry.bin").read().split(".")
   kid = json.loads(b(head))["kid"]
   jwk = next(k for k in json.load(open("issuer.jwks.json"))["keys"] if k["kid"] == kid)
   open("key.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + b(jwk["x"]))
   open("signature.bin", "wb").write(b(signature))
   open("signed.bin", "w").write(head + "." + payload)
   EOF
   openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in signed.bin -sigfile signature.bin

4. That it is in the log (RFC 6962; c2sp.org/tlog-proof). The root must be the third line of the checkpoint inside.

   python3 - <<'EOF'
   import base64, hashlib
   h = lambda x: hashlib.sha256(x).digest()
   text = open("record.tlog-proof").read()
   proof, note = text.split("\\n\\n", 1)
   lines = proof.splitlines()
   index = int(lines[1].split()[1])
   path = [base64.b64decode(line) for line in lines[2:]]
   size = int(note.splitlines()[1])
   node, fn, sn = h(b"\\0" + open("entry.bin", "rb").read()), index, size - 1
   for sibling in path:
       if fn & 1 or fn == sn:
           node = h(b"\\1" + sibling + node)
           while not fn & 1 and fn:
               fn, sn = fn >> 1, sn >> 1
       else:
           node = h(b"\\1" + node + sibling)
       fn, sn = fn >> 1, sn >> 1
   print("in the log" if base64.b64encode(node).decode() == note.splitlines()[2] else "NOT IN THE LOG")
   EOF

5. That the log and its witnesses signed the checkpoint: c2sp.org/signed-note. The signed text is everything up to and
   with the newline before the blank line; a signature line holds, in base64, 4 bytes of key id and the signature.
   log.vkey and witness-*.vkey are "name+id+base64(type, key)". policy says how many witnesses must have signed
   (c2sp.org/tlog-policy).

6. That the issuer's key was registered. registry/ holds the log's own records about the authority and the issuer, each
   with its proof: check them like 1 to 4, in the order of their index. Record 0 carries the authority's key, which
   signed the others.

7. What the service says today. registry.jwt (keys, standing, scopes), status-list.jwt and status-list-suspension.jwt
   (W3C Bitstring Status List) are signed by a key of status-issuer.cid.json. They are the operator's word, dated by
   their iat; older than 24 hours they say nothing about today. A set bit: revoked or suspended; both: superseded.

8. consistency.txt: "old N", hashes, a blank line, a checkpoint (the form of c2sp.org/tlog-witness): proves that the log
   of size N is a prefix of the log of that checkpoint.

record.erased.sdjwt is the same record without any disclosure: it can be shown to prove that something was recorded.
"""
