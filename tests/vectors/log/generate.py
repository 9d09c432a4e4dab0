"""Writes the golden vectors of `ledger/log`; a test holds the files to it. Run: python -m tests.vectors.log.generate.

Each case is a valid thing with one damage, and says the code it is refused with (or `ok`). With the folder `testdata` of
a checkout of github.com/transparency-dev/merkle as argument, also writes that project's probes in our field names.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ledger.log.checkpoint import format_checkpoint, format_note, sign_note
from ledger.log.note import COSIGNATURE_ED25519, VerifierKey, format_vkey
from ledger.log.policy import format_policy
from tests.support.small_log import NOW, ORIGIN, SmallLog, entry_of

HERE = Path(__file__).parent
OURS = "computed by tests/vectors/log/generate.py"
MERKLE_COMMIT = "417fb0c314750d94e53942e9f92e79b6d35915db"

Case = dict[str, Any]
Damage = tuple[str, str, bytes]
"""Why, expected code, input."""

FORM = "malformed-checkpoint"


def cases_of(damages: Iterable[Damage]) -> list[Case]:
    """Inputs as text where they are UTF-8, else as base64."""
    found = []
    for why, expect, data in damages:
        try:
            content = {"text": data.decode("utf-8")}
        except UnicodeDecodeError:
            content = {"base64": base64.b64encode(data).decode()}
        found.append({"why": why, "expect": expect, **content})
    return found


def swap(data: bytes, old: bytes | str, new: bytes | str) -> bytes:
    """Replace the first occurrence, which must exist."""
    old, new = (part.encode() if isinstance(part, str) else part for part in (old, new))
    if old not in data:
        raise ValueError(f"{old!r} is not in the valid case")
    return data.replace(old, new, 1)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def tile_paths() -> dict[str, Any]:
    """C2SP tlog-tiles, section Merkle Tree."""
    good = {
        "the standard's own example": ("tile/0/x001/x234/067", [0, 1234067, 256]),
        "tile 0": ("tile/0/000", [0, 0, 256]),
        "tile 999": ("tile/1/999", [1, 999, 256]),
        "tile 1000": ("tile/1/x001/000", [1, 1000, 256]),
        "level 63": ("tile/63/000", [63, 0, 256]),
        "width 1": ("tile/2/000.p/1", [2, 0, 1]),
        "width 255": ("tile/0/x273/112.p/255", [0, 273112, 255]),
        "largest number": ("tile/0/x009/x007/x199/x254/x740/991", [0, 2**53 - 1, 256]),
    }
    bad = {
        "empty": "", "leading slash": "/tile/0/000", "trailing slash": "tile/0/000/", "trailing newline": "tile/0/000\n",
        "entries": "tile/entries/000", "data": "tile/data/000", "level missing": "tile/000", "level 64": "tile/64/000",
        "level 00": "tile/00/000", "level 07": "tile/07/000", "level +1": "tile/+1/000", "level -1": "tile/-1/000",
        "level in Arabic-Indic digits": "tile/\u0661/000", "number of one digit": "tile/0/0",
        "number of four digits": "tile/0/1000", "superfluous x000": "tile/0/x000/001", "x on the last": "tile/0/x001",
        "x missing": "tile/0/001/000", "capital X": "tile/0/X001/000", "double slash": "tile/0//000",
        "dot segments": "tile/0/../000", "number beyond the bound": "tile/0/x009/x007/x199/x254/x740/992",
        "sixty digits": "tile/0/" + "x999/" * 20 + "999", "width 0": "tile/0/000.p/0", "width 256": "tile/0/000.p/256",
        "width 07": "tile/0/000.p/07", "width -1": "tile/0/000.p/-1", "width empty": "tile/0/000.p/",
        "width without p": "tile/0/000/5", "percent-encoded": "tile/0/000%2Ep/5", "width twice": "tile/0/000.p/5.p/5",
    }  # fmt: skip
    return {
        "source": "c2sp.org/tlog-tiles, section Merkle Tree; " + OURS,
        "good": [{"why": why, "path": path, "place": place} for why, (path, place) in good.items()],
        "bad": [{"why": why, "path": path} for why, path in bad.items()],
    }


def _damaged_texts(log: SmallLog, valid: bytes, *, own: bytes, foreign: bytes) -> list[Damage]:
    """Notes whose text was damaged, and notes signed over something else."""
    text = valid.partition(b"\n\n")[0]
    root = text.split(b"\n")[2]
    signature = base64.b64decode(own.split(b" ")[2])
    last = signature[:-1] + bytes([signature[-1] ^ 1])

    def with_line(line: bytes | str) -> bytes:
        return text + b"\n\n" + (line.encode() if isinstance(line, str) else line)

    return [
        ("two lines of text", FORM, swap(valid, root + b"\n", b"")),
        ("blank line in the text", FORM, swap(valid, root + b"\n", b"\n" + root + b"\n")),
        ("origin empty", FORM, swap(valid, ORIGIN + "\n", "\n")),
        ("origin of 256 bytes", FORM, swap(valid, ORIGIN + "\n", "o" * 256 + "\n")),
        *(
            (f"size {size!r}", FORM, swap(valid, f"\n{log.size}\n", f"\n{size}\n"))
            for size in (
                "+13",
                "-13",
                "013",
                "1_3",
                " 13",
                "13 ",
                "1e1",
                "0x0d",
                "",
                "13.0",
                "\u0661\u0663",
                "9007199254740992",
                "18446744073709551629",
            )
        ),
        ("root of 31 bytes", FORM, swap(valid, root, b64(bytes(31)))),
        ("root of 33 bytes", FORM, swap(valid, root, b64(bytes(33)))),
        ("root without padding", FORM, swap(valid, root, root.rstrip(b"="))),
        ("root with trailing bits", FORM, swap(valid, root, root[:-2] + bytes([root[-2] + 1]) + b"=")),
        ("root with junk behind it", FORM, swap(valid, root, root + b"AAAA")),
        ("signature bit flipped", "bad-signature", with_line(own.replace(b64(signature).encode(), b64(last).encode()))),
        (
            "signature cut",
            "bad-signature",
            with_line(own.replace(b64(signature).encode(), b64(signature[:-1]).encode())),
        ),
        ("signature of another size", "bad-signature", swap(valid, f"\n{log.size}\n", "\n14\n")),
        ("signature of another origin", "bad-signature", swap(valid, ORIGIN + "\n", ORIGIN + "2\n")),
        ("an extension line slipped in", "bad-signature", swap(valid, root + b"\n", root + b"\nextension\n")),
        (
            "one good and one false line of the key",
            "bad-signature",
            with_line(own + own.replace(b64(signature).encode(), b64(last).encode())),
        ),
        ("no line of the log", "unsigned", with_line(foreign)),
        (
            "right name, wrong key id",
            "unsigned",
            with_line(own.replace(b64(signature).encode(), b64(b"\0" + signature[1:]).encode())),
        ),
        ("right key id, wrong name", "unsigned", with_line(swap(own, ORIGIN, "other.example"))),
    ]


def notes(log: SmallLog) -> dict[str, Any]:
    """Signed checkpoints, opened under the log's key."""
    valid = log.checkpoint(witnesses=("w1",))
    text, _, lines = valid.partition(b"\n\n")
    own, foreign = (line + b"\n" for line in lines.split(b"\n")[:2])

    def with_line(line: bytes | str) -> bytes:
        return text + b"\n\n" + (line.encode() if isinstance(line, str) else line)

    many = b"".join(f"— a{n} {b64(bytes(5))}\n".encode() for n in range(63))
    damages: list[Damage] = [
        ("valid, with a witness's line", "ok", valid),
        ("valid, the log's line alone", "ok", with_line(own)),
        ("valid, the unknown line first", "ok", with_line(foreign + own)),
        ("valid, sixty-four lines", "ok", with_line(many + own)),
        ("empty", FORM, b""),
        ("no blank line", FORM, text + b"\n" + lines),
        ("no signature line", FORM, text + b"\n\n"),
        ("no newline at the end", FORM, valid[:-1]),
        ("blank line at the end", FORM, valid + b"\n"),
        ("carriage returns", FORM, valid.replace(b"\n", b"\r\n")),
        ("a NUL", FORM, swap(valid, ORIGIN, ORIGIN[:-1] + "\0")),
        ("a tab in the origin", FORM, swap(valid, ORIGIN + "\n", ORIGIN + "\t\n")),
        ("not UTF-8", FORM, swap(valid, ORIGIN + "\n", ORIGIN.encode() + b"\xff\n")),
        ("overlong UTF-8", FORM, swap(valid, ORIGIN + "\n", ORIGIN.encode() + b"\xc0\x80\n")),
        ("a surrogate in UTF-8", FORM, swap(valid, ORIGIN + "\n", ORIGIN.encode() + b"\xed\xa0\x80\n")),
        ("byte order mark before the signature", FORM, with_line("\ufeff".encode() + own)),
        ("hyphen for the dash", FORM, with_line(swap(own, "—", "-"))),
        ("en dash for the dash", FORM, with_line(swap(own, "—", "–"))),
        ("no space after the dash", FORM, with_line(swap(own, "— ", "—"))),
        ("two spaces before the signature", FORM, with_line(swap(own, ORIGIN + " ", ORIGIN + "  "))),
        ("space at the line's end", FORM, with_line(swap(own, "\n", " \n"))),
        ("key name empty", FORM, with_line(swap(own, ORIGIN, ""))),
        ("plus in a key name", FORM, with_line(swap(own, ORIGIN, ORIGIN + "+x"))),
        ("no-break space in a key name", FORM, with_line(swap(own, ORIGIN, ORIGIN + "\u00a0x"))),
        ("line separator in a key name", FORM, with_line(swap(own, ORIGIN, ORIGIN + "\u2028x"))),
        ("key name of 256 bytes", FORM, with_line(own + f"— {'n' * 256} {b64(bytes(5))}\n".encode())),
        ("key id of 3 bytes", FORM, with_line(own + f"— x {b64(bytes(3))}\n".encode())),
        ("key id and no signature", FORM, with_line(own + f"— x {b64(bytes(4))}\n".encode())),
        ("padding left out", FORM, with_line(own.rstrip(b"=\n") + b"\n")),
        ("base64 with trailing bits", FORM, with_line(own + "— x AAAAAAB=\n".encode())),
        ("base64url alphabet", FORM, with_line(own + "— x AAAAAAA_\n".encode())),
        ("sixty-five lines", FORM, with_line(many + own + foreign)),
        *_damaged_texts(log, valid, own=own, foreign=foreign),
    ]
    return {
        "source": "c2sp.org/signed-note, c2sp.org/tlog-checkpoint; " + OURS,
        "vkey": format_vkey(log.key),
        "cases": cases_of(damages),
    }


