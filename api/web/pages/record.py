"""One record as its holder sees it: what it says in one sentence, its standing, who recorded it, and paper to print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from api.web.visit import Answer, Fail, Page, Route, Show, Visit
from ledger.clock import civil_date

if TYPE_CHECKING:
    from api.web.views import RecordView

EXPIRING_DAYS = 60
"""From this many days before the last day, the page says that a record expires soon."""

_RECORD_ID = re.compile(r"[0-9a-f]{64}")


def show(visit: Visit) -> Answer:
    """One record of the person who is signed in; another person's record does not exist here (threat T56)."""
    record_id = visit.named["record_id"]
    if visit.person is None:
        return Fail(403)
    if not _RECORD_ID.fullmatch(record_id):
        return Fail(404)
    record = visit.source.record(visit.person.subject, record_id)
    if record is None:
        return Fail(404)
    return Show("record.html", values_of(record, base_url=visit.base_url, now=visit.now))


def values_of(record: RecordView, *, base_url: str, now: int) -> dict[str, object]:
    """What the template needs.

    base_url  scheme and host of permanent addresses, without a slash at the end
    now       seconds since 1970
    """
    days_left = None if record.until is None else (record.until - civil_date(now)).days
    state = record.state
    if state == "valid" and days_left is not None and 0 <= days_left <= EXPIRING_DAYS:
        state = "expiring"
    return {
        "record": record,
        "state": state,
        "days_left": days_left,
        "statement": "record.statement." + record.kind.split("/")[0],
        "address": f"{base_url}/c/{record.code}" if record.code else None,
    }


TEMPLATE = """\
{% extends "base.html" %}
{% from "parts.html" import data, lines, paper with context %}
{% block title %}{{ say(record.title) }}{% endblock %}
{% set mark = states[state] %}
{% block main %}
<h1>{{ data(say(record.title), lang) }}</h1>
{% set title = say(record.title) %}
{% if record.holder %}
<p>{{ t(statement if known(statement) else "record.statement", holder=record.holder, day=day(record.day),
  title=title, issuer=record.issuer) }}</p>
{% endif %}
<div class="tone {{ mark[1] }}">
<h2><span aria-hidden="true">{{ mark[0] }}</span> {{ t("state." ~ state) }}</h2>
{% if state == "expiring" %}<p>{{ t("record.expiring", day=day(record.until), n=days_left) }}</p>
{% elif state == "expired" and record.until %}<p>{{ t("record.expired", day=day(record.until)) }}</p>
{% elif state in ("valid", "not_yet_valid", "recorded") %}<p>{{ t("record." ~ state) }}{% if state == "valid" %}
 {{ t("record.until", day=day(record.until)) if record.until else t("record.no_end") }}{% endif %}</p>
{% elif state == "superseded" %}<p>{{ t("record.superseded") }}</p>
{% elif state == "erased" %}<p>{{ t("record.erased") }}</p>
{% endif %}
{% if state in ("revoked", "suspended") %}
{% if record.since %}<p>{{ t("record.since." ~ state, day=day(record.since), issuer=record.issuer) }}</p>
{% endif %}
<p>{{ t("record.reason", reason=either("reason." ~ (record.reason or "other"), "reason.other")) }}</p>
{% if record.answer_due %}<p>{{ t("record.due", day=day(record.answer_due)) }}</p>{% endif %}
{% endif %}
</div>
{% if record.newer_record_id %}
<p class="np"><a class="b" href="/me/records/{{ record.newer_record_id }}">{{ t("record.newer") }}</a></p>
{% endif %}
{% if state in ("revoked", "suspended") %}
<h2>{{ t("record.appeal") }}</h2>
<ol>
<li>{{ t("record.appeal.1", issuer=record.issuer) }}</li>
<li>{{ t("record.appeal.2") }}</li>
<li>{{ t("record.appeal.until", day=day(record.appeal_until)) if record.appeal_until else t("record.appeal.3") }}</li>
</ol>
{% endif %}
<h2>{{ t("record.details") }}</h2>
{{ lines(record.lines, lang, say) }}
<h2>{{ t("record.who") }}</h2>
<dl>
<dt>{{ t("issuer") }}</dt><dd>{{ data(record.issuer, lang) }}</dd>
<dt>{{ t("record.signed") }}</dt><dd>{{ moment(record.signed_at) }}</dd>
<dt>{{ t("record.place") }}</dt><dd>{{ t("record.index", n="{:,}".format(record.index)) }}</dd>
</dl>
<h2>{{ t("record.history") }}</h2>
<ol class="list">
{% for step in record.steps %}
<li><strong>{{ either("step." ~ step.what, "step.other") }}</strong> · {{ step.day }}<br><span
class="m">{{ data(step.by, lang) }}{% if step.reason %}
 · {{ either("reason." ~ step.reason, "reason.other") }}{% endif %}</span></li>
{% endfor %}
</ol>
{% if record.code %}
{{ paper(record.code, address, domain, spoken, t, group_code, qr) }}
{% endif %}
<p class="m">{{ t("me.as_of", when=moment(record.as_of)) }}</p>
<p class="np">{{ t("record.print") }}</p>
<p class="np">{{ t("record.wrong", issuer=record.issuer) }}</p>
<p class="np"><a class="b s" href="/me">{{ t("record.back") }}</a></p>
{% endblock %}
"""

