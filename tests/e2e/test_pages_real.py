"""Goal: the pages tell the truth about a real ledger. Method: the real application over a real store, a few lives in
every state, and a browser that a worker and an employer would use.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.real import HOSTILE, RealSite, real_site

pytestmark = [pytest.mark.serial]


@pytest.fixture(scope="module")
def real(sqlite_template, tmp_path_factory) -> Iterator[RealSite]:
    with real_site(sqlite_template, tmp_path_factory.mktemp("real")) as site:
        yield site


@pytest.fixture
def page(browser: Browser, real: RealSite) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(real.url)
    yield opened
    context.close()
    expected = "Failed to load resource: the server responded with a status of"
    assert [each for each in complaints if not each.startswith(expected)] == []


def sign_in(page: Page, login: str) -> None:
    page.get_by_role("link", name="登录", exact=True).click()
    page.get_by_label("演示账号").fill(login)
    page.get_by_role("button", name="登录", exact=True).click()


BANNERS = {
    "valid": "证书有效",
    "expiring": "证书有效",
    "expired": "证书已过期",
    "revoked": "证书已撤销",
    "suspended": "暂停使用",
    "superseded": "已有更正版",
}


@pytest.mark.parametrize("state", BANNERS)
def test_a_scanned_code_tells_the_state_and_masks_the_person(page, real, state):
    page.goto(f"{real.url}/c/{real.codes[state]}")
    assert BANNERS[state] in page.locator("h1").inner_text()
    body = page.content()
    assert real.people["wang"]["holder_name"] not in body
    assert real.people["wang"]["document_number"] not in body
    assert page.locator("ol.checks li").count() == 7


def test_the_corrected_version_is_one_tap_away(page, real):
    page.goto(f"{real.url}/c/{real.codes['superseded']}")
    page.get_by_role("link", name="看新版").click()
    assert page.locator("h1").inner_text() == "证书有效"
    assert page.get_by_text("电工（更正）").first.is_visible()


def test_number_and_name_must_both_be_right(page, real):
    person = real.people["wang"]
    logged = real.world.ledger.record(real.records["valid"])
    number = _certificate_number(real, logged)
    for name, banner in ((person["holder_name"], "证书有效"), ("别的人", "没有查到")):
        page.goto(f"{real.url}/verify")
        page.get_by_role("textbox", name="证书编号").fill(number)
        page.get_by_label("持证人姓名").fill(name)
        page.get_by_role("button", name="核验").nth(1).click()
        assert page.locator("h1").inner_text() == banner


def _certificate_number(real, logged) -> str:
    from ledger.records import parse_record
    from ledger.wire.envelope import parse_envelope

    return parse_record(parse_envelope(real.world.ledger.envelope(logged))).certificate_number


def test_a_file_of_one_changed_letter_shows_nothing(page, real, tmp_path):
    envelope = real.world.accepted[real.records["valid"]][0]
    for name, data, banner in (
        ("whole", envelope, "证书有效"),
        ("changed", _flip_signature(envelope), "不能证明这份证书是真的"),
    ):
        file = tmp_path / f"{name}.sdjwt"
        file.write_bytes(data)
        page.goto(f"{real.url}/verify")
        page.get_by_label("选择文件").set_input_files(file)
        page.get_by_role("button", name="核验").nth(2).click()
        assert page.locator("h1").inner_text() == banner
    assert page.locator("dd").count() == 0


def _flip_signature(envelope: bytes) -> bytes:
    leaf, rest = envelope.split(b"~", 1)
    head, payload, signature = leaf.split(b".")
    changed = (b"B" if signature[:1] == b"A" else b"A") + signature[1:]
    return b".".join((head, payload, changed)) + b"~" + rest


def test_a_worker_reads_the_own_archive_and_nobody_elses(page, real):
    sign_in(page, "wang")
    assert page.locator("h1").inner_text() == "我的技能档案"
    assert page.locator("ul.list > li").count() == len([name for name in real.records if name != "other person"])
    assert page.locator("h3", has_text=HOSTILE).count() == 1
    page.goto(f"{real.url}/me/records/{real.records['valid']}")
    assert page.get_by_text(real.people["wang"]["document_number"]).is_visible()
    assert page.locator("img.qr").count() == 1
    foreign = page.goto(f"{real.url}/me/records/{real.records['other person']}")
    assert foreign is not None
    assert foreign.status == 404
    assert foreign.headers["cache-control"] == "no-store"


STATES = {
    "valid": "有效",
    "expiring": "快到期",
    "expired": "已过期",
    "revoked": "已撤销",
    "suspended": "暂停使用",
    "superseded": "已更正",
}


@pytest.mark.parametrize("state", STATES)
def test_a_record_shows_its_own_state(page, real, state):
    sign_in(page, "wang")
    page.goto(f"{real.url}/me/records/{real.records[state]}")
    assert STATES[state] in page.locator(".tone h2").inner_text()
    if state in ("revoked", "suspended"):
        assert page.get_by_text("原因：误发").is_visible()
        assert page.get_by_role("heading", name="如果您不同意").is_visible()


def test_the_real_pages_pass_axe(browser, real):
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(real.url)
    sign_in(page, "wang")
    for path in ("/me", f"/me/records/{real.records['revoked']}", f"/c/{real.codes['valid']}", "/nothing"):
        page.goto(real.url + path)
        assert [each["id"] for each in Axe().run(page).response["violations"]] == [], path
        assert page.locator("script").count() == 0
    context.close()


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(page, real):
    answer = page.goto(f"{real.url}/me/x.css")
    assert answer is not None
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in page.content()
    plain = page.request.get(f"{real.url}/me/x.css", headers={"accept": "application/json"})
    assert plain.headers["content-type"] == "application/problem+json"