def vkeys(log: SmallLog) -> dict[str, Any]:
    """Verifier keys."""
    valid, public = format_vkey(log.key), log.key.public

    def vkey(name: str, kind: int, key: bytes) -> str:
        return format_vkey(VerifierKey(name, kind, key))

    damages = [
        ("valid", "ok", valid),
        ("valid cosigner", "ok", vkey(ORIGIN, COSIGNATURE_ED25519, public)),
        ("the standard's own example", "ok", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        (
            "golang.org/x/mod/sumdb/note's own",
            "ok",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ),
        ("empty", FORM, ""),
        ("no key", FORM, valid.rpartition("+")[0]),
        ("newline at the end", FORM, valid + "\n"),
        ("name empty", FORM, vkey("", 1, public)),
        ("space in the name", FORM, vkey("a b", 1, public)),
        ("plus in the name", FORM, vkey("a+b", 1, public)),
        ("another name", FORM, "x" + valid),
        (
            "key id in capitals",
            FORM,
            valid.split("+")[0] + "+" + valid.split("+")[1].upper() + "+" + valid.split("+", 2)[2],
        ),
        ("key id wrong", FORM, valid.split("+")[0] + "+00000000+" + valid.split("+", 2)[2]),
        (
            "key id of seven digits",
            FORM,
            valid.split("+")[0] + "+" + valid.split("+")[1][1:] + "+" + valid.split("+", 2)[2],
        ),
        ("type 0x02", FORM, vkey(ORIGIN, 2, public)),
        ("type 0x05", FORM, vkey(ORIGIN, 5, public)),
        ("type 0xff", FORM, vkey(ORIGIN, 255, public)),
        ("key of 31 bytes", "bad-key", vkey(ORIGIN, 1, public[:31])),
        ("key of 33 bytes", "bad-key", vkey(ORIGIN, 1, public + b"\0")),
        ("the identity point", "bad-key", vkey(ORIGIN, 1, b"\x01" + bytes(31))),
        ("ML-DSA-44 with an Ed25519 key", "bad-key", vkey(ORIGIN, 6, public)),
    ]
    return {
        "source": "c2sp.org/signed-note, section Verifier keys; " + OURS,
        "cases": cases_of((w, e, d.encode()) for w, e, d in damages),
    }


def receipts(log: SmallLog) -> dict[str, Any]:
    """Receipts for entry 7, checked under a quorum of two of three."""
    index, two = 7, ("w1", "w2")
    valid = log.receipt(index, witnesses=two)
    head, _, checkpoint = valid.partition(b"\n\n")
    hashes = head.split(b"\n")[2:]
    fork = SmallLog(log.size, fork_at=3)
    stranger = SmallLog(log.size, label="another key")
    text = log.text()

    def with_hashes(changed: list[bytes]) -> bytes:
        return b"\n".join([*head.split(b"\n")[:2], *changed]) + b"\n\n" + checkpoint

    damages: list[Damage] = [
        ("valid", "ok", valid),
        ("valid, three witnesses", "ok", log.receipt(index, witnesses=("w3", "w1", "w2"))),
        ("valid, under an earlier tree", "ok", log.receipt(index, 9, witnesses=two)),
        ("empty", FORM, b""),
        ("header of version 2", FORM, swap(valid, "@v1", "@v2")),
        ("header with a space", FORM, swap(valid, "@v1\n", "@v1 \n")),
        ("an extra line", FORM, swap(valid, "\nindex", "\nextra AAAA\nindex")),
        ("index line missing", FORM, swap(valid, f"index {index}\n", "")),
        ("index +7", FORM, swap(valid, "index 7", "index +7")),
        ("index 07", FORM, swap(valid, "index 7", "index 07")),
        ("index -1", FORM, swap(valid, "index 7", "index -1")),
        ("index 2^53", FORM, swap(valid, "index 7", f"index {2**53}")),
        ("two spaces", FORM, swap(valid, "index 7", "index  7")),
        ("a path line of 31 bytes", FORM, with_hashes([b64(bytes(31)).encode(), *hashes[1:]])),
        ("a path line with trailing bits", FORM, with_hashes([hashes[0][:-2] + bytes([hashes[0][-2] + 1]) + b"=", *hashes[1:]])),
        ("sixty-four path lines", FORM, with_hashes(hashes * 16)),
        ("no blank line", FORM, swap(valid, b"\n\n", b"\n")),
        ("two blank lines", FORM, swap(valid, b"\n\n", b"\n\n\n")),
        ("no checkpoint", FORM, head + b"\n\n"),
        ("checkpoint unsigned", FORM, head + b"\n\n" + text + b"\n"),
        ("carriage returns", FORM, valid.replace(b"\n", b"\r\n")),
        ("newline at the end", FORM, valid + b"\n"),
        ("log's signature damaged", "bad-signature", swap(valid, f"\n{log.size}\n", "\n14\n")),
        ("signed by another key", "bad-signature", stranger.receipt(index, witnesses=two)),
        ("of another origin", "bad-signature", SmallLog(log.size, origin="other.example/log").receipt(index, witnesses=two)),
        ("cosignature over another tree", "bad-signature", valid + log.cosignature("w3", fork.text())),
        ("cosignature with another time", "bad-signature", valid + altered_time(log.cosignature("w3", text))),
        ("another entry's receipt", "proof-invalid", log.receipt(8, witnesses=two)),
        ("index beyond the tree", "proof-invalid", swap(valid, "index 7", f"index {log.size}")),
        ("index of the sibling", "proof-invalid", swap(valid, "index 7", "index 6")),
        ("path empty", "proof-invalid", with_hashes([])),
        ("path too short", "proof-invalid", with_hashes(hashes[:-1])),
        ("path too long", "proof-invalid", with_hashes([*hashes, hashes[0]])),
        ("path reversed", "proof-invalid", with_hashes(hashes[::-1])),
        ("one witness of two", "quorum-missing", log.receipt(index, witnesses=("w2",))),
        ("one witness twice", "quorum-missing", log.receipt(index, witnesses=("w2", "w2"))),
        ("no witness", "quorum-missing", log.receipt(index)),
    ]  # fmt: skip
    return {
        "source": "c2sp.org/tlog-proof; " + OURS, "policy": format_policy(log.policy()).decode(),
        "entry": entry_of(index).decode(), "index": index, "cases": cases_of(damages),
    }  # fmt: skip


def altered_time(line: bytes) -> bytes:
    """A cosignature line whose time was moved by one second."""
    name, signed = line.decode().split(" ")[1:]
    data = base64.b64decode(signed)
    return f"— {name} {b64(data[:4] + (NOW + 1).to_bytes(8, 'big') + data[12:])}\n".encode()


def policies(log: SmallLog) -> dict[str, Any]:
    """Policy files."""
    vkeys_ = [format_vkey(log.witness_key(name)) for name in log.witnesses]
    logs = f"log {format_vkey(log.key)}\n"
    witnesses = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys_, start=1))
    valid = logs + witnesses + "group g 2 w1 w2 w3\nquorum g\n"
    damages = [
        ("valid", "ok", valid),
        ("valid: comments, tabs, blank lines, URLs", "ok", f"# policy\n\n\t log\t{format_vkey(log.key)}  https://l.example/ \n{witnesses}  #x\ngroup g any w1 w2\nquorum g\n"),
        ("valid: nothing but a quorum", "ok", "quorum none\n"),
        ("valid: quorum of one witness", "ok", witnesses + "quorum w2\n"),
        ("valid: groups of groups", "ok", witnesses + "group a all w1\ngroup b 1 w2 w3\ngroup c all a b\nquorum c\n"),
        ("valid: a group named all", "ok", witnesses + "group all any w1\nquorum all\n"),
        ("valid: a name that is not ASCII", "ok", f"witness 见证 {vkeys_[0]}\nquorum 见证\n"),
        ("empty", FORM, ""),
        ("no quorum", FORM, logs + witnesses),
        ("two quorums", FORM, valid + "quorum w1\n"),
        ("quorum of nothing", FORM, logs + "quorum\n"),
        ("quorum undefined", FORM, logs + "quorum w9\n"),
        ("quorum before its definition", FORM, "quorum w1\n" + witnesses),
        ("no newline at the end", FORM, valid[:-1]),
        ("carriage return", FORM, valid.replace("\n", "\r\n")),
        ("delete character", FORM, "# \x7f\n" + valid),
        ("no-break space between items", FORM, valid.replace("quorum g", "quorum\u00a0g")),
        ("unknown keyword", FORM, "cosigner x\n" + valid),
        ("keyword in capitals", FORM, valid.replace("quorum g", "QUORUM g")),
        ("log with a third item", FORM, valid.replace("\nwitness w1", " https://a https://b\nwitness w1", 1)),
        ("log with a witness's key type", FORM, f"log {vkeys_[0]}\nquorum none\n"),
        ("witness with a log's key type", FORM, f"witness w {format_vkey(log.key)}\nquorum w\n"),
        ("witness without key", FORM, "witness w1\nquorum w1\n"),
        ("the same log key twice", FORM, logs + logs + "quorum none\n"),
        ("the same witness key under another name", FORM, witnesses + f"witness w4 {vkeys_[0]}\nquorum w4\n"),
        ("a name twice", FORM, witnesses + f"witness w1 {format_vkey(VerifierKey('x', 4, log.key.public))}\nquorum w1\n"),
        ("a group named like a witness", FORM, witnesses + "group w1 any w2\nquorum w1\n"),
        ("a witness named none", FORM, f"witness none {vkeys_[0]}\nquorum none\n"),
        ("none as a member", FORM, witnesses + "group g any none w1\nquorum g\n"),
        ("group without members", FORM, witnesses + "group g any\nquorum w1\n"),
        ("threshold 0", FORM, witnesses + "group g 0 w1 w2\nquorum g\n"),
        ("threshold above the members", FORM, witnesses + "group g 3 w1 w2\nquorum g\n"),
        ("threshold 02", FORM, witnesses + "group g 02 w1 w2\nquorum g\n"),
        ("threshold +1", FORM, witnesses + "group g +1 w1 w2\nquorum g\n"),
        ("threshold ALL", FORM, witnesses + "group g ALL w1 w2\nquorum g\n"),
        ("a member twice in a group", FORM, witnesses + "group g 2 w1 w1\nquorum g\n"),
        ("a member of two groups", FORM, witnesses + "group a any w1 w2\ngroup b any w1 w3\nquorum a\n"),
        ("a member defined below", FORM, witnesses + "group a any b\ngroup b any w1\nquorum a\n"),
        ("a group within itself", FORM, witnesses + "group a any a w1\nquorum a\n"),
        ("vkey damaged", FORM, swap(valid.encode(), vkeys_[0].split("+")[1], "00000000").decode()),
    ]  # fmt: skip
    return {"source": "c2sp.org/tlog-policy; " + OURS, "cases": cases_of((w, e, d.encode()) for w, e, d in damages)}


