"""The envelope in an uploaded file: the file itself, or a part of an evidence pack. Everything here is hostile."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from keys.errors import Refused
from ledger.limits import ENVELOPE_BYTES_MAX

UPLOAD_BYTES_MAX: Final = 2 * 1024 * 1024
_MEMBERS_MAX: Final = 256
_MEMBER: Final = "record.sdjwt"


class UploadUnreadable(Refused):
    """An uploaded file is neither an envelope nor an evidence pack."""

    code = "upload-unreadable"


def envelope_of(data: bytes) -> bytes:
    """The bytes to verify: nothing is changed but white space at the end, which editors add.

    data    the file, at most UPLOAD_BYTES_MAX
    raises  UploadUnreadable
    """
    if data.startswith(b"PK"):
        data = _from_pack(data)
    envelope = data.removeprefix(b"\xef\xbb\xbf").strip(b" \r\n\t")
    if not envelope or len(envelope) > ENVELOPE_BYTES_MAX or not envelope.isascii() or envelope.count(b".") < 2:
        raise UploadUnreadable("expected an envelope or an evidence pack")
    return envelope


def _from_pack(data: bytes) -> bytes:
    """The member `record.sdjwt` of a zip, in its root or in one folder; never more than one envelope is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            members = pack.infolist()
            named = [each for each in members if each.filename.split("/")[-1] == _MEMBER]
            if len(members) > _MEMBERS_MAX or len(named) != 1 or named[0].flag_bits & 0x1:
                raise UploadUnreadable("expected a zip with one record.sdjwt")
            with pack.open(named[0]) as member:
                return member.read(ENVELOPE_BYTES_MAX + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise UploadUnreadable("expected a readable zip") from error
