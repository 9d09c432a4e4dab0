"""The text that travels with an evidence pack: how to check each part by hand, with tools that are not ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_README: Final = """\
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
{signature}
4. That it is in the log (c2sp.org/tlog-proof; RFC 9162 section 2.1.3.2). The root must be the third line of the
   checkpoint inside.

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
   same = base64.b64encode(node).decode() == note.splitlines()[2]
   print("in the log" if 0 <= index < size and sn == 0 and same else "NOT IN THE LOG")
   EOF

5. That the log and its witnesses signed the checkpoint (c2sp.org/signed-note, c2sp.org/tlog-cosignature). log.vkey and
   witness-*.vkey are "name+id+base64(type, key)". The note's text is everything up to and with the newline before the
   blank line. A signature line holds, in base64, 4 bytes of key id; for types 04 and 06 a time T, 8 bytes, big-endian,
   POSIX seconds; then the signature. What is signed:
   01, Ed25519     the text
   04, Ed25519     "cosignature/v1", newline, "time T", newline, the text
   06, ML-DSA-44   "subtree/v1", newline, a zero byte, 1 byte of length and the cosigner's name, T in 8 bytes, 1 byte of
                   length and the log's origin, 8 zero bytes, the size in 8 bytes, the 32 bytes of the root

   python3 - <<'EOF'
   import base64, glob, hashlib, subprocess
   note = open("record.tlog-proof", "rb").read().decode().split("\\n\\n", 1)[1]
   text, lines = note.rsplit("\\n\\n", 1)
   origin, size, root = text.split("\\n")[:3]
   text = text.encode() + b"\\n"
   ed25519 = "302a300506032b6570032100"
   before = {{1: ed25519, 4: ed25519, 6: "30820532300b06096086480165030403110382052100"}}
   of = lambda name: bytes([len(name.encode())]) + name.encode()
   def check(kind, name, key, line):
       time, signature, message = line[:8], line[8:], text
       if kind == 1:
           signature = line
       elif kind == 4:
           message = b"cosignature/v1\\ntime %d\\n" % int.from_bytes(time, "big") + text
       else:
           tree = bytes(8) + int(size).to_bytes(8, "big") + base64.b64decode(root)
           message = b"subtree/v1\\n\\0" + of(name) + time + of(origin) + tree
       open("key.der", "wb").write(bytes.fromhex(before[kind]) + key)
       open("signature.bin", "wb").write(signature)
       open("signed.bin", "wb").write(message)
       command = "openssl pkeyutl -verify -pubin -inkey key.der -keyform DER"
       command += " -rawin -in signed.bin -sigfile signature.bin"
       said = subprocess.run(command.split(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
       return said.strip() or "NOT CHECKED, openssl cannot (ML-DSA-44 needs 3.5)"
   for file in ["log.vkey", *sorted(glob.glob("witness-*.vkey"))]:
       for vkey in open(file, encoding="utf-8").read().split():
           name, _, rest = vkey.split("+", 2)
           key = base64.b64decode(rest)
           key_id = hashlib.sha256(name.encode() + b"\\n" + key).digest()[:4]
           start = f"\\u2014 {{name}} "
           signed = [base64.b64decode(line[len(start):]) for line in lines.split("\\n") if line.startswith(start)]
           for line in [one[4:] for one in signed if one[:4] == key_id] or [b""]:
               verdict = check(key[0], name, key[1:], line) if line else "NO SIGNATURE"
               print(f"{{key[0]:02x}} {{name}}: {{verdict}}")
   EOF
   (a key of log.vkey whose name is the first line of the text must have signed, and as many witnesses as policy says,
   c2sp.org/tlog-policy; the log's Ed25519 signature stands without the later one)

6. That the issuer's key was registered. registry/ holds the log's own records about the authority, the issuer, and
   whoever else signed one of these, each with its proof: check them like 1 to 4, in the order of their index. Record 0
   carries the authority's first key. Every other record must be signed by a key that a record of lower index gave the
   issuer in its kid, and that none has ended since: authority-root, key-registered, key-recovered and root-rotated give
   keys (jwk); key-revoked, key-recovered (lost) and root-rotated (all keys of the authority before it) end them. The
   kinds about institutions, their keys, accreditations and delegations, and root-policy, must come from the authority,
   with these exceptions:
   an institution may sign what its authority-delegated names: these kinds, for other institutions whose region begins
   like one of its regions, until delegation-ended, and not while an institution-standing has it suspended or withdrawn;
   an institution itself signs key-revoked, signature-policy and confirmation about itself;
   root-rotated is signed by a key of the newest root-policy before it, and with the signer as many of these keys as its
   threshold says must have signed this statement, without spaces and with the members in this order (approvals):
   {{"jwk":…,"nonce":…,"origin":"{origin}","purpose":"skill-ledger root rotation/1","retired":…}}
   with jwk, nonce and retired as they stand in the payload. A root-policy that replaces another needs the threshold of
   the one before, over this statement, in which holders is the list of their jwk:
   {{"holders":…,"nonce":…,"origin":"{origin}","purpose":"skill-ledger root policy/1","threshold":…}}
   What a key signed from its suspect_since on, by index, is in doubt unless a confirmation by a newer key names it.
   Records may be signed with another alg than this one. For Ed25519, signature.bin is the signature as it is and
   key.der is 302a300506032b6570032100 and x; for ES256, signature.bin is a DER SEQUENCE of the INTEGERs r and s (32
   bytes each in the signature) and key.der is 3059301306072a8648ce3d020106082a8648ce3d03010703420004 and x and y.

7. What the service says today. registry.jwt (keys, standing, scopes), status-list.jwt and status-list-suspension.jwt
   (W3C Bitstring Status List) are signed by a key of status-issuer.cid.json. They are the operator's word, dated by
   their iat; older than 24 hours they say nothing about today. A set bit: revoked or suspended; both: superseded.

8. consistency.txt: "old N", hashes, a blank line, a checkpoint (the form of c2sp.org/tlog-witness): proves that the log
   of size N is a prefix of the log of that checkpoint.

record.erased.sdjwt is the same record without any disclosure: it can be shown to prove that something was recorded.
"""


@dataclass(frozen=True, slots=True)
class _Verifying:
    """How openssl is given one algorithm's signatures: words before, lines of Python, the command, words after."""

    before: str
    files: str
    options: str = ""
    after: str = ""


_ED25519_DER: Final = "302a300506032b6570032100"
_P256_DER: Final = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
_MLDSA44_DER: Final = "30820532300b06096086480165030403110382052100"
"""What stands before the raw key in a SubjectPublicKeyInfo: RFC 8410, RFC 5480, RFC 9881."""

_VERIFYING: Final = {
    "Ed25519": _Verifying(
        before="For an Ed25519 key:",
        files=f"""\
   open("key.der", "wb").write(bytes.fromhex("{_ED25519_DER}") + b(jwk["x"]))
   open("signature.bin", "wb").write(b(signature))
""",
    ),
    "ES256": _Verifying(
        before="For an ES256 key (P-256); openssl wants r and s as a DER SEQUENCE of two INTEGERs:",
        files=f"""\
   def integer(raw):
       number = int.from_bytes(raw, "big")
       content = number.to_bytes(number.bit_length() // 8 + 1, "big")
       return b"\\2" + bytes([len(content)]) + content
   key = bytes.fromhex("{_P256_DER}")
   open("key.der", "wb").write(key + b(jwk["x"]) + b(jwk["y"]))
   raw = b(signature)
   pair = integer(raw[:32]) + integer(raw[32:]) if len(raw) == 64 else b""
   open("signature.bin", "wb").write(b"\\x30" + bytes([len(pair)]) + pair)
""",
        options=" -digest sha256",
    ),
    "ML-DSA-44": _Verifying(
        before="For an ML-DSA-44 key (FIPS 204); this one step needs openssl 3.5 or newer:",
        files=f"""\
   open("key.der", "wb").write(bytes.fromhex("{_MLDSA44_DER}") + b(jwk["pub"]))
   open("signature.bin", "wb").write(b(signature))
""",
        after="""\
   (an older openssl cannot load the key; then give the same three files to any other program for ML-DSA-44, pure and
   with the empty context, such as the Python package cryptography: load_der_public_key(key).verify(signature, signed))
""",
    ),
}

_SCRIPT: Final = """\
   {before}

   python3 - <<'EOF' &&
   import base64, json
   b = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
   head, payload, signature = open("entry.bin").read().split(".")
   kid = json.loads(b(head))["kid"]
   jwk = next(k for k in json.load(open("issuer.jwks.json"))["keys"] if k["kid"] == kid)
{files}\
   open("signed.bin", "w").write(head + "." + payload)
   EOF
   openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin{options} -in signed.bin -sigfile signature.bin
{after}"""

_UNKNOWN: Final = """\
   It is signed with {alg}: no commands are known here. Give a program that verifies {alg} the key with this kid from
   issuer.jwks.json, the bytes of entry.bin before its last dot, and the base64url after that dot as the signature.
"""


def format_readme(*, record_id: str, index: int, origin: str, kid: str, alg: str) -> str:
    """The instructions for one pack.

    record_id, index, origin  of the record and its log
    kid, alg                  of the record's header; an algorithm without commands here is named as such
    raises                    nothing
    """
    known = _VERIFYING.get(alg)
    if known is None:
        signature = _UNKNOWN.format(alg=alg)
    else:
        signature = _SCRIPT.format(before=known.before, files=known.files, options=known.options, after=known.after)
    return _README.format(record_id=record_id, index=index, origin=origin, kid=kid, signature=signature)
