"""The answer to a verification: banner first, then what the certificate says, then the seven checks one by one."""

from __future__ import annotations

from api.web.visit import Page

TEMPLATE = """\
{% extends "base.html" %}
{% from "parts.html" import data, lines with context %}
{% set text = view.text %}
{% set banner = text.zh if lang == "zh" else text.en %}
{% set advice = text.advice_zh if lang == "zh" else text.advice_en %}
{% block title %}{{ banner }}{% endblock %}
{% block main %}
<div class="tone {{ text.tone }}">
<p class="tag"><span aria-hidden="true">{{ text.icon }}</span> {{ say(tones[text.tone]) }}</p>
<h1>{{ banner }}</h1>
{% if view.word in ("revoked", "suspended", "superseded", "expired", "not_yet_valid") and view.since %}
<p>{{ t("outcome.since." ~ view.word, day=day(view.since)) }}</p>
{% endif %}
{% if view.reason and view.shown %}
<p>{{ t("outcome.reason", reason=either("reason." ~ view.reason, "reason.other")) }}</p>{% endif %}
{% if view.answer_due and view.shown %}<p>{{ t("outcome.due", day=day(view.answer_due)) }}</p>{% endif %}
{% if view.word == "cannot_tell" and view.shown %}
<p>{{ t("outcome.missing") }}{% for name in view.missing %}
{{ t("list.comma") if not loop.first }}{{ t("check." ~ name) }}{% endfor %}{{ t("list.stop") }}</p>
{% endif %}
<p><strong>{{ advice }}</strong></p>
</div>
{% if view.checks is none %}
<h2>{{ t("outcome.causes") }}</h2>
<ol>
<li>{{ t("outcome.cause.1") }}</li>
<li>{{ t("outcome.cause.2") }}</li>
<li>{{ t("outcome.cause.3") }}</li>
</ol>
<p>{{ t("outcome.not_fake") }}</p>
{% endif %}
{% if view.newer_code and view.shown %}
<p><a class="b" href="/c/{{ view.newer_code }}">{{ t("outcome.newer") }}</a></p>
{% endif %}
{% if view.shown %}
<h2>{{ t("outcome.content") }}</h2>
<p><strong>{{ data(say(view.shown.title), lang) }}</strong><br><span class="m">{{ say(view.shown.kind) }}</span></p>
{{ lines(view.shown.lines, lang, say) }}
<p>{{ t("outcome.masked") }}</p>
{% elif view.checks is not none %}
<p>{{ t("outcome.hidden." ~ ("erased" if view.word == "erased" else "other")) }}</p>
{% endif %}
{% if view.checks is not none %}
<h2>{{ t("outcome.checks") }}</h2>
<ol class="list checks">
{% for name, value in view.checks.values().items() %}
{% set check = view.checks|attr(name) %}
<li><span class="v {{ marks[value][1] }}"><span
aria-hidden="true">{{ marks[value][0] }}</span> {{ t("value." ~ value) }}</span>
<span>{{ t("check." ~ name) }}
{% if value == "not_checked" %}
<br><span class="m">{{ t("check.not_made") }}</span>
{% elif check.as_of is not none %}
<br><span class="m">{{ t("as_of", when=moment(check.as_of)) }}</span>
{% endif %}
</span></li>
{% endfor %}
</ol>
{% endif %}
<h2>{{ t("outcome.next") }}</h2>
<p>{{ t("outcome.next." ~ view.word) }}</p>
<p class="np">{% if view.word == "cannot_tell" and view.code %}<a class="b"
href="/c/{{ view.code }}">{{ t("outcome.retry") }}</a>{% endif %}
<a class="b s" href="/verify">{{ t("again") }}</a></p>
<p class="m">{{ t("outcome.asked", when=moment(view.as_of)) }}{% if view.code %}<br>{{ t("code") }} <span
class="code">{{ group_code(view.code) }}</span>{% endif %}</p>
<p class="p">{{ t("foot.domain", domain=domain, spoken=spoken) }}{% if address %}<br>{{ address }}{% endif %}</p>
{% endblock %}
"""

_CHECKS = {
    "check.format": ("文件格式", "File format"),
    "check.integrity": ("内容有没有被改动", "Content unchanged"),
    "check.issuer_key": ("机构的签章", "The institution's seal"),
    "check.inclusion": ("公开登记", "Public log"),
    "check.accreditation": ("机构当时的资质", "The institution's accreditation on the day"),
    "check.status": ("撤销或暂停情况", "Revocation and holds"),
    "check.period": ("有效期", "Period of validity"),
    "check.not_made": ("这一项没有核，不能当作通过", "This was not checked; do not take it as passed"),
    "value.pass": ("通过", "Passed"),
    "value.fail": ("未通过", "Failed"),
    "value.not_checked": ("没有核", "Not checked"),
    "value.under_review": ("复核中", "Under review"),
    "value.pending": ("登记中", "Being logged"),
    "value.suspended": ("暂停中", "On hold"),
    "value.superseded": ("已更正", "Corrected"),
    "value.revoked": ("已撤销", "Revoked"),
    "value.erased": ("已删除", "Erased"),
    "value.not_yet": ("未生效", "Not yet"),
    "value.expired": ("已过期", "Expired"),
}

