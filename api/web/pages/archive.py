"""A worker's own archive: a summary, the levels reached, and all records newest first."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from api.web.visit import Answer, Fail, Page, Route, Show, Visit
from api.web.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.web.views import Item

PER_PAGE = 12
"""Records on one screen: keeps the page under 20 KB, whatever the records say."""

_COUNTED = frozenset({"valid", "expiring"})


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; an empty string asks for everything."""

    text: str = ""
    year: str = ""
    kind: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.year or self.kind or self.state)

    def query(self, page: int) -> str:
        """The address of one screen of the same selection, without the path."""
        wanted = {"q": self.text, "year": self.year, "kind": self.kind, "state": self.state}
        return urlencode([(name, value) for name, value in wanted.items() if value] + [("page", str(page))])


def select(items: Sequence[Item], filters: Filters) -> list[Item]:
    """The items that match every filter, in their order. Letter case and full-width forms do not matter."""
    wanted = _plain(filters.text).split()
    return [
        item
        for item in items
        if (not filters.year or str(item.day.year) == filters.year)
        and (not filters.kind or item.kind == filters.kind)
        and (not filters.state or item.state == filters.state)
        and all(word in _searchable(item) for word in wanted)
    ]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _searchable(item: Item) -> str:
    title = item.title if isinstance(item.title, str) else " ".join(item.title)
    return _plain(" ".join((title, *item.kind_label, item.issuer, item.day.isoformat())))


def show(visit: Visit) -> Answer:
    """The archive of the person who is signed in."""
    if visit.person is None:
        return Fail(403)
    archive = visit.source.archive(visit.person.subject)
    asked = visit.query
    filters = Filters(
        text=asked.get("q", "")[:100].strip(),
        year=asked.get("year", "")[:4],
        kind=asked.get("kind", "")[:64],
        state=asked.get("state", "")[:16],
    )
    found = select(archive.items, filters)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = asked.get("page", "1")
    page = (
        min(int(number), pages) if number.isascii() and number.isdigit() and len(number) <= 4 and number != "0" else 1
    )
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    kinds: dict[str, Words] = {item.kind: item.kind_label for item in archive.items}
    values = {
        "archive": archive,
        "filters": filters,
        "found": len(found),
        "years": [(year, list(group)) for year, group in groupby(shown, key=lambda item: item.day.year)],
        "page": page,
        "pages": pages,
        "all_years": sorted({item.day.year for item in archive.items}, reverse=True),
        "all_kinds": sorted(kinds.items()),
        "all_states": sorted({item.state for item in archive.items}),
        "counted": sum(item.certificate and item.state in _COUNTED for item in archive.items),
    }
    return Show("archive.html", values)


TEMPLATE = """\
{% extends "base.html" %}
{% from "parts.html" import data with context %}
{% block title %}{{ t("nav.me") }}{% endblock %}
{% block main %}
<h1>{{ t("me.title") }}</h1>
{% if not archive["items"] %}
<p>{{ t("me.none") }}</p>
<h2>{{ t("me.none.causes") }}</h2>
<ol>
<li>{{ t("me.none.1") }}</li>
<li>{{ t("me.none.2") }}</li>
<li>{{ t("me.none.3") }}</li>
</ol>
<section class="card" aria-labelledby="ask">
<h2 id="ask">{{ t("me.ask") }}</h2>
<p>{{ t("me.ask.how") }}</p>
<p class="quote">{{ t("me.ask.message", domain=domain) }}</p>
<p><a class="b" href="sms:?&amp;body={{ t('me.ask.message', domain=domain)|urlencode }}">{{ t("me.ask.sms") }}</a></p>
</section>
{% else %}
<p><strong>{{ t("me.summary", n=archive["items"]|length, valid=counted, hours=hours(archive.minutes)) }}</strong></p>
<p class="m">{{ t("me.as_of", when=moment(archive.as_of)) }}
{% if archive.behind %}<br>{{ t("me.behind") }}{% endif %}</p>
{% if archive.levels %}
<section class="card" aria-labelledby="levels">
<h2 id="levels">{{ t("me.levels") }}</h2>
<dl>
{% for level in archive.levels %}
<dt>{{ data(say(level.occupation), lang) }}</dt><dd><strong>{{ data(say(level.level), lang) }}</strong> <span
class="m">{{ t("me.since", day=day(level.day)) }}</span></dd>
{% endfor %}
</dl>
</section>
{% endif %}
<details class="np"{% if filters %} open{% endif %}>
<summary>{{ t("me.find") }}</summary>
<form method="get" action="/me" role="search">
<label for="q">{{ t("me.search") }}</label>
<input id="q" name="q" type="search" value="{{ filters.text }}" maxlength="100" autocomplete="off">
<label for="year">{{ t("me.year") }}</label>
<select id="year" name="year"><option value="">{{ t("yes.all") }}</option>{% for year in all_years %}
<option{% if year|string == filters.year %} selected{% endif %}>{{ year }}</option>{% endfor %}</select>
<label for="kind">{{ t("me.kind") }}</label>
<select id="kind" name="kind"><option value="">{{ t("yes.all") }}</option>{% for kind, label in all_kinds %}<option
value="{{ kind }}"{% if kind == filters.kind %} selected{% endif %}>{{ say(label) }}</option>{% endfor %}</select>
<label for="state">{{ t("status") }}</label>
<select id="state" name="state"><option value="">{{ t("yes.all") }}</option>{% for state in all_states %}<option
value="{{ state }}"{% if state == filters.state %} selected{% endif %}>{{ t("state." ~ state) }}</option>{% endfor %}
</select>
<p><button>{{ t("me.go") }}</button>{% if filters %} <a class="b s" href="/me">{{ t("me.clear") }}</a>{% endif %}</p>
</form>
</details>
{% if filters %}<p role="status">{{ t("me.found", n=found) }}</p>{% endif %}
{% if not found %}
<p>{{ t("me.nothing") }}</p>
{% endif %}
{% for year, items in years %}
<h2>{{ t("me.in", year=year) }}</h2>
<ul class="list">
{% for item in items %}
<li>
<h3>{{ data(say(item.title), lang) }}</h3>
<p><span class="v {{ states[item.state][1] }}"><span
aria-hidden="true">{{ states[item.state][0] }}</span> {{ t("state." ~ item.state) }}</span><br><span
class="m">{{ say(item.kind_label) }} · {{ data(item.issuer, lang) }} · {{ item.day }}{% if item.minutes is not none %}
 · {{ t("me.hours", hours=hours(item.minutes)) }}{% endif %}{% if item.credits_centi %}
 · {{ t("me.credits", n=("+" if item.credits_centi > 0 else "") ~ credits(item.credits_centi)) }}{% endif %}
</span></p>
<a class="b s" href="/me/records/{{ item.record_id }}"
aria-label="{{ t('me.open.this', title=say(item.title), day=item.day) }}">{{ t("me.open") }}</a>
</li>
{% endfor %}
</ul>
{% endfor %}
{% if pages > 1 %}
<nav class="np" aria-label="{{ t('me.pages') }}">
{% if page > 1 %}<a href="/me?{{ filters.query(page - 1) }}" rel="prev">{{ t("me.prev") }}</a>{% endif %}
<span>{{ t("me.page", page=page, pages=pages) }}</span>
{% if page < pages %}<a href="/me?{{ filters.query(page + 1) }}" rel="next">{{ t("me.next") }}</a>{% endif %}
</nav>
{% endif %}
{% endif %}
{% endblock %}
"""

