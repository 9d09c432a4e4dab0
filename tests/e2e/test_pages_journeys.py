"""Goal: people get to where they want, with a keyboard alone and without any script. Method: whole journeys in a real
browser, first over samples of every state, then over a real ledger behind the real application.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e import states

pytestmark = [pytest.mark.serial]


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the element with this text or id has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("() => [document.activeElement.textContent.trim(), document.activeElement.id]")
        if name in focused:
            return
    raise AssertionError(f"the keyboard never reaches {name}")


def test_checking_a_code_with_the_keyboard(open_page):
    page = open_page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "跳到正文"
    box = page.locator(".skip").bounding_box()
    assert box is not None, "the skip link shows itself when it has the focus"
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    tab_to(page, "核验证书")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "code")
    code = states.CODES["valid"]
    page.keyboard.type(f"{code[:4]}-{code[4:8]} {code[8:12].lower()} {code[12:]}".replace("0", "O"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/c/{code}")
    assert page.locator("h1").inner_text() == "证书有效"


def test_reading_the_own_archive_with_the_keyboard(open_page):
    page = open_page("/me")
    assert "/signin?next=%2Fme" in page.url
    tab_to(page, "login")
    page.keyboard.type("zhang")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    tab_to(page, "查找和筛选")
    page.keyboard.press("Enter")
    tab_to(page, "q")
    page.keyboard.type("低压电工")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me?q=*")
    assert page.get_by_text("找到 30 条").is_visible()
    tab_to(page, "看全部")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "查看")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/records/*")
    tab_to(page, "退出")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert page.get_by_role("link", name="登录", exact=True).is_visible()


def test_every_journey_works_without_script(open_page, tmp_path):
    page = open_page("/", script=False)
    page.get_by_role("link", name="核验证书").click()
    page.get_by_role("textbox", name="证书编号").fill("Y000044010126300000001")
    page.get_by_label("持证人姓名").fill(states.HOLDER)
    page.get_by_role("button", name="核验").nth(1).click()
    assert page.locator("h1").inner_text() == "证书有效"
    page.get_by_role("link", name="再核一份").click()
    file = tmp_path / "证书.sdjwt"
    file.write_bytes(b"a.b.c~\n")
    page.get_by_label("选择文件").set_input_files(file)
    page.get_by_role("button", name="核验").nth(2).click()
    assert page.locator("h1").inner_text() == "证书有效"
    page.get_by_role("link", name="登录").click()
    page.get_by_role("button", name="zhang").click()
    assert page.locator("h1").inner_text() == "我的技能档案"
    page.get_by_role("link", name="下一页").click()
    assert page.get_by_text("第 2 页").is_visible()
    page.get_by_role("button", name="退出").click()
    assert page.locator("h1").inner_text() == "一辈子的技能档案"


def test_language_and_size_are_remembered(open_page):
    page = open_page("/verify")
    page.get_by_role("link", name="长辈版").click()
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Skill Ledger").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("data-size") == "xlarge"
    assert page.get_by_role("link", name="Extra large").get_attribute("aria-current") == "true"


def test_changing_size_keeps_the_search(open_page):
    page = open_page("/me?q=%E7%94%B5%E5%B7%A5&year=2026", login="zhang")
    page.get_by_role("link", name="大字").click()
    assert "q=%E7%94%B5%E5%B7%A5" in page.url
    assert "year=2026" in page.url
    assert page.locator("#year").input_value() == "2026"


@pytest.mark.parametrize("number", range(len(states.ATTACKS)))
def test_markup_in_names_stays_text(open_page, number):
    text = states.ATTACKS[number]
    code = states.code_of(f"ATTACK{number:02}0000000")
    page = open_page(f"/c/{code}")
    assert page.locator("dd", has_text=text).count() >= 1, "shown, as it is"
    assert (
        page.locator(
            "main script, main iframe, main img, main svg, main base, main meta, main style, main a[href^=javascript]"
        ).count()
        == 0
    )
    page = open_page(f"/me/records/{states.record_id(number)}", login="attack")
    assert page.locator("h1").inner_text().strip() == " ".join(text.split())
    assert (
        page.locator(
            "main script, main iframe, main svg, main base, main meta, main style, main a[href^=javascript]"
        ).count()
        == 0
    )


def test_markup_in_the_timeline_stays_text(open_page):
    for path in ("/me", "/me?page=2", "/me?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&kind=%3Cb%3E&year=%22"):
        page = open_page(path, login="attack")
        assert page.locator("main script, main iframe, main img, main svg, main style").count() == 0