_NEXT = {
    "outcome.next.valid": (
        "请本人出示身份证，核对姓名是否一致。也可以打印本页留存。",
        "Ask for the identity card and compare the name. You may print this page for your files.",
    ),
    "outcome.next.valid_pending": (
        "请本人出示身份证，核对姓名是否一致。一分钟后再核一次，会显示“证书有效”。",
        "Ask for the identity card and compare the name. Check again in a minute for the final answer.",
    ),
    "outcome.next.not_genuine": (
        "请不要凭这份文件录用或上岗。请本人登录档案，重新给您一份；或者直接问签发机构。怀疑造假，打 12333。",
        (
            "Do not rely on this file. Ask the holder for a fresh one, or ask the institution. If you suspect fraud, "
            "call 12333."
        ),
    ),
    "outcome.next.cannot_tell": (
        "过几分钟再核一次。着急的话，打签发机构的电话，或者打 12333。",
        "Check again in a few minutes. If it is urgent, call the institution or 12333.",
    ),
    "outcome.next.erased": (
        "本人有权删除。请直接问本人要其他证明。",
        "The holder has the right to erase it. Ask the holder for other proof.",
    ),
    "outcome.next.not_accredited": (
        "不要把它当作资质证明。可以打 12333 反映情况。",
        "Do not take it as a qualification. You can report it by calling 12333.",
    ),
    "outcome.next.revoked": (
        "请不要凭它录用或上岗。本人如果不同意，可以联系签发机构，或者打 12333。",
        "Do not rely on it. A holder who disagrees can contact the institution or call 12333.",
    ),
    "outcome.next.superseded": (
        "请打开新版，以新版为准。没有看到链接时，请问本人要新版。",
        "Open the new version: it is the one that counts. If there is no link, ask the holder for it.",
    ),
    "outcome.next.suspended": (
        "请先联系签发机构，问清楚再决定。也可以打 12333。",
        "Ask the institution before you decide. You can also call 12333.",
    ),
    "outcome.next.expired": (
        "证书当时是真的，现在过了有效期。请看岗位要不要有效期内的证书；需要的话，请本人复审或换证。",
        "It was genuine; its period is over. If the job needs a current one, ask the holder to renew it.",
    ),
    "outcome.next.not_yet_valid": (
        "请在生效日以后再核一次。",
        "Check again on or after the day it takes effect.",
    ),
    "outcome.next.not_found": (
        "先对照纸上再输一次；还是没有，请问签发机构是否已经上传，或者打 12333。",
        "Compare with the paper and try again; if it is still missing, ask the institution or call 12333.",
    ),
}

_TEXTS = {
    "outcome.since.revoked": ("撤销日期：{day}。", "Revoked on {day}."),
    "outcome.since.suspended": ("从{day}起暂停。", "On hold since {day}."),
    "outcome.since.superseded": ("更正日期：{day}。", "Corrected on {day}."),
    "outcome.since.expired": ("到期日：{day}。", "Expired on {day}."),
    "outcome.since.not_yet_valid": ("生效日：{day}。", "Takes effect on {day}."),
    "outcome.reason": ("原因：{reason}。", "Reason: {reason}."),
    "outcome.due": ("机构应在{day}前答复。", "The institution answers by {day}."),
    "outcome.missing": ("没有核到的项目：", "Not checked: "),
    "list.comma": ("、", ", "),
    "list.stop": ("。", "."),
    "outcome.causes": ("三种可能", "Three possible causes"),
    "outcome.cause.1": ("编号、核验码或姓名输错了。", "The number, the code or the name was mistyped."),
    "outcome.cause.2": ("机构还没有上传。", "The institution has not uploaded it yet."),
    "outcome.cause.3": (
        "这类证书不在本库范围，例如早年的纸质证书。",
        "This kind is not covered here, for example an old paper certificate.",
    ),
    "outcome.not_fake": ("没有查到，不等于是假的。", "Not found does not mean fake."),
    "outcome.newer": ("看新版", "Open the new version"),
    "outcome.content": ("证书内容", "What the certificate says"),
    "outcome.masked": (
        "姓名和号码只显示一部分，请对照本人身份证。",
        "Name and numbers are shown in part; compare them with the identity card.",
    ),
    "outcome.hidden.other": ("因为证明不了真假，这里不显示内容。", "Nothing is shown because nothing could be proved."),
    "outcome.hidden.erased": ("内容已经删除，这里不再显示。", "The content was erased and is no longer shown."),
    "outcome.checks": ("逐项结果", "The seven checks"),
    "outcome.next": ("接下来怎么办", "What to do next"),
    "outcome.retry": ("再核一次", "Check again"),
    "outcome.asked": ("核验时间 {when}", "Checked at {when}"),
}

PAGE = Page(templates={"outcome.html": TEMPLATE}, texts=_TEXTS | _NEXT | _CHECKS)
