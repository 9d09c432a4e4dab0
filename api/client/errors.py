"""Errors of the client. The three families stand in `keys.errors`; a server's refusal keeps the server's own code.

Refused
├── CheckValueUnknown   a check was given a value that it cannot take
├── PackInvalid         a file of an evidence pack or trust folder is unreadable or contradicts another
├── ReceiptInvalid      the server's receipt does not prove the record that was sent
├── AnswerInvalid       the server's answer is not the JSON it promises
└── ServerRefused       the server refused the bytes; `.code` is the server's
Unavailable
└── ServerUnavailable   no answer, 429 or 503 after the last attempt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keys.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


class CheckValueUnknown(Refused):
    """A check was given a value that it cannot take, or a check is missing."""

    code = "check-value-unknown"


class PackInvalid(Refused):
    """A file of an evidence pack or of a trust folder is unreadable, too large, or contradicts another."""

    code = "pack-invalid"


class ReceiptInvalid(Refused):
    """The server's receipt does not prove that the record which was sent is in the log."""

    code = "receipt-invalid"


class AnswerInvalid(Refused):
    """The server's answer is not what its interface promises."""

    code = "answer-invalid"


class ServerRefused(Refused):
    """The server refused the request. The code is the server's own, from its problem document (RFC 9457).

    status   HTTP status
    problem  the problem document, {} when there was none
    """

    code = "server-refused"

    def __init__(self, message: str, *, code: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # the server's word is more exact than the class's
        self.status = status
        self.problem = problem


class ServerUnavailable(Unavailable):
    """No usable answer after the last attempt. The request may have been carried out: send the same bytes again."""

    code = "server-unavailable"
