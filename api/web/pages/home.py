"""The entry: what this is, checking a certificate, signing in."""

from __future__ import annotations

from api.web.visit import Answer, Page, Route, Show, Visit


def show(_visit: Visit) -> Answer:
    """The first page."""
    return Show("home.html")


TEMPLATE = """\
{% extends "base.html" %}
{% block title %}{{ t("home.title") }}{% endblock %}
{% block main %}
<h1>{{ t("home.title") }}</h1>
<p>{{ t("home.what") }}</p>
<div class="two">
<section class="card" aria-labelledby="check">
<h2 id="check">{{ t("home.check") }}</h2>
<p>{{ t("home.check.text") }}</p>
<p><a class="b" href="/verify">{{ t("nav.verify") }}</a></p>
</section>
<section class="card" aria-labelledby="mine">
<h2 id="mine">{{ t("home.mine") }}</h2>
<p>{{ t("home.mine.text") }}</p>
{% if signed_in %}
<p><a class="b" href="/me">{{ t("nav.me") }}</a></p>
{% else %}
<p><a class="b s" href="/signin">{{ t("home.signin") }}</a></p>
{% endif %}
</section>
</div>
<h2>{{ t("home.trust") }}</h2>
<ul>
<li>{{ t("home.trust.1") }}</li>
<li>{{ t("home.trust.2") }}</li>
<li>{{ t("home.trust.3") }}</li>
</ul>
{% endblock %}
"""

PAGE = Page(
    templates={"home.html": TEMPLATE},
    routes=(Route(path="/", get=show),),
    texts={
        "home.title": ("一辈子的技能档案", "Your skills, on record for life"),
        "home.what": (
            "培训、学时、技能证书、获奖，都由培训和评价机构签章后记在这里，跟着您一辈子。",
            "Training, hours, certificates and awards, sealed by the institutions that gave them, kept here for life.",
        ),
        "home.check": ("招人、上岗前核验证书", "Check a certificate"),
        "home.check.text": (
            "扫证书上的二维码，或者输入核验码。不用登录，不收费。",
            "Scan the QR code on the paper or type its code. No sign-in, no charge.",
        ),
        "home.mine": ("看我自己的档案", "See my own record"),
        "home.mine.text": (
            "查看、打印自己的培训记录和证书。",
            "Look at and print your own training records and certificates.",
        ),
        "home.signin": ("登录看我的档案", "Sign in"),
        "home.trust": ("为什么可以相信", "Why you can rely on it"),
        "home.trust.1": (
            "每条记录都有机构的电子签章，改一个字就会被查出来。",
            "Every record carries the institution's electronic seal; a change of one letter shows.",
        ),
        "home.trust.2": (
            "记录只会增加，不会被悄悄删改；改正和撤销都看得见。",
            "Records are only ever added; corrections and revocations stay visible.",
        ),
        "home.trust.3": (
            "没有核到的项目，我们会直说“没有核”，不会当作通过。",
            "What could not be checked is called “not checked”, never passed.",
        ),
    },
)
