"""One visit to a page and what a page may answer: plain values, so that pages know nothing of the server library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from api.web.views import ArchiveView, OutcomeView, RecordView

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from api.web.words import Lang, Texts

Size = Literal["normal", "large", "xlarge"]
SIZES: Final[tuple[Size, ...]] = ("normal", "large", "xlarge")
"""Text sizes; `xlarge` is the 长辈版 with 30 px text."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    login: str
    subject: str | None
    """The worker's random UUID, never a card number; None while nothing is recorded about this person."""


@dataclass(frozen=True, slots=True)
class Prefs:
    """How this reader wants pages: language and text size."""

    lang: Lang = "zh"
    size: Size = "normal"


class Door(Protocol):
    """Who comes in: sessions and the ways to begin one. Behind it stands the server's sign-in."""

    def is_secure(self) -> bool:
        """Whether people reach this server over TLS, so that cookies may demand it."""
        ...

    def person(self, request: Request) -> Person | None:
        """The worker whose session a request carries; None for a stranger or another role."""
        ...

    def form_key(self, request: Request, cookie: str) -> str:
        """The hidden value for forms of this session in this browser."""
        ...

    def demo_logins(self) -> tuple[str, ...] | None:
        """The people of a demonstration; None outside of one."""
        ...

    def sign_in_path(self) -> str | None:
        """Where an outside sign-in begins; None where none is configured."""
        ...

    def check_rate(self, bucket: str, request: Request) -> None:
        """Counts one request of a bucket, e.g. `number`.

        raises  RateLimited
        """
        ...

    def enter(self, response: Response, login: str) -> None:
        """Begins a new session for a login of the demonstration.

        raises  NotFound
        """
        ...

    def leave(self, response: Response) -> None:
        """Ends the session."""
        ...


class Source(Protocol):
    """Where pages get what they show. Every method may raise `Unavailable`; the page then says so, in plain words."""

    def verify_code(self, code: str) -> OutcomeView:
        """The outcome for a well-formed verification code of 16 characters, folded, without spaces."""
        ...

    def verify_certificate(self, *, number: str, name: str) -> OutcomeView:
        """The outcome for a certificate number and the holder's full name; a wrong pair is simply not found."""
        ...

    def verify_envelope(self, envelope: bytes) -> OutcomeView:
        """The outcome for the bytes of an envelope, however damaged."""
        ...

    def archive(self, subject: str | None) -> ArchiveView:
        """A worker's archive, newest first."""
        ...

    def record(self, subject: str | None, record_id: str) -> RecordView | None:
        """One of this worker's records; None if there is none, or if it is another person's."""
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file. Its name is never shown and never used as a path."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, read and bounded.

    path       as asked, without the query
    named      values of the `{…}` parts of the route
    query      the last value of each query parameter
    form       the last value of each form field, at most 8 KiB each
    upload     the file of the form, if one was sent
    form_key   hidden value that a form which changes something sends back
    domain     host name people see in the address bar, e.g. `ledger.example.cn`
    base_url   scheme and host of permanent addresses, without a slash at the end
    now        seconds since 1970
    count      counts a request of a bucket that has a rate of its own; raises RateLimited
    demo       whether the demonstration's sign-in is open; `logins` are then its people
    sign_in_path  where an outside sign-in begins, or None
    """

    path: str
    prefs: Prefs
    source: Source
    person: Person | None
    form_key: str
    domain: str
    base_url: str
    now: int
    count: Callable[[str], None]
    demo: bool = False
    logins: tuple[str, ...] = ()
    sign_in_path: str | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Answer with a page."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Go:
    """Answer with another address on this site (303); always a path of our own, never a foreign host."""

    path: str
    sign_in: str | None = None
    """Login to begin a new session for."""

    sign_out: bool = False


@dataclass(frozen=True, slots=True)
class Fail:
    """Answer with the error page of a status."""

    status: int


Answer = Show | Go | Fail
Handler = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of a page.

    path     as in Starlette, e.g. `/c/{code}`
    get      handler of GET and HEAD, or None
    post     handler of POST, or None
    changes  the POST changes something, so it needs the form key
    private  only for signed-in people: others are sent to the sign-in page
    """

    path: str
    get: Handler | None = None
    post: Handler | None = None
    changes: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a file in `api/web/pages/` defines as `PAGE`.

    templates  name -> Jinja source, extending `base.html`
    texts      key -> (Chinese, English)
    routes     its addresses
    """

    templates: Mapping[str, str] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
