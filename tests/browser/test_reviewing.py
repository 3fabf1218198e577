"""Beyond one key for one picture: the blur, the grid, look-alikes, filters, files to read again, several reviewers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import Status
from models import LookRow
from tests.api.builders import StoreBuilder, draw_page, finding
from tests.browser.conftest import OpenPage, ServerHere
from tests.browser.test_queue import current, wait_for, wait_for_picture, wait_for_state

Serve = Callable[..., ServerHere]


def reveals(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [
            (row.reviewer, row.kind) for row in session.query(LookRow).order_by(LookRow.id) if row.kind == "revealed"
        ]


def test_a_picture_is_blurred_until_one_key_reveals_it_and_that_is_kept(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, database: Database
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100), content=draw_page(800 + n)) for n in range(2)]
    page = open_page(serve())
    wait_for_picture(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    zoom = page.locator("#stage").get_attribute("viewBox")
    with page.expect_response(lambda answer: "plain=true" in answer.url and "view=full" in answer.url):
        page.keyboard.press("b")
    expect(page.locator("[data-do=blur]")).to_have_attribute("aria-pressed", "true")
    assert page.locator("#stage").get_attribute("viewBox") == zoom  # the eyes stay where they are
    assert reveals(database) == [("王复核", "revealed")]
    page.keyboard.press("b")
    expect(page.locator("[data-do=blur]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("b")
    page.keyboard.press("1")
    wait_for(page, hits[1])
    expect(page.locator("[data-do=blur]")).to_have_attribute("aria-pressed", "false")
    assert len(reveals(database)) == 2
    assert not any("plain=true" in url and hits[1] in url for url in asked)


def test_the_same_keys_work_in_the_grid(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100), content=draw_page(800 + n)) for n in range(12)]
    server = serve()
    page = open_page(server)
    wait_for(page, hits[0])
    page.keyboard.press("g")
    expect(page.locator("#work")).to_have_class("work grid")
    expect(page.locator("#list img.crop:not([hidden])")).to_have_count(12)
    expect(page.locator("#stage")).to_be_hidden()
    page.keyboard.press("1")
    wait_for(page, hits[1])
    page.keyboard.press("2")
    page.keyboard.press("2")
    wait_for(page, hits[2])
    page.keyboard.press("ArrowDown")
    expect(page.locator(f'#list li[data-id="{hits[2]}"] [aria-current=true]')).to_have_count(0)
    columns = hits.index(current(page)) - 2
    assert columns > 1
    page.keyboard.press("ArrowUp")
    wait_for(page, hits[2])
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    wait_for(page, hits[4])
    expect(page.locator("#list .picked")).to_have_count(2)
    page.keyboard.press("3")
    expect(page.locator("[data-count=unsure]")).to_have_text("2")
    page.keyboard.press("u")
    expect(page.locator("[data-count=unsure]")).to_have_text("0")
    assert [queue.item(hit).state.value for hit in hits[:4]] == ["confirmed", "dismissed", "new", "new"]
    page.goto(page.url)  # a link keeps the view
    expect(page.locator("#work")).to_have_class("work grid")
    page.keyboard.press("g")
    wait_for_picture(page)
    expect(page.locator("#boxes polygon")).to_have_count(1)


def test_look_alikes_are_picked_with_their_number_and_decided_at_once(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    group = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(3)]
    alone = build.hit(finding("x", confidence=0.1))
    build.group(*group)
    page = open_page(serve())
    wait_for(page, group[0])
    expect(page.locator(".lookalikes")).to_contain_text("3 pictures look like copies of this one")
    expect(page.locator("#list .copies").first).to_have_text("×3")
    page.keyboard.press("l")
    expect(page.locator("#decide")).to_have_attribute("data-picked", "3 picked")
    page.keyboard.press("1")
    wait_for(page, alone)
    assert [queue.item(hit).state.value for hit in (*group, alone)] == ["confirmed"] * 3 + ["new"]
    page.keyboard.press("u")
    expect(page.locator("[data-count=new]")).to_have_text("4")


def test_a_decision_is_said_to_hold_for_every_copy(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    build.hit(name="a.jpg", copies=["b.jpg", "c.jpg"])
    page = open_page(serve())
    expect(page.locator("#facts .copies")).to_contain_text("lies in 3 files")
    expect(page.locator("#facts .copies")).to_contain_text("on every phone")


def test_a_picture_whose_file_is_gone_says_so_and_can_be_decided(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 10), name=f"{n}.jpg") for n in range(2)]
    build.new_scan()
    build.again("1.jpg", now="moved.jpg")
    page = open_page(serve(language="zh_CN"))
    wait_for(page, hits[0])
    rows = page.locator("#list .gone")
    expect(rows.nth(0)).to_have_text("文件已不在")
    expect(rows.nth(1)).to_be_hidden()
    expect(page.locator("#facts p.gone")).to_contain_text("文件都已不在")
    expect(page.locator("#facts .files .gone")).to_be_visible()
    page.keyboard.press("1")
    wait_for(page, hits[1])
    expect(page.locator("#facts p.gone")).to_be_hidden()
    expect(page.locator("#facts .files .gone")).to_have_count(2)
    expect(page.locator("#facts .files .gone:visible")).to_have_count(1)
    wait_for_state(page, hits[0], "confirmed")
    assert queue.item(hits[0]).state.value == "confirmed"


def test_filters_by_folder_day_and_what_i_have_not_seen_stay_in_the_link(
    serve: Serve, open_page: OpenPage, build: StoreBuilder
) -> None:
    early = build.hit(finding("early"), name="DCIM/a.jpg", taken_at="2026:03:12 10:00:00")
    late = build.hit(finding("late", confidence=0.5), name="b.jpg", taken_at="2026:03:14 10:00:00")
    page = open_page(serve())
    wait_for(page, early)
    page.wait_for_timeout(800)  # long enough to count as seen
    page.locator("#more summary").click()
    expect(page.locator("#folders option")).to_have_count(2)
    page.locator("[name=unseen]").check()
    wait_for(page, late)
    expect(page.locator("#list li")).to_have_count(1)
    expect(page.locator("#more-count")).to_have_text("1")
    page.locator("[name=unseen]").uncheck()
    page.locator("[name=taken_to]").fill("2026-03-12")
    page.locator("[name=taken_to]").press("Tab")
    wait_for(page, early)
    expect(page.locator("#list li")).to_have_count(1)
    page.goto(page.url)
    expect(page.locator("#list li")).to_have_count(1)
    page.locator("[data-do=clear]").click()
    expect(page.locator("#list li")).to_have_count(2)
    page.locator(".files .path").click()  # the file's folder alone
    expect(page.locator("#list li")).to_have_count(1 if current(page) == early else 2)
    assert "folder=" in page.url


def test_unread_files_are_asked_for_again_from_the_page(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        build.file(name, Status.TIMEOUT)
    build.file("d.dat", Status.ENCRYPTED)
    server = serve()
    page = open_page(server)
    page.goto(server.origin + "/unread?status=timeout")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("[data-retry]").first.click()
    expect(page.locator("tbody")).to_contain_text("Waits for the next scan")
    page.locator("[data-retry-all]").click()
    expect(page.locator("[data-retry]")).to_have_count(0)
    expect(page.locator("[data-retry-all]")).to_be_hidden()
    assert [file.waits for file in queue.unread.page().files] == [True, True, True, False]


def test_what_a_scan_finds_comes_into_the_open_list_where_it_belongs(
    serve: Serve, open_page: OpenPage, build: StoreBuilder
) -> None:
    def hit(confidence: float, n: int) -> str:
        return build.hit(finding(str(n), confidence=confidence), content=draw_page(800 + n))

    page = open_page(serve(idle=8))  # looks for news every two seconds
    expect(page.locator(".empty")).to_contain_text("Nothing is left here")
    middle = hit(0.5, 0)
    wait_for_picture(page)  # without a key, for there was nothing to look at
    assert current(page) == middle
    worse, better = hit(0.9, 1), hit(0.1, 2)
    rows = page.locator("#list li")
    expect(rows).to_have_count(3)
    assert [rows.nth(n).get_attribute("data-id") for n in range(3)] == [worse, middle, better]
    assert current(page) == middle  # the eyes stay where they are
    page.keyboard.press("1")
    wait_for(page, better)
    page.keyboard.press("1")
    wait_for(page, worse)  # what came in above is not passed over


def test_what_came_since_the_last_look_is_shown_before_the_end_is_said(
    serve: Serve, open_page: OpenPage, build: StoreBuilder
) -> None:
    first = build.hit(finding("first"))
    page = open_page(serve())  # the next look is 20 seconds away
    wait_for(page, first)
    late = build.hit(finding("late"))
    page.keyboard.press("1")
    expect(page.locator("h1.title")).to_have_text("late", timeout=10_000)
    assert current(page) == late


def test_two_reviewers_see_each_other_and_hand_over(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(2)]
    server = serve(reviewers=("张三", "李四"))
    first = open_page(server)
    first.get_by_role("link", name="张三").click()
    wait_for(first, hits[0])
    first.wait_for_load_state("networkidle")
    server.link = f"{server.origin}/launch?token={server.gate.new_token()}"
    second = open_page(server)
    second.get_by_role("link", name="李四").click()
    expect(second.locator("#facts .looking")).to_have_text("张三 is looking at it")
    expect(second.locator("#list .looking").first).to_have_text("张三")
    second.locator("summary.who").click()
    second.get_by_role("button", name="张三", exact=True).click()
    expect(second.locator("summary.who")).to_have_text("张三")
    wait_for(second, hits[0])
    second.keyboard.press("1")
    wait_for(second, hits[1])
    wait_for_state(second, hits[0], "confirmed")
    assert [entry.reviewer for entry in queue.item(hits[0]).history] == ["张三"]


def test_a_loss_is_told_on_an_open_page_and_taken_away_by_whoever_saw_to_it(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue, database: Database
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100), content=draw_page(800 + n)) for n in range(2)]
    page = open_page(serve(idle=8))  # the counts are then asked for every two seconds
    wait_for_picture(page)
    expect(page.locator("#lost")).to_be_hidden()
    build.lose()
    expect(page.locator("#lost")).to_contain_text("The store has lost what it was told")
    page.keyboard.press("1")  # decisions go on meanwhile
    wait_for(page, hits[1])
    page.locator("[data-lost]").click()
    expect(page.locator("#lost")).to_be_hidden()
    assert queue.losses.standing() is None
