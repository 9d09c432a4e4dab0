"""Signing in and out. A demonstration lists its people; otherwise the way leads to the card app's own sign-in."""

from __future__ import annotations

import re

from api.web.visit import Answer, Go, Page, Route, Show, Visit

_OWN_PATH = re.compile(r"/(me(/records/[0-9a-f]{64})?)?")
_SHOWN_MAX = 8


def own_path(asked: str) -> str:
    """Where to go after signing in: a page of our own, or the archive for anything else (threat T57)."""
    return asked if asked and _OWN_PATH.fullmatch(asked) else "/me"


def show(visit: Visit) -> Answer:
    """The sign-in page; whoever is signed in already goes on."""
    then = own_path(visit.query.get("next", ""))
    if visit.person is not None:
        return Go(then)
    return _page(visit, then=then, error=False)


def submit(visit: Visit) -> Answer:
    """Begins a session of the demonstration for a login it knows."""
    login, then = visit.form.get("login", "").strip(), own_path(visit.form.get("next", ""))
    if login not in visit.logins:
        return _page(visit, then=then, error=True)
    return Go(then, sign_in=login)


def leave(_visit: Visit) -> Answer:
    """Ends the session."""
    return Go("/", sign_out=True)


def _page(visit: Visit, *, then: str, error: bool) -> Show:
    values = {
        "logins": visit.logins[:_SHOWN_MAX],
        "demo": visit.demo,
        "start": visit.sign_in_path,
        "then": then,
        "error": error,
    }
    return Show("signin.html", values, 422 if error else 200)


TEMPLATE = """\
{% extends "base.html" %}
{% block title %}{{ t("nav.signin") }}{% endblock %}
{% block main %}
<h1>{{ t("signin.title") }}</h1>
{% if demo %}
<p class="tone caution"><strong>{{ t("signin.demo") }}</strong><br>{{ t("signin.demo.text") }}</p>
{% if error %}<p class="tone bad" id="problem" role="alert"><span
aria-hidden="true">✕</span> {{ t("signin.unknown") }}</p>{% endif %}
<form method="post" action="/signin">
<input type="hidden" name="form_key" value="{{ form_key }}">
<input type="hidden" name="next" value="{{ then }}">
<label for="login">{{ t("signin.login") }}</label>
<input id="login" name="login" list="logins" maxlength="64" required autocomplete="username" autocapitalize="none"
spellcheck="false"{% if error %} aria-invalid="true" aria-describedby="problem"{% endif %}>
<datalist id="logins">{% for login in logins %}<option value="{{ login }}"></option>{% endfor %}</datalist>
<p><button>{{ t("nav.signin") }}</button></p>
</form>
{% if logins %}
<h2>{{ t("signin.people") }}</h2>
<form method="post" action="/signin">
<input type="hidden" name="form_key" value="{{ form_key }}">
<input type="hidden" name="next" value="{{ then }}">
<p>{% for login in logins %}<button class="s" name="login" value="{{ login }}">{{ login }}</button>
{% endfor %}</p>
</form>
{% endif %}
{% elif start %}
<p>{{ t("signin.card") }}</p>
<p><a class="b" href="{{ start }}">{{ t("signin.go") }}</a></p>
<h2>{{ t("signin.help") }}</h2>
<ul>
<li>{{ t("signin.help.1") }}</li>
<li>{{ t("signin.help.2") }}</li>
</ul>
{% else %}
<p>{{ t("signin.closed") }}</p>
{% endif %}
<p><a class="b s" href="/">{{ t("home") }}</a></p>
{% endblock %}
"""

PAGE = Page(
    templates={"signin.html": TEMPLATE},
    routes=(
        Route(path="/signin", get=show, post=submit, changes=True),
        Route(path="/signout", post=leave, changes=True),
    ),
    texts={
        "signin.title": ("登录看我的档案", "Sign in to see your record"),
        "signin.demo": ("这是演示", "This is a demonstration"),
        "signin.demo.text": (
            "这里的人和证书都是编造的，不用密码。",
            "People and certificates here are made up; there is no password.",
        ),
        "signin.login": ("演示账号", "Demonstration login"),
        "signin.unknown": ("没有这个演示账号，请换一个。", "There is no such login. Please choose another."),
        "signin.people": ("或者直接选一位", "Or choose a person"),
        "signin.card": (
            "用电子社保卡登录。不用记密码，也不用认图片。",
            "Sign in with your electronic social security card. No password, no picture puzzle.",
        ),
        "signin.go": ("用电子社保卡登录", "Sign in with the card"),
        "signin.help": ("登录不了？", "Trouble signing in?"),
        "signin.help.1": (
            "还没有领电子社保卡：打 12333，问怎样领。",
            "No electronic card yet: call 12333 and ask how to get one.",
        ),
        "signin.help.2": (
            "不会用手机：带上身份证，到服务窗口请工作人员打印。",
            "No phone: take your identity card to a service counter and have your record printed.",
        ),
        "signin.closed": (
            "现在不能登录。请稍后再来，或者打 12333。",
            "Signing in is not possible right now. Come back later, or call 12333.",
        ),
    },
)
