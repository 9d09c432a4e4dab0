"""Reading an evidence pack: what a stranger needs to check one record offline, as files in one folder.

Nothing here is verified; `api.client.verify` does that. Every file is bounded, and only names of the pack are read.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from api.client.errors import PackInvalid
from ledger.limits import STATUS_LIST_BYTES_MAX

FILE_BYTES_MAX: Final = 2 * STATUS_LIST_BYTES_MAX
FILES_MAX: Final = 4_096
PACK_BYTES_MAX: Final = 64 * 1024 * 1024
REGISTRY: Final = "registry"


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """One record of the registry with its proof: file name without ending, envelope, `tlog-proof`."""

    name: str
    envelope: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of a pack; what is missing is None or empty."""

    record: bytes
    receipt: bytes | None = None
    log_vkey: bytes | None = None
    policy: bytes | None = None
    registry: tuple[LoggedFile, ...] = ()
    registry_jwt: bytes | None = None
    status_lists: tuple[bytes, ...] = ()
    status_issuer_cid: bytes | None = None
    issuer_jwks: bytes | None = None
    warnings: tuple[str, ...] = field(default=())


def load_pack(folder: Path) -> Pack:
    """The pack in a folder. `record.sdjwt` is preferred to `record.erased.sdjwt`.

    raises  PackInvalid when the record is missing, or a file is unreadable or too large
    """
    record = _read(folder / "record.sdjwt") or _read(folder / "record.erased.sdjwt")
    if record is None:
        raise PackInvalid(f"{folder}: expected an evidence pack with record.sdjwt, found none")
    entry, warnings = _read(folder / "entry.bin"), []
    if entry is not None and entry != record.split(b"~", 1)[0]:
        raise PackInvalid("entry.bin: expected the logged bytes of record.sdjwt, found others")
    registry, incomplete = _load_registry(folder / REGISTRY)
    warnings += [f"registry/{name}.sdjwt has no proof beside it and was not used" for name in incomplete]
    lists = sorted(folder.glob("status-list*.jwt"))
    return Pack(
        record=record,
        receipt=_read(folder / "record.tlog-proof"),
        log_vkey=_read(folder / "log.vkey"),
        policy=_read(folder / "policy"),
        registry=registry,
        registry_jwt=_read(folder / "registry.jwt"),
        status_lists=tuple(data for data in map(_read, lists) if data is not None),
        status_issuer_cid=_read(folder / "status-issuer.cid.json"),
        issuer_jwks=_read(folder / "issuer.jwks.json"),
        warnings=tuple(warnings),
    )


def _load_registry(folder: Path) -> tuple[tuple[LoggedFile, ...], list[str]]:
    """The registry's records that have a proof beside them, and the names of those that have none."""
    found: list[LoggedFile] = []
    incomplete: list[str] = []
    paths = sorted(folder.glob("*.sdjwt"))
    if len(paths) > FILES_MAX:
        raise PackInvalid(f"{folder}: expected at most {FILES_MAX} records, found {len(paths)}")
    for path in paths:
        envelope, proof = _read(path), _read(path.with_suffix(".tlog-proof"))
        if envelope is None or proof is None:
            incomplete.append(path.stem)
        else:
            found.append(LoggedFile(path.stem, envelope, proof))
    return tuple(found), incomplete


def _read(path: Path) -> bytes | None:
    """The bytes of a file, None when there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PackInvalid(f"{path}: expected a readable file, found: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise PackInvalid(f"{path}: expected at most {FILE_BYTES_MAX} bytes")
    return data


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files of a pack that came as a ZIP archive, by their names; nothing touches the disk.

    raises  PackInvalid for names outside the pack's two levels, encrypted entries, and anything larger than its bound
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            entries = [entry for entry in source.infolist() if not entry.is_dir()]
            if len(entries) > FILES_MAX or sum(entry.file_size for entry in entries) > PACK_BYTES_MAX:
                raise PackInvalid(f"pack: expected at most {FILES_MAX} files and {PACK_BYTES_MAX} bytes")
            return {_safe_name(entry.filename): _inflate(source, entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise PackInvalid("pack: expected a plain ZIP archive") from error


def _safe_name(name: str) -> str:
    """A name of one or two plain parts. Raises PackInvalid."""
    parts = PurePosixPath(name).parts
    plain = all(part not in {"", ".", ".."} and part.isascii() and part.isprintable() for part in parts)
    if not 1 <= len(parts) <= 2 or "\\" in name or ":" in name or name.startswith("/") or not plain:
        raise PackInvalid("pack: expected plain file names in at most one folder")
    return "/".join(parts)


def _inflate(source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One entry, read no further than its declared and permitted size. Raises PackInvalid."""
    with source.open(entry) as file:
        data = file.read(min(entry.file_size, FILE_BYTES_MAX) + 1)
    if len(data) != entry.file_size or len(data) > FILE_BYTES_MAX:
        raise PackInvalid("pack: an entry is longer than permitted, or not as long as it declares")
    return data
