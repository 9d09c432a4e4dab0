"""From plain values to HTML: fixed templates, every value escaped, no script, no style attribute."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import segno
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from api.client.outcome import TONES
from api.web import pages as pages_package
from api.web.texts import COMMON
from api.web.visit import SIZES, Page, Prefs
from api.web.words import (
    LANG_TAG,
    Phrasebook,
    Text,
    Words,
    format_credits,
    format_day,
    format_hours,
    format_moment,
    say,
    spoken_domain,
)
from ledger.code import format_code

if TYPE_CHECKING:
    from datetime import date

MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "pass": ("✓", "good"),
    "fail": ("✕", "bad"),
    "not_checked": ("?", "unknown"),
    "under_review": ("!", "caution"),
    "pending": ("…", "caution"),
    "suspended": ("!", "caution"),
    "superseded": ("!", "caution"),
    "revoked": ("✕", "bad"),
    "erased": ("∅", "unknown"),
    "not_yet": ("!", "caution"),
    "expired": ("!", "caution"),
}
"""Sign and tone beside the word of each value that a check can take; only `pass` has the sign of `pass`."""

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "valid": ("✓", "good"),
    "recorded": ("✓", "good"),
    "expiring": ("!", "caution"),
    "expired": ("!", "caution"),
    "not_yet_valid": ("!", "caution"),
    "suspended": ("!", "caution"),
    "superseded": ("!", "caution"),
    "revoked": ("✕", "bad"),
    "erased": ("∅", "unknown"),
}
"""Sign and tone of each state in which a worker can find a record."""

_HERE: Final = Path(__file__).parent
STYLE: Final = (_HERE / "static" / "site.css").read_bytes()
STYLE_PATH: Final = f"/static/site.{hashlib.sha256(STYLE).hexdigest()[:12]}.css"
"""The style sheet's address changes with its content, so that it can be cached for ever."""


@cache
def load_pages() -> Mapping[str, Page]:
    """Every page by the name of its file in `api/web/pages/`: a new page is one new file there.

    raises  TypeError where a file defines no `PAGE`
    """
    found: dict[str, Page] = {}
    for module in sorted(pkgutil.iter_modules(pages_package.__path__), key=lambda entry: entry.name):
        page = getattr(importlib.import_module(f"{pages_package.__name__}.{module.name}"), "PAGE", None)
        if not isinstance(page, Page):
            raise TypeError(f"api/web/pages/{module.name}.py defines no PAGE")
        found[module.name] = page
    return found


@cache
def phrasebook() -> Phrasebook:
    """All texts of all pages."""
    return Phrasebook(COMMON, *(page.texts for page in load_pages().values()))


@cache
def _environment() -> Environment:
    own = {name: source for page in load_pages().values() for name, source in page.templates.items()}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(_HERE / "templates"), DictLoader(own)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        style_path=STYLE_PATH,
        marks=MARKS,
        states=STATES,
        sizes=SIZES,
        tones={name: Words(*pair) for name, pair in TONES.items()},
        group_code=format_code,
        moment=format_moment,
        hours=format_hours,
        credits=format_credits,
        qr=qr_data_uri,
    )
    return environment


@cache
def qr_data_uri(url: str) -> str:
    """An address as a QR code of the highest error correction, which survives a stamp or a fold: SVG in a data URI."""
    return str(segno.make_qr(url, error="h", boost_error=False).svg_data_uri(border=4, omitsize=True, nl=False))


def render(
    template: str,
    prefs: Prefs,
    *,
    path: str,
    domain: str,
    form_key: str = "",
    signed_in: bool = False,
    values: Mapping[str, object] | None = None,
) -> str:
    """One page as HTML: a pure function of its arguments.

    template  `error.html`, or a name that a page of `api/web/pages/` defines
    path      address that the language and size links go to, with the page's own query
    domain    host name that people see in the address bar
    raises    jinja2.UndefinedError where a template uses a value that was not given (our own mistake)
    """
    book, lang = phrasebook(), prefs.lang

    def t(key: str, **named: object) -> str:
        return book.say(lang, key, **named)

    def either(key: str, otherwise: str) -> str:
        return book.either(lang, key, otherwise)

    def words(text: Text) -> str:
        return say(lang, text)

    def day(value: date) -> str:
        return format_day(value, lang)

    return (
        _environment()
        .get_template(template)
        .render(
            **(values or {}),
            t=t,
            either=either,
            known=book.__contains__,
            say=words,
            day=day,
            lang=lang,
            lang_tag=LANG_TAG[lang],
            other_lang="en" if lang == "zh" else "zh",
            size=prefs.size,
            path=path,
            joint="&" if "?" in path else "?",
            domain=domain,
            spoken=spoken_domain(domain, lang),
            form_key=form_key,
            signed_in=signed_in,
        )
    )
