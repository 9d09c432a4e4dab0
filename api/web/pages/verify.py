"""Checking a certificate: by code, by certificate number and full name, or by the file itself."""

from __future__ import annotations

from api.web.codes import TYPED_CHARS_MAX, CodeMistyped, read_code
from api.web.upload import UploadUnreadable, envelope_of
from api.web.visit import Answer, Go, Page, Route, Show, Visit
from ledger.errors import CodeMalformed

_NUMBER_CHARS_MAX = 64
_NAME_CHARS_MAX = 100


def show(_visit: Visit) -> Answer:
    """The three empty forms."""
    return _form()


def submit(visit: Visit) -> Answer:
    """The form that was filled in decides; a code goes on to its permanent address."""
    if visit.upload is not None and visit.upload.data:
        return _by_file(visit, visit.upload.data)
    if "number" in visit.form or "name" in visit.form:
        return _by_certificate(visit)
    if "file" in visit.form or visit.upload is not None:
        return _form(error="file-empty", at="file")
    return _by_code(visit)


def show_code(visit: Visit) -> Answer:
    """The permanent address that every printed QR code points to."""
    typed = visit.named["code"]
    try:
        code = read_code(typed)
    except CodeMalformed as error:
        return _form(error=_mistake(error), at="code", typed=typed[:TYPED_CHARS_MAX], status=404)
    if typed != code:
        return Go(f"/c/{code}")
    return Show("outcome.html", {"view": visit.source.verify_code(code), "address": f"{visit.base_url}/c/{code}"})


def _by_code(visit: Visit) -> Answer:
    typed = visit.form.get("code", "")
    try:
        code = read_code(typed)
    except CodeMalformed as error:
        return _form(error=_mistake(error), at="code", typed=typed[:TYPED_CHARS_MAX], status=422)
    return Go(f"/c/{code}")


def _by_certificate(visit: Visit) -> Answer:
    number, name = visit.form.get("number", "").strip(), visit.form.get("name", "").strip()
    if not number or not name or len(number) > _NUMBER_CHARS_MAX or len(name) > _NAME_CHARS_MAX:
        return _form(error="both-needed", at="certificate", status=422)
    visit.count("number")
    view = visit.source.verify_certificate(number=number, name=name)
    return Show("outcome.html", {"view": view, "address": None})


def _by_file(visit: Visit, data: bytes) -> Answer:
    try:
        envelope = envelope_of(data)
    except UploadUnreadable:
        return _form(error="file-unreadable", at="file", status=422)
    return Show("outcome.html", {"view": visit.source.verify_envelope(envelope), "address": None})


def _mistake(error: CodeMalformed) -> str:
    return "code-mistyped" if isinstance(error, CodeMistyped) else "code-malformed"


def _form(*, error: str | None = None, at: str | None = None, typed: str = "", status: int | None = None) -> Show:
    return Show("verify.html", {"error": error, "at": at, "typed": typed}, status or (422 if error else 200))