_STATEMENTS = {
    "record.statement": (
        "{issuer}为{holder}记录了“{title}”，日期是{day}。",
        "{issuer} recorded “{title}” for {holder}, dated {day}.",
    ),
    "record.statement.skill-certificate": (
        "{holder}于{day}取得“{title}”证书，由{issuer}签发。",
        "{holder} obtained the certificate “{title}” on {day}, issued by {issuer}.",
    ),
    "record.statement.vocational-qualification": (
        "{holder}于{day}取得“{title}”职业资格证书，由{issuer}签发。",
        "{holder} obtained the qualification certificate “{title}” on {day}, issued by {issuer}.",
    ),
    "record.statement.training-completion": (
        "{holder}参加了“{title}”培训，{day}结束，由{issuer}记录。",
        "{holder} took part in the training “{title}”, which ended on {day}, recorded by {issuer}.",
    ),
}

_STEPS = {
    "step.issued": ("签发", "Issued"),
    "step.corrected": ("更正", "Corrected"),
    "step.suspended": ("暂停使用", "Put on hold"),
    "step.reinstated": ("恢复有效", "Reinstated"),
    "step.revoked": ("撤销", "Revoked"),
    "step.other": ("其他变动", "Other change"),
}

_TEXTS = {
    "record.valid": ("这张证书现在有效。", "This certificate is valid now."),
    "record.recorded": ("这条记录已记入您的档案。", "This is part of your record."),
    "record.not_yet_valid": ("这张证书还没到生效日。", "This certificate has not taken effect yet."),
    "record.until": ("有效期到{day}。", "It is valid until {day}."),
    "record.no_end": ("长期有效。", "It has no end date."),
    "record.expiring": (
        "{day}到期，还有 {n} 天。请尽早问签发机构怎样复审或换证。",
        "It expires on {day}. Days left: {n}. Ask the institution soon how to renew it.",
    ),
    "record.expired": (
        "{day}已到期。它仍是您取得过的证明；要继续使用，请问签发机构怎样复审或换证。",
        "It expired on {day}. It still proves what you achieved; ask the institution how to renew it.",
    ),
    "record.superseded": (
        "这条记录已有新版，以新版为准。旧版留着备查。",
        "There is a new version of this record. It is the one that counts; the old one is kept for reference.",
    ),
    "record.erased": ("这条记录的内容已删除。", "The content of this record was erased."),
    "record.since.revoked": ("{issuer}于{day}撤销。", "Revoked by {issuer} on {day}."),
    "record.since.suspended": (
        "{issuer}从{day}起暂停，正在复核。",
        "Put on hold by {issuer} on {day}, under review.",
    ),
    "record.reason": ("原因：{reason}。", "Reason: {reason}."),
    "record.due": ("机构应在{day}前答复您。", "The institution must answer you by {day}."),
    "record.newer": ("看新版", "Open the new version"),
    "record.appeal": ("如果您不同意", "If you disagree"),
    "record.appeal.1": ("先联系{issuer}，请他们说明并复查。", "First ask {issuer} to explain and check again."),
    "record.appeal.2": (
        "还不满意，打 12333，请主管部门处理。",
        "If that does not help, call 12333: the authority will look into it.",
    ),
    "record.appeal.3": (
        "也可以依法申请行政复议。期限请问 12333，请尽早办。",
        "You may also apply for administrative review. Ask 12333 for the deadline, and do it soon.",
    ),
    "record.appeal.until": (
        "也可以在{day}前依法申请行政复议。",
        "You may also apply for administrative review until {day}.",
    ),
    "record.details": ("详细内容", "Details"),
    "record.who": ("谁记的，什么时候记的", "Who recorded it, and when"),
    "record.signed": ("机构签章时间", "Sealed by the institution at"),
    "record.place": ("登记顺序", "Place in the log"),
    "record.index": ("第 {n} 条", "No. {n}"),
    "record.history": ("经过", "History"),
    "paper.title": ("给别人核验", "For others to check"),
    "paper.qr": ("二维码，内容是网址 {address}", "QR code with the address {address}"),
    "paper.how": (
        "扫码，或者在官方网址 {domain}（读作：{spoken}）输入核验码。不用登录。网址不同就是假的。",
        (
            "Scan it, or type the code at the official address {domain} (say: {spoken}). No sign-in. "
            "Any other address is fake."
        ),
    ),
    "record.print": (
        "要纸质的：用浏览器菜单里的“打印”，这一页就是证明。",
        "For paper, choose “Print” in the menu of your browser: this page is the proof.",
    ),
    "record.wrong": (
        "内容不对？请联系{issuer}更正，或者打 12333。",
        "Something is wrong? Ask {issuer} to correct it, or call 12333.",
    ),
    "record.back": ("回到我的档案", "Back to my record"),
}

PAGE = Page(
    templates={"record.html": TEMPLATE},
    routes=(Route(path="/me/records/{record_id}", get=show, private=True),),
    texts=_TEXTS | _STATEMENTS | _STEPS,
)
