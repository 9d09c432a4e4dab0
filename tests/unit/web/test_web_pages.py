"""Goal: pages are safe and say the right thing, state by state, without a server. Method: the real router over sample
values, asked through HTTP in the same process; render functions fed with plain values.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx
import pytest
import segno
from markupsafe import escape

from api.client.outcome import TEXTS, VALUES, Checks, outcome, shows_content
from api.web import render as rendering
from api.web.codes import CodeMistyped, read_code
from api.web.pages.archive import Filters, select
from api.web.pages.record import values_of
from api.web.render import MARKS, STATES, load_pages, phrasebook, qr_data_uri, render
from api.web.upload import UPLOAD_BYTES_MAX, UploadUnreadable, envelope_of
from api.web.views import OutcomeView
from api.web.visit import SIZES, Page, Prefs
from api.web.words import LANGS, Phrasebook, Words, format_day, format_hours, spoken_domain
from ledger.code import ALPHABET
from ledger.errors import CodeMalformed
from ledger.limits import ENVELOPE_BYTES_MAX
from tests.e2e import states
from tests.e2e.addresses import ADDRESSES
from tests.e2e.site import SampleSource, sample_app, serving

FORBIDDEN_WORDS = ("区块链", "哈希", "公钥", "私钥", "默克尔", "blockchain", "hash", "public key", "merkle")

SEVENS = dict.fromkeys(
    (
        "address",
        "day",
        "domain",
        "hours",
        "holder",
        "issuer",
        "n",
        "page",
        "pages",
        "reason",
        "spoken",
        "title",
        "valid",
        "when",
        "year",
    ),
    "7",
)
"""A value for every placeholder."""


@pytest.fixture(scope="module")
def address():
    with serving(lambda _url: sample_app()) as url:
        yield url


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address) as opened:
        yield opened


def form_key(client, path="/signin") -> str:
    found = re.search(r'name="form_key"\s+value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


# Texts


def test_every_text_speaks_both_languages_and_differs():
    book = phrasebook()
    for key in book.keys():  # noqa: SIM118 - a phrasebook is no dict
        said = [book.say(lang, key, **SEVENS).strip() for lang in LANGS]
        assert all(said), key
        assert said[0] != said[1] or key == "me.in", key


def test_a_placeholder_missing_in_one_language_is_found_at_once():
    with pytest.raises(ValueError, match="placeholders"):
        Phrasebook({"x": ("{n} 条", "some")})
    with pytest.raises(ValueError, match="twice"):
        Phrasebook({"x": ("甲", "a")}, {"x": ("乙", "b")})


def test_every_code_that_a_page_can_meet_has_its_texts():
    book = phrasebook()
    assert {value for values in VALUES.values() for value in values} == set(MARKS)
    for name in VALUES:
        assert f"check.{name}" in book
    for value in MARKS:
        assert f"value.{value}" in book
    for word in TEXTS:
        assert f"outcome.next.{word}" in book
    for state in STATES:
        assert f"state.{state}" in book


def test_worker_pages_use_plain_words(client):
    for place in ADDRESSES:
        for lang in LANGS:
            client.cookies.set("session", place.login)
            body = client.get(_with(place.path, lang=lang)).text.lower()
            text = re.sub(r"<[^>]+>", " ", body)
            assert [word for word in FORBIDDEN_WORDS if word in text] == [], place.name


def _with(path: str, **chosen: str) -> str:
    return path + ("&" if "?" in path else "?") + urlencode(chosen)


def test_numbers_days_and_domains_in_words():
    assert [format_hours(minutes) for minutes in (0, 59, 60, 90, 60_000)] == ["0", "0.9", "1", "1.5", "1,000"]
    assert format_day(date(2026, 5, 2), "zh") == "2026年5月2日"
    assert format_day(date(2026, 5, 2), "en") == "2 May 2026"
    assert spoken_domain("a.gov.cn:8000", "zh") == "a 点 gov 点 cn 冒号 8000"


# A new page is one new file


def test_a_page_is_found_by_its_place(tmp_path, monkeypatch):
    (tmp_path / "extra.py").write_text("PAGE = 1\n")
    monkeypatch.setattr(rendering.pages_package, "__path__", [str(tmp_path)])
    monkeypatch.setitem(__import__("sys").modules, "api.web.pages.extra", type("M", (), {"PAGE": Page()}))
    assert set(load_pages.__wrapped__()) == {"extra"}


def test_a_page_without_a_definition_stops_the_start(tmp_path, monkeypatch):
    (tmp_path / "bare.py").write_text("")
    monkeypatch.setattr(rendering.pages_package, "__path__", [str(tmp_path)])
    monkeypatch.setitem(__import__("sys").modules, "api.web.pages.bare", type("M", (), {}))
    with pytest.raises(TypeError, match="bare"):
        load_pages.__wrapped__()


# Outcomes: every combination of checks


def test_no_combination_of_checks_shows_what_it_must_not():
    shown = 0
    for values in itertools.product(*VALUES.values()):
        checks = Checks.of(dict(zip(VALUES, values, strict=True)), as_of=states.NOW)
        view = OutcomeView(checks=checks, as_of=states.NOW, content=states.CONTENT)
        assert (view.shown is not None) == shows_content(checks)
        assert view.word == outcome(checks)
        shown += view.shown is not None
    assert shown > 0


@pytest.mark.parametrize("name", states.OUTCOMES)
@pytest.mark.parametrize("lang", LANGS)
def test_an_outcome_page_says_word_advice_and_all_seven_checks(name, lang):
    view = states.OUTCOMES[name]
    html = _outcome_html(view, lang)
    text = view.text
    assert str(escape(text.zh if lang == "zh" else text.en)) in html
    assert str(escape(text.advice_zh if lang == "zh" else text.advice_en)) in html
    assert f'class="tone {text.tone}"' in html
    assert "12333" in html
    assert html.count('<li><span class="v ') == (0 if view.checks is None else 7)
    assert ("张*丰" in html) == (view.shown is not None)
    if view.checks is None:
        assert html.count("<li>") == 3, "three causes"


def test_a_check_that_was_not_made_never_looks_like_passed():
    book = phrasebook()
    checks = Checks.of({**states.PASSED, "status": "not_checked"}, as_of=states.NOW)
    html = _outcome_html(OutcomeView(checks=checks, as_of=states.NOW, content=states.CONTENT), "zh")
    row = next(each for each in html.split("<li>") if book.say("zh", "check.status") in each and 'class="v ' in each)
    assert "没有核" in row
    assert "不能当作通过" in row
    assert MARKS["pass"][0] not in row
    assert 'class="v good"' not in row
    assert "没有核到的项目：撤销或暂停情况。" in html


def _outcome_html(view, lang):
    return render(
        "outcome.html", Prefs(lang), path="/verify", domain="ledger.example.cn", values={"view": view, "address": None}
    )


@pytest.mark.parametrize("text", states.ATTACKS)
@pytest.mark.parametrize("lang", LANGS)
def test_hostile_text_is_escaped_everywhere(text, lang):
    view = states.attacked_record(text)
    values = values_of(view, base_url="https://x.example", now=states.NOW)
    common = {"path": "/", "domain": "x.example"}
    for html in (
        render("record.html", Prefs(lang), **common, values=values),
        render("outcome.html", Prefs(lang), **common, values={"view": states.attacked_outcome(text), "address": None}),
        render("verify.html", Prefs(lang), **common, values={"error": "code-malformed", "at": "code", "typed": text}),
    ):
        found = Tags()
        found.feed(html)
        assert found.tags & DANGEROUS == set()
        assert [
            name for name in found.attributes if name.startswith("on") or name in ("style", "srcdoc", "autofocus")
        ] == []
        assert [url for url in found.addresses if not url.startswith(("/", "#", "tel:12333", "data:"))] == []


DANGEROUS = {"script", "iframe", "svg", "math", "base", "style", "object", "embed", "textarea"}


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]


# Records


@pytest.mark.parametrize(("days", "state"), [(61, "valid"), (60, "expiring"), (0, "expiring")])
def test_a_record_expires_soon_from_sixty_days_before(days, state):
    today = date(2026, 11, 21)
    view = replace(states.RECORD, until=today + timedelta(days=days))
    assert values_of(view, base_url="https://x.example", now=states.NOW)["state"] == state


def test_the_printed_code_leads_to_the_permanent_address():
    url = "https://ledger.example.cn/c/" + states.CODES["valid"]
    code = segno.make_qr(url, error="h", boost_error=False)
    assert code.error == "H"
    assert int(code.version) <= 6, "EXPERIENCE A7: at most 41 modules"
    assert qr_data_uri(url).startswith("data:image/svg+xml")
    html = render(
        "record.html",
        Prefs(),
        path="/",
        domain="ledger.example.cn",
        values=values_of(states.RECORD, base_url="https://ledger.example.cn", now=states.NOW),
    )
    assert qr_data_uri(url).replace("'", "&#39;") in html
    assert "7Q4K 9XWM 2B3C" in html


# Codes


CODE = states.CODES["valid"]


@pytest.mark.parametrize(
    "typed",
    [CODE, CODE.lower(), " ".join(CODE), f"{CODE[:4]}-{CODE[4:8]}–{CODE[8:12]}·{CODE[12:]}", CODE.replace("1", "l"), CODE.replace("1", "I"), CODE.replace("0", "o"), "".join(chr(ord(letter) + 0xFEE0) for letter in CODE), f"\u3000{CODE}\n"],
)  # fmt: skip
def test_a_code_is_understood_however_it_is_typed(typed):
    assert read_code(typed) == CODE


def test_every_slip_of_one_character_is_told_before_a_look_up(client):
    for place in range(16):
        for letter in ALPHABET.replace(CODE[place], ""):
            with pytest.raises(CodeMistyped):
                read_code(CODE[:place] + letter + CODE[place + 1 :])
    answer = client.post("/verify", data={"code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")})
    assert answer.status_code == 422
    assert "有一位输错了" in answer.text
    assert "不代表证书是假的" in answer.text


@pytest.mark.parametrize("typed", ["", "12", CODE + "0", "U" * 16, "*" * 16, "7" * 65, "é" * 16, "<script>alert(1)"])
def test_what_is_no_code_is_told(typed):
    with pytest.raises(CodeMalformed):
        read_code(typed)


def test_a_code_goes_on_to_its_permanent_address(client):
    assert client.post("/verify", data={"code": f" {CODE.lower()} "}).headers["location"] == f"/c/{CODE}"
    assert client.get(f"/c/{CODE.lower()}").headers["location"] == f"/c/{CODE}"
    assert client.get(f"/c/{CODE}").status_code == 200
    assert client.get("/c/nonsense").status_code == 404


# Other ways to verify


def test_number_and_name_belong_together(client):
    for data in (
        {"number": "Y000044010126300000001"},
        {"name": states.HOLDER},
        {"number": " ", "name": " "},
        {"number": "1" * 65, "name": "x"},
    ):
        assert client.post("/verify", data=data).status_code == 422
    good = {"number": "Y000044010126300000001", "name": states.HOLDER}
    assert "证书有效" in client.post("/verify", data=good).text
    assert client.post("/verify", data=good, headers={"x-flood": "number"}).status_code == 429
    busy = client.post("/verify", data={"number": "503", "name": "x"})
    assert busy.status_code == 503
    assert "4f1c2a9b-1" in busy.text


def pack(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name, data)
    return held.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"a.b.c~", b"a.b.c~\r\n", b"\xef\xbb\xbfa.b.c~", pack(("record.sdjwt", b"a.b.c~\n")), pack(("pack/record.sdjwt", b"a.b.c~"), ("pack/README.txt", b"x"))],
    ids=["envelope", "line end", "mark", "pack", "pack in a folder"],
)  # fmt: skip
def test_an_upload_that_is_understood(client, data):
    answer = client.post("/verify", files={"file": ("../../etc/passwd", data)})
    assert "证书有效" in answer.text
    assert "passwd" not in answer.text


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04broken",
        pack(("other.txt", b"a.b.c~")),
        pack(("record.sdjwt", b"a.b.c~"), ("x/record.sdjwt", b"a.b.c~")),
        pack(("record.sdjwt", b"a" * (ENVELOPE_BYTES_MAX + 9))),
        pack(("record.sdjwt", b"\x00" * 1_500_000_00)),
        pack(*[(f"{n}", b"") for n in range(300)], ("record.sdjwt", b"a.b.c~")),
        b"%PDF-1.7 not a certificate",
        "中文".encode(),
        b"a.b.c" * ENVELOPE_BYTES_MAX,
        b"   ",
    ],
    ids=["broken zip", "no record", "two records", "too long", "zip bomb", "many members", "pdf", "not ASCII", "too long plain", "blank"],
)  # fmt: skip
def test_an_upload_that_is_refused(client, data):
    with pytest.raises(UploadUnreadable):
        envelope_of(data)


def test_uploads_and_forms_are_bounded(client):
    assert client.post("/verify", files={"file": ("x", b"a" * (UPLOAD_BYTES_MAX + 1))}).status_code == 413
    assert client.post("/verify", data={"code": "a" * 20_000}).status_code == 413
    assert client.post("/verify", data={f"field{n}": "x" for n in range(40)}).status_code == 400
    assert client.post("/verify", files={"file": ("x", b"")}).status_code == 422
    assert client.post("/verify", content=b"\xff\xfe", headers={"content-type": "multipart/form-data"}).status_code in (
        400,
        422,
    )


# The archive


def test_filters_and_search_find_what_they_say():
    items = states.ARCHIVE.items
    assert select(items, Filters()) == list(items)
    assert {item.day.year for item in select(items, Filters(year="2025"))} == {2025}
    assert {item.kind for item in select(items, Filters(kind="skill-certificate/1"))} == {"skill-certificate/1"}
    assert {item.state for item in select(items, Filters(state="revoked"))} == {"revoked"}
    assert len(select(items, Filters(text="ELECTRICIAN"))) == 30
    assert len(select(items, Filters(text="低压 第 ３ 期"))) >= 1
    assert select(items, Filters(text="低压 焊工")) == []


@pytest.mark.parametrize("page", ["0", "-1", "99999", "x", "٣", "1e3", ""])
def test_a_page_number_that_is_none_shows_the_nearest(client, page):
    client.cookies.set("session", "zhang")
    assert client.get("/me", params={"page": page}).status_code == 200


def test_an_empty_archive_names_three_causes_and_a_message_to_forward(client):
    client.cookies.set("session", "empty")
    body = client.get("/me").text
    assert body.count("<li>") == 3
    assert "sms:?&amp;body=" in body


def test_a_lagging_view_says_so():
    from api.web.pages.archive import show

    lagging = replace(states.ARCHIVE, behind=3)

    class Lagging(SampleSource):
        def archive(self, subject):  # noqa: ARG002
            return lagging

    visit = _visit(Lagging())
    html = render("archive.html", Prefs(), path="/me", domain="x.example", values=show(visit).values)
    assert "正在整理" in html


def _visit(source):
    from api.web.visit import Person, Visit

    return Visit(
        path="/me",
        prefs=Prefs(),
        source=source,
        person=Person("a", "a"),
        form_key="",
        domain="x.example",
        base_url="https://x.example",
        now=states.NOW,
        count=lambda _: None,
    )


# Answers


@pytest.mark.parametrize("place", ADDRESSES, ids=[each.name for each in ADDRESSES])
def test_no_page_is_cached_or_heavy_or_alive(client, place):
    client.cookies.set("session", place.login)
    for lang, size in itertools.product(LANGS, SIZES):
        answer = client.get(_with(place.path, lang=lang, size=size))
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.content) <= 20 * 1024
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text.lower())
        assert answer.text.count("<h1") == 1
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text
        client.cookies.delete("view")


def test_the_style_sheet_is_kept_for_ever_under_a_name_of_its_content(client):
    found = re.search(r'href="(/static/site\.[0-9a-f]{12}\.css)"', client.get("/").text)
    assert found is not None
    answer = client.get(found[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("cookie", "lang", "size"),
    [("en.xlarge", "en", "xlarge"), ("fr.huge", "zh", "normal"), ("en", "en", "normal"), ("<b>", "zh", "normal")],
)
def test_preferences_are_read_strictly(client, cookie, lang, size):
    client.cookies.set("view", cookie)
    body = client.get("/").text
    assert ('lang="en"' in body.split(">")[1]) == (lang == "en")
    assert (f'data-size="{size}"' in body) == (size != "normal")


def test_words_of_a_value_follow_the_page():
    assert Words("电工", "Electrician").say("en") == "Electrician"