def requests(log: SmallLog) -> dict[str, Any]:
    """Requests to a witness that holds a size, in the order of the standard's checks."""
    fork = SmallLog(log.size, fork_at=3)
    stranger = SmallLog(log.size, origin="other.example/log")

    def request(old: int | str, path: list[bytes], note: bytes) -> bytes:
        return f"old {old}\n{''.join(b64(hash_) + chr(10) for hash_ in path)}\n".encode() + note

    valid_path, valid_note = log.consistency(5, 13), log.checkpoint()
    valid = request(5, valid_path, valid_note)
    lie = format_checkpoint(ORIGIN, 0, bytes(32))
    empty_lie = format_note(lie, [sign_note(lie, ORIGIN, log.signer)])
    rows: list[tuple[str, int, int, bytes]] = [
        ("first checkpoint", 0, 200, request(0, [], valid_note)),
        ("growth", 5, 200, valid),
        ("the same again", 13, 200, request(13, [], valid_note)),
        ("empty tree", 0, 200, request(0, [], log.checkpoint(0))),
        ("old line missing", 5, 400, valid.partition(b"\n")[2]),
        ("old 05", 5, 400, request("05", valid_path, valid_note)),
        ("old +5", 5, 400, request("+5", valid_path, valid_note)),
        ("old 2^63", 5, 400, request(2**63, valid_path, valid_note)),
        ("Old", 5, 400, swap(valid, "old", "Old")),
        ("a hash of 31 bytes", 5, 400, request(5, [bytes(31), *valid_path[1:]], valid_note)),
        ("sixty-four hashes", 5, 400, request(5, [bytes(32)] * 64, valid_note)),
        ("no blank line", 5, 400, swap(valid, "\n\n", "\n")),
        ("no checkpoint", 5, 400, request(5, valid_path, b"")),
        ("carriage returns", 5, 400, valid.replace(b"\n", b"\r\n")),
        ("checkpoint of two lines", 5, 400, request(5, valid_path, b"a\n1\n\n" + "— a AAAAAAA=\n".encode())),
        ("unknown origin", 5, 404, request(5, stranger.consistency(5, 13), stranger.checkpoint())),
        ("unknown origin, old above new: the origin is asked first", 5, 404, request(99, [], stranger.checkpoint())),
        ("another key under the log's name", 5, 403, request(5, valid_path, SmallLog(13, label="another key").checkpoint())),
        ("signature of another size, old above new: the signature is asked first", 5, 403, request(99, [], swap(valid_note, "\n13\n", "\n14\n"))),
        ("witness's line but no log's line", 5, 403, request(5, valid_path, log.text() + b"\n" + log.cosignature("w1", log.text()))),
        ("old above new, and not what is held", 5, 400, request(14, [], valid_note)),
        ("starts below what is held", 5, 409, request(4, log.consistency(4, 13), valid_note)),
        ("starts above what is held", 5, 409, request(6, log.consistency(6, 13), valid_note)),
        ("starts from 0 with a proof: the size is asked first", 5, 409, request(0, valid_path, valid_note)),
        ("nothing held, starts from 5", 0, 409, valid),
        ("rollback to an earlier size", 13, 409, request(5, [], log.checkpoint(5))),
        ("an empty tree with another root", 0, 422, request(0, [], empty_lie)),
        ("proof from size 0", 0, 422, request(0, valid_path, valid_note)),
        ("growth without proof", 5, 422, request(5, [], valid_note)),
        ("middle of the proof skipped", 5, 422, request(5, [*valid_path[:2], *valid_path[3:]], valid_note)),
        ("proof of another pair", 5, 422, request(5, log.consistency(6, 13), valid_note)),
        ("same size, proof not empty", 13, 422, request(13, valid_path, valid_note)),
        ("same size, another root", 13, 422, request(13, [], fork.checkpoint())),
        ("a fork below what is held", 5, 422, request(5, fork.consistency(5, 13), fork.checkpoint())),
    ]  # fmt: skip
    return {
        "source": "c2sp.org/tlog-witness, section add-checkpoint; " + OURS, "vkey": format_vkey(log.key),
        "cases": [{"held": held, **case, "expect": status}
                  for (why, held, status, data) in rows for case in cases_of([(why, "", data)])],
    }  # fmt: skip


