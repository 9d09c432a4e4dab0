"""Files with versions of one secret key: `{"current", "keys": {"1": …}, "use", "v"}`, mode 0600, never overwritten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keys._encoding import decode, encode, format_json, parse_object
from keys.errors import KeyFileExists, SecretFileUnreadable

SECRET_BYTES: Final = 32
VERSION_MAX: Final = 2**32 - 1
FILE_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class VersionedSecret:
    """Several 32-byte keys by version number, one of them current. The keys stay out of its repr."""

    versions: Mapping[int, bytes] = field(repr=False)
    current: int

    def __post_init__(self) -> None:
        """Refuse what no file may hold. Raises SecretFileUnreadable."""
        if type(self.current) is not int or self.current not in self.versions:
            raise SecretFileUnreadable(f"expected a key of the current version {self.current}")
        for version, secret in self.versions.items():
            if not 1 <= version <= VERSION_MAX or len(secret) != SECRET_BYTES:
                raise SecretFileUnreadable(f"expected versions from 1 to {VERSION_MAX} with {SECRET_BYTES} bytes each")
        if len(set(self.versions.values())) != len(self.versions):
            raise SecretFileUnreadable("expected another key in each version")


def write_new_file(path: Path, content: bytes) -> None:
    """Create a file with mode 0600 and put it on disk. Raises KeyFileExists; nothing is ever overwritten."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError as error:
        raise KeyFileExists(f"{path} exists; choose another name or move it away") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def format_secret(secret: VersionedSecret, *, use: str) -> bytes:
    """The file's content."""
    keys = {str(version): encode(value) for version, value in secret.versions.items()}
    return format_json({"current": secret.current, "keys": keys, "use": use, "v": 1}) + b"\n"


def parse_secret(content: bytes, *, use: str) -> VersionedSecret:
    """The versions in a file's content; white space is free, everything else is exact.

    use     what the keys are for; a pseudonym key never serves as a key-encryption key by mistake
    raises  SecretFileUnreadable
    """
    try:
        parsed = parse_object(content)
        versions = {int(version): decode(value) for version, value in parsed["keys"].items()}
        secret = VersionedSecret(versions=versions, current=parsed["current"])
        exact = format_secret(secret, use=use) == format_json(parsed) + b"\n"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SecretFileUnreadable(f"expected a JSON object with versions of one {use} key") from error
    if not exact:
        raise SecretFileUnreadable(f"expected versions of one {use} key in their one form")
    return secret


def create_secret_file(path: Path, *, use: str) -> VersionedSecret:
    """A file with one fresh key, version 1. Raises KeyFileExists."""
    secret = VersionedSecret(versions={1: os.urandom(SECRET_BYTES)}, current=1)
    write_new_file(path, format_secret(secret, use=use))
    return secret


def load_secret_file(path: Path, *, use: str) -> VersionedSecret:
    """The versions in a file. Raises SecretFileUnreadable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SecretFileUnreadable(f"{path}: {error.strerror}") from error
    if len(content) > FILE_BYTES_MAX:
        raise SecretFileUnreadable(f"{path}: expected at most {FILE_BYTES_MAX} bytes")
    return parse_secret(content, use=use)


def add_version(path: Path, *, use: str) -> VersionedSecret:
    """The same file with a fresh key as the new current version; older versions stay readable.

    The new content is complete on disk as `<path>.new` before it takes the old one's place. That name also keeps two
    rotations apart: the second one gets KeyFileExists.

    raises  SecretFileUnreadable, KeyFileExists
    """
    old = load_secret_file(path, use=use)
    version = max(old.versions) + 1
    secret = VersionedSecret(versions={**old.versions, version: os.urandom(SECRET_BYTES)}, current=version)
    fresh = path.with_name(path.name + ".new")
    write_new_file(fresh, format_secret(secret, use=use))
    fresh.replace(path)
    _sync_directory(path.parent)
    return secret