FORM = """\
{% extends "base.html" %}
{% block title %}{% if error %}{{ t("verify.error") }}{% else %}{{ t("nav.verify") }}{% endif %}{% endblock %}
{% macro problem(where) %}
{% if at == where %}<p class="tone bad" id="problem" role="alert"><span class="tag"><span
aria-hidden="true">✕</span> {{ t("verify.error") }}</span><br>{{ t("verify.error." ~ error) }}</p>{% endif %}
{% endmacro %}
{% block main %}
<h1>{{ t("nav.verify") }}</h1>
<p>{{ t("verify.what") }}</p>
<section class="card" aria-labelledby="by-code">
<h2 id="by-code">{{ t("verify.code.title") }}</h2>
{{ problem("code") }}
<form method="post" action="/verify">
<label for="code">{{ t("code") }}</label>
<p class="m" id="code-hint">{{ t("verify.code.hint") }}</p>
<input class="code" id="code" name="code" value="{{ typed }}" maxlength="64" required autocomplete="off"
autocapitalize="characters" spellcheck="false" aria-describedby="code-hint{% if at == 'code' %} problem{% endif %}
"{% if at == "code" %} aria-invalid="true"{% endif %}>
<p><button>{{ t("verify.go") }}</button></p>
</form>
</section>
<section class="card" aria-labelledby="by-number">
<h2 id="by-number">{{ t("verify.number.title") }}</h2>
{{ problem("certificate") }}
<form method="post" action="/verify">
<label for="number">{{ t("verify.number") }}</label>
<input id="number" name="number" maxlength="64" required autocomplete="off"
spellcheck="false"{% if at == "certificate" %} aria-invalid="true" aria-describedby="problem"{% endif %}>
<label for="name">{{ t("verify.name") }}</label>
<input id="name" name="name" maxlength="100" required autocomplete="off" spellcheck="false">
<p class="m">{{ t("verify.number.hint") }}</p>
<p><button class="s">{{ t("verify.go") }}</button></p>
</form>
</section>
<section class="card" aria-labelledby="by-file">
<h2 id="by-file">{{ t("verify.file.title") }}</h2>
{{ problem("file") }}
<form method="post" action="/verify" enctype="multipart/form-data">
<label for="file">{{ t("verify.file") }}</label>
<input id="file" name="file" type="file" required{% if at == "file" %} aria-invalid="true"
aria-describedby="problem"{% endif %}>
<p><button class="s">{{ t("verify.go") }}</button></p>
</form>
</section>
{% endblock %}
"""

PAGE = Page(
    templates={"verify.html": FORM},
    routes=(Route(path="/verify", get=show, post=submit), Route(path="/c/{code}", get=show_code)),
    texts={
        "verify.what": (
            "三种办法，任选一种。不用登录。请勿输入别人的身份证号。",
            "Choose one of three ways. No sign-in. Never type another person's identity number.",
        ),
        "verify.code.title": ("用核验码", "By code"),
        "verify.code.hint": (
            "在二维码旁边，共 16 位，例如 7Q4K 9XWM 2B3C 4D5E。可以直接粘贴；字母 O 当 0，字母 I 和 L 当 1。",
            "Beside the QR code: 16 characters like 7Q4K 9XWM 2B3C 4D5E. You may paste them; O is 0, I and L are 1.",
        ),
        "verify.number.title": ("用证书编号和姓名", "By certificate number and name"),
        "verify.number": ("证书编号", "Certificate number"),
        "verify.name": ("持证人姓名（全名）", "Holder's full name"),
        "verify.number.hint": (
            "两样都对才能查到。",
            "Both must match.",
        ),
        "verify.file.title": ("用电子证书文件", "By file"),
        "verify.file": ("选择文件（.sdjwt，或证据包 .zip）", "Choose a file (.sdjwt, or an evidence pack .zip)"),
        "verify.go": ("核验", "Check"),
        "verify.error": ("请改一下再核", "Please correct this"),
        "verify.error.code-malformed": (
            "核验码是 16 位字母和数字，不含 U。请对照纸上再输一次。",
            "A code has 16 letters and digits, never U. Compare it with the paper and try again.",
        ),
        "verify.error.code-mistyped": (
            "核验码有一位输错了。请对照纸上逐组检查。这不代表证书是假的。",
            "One character of the code is mistyped. Compare it group by group. This does not mean a fake.",
        ),
        "verify.error.both-needed": (
            "请同时填写证书编号和持证人全名。",
            "Please fill in both the certificate number and the holder's full name.",
        ),
        "verify.error.file-empty": ("请先选择一个文件。", "Please choose a file first."),
        "verify.error.file-unreadable": (
            "这个文件打不开，或者不是电子证书。请本人从档案里重新下载原始文件。",
            "This file cannot be opened or is not a certificate. Ask the holder for the original file.",
        ),
    },
)