def foreign_merkle(folder: Path) -> dict[str, Any]:
    """The probes of transparency-dev/merkle, in our field names; only the facts are taken."""
    found = []
    for file in sorted(folder.rglob("*.json")):
        probe = json.loads(file.read_text(encoding="utf-8"))
        why = str(file.relative_to(folder).with_suffix(""))
        if why.startswith("subtree"):  # proofs of RFC drafts on subtrees, which this log does not make
            continue
        accept = not probe["wantErr"]
        if why == "consistency/additional/sizes-are-equal-one-and-proof-is-empty":
            accept, why = False, why + " (its roots have 12 bytes: refused here)"
        case: Case = {"why": why, "accept": accept, "path": probe.get("proof") or []}
        if "size1" in probe:
            case |= {
                "old_size": probe["size1"],
                "new_size": probe["size2"],
                "old_root": probe["root1"],
                "new_root": probe["root2"],
            }
        else:
            case |= {"leaf_index": probe.get("leafIdx", 0), "tree_size": probe.get("treeSize", 0)}
            case |= {"leaf_hash": probe.get("leafHash") or "", "root": probe.get("root") or ""}
        found.append(case)
    return {
        "source": f"github.com/transparency-dev/merkle testdata at {MERKLE_COMMIT}",
        "count": len(found),
        "cases": found,
    }


def all_files() -> dict[str, dict[str, Any]]:
    """Every file that this generator writes without an argument."""
    log = SmallLog(13)
    return {
        "tile_paths.json": tile_paths(), "notes.json": notes(log), "vkeys.json": vkeys(log),
        "receipts.json": receipts(log), "policies.json": policies(log), "requests.json": requests(log),
    }  # fmt: skip


def format_file(content: dict[str, Any]) -> str:
    """JSON as it stands in the files."""
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write the files beside this one."""
    files = all_files()
    if len(sys.argv) > 1:
        files["transparency_dev_merkle.json"] = foreign_merkle(Path(sys.argv[1]))
    for name, content in files.items():
        (HERE / name).write_text(format_file(content), encoding="utf-8")


if __name__ == "__main__":
    main()
