"""The transparency log, pure: RFC 6962 hashing and the C2SP formats around it. Bytes in, values out, no I/O.

`merkle` hashes and proofs · `edge` the growing right border · `tiles` C2SP tiles · `note` signed notes, verifier keys ·
`checkpoint` tree heads and their signatures · `receipt` offline proofs · `policy` who must have signed ·
`witness` what a witness answers · `statuslist` W3C bitstrings.
"""
