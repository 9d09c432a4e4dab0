"""Texts in two languages: each key holds both, so that none can be missing in one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from ledger.clock import SHANGHAI

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
LANG_TAG: Final[Mapping[str, str]] = {"zh": "zh-CN", "en": "en"}


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en


Text = str | Words
"""A label in both languages, or a value that is the same in both (a name, a date, a number)."""

Texts = Mapping[str, tuple[str, str]]
"""What a page module hands over: key -> (Chinese, English)."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Phrasebook:
    """All texts of the pages: the common ones and those each page brings along."""

    def __init__(self, *sources: Texts) -> None:
        self._words: dict[str, Words] = {}
        for source in sources:
            for key, (zh, en) in source.items():
                if key in self._words:
                    raise ValueError(f"text {key} is defined twice")
                if sorted(_PLACEHOLDER.findall(zh)) != sorted(_PLACEHOLDER.findall(en)):
                    raise ValueError(f"text {key} has other placeholders in English than in Chinese")
                self._words[key] = Words(zh, en)

    def __contains__(self, key: str) -> bool:
        return key in self._words

    def keys(self) -> list[str]:
        """Every key, in order of definition."""
        return list(self._words)

    def say(self, lang: Lang, key: str, **values: object) -> str:
        """The text `key` with its placeholders filled; values are inserted as they are, never read as templates."""
        return self._words[key].say(lang).format(**values)

    def either(self, lang: Lang, key: str, otherwise: str) -> str:
        """The text `key`, or the text `otherwise` where a newer vocabulary has a code that the pages do not know."""
        return self.say(lang, key if key in self._words else otherwise)


def say(lang: Lang, text: Text) -> str:
    """A text as it stands, or its half in the language of the page."""
    return text.say(lang) if isinstance(text, Words) else text


def format_moment(seconds: int) -> str:
    """An instant in seconds since 1970 as people in China write it: `2026-11-21 09:31` (Asia/Shanghai)."""
    return datetime.fromtimestamp(seconds, SHANGHAI).strftime("%Y-%m-%d %H:%M")


def format_day(day: date, lang: Lang) -> str:
    """A date in a sentence: `2026年5月12日`, or `12 May 2026`."""
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def format_hours(minutes: int) -> str:
    """Minutes as hours with at most one decimal digit, rounded down: 90 -> `1.5`, 60 -> `1`."""
    tenths = minutes * 10 // 60
    whole, rest = divmod(tenths, 10)
    return f"{whole:,}.{rest}" if rest else f"{whole:,}"


def format_credits(centi: int) -> str:
    """Hundredths of a credit as credits: 1250 -> `12.5`, -600 -> `-6`."""
    return f"{centi / 100:,.2f}".rstrip("0").rstrip(".")


def spoken_domain(domain: str, lang: Lang) -> str:
    """A host name as one says it: printed beside each QR code because look-alike sites exist."""
    host, _, port = domain.partition(":")
    dot, colon = (" 点 ", " 冒号 ") if lang == "zh" else (" dot ", " colon ")
    return host.replace(".", dot) + (colon + port if port else "")