PAGE = Page(
    templates={"archive.html": TEMPLATE},
    routes=(Route(path="/me", get=show, private=True),),
    texts={
        "me.title": ("我的技能档案", "My skill record"),
        "me.summary": (
            "{n} 条记录，{valid} 张有效证书，培训共 {hours} 学时。",
            "Records: {n}. Valid certificates: {valid}. Hours of training: {hours}.",
        ),
        "me.as_of": ("数据截至 {when}", "As of {when}"),
        "me.behind": (
            "有新的登记正在整理，过一会儿再看会更全。",
            "New entries are being sorted in; look again in a moment.",
        ),
        "me.levels": ("已达到的等级", "Levels reached"),
        "me.since": ("{day}取得", "since {day}"),
        "me.find": ("查找和筛选", "Search and filter"),
        "me.search": ("查找（证书、机构、日期）", "Search (certificate, institution, date)"),
        "me.year": ("年份", "Year"),
        "me.kind": ("类型", "Type"),
        "me.go": ("查找", "Search"),
        "me.clear": ("看全部", "Show all"),
        "me.found": ("找到 {n} 条。", "Found: {n}."),
        "me.nothing": ("没有符合条件的记录。请少选几项，或者看全部。", "No record matches. Choose less, or show all."),
        "me.in": ("{year} 年", "{year}"),
        "me.hours": ("{hours} 学时", "{hours} hours"),
        "me.credits": ("{n} 学分", "{n} credits"),
        "me.open": ("查看", "Open"),
        "me.open.this": ("查看：{title}，{day}", "Open: {title}, {day}"),
        "me.pages": ("翻页", "Pages"),
        "me.prev": ("上一页", "Newer"),
        "me.next": ("下一页", "Older"),
        "me.page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
        "me.none": ("还没有机构为您上传记录。", "No institution has uploaded a record for you yet."),
        "me.none.causes": ("三种可能", "Three possible causes"),
        "me.none.1": (
            "机构还没有上传。一般在发证后 10 个工作日内上传。",
            "The institution has not uploaded yet. It usually does within ten working days.",
        ),
        "me.none.2": (
            "机构登记的姓名或证件号和您的不一样。",
            "The institution holds another name or document number for you.",
        ),
        "me.none.3": (
            "这类证书不在本库范围，例如早年的纸质证书。",
            "The certificate is of a kind not kept here, for example an old paper one.",
        ),
        "me.ask": ("请机构上传", "Ask the institution"),
        "me.ask.how": ("把下面这段话发给培训或评价机构：", "Send this message to the institution:"),
        "me.ask.message": (
            "您好！我在贵单位参加过培训或考核。请把我的记录上传到技能档案（{domain}），并核对我的姓名和证件号。谢谢！",
            (
                "Hello! I was trained or assessed by you. Please upload my record to the Skill Ledger ({domain}) "
                "and check my name and document number. Thank you!"
            ),
        ),
        "me.ask.sms": ("用短信发送", "Send as text message"),
    },
)
