"""Goal: every state of every page is usable by everybody. Method: a real browser walks through all of them in both
languages, three text sizes and two widths, and measures: axe-core, scrolling, targets, weight, scripts, language.
"""

from __future__ import annotations

import pytest
import segno
from axe_playwright_python.sync_playwright import Axe

from api.web.render import STYLE
from tests.e2e import states
from tests.e2e.addresses import ADDRESSES
from tests.e2e.site import BASE_URL

pytestmark = [pytest.mark.serial, pytest.mark.slow]

PAGE_BYTES_MAX = 20 * 1024
STYLE_BYTES_MAX = 4 * 1024
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SMALL_TARGETS = """least => [...document.querySelectorAll('a,button,input:not([type=hidden]),select,summary')]
  .map(element => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => box.width > 0 && box.right > 0 && (box.height < least - .5 || box.width < least - .5))
  .map(([element, box]) => `${element.outerHTML.slice(0, 80)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LIVE_CODE = """() => [...document.querySelectorAll('*')].filter(element => element.tagName === 'SCRIPT'
  || [...element.attributes].some(each => each.name.startsWith('on') || each.name === 'style')).map(each => each.outerHTML)"""


FULL = {("zh", "normal", 320), ("en", "xlarge", 320)}
"""Combinations in which axe-core looks at every state also at small n; in the others it looks at one state a page."""

ONE_A_PAGE = {
    "home",
    "verify",
    "verify, code mistyped",
    "outcome revoked",
    "archive",
    "archive, empty",
    "record revoked",
    "sign in",
    "error 404",
}


COMBINATIONS = [
    (lang, size, width) for lang in ("zh", "en") for size in ("normal", "large", "xlarge") for width in (320, 1280)
]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda each: "-".join(map(str, each)))
def test_every_state_is_accessible(open_page, site, long_run, combination):
    lang, size, width = combination
    axe = Axe()
    found: list[str] = []
    logins = sorted({each.login for each in ADDRESSES})
    pages = {login: open_page("/verify", lang=lang, size=size, width=width, login=login) for login in logins}
    for address in ADDRESSES:
        page = pages[address.login]
        answer = page.goto(site + address.path)
        assert answer is not None
        problems = measured(page, least=44 if size == "normal" else 60)
        if long_run or address.name in ONE_A_PAGE or combination in FULL:
            violations = axe.run(page, options=AXE_RULES).response["violations"]
            problems += [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in violations]
        if len(answer.body()) > PAGE_BYTES_MAX:
            problems.append(f"{len(answer.body())} bytes")
        if page.locator("html").get_attribute("lang") != ("zh-CN" if lang == "zh" else "en"):
            problems.append("wrong language")
        found += [f"{address.name}: {each}" for each in problems]
    assert found == []


def measured(page, *, least: int) -> list[str]:
    """What is too small, alive or too wide on the page that is open."""
    problems = [f"small target {each}" for each in page.evaluate(SMALL_TARGETS, least)]
    problems += [f"live code {each}" for each in page.evaluate(LIVE_CODE)]
    aside = page.evaluate(SCROLLS)
    return [*problems, f"scrolls sideways by {aside} px"] if aside > 0 else problems


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("document.querySelector('main').insertAdjacentHTML('beforeend', '<button>x</button>'); document.querySelector('main button:last-of-type').style.cssText = 'min-height:0;min-width:0;padding:0'", "small target"),
        ("document.querySelector('main').insertAdjacentHTML('beforeend', '<script></script>')", "live code"),
        ("document.querySelector('h1').textContent = 'x'.repeat(99); document.body.className = 'wide'; document.styleSheets[0].insertRule('.wide h1{overflow-wrap:normal;word-break:keep-all;white-space:nowrap}')", "scrolls sideways"),
    ],
)  # fmt: skip
def test_the_measures_find_planted_harm(open_page, harm, told):
    page = open_page("/verify")
    assert measured(page, least=44) == []
    page.evaluate(f"() => {{ {harm} }}")
    assert any(told in each for each in measured(page, least=44))


def test_axe_finds_planted_harm(open_page):
    page = open_page("/verify")
    page.evaluate("() => document.querySelector('label[for=code]').remove()")
    assert "label" in {each["id"] for each in Axe().run(page, options=AXE_RULES).response["violations"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_scrolls_sideways_at_four_hundred_percent(browser, site, lang):
    context = browser.new_context(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    context.add_cookies(
        [{"name": "session", "value": "zhang", "url": site}, {"name": "view", "value": f"{lang}.normal", "url": site}]
    )
    page = context.new_page()
    for address in ADDRESSES:
        page.goto(site + address.path)
        assert page.evaluate(SCROLLS) <= 0, address.name
    context.close()


def test_the_style_sheet_is_small():
    assert len(STYLE) <= STYLE_BYTES_MAX


def test_text_of_the_elder_version_is_thirty_pixels_high(open_page):
    page = open_page("/", size="xlarge")
    assert page.evaluate("() => getComputedStyle(document.querySelector('main p:not(.p)')).fontSize") == "30px"


def test_print_leaves_out_what_paper_cannot_use_and_names_the_domain(open_page):
    page = open_page(next(each.path for each in ADDRESSES if each.name == "record valid"), login="zhang", width=800)
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert not page.get_by_role("link", name="回到我的档案").is_visible()
    assert page.locator("section .m", has_text="ledger 点 example 点 cn").is_visible()
    box = page.locator("img.qr").bounding_box()
    assert box is not None
    modules = segno.make_qr(f"{BASE_URL}/c/{states.CODES['valid']}", error="h", boost_error=False).symbol_size(
        border=0
    )[0]
    quiet = 8
    printed_mm = box["width"] / 96 * 25.4 * modules / (modules + quiet)
    assert printed_mm >= 20, "EXPERIENCE A7: at least 20 mm at the highest error correction"
