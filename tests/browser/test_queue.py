from __future__ import annotations

import io
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from api.words import shown
from imgscan.review import Decision, HitState, Verdict
from imgscan.store.database import Database
from imgscan.store.reviewing import ReviewQueue
from imgscan.types import FindingClass, Level, Quad, Reason, Severity, Status
from models import VerdictRow
from tests.api.builders import StoreBuilder, box, draw_page, finding
from tests.browser.conftest import OpenPage, ServerApart, ServerHere
from tests.fakes.offices import make_office

Serve = Callable[..., ServerHere]


def current(page: Page) -> str:
    """The id of the entry that is looked at."""
    row = page.locator("#list li:has([aria-current=true])")
    expect(row).to_have_count(1)
    return str(row.get_attribute("data-id"))


def wait_for(page: Page, hit: str) -> None:
    expect(page.locator("#list li:has([aria-current=true])")).to_have_attribute("data-id", hit)


def wait_for_state(page: Page, hit: str, state: str) -> None:
    """Until the page knows that the decision is kept: the next picture stands there before that."""
    expect(page.locator(f'#list li[data-id="{hit}"]')).to_have_attribute("data-state", state)


def wait_for_picture(page: Page) -> None:
    expect(page.locator("#stage")).not_to_have_class(re.compile("waiting"))


def newest_decisions(database: Database) -> list[tuple[str, str]]:
    """What the verdict rows say, counted without the queue's own code: the newest decision and reason a mark."""
    newest: dict[tuple[bytes, str], tuple[str, str]] = {}
    with database.reading() as session:
        for row in session.query(VerdictRow).order_by(VerdictRow.id):
            newest[row.sha256, row.mark_key] = (row.decision, row.reason)
    return sorted(newest.values())


def test_keys_alone_decide_and_go_on(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, database: Database
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100), content=draw_page(800 + n)) for n in range(6)]
    page = open_page(serve())
    wait_for(page, hits[0])
    page.keyboard.press("1")
    wait_for(page, hits[1])
    page.keyboard.press("2")
    page.keyboard.press("4")
    wait_for(page, hits[2])
    page.keyboard.press("3")
    wait_for(page, hits[3])
    page.keyboard.press("Numpad2")
    page.keyboard.press("Numpad1")
    wait_for(page, hits[4])
    page.keyboard.press(".")
    wait_for(page, hits[5])
    page.keyboard.press("u")
    wait_for(page, hits[4])
    page.keyboard.press("u")
    wait_for(page, hits[3])
    expect(page.locator("#toast")).to_contain_text("Undone")
    expect(page.locator("[data-count=decided]")).to_have_text("2")
    assert newest_decisions(database) == [
        ("confirm", ""),
        ("dismiss", "declassified"),
        ("reopen", ""),
        ("reopen", ""),
        ("unsure", ""),
    ]


def test_keys_move_and_a_dismissal_can_be_called_off(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(3)]
    page = open_page(serve())
    wait_for(page, hits[0])
    for key, at in (("j", 1), ("ArrowDown", 2), ("j", 2), ("k", 1), ("ArrowUp", 0), ("k", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        wait_for(page, hits[at])
    page.keyboard.press("2")
    expect(page.locator("#why")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#why")).to_be_hidden()
    expect(page.locator("[data-count=new]")).to_have_text("3")


def test_keys_work_under_an_input_method(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(2)]
    page = open_page(serve())
    wait_for(page, hits[0])
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Process', code: 'Digit1', keyCode: 229, bubbles: true, cancelable: true}))"
    )
    wait_for(page, hits[1])


def test_a_note_is_written_without_deciding(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hit = build.hit()
    page = open_page(serve())
    wait_for(page, hit)
    page.keyboard.press("n")
    page.keyboard.type("1 2 3 jk 见附件")
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    expect(page.locator("[data-count=unsure]")).to_have_text("1")
    (entry,) = queue.item(hit).history
    assert (entry.decision, entry.note, entry.reviewer) == ("unsure", "1 2 3 jk 见附件", "王复核")


def test_a_scripted_reviewer_clears_200_hits_with_keys_alone_and_undoes_20(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, database: Database
) -> None:
    for n in range(200):  # several pages of the list
        build.hit(finding(str(n), confidence=0.9 - n / 1000))
    page = open_page(serve())
    keys = ["1", "3", "2 1", "2 6", "."]
    for n in range(200):
        for key in keys[n % 5].split():
            page.keyboard.press(key)
    expect(page.locator("[data-count=new]")).to_have_text("0", timeout=180_000)
    expect(page.locator("#facts")).to_contain_text("Nothing is left here")
    for _n in range(20):
        page.keyboard.press("u")
    expect(page.locator("[data-count=new]")).to_have_text("20", timeout=60_000)
    decided = newest_decisions(database)
    assert len(decided) == 200
    assert decided.count(("reopen", "")) == 20
    assert decided.count(("confirm", "")) == decided.count(("unsure", "")) == 36
    assert decided.count(("dismiss", "public_material")) == 36
    assert decided.count(("dismiss", "other")) == 72


def reddish(picture: bytes) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the red of the drawn marks."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    ys, xs = np.nonzero((pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 80) & (pixels[:, :, 2] < 80))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def turned_page(mark: Quad) -> bytes:
    """A picture stored on its side, which viewers turn by its EXIF; `mark` in the turned picture of 800 x 1000."""
    upright = Image.open(io.BytesIO(draw_page(boxes=(mark,))))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        (draw_page(boxes=(box(100, 80, 240, 48),)), box(100, 80, 240, 48)),
        (draw_page(3000, 4000, (box(2700, 3900, 120, 30),)), box(2700, 3900, 120, 30)),
        (turned_page(box(500, 40, 200, 60)), box(500, 40, 200, 60)),
    ],
    ids=["plain", "large, in a corner", "turned by EXIF"],
)
def test_the_picture_opens_at_the_mark_with_its_box_in_place(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, content: bytes, mark: Quad
) -> None:
    build.hit(finding(polygons=(mark,)), content=content)
    page = open_page(serve())
    wait_for_picture(page)
    stage = page.locator("#stage").bounding_box()
    assert stage
    widths = []
    for _view in ("at the mark", "whole"):
        outline = page.locator("#boxes polygon").bounding_box()
        assert outline
        inside = (outline["x"] - stage["x"], outline["y"] - stage["y"])
        expected = (*inside, inside[0] + outline["width"], inside[1] + outline["height"])
        page.evaluate("document.getElementById('boxes').style.visibility = 'hidden'")
        seen = reddish(page.screenshot(clip=stage))
        page.evaluate("document.getElementById('boxes').style.visibility = ''")
        assert np.allclose(seen, expected, atol=4)
        widths.append(outline["width"] / stage["width"])
        page.keyboard.press("z")
    assert widths[0] > 0.2
    assert widths[1] < widths[0]


def test_reasons_light_up_their_box(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    far = box(500, 800, 80, 40)
    build.hit(
        finding("机密", reasons=(Reason("copy", "", 0.5, far),), polygons=(box(100, 80, 240, 48),)),
        finding("内部", level=None, severity=Severity.MEDIUM, polygons=(box(400, 80, 100, 40),)),
        content=draw_page(),
    )
    page = open_page(serve())
    wait_for_picture(page)
    expect(page.locator("#boxes polygon")).to_have_count(2)
    page.locator(".chip").first.hover()
    expect(page.locator("#boxes .lit")).to_have_count(2)  # the mark, and the reason's own place
    expect(page.locator("#boxes .place")).to_have_attribute("points", "500,800 580,800 580,840 500,840")
    page.mouse.move(0, 0)
    expect(page.locator("#boxes .lit")).to_have_count(0)


def test_the_next_pictures_are_there_before_they_are_asked_for(
    serve: Serve, open_page: OpenPage, build: StoreBuilder
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100), content=draw_page(800 + n)) for n in range(6)]
    page = open_page(serve())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    wait_for(page, hits[0])
    page.wait_for_load_state("networkidle")
    fetched: set[str] = set()
    for _wait in range(300):
        page.wait_for_timeout(100)
        fetched = {hit for hit in hits if any(f"/hits/{hit}/picture" in url for url in asked)}
        if len(fetched) >= 4:
            break
    page.wait_for_timeout(1000)  # and no further ones
    assert {hit for hit in hits if any(f"/hits/{hit}/picture" in url for url in asked)} == set(hits[:4])


def test_a_missing_original_is_said_and_can_be_decided(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, tmp_path: Path
) -> None:
    content = draw_page()
    build.hit(content=content, name="IMG.jpg")
    path = next((tmp_path / "albums").rglob("IMG.jpg"))
    path.unlink()
    page = open_page(serve())
    expect(page.locator("#trouble")).to_contain_text("The original cannot be found")
    page.keyboard.press("1")
    expect(page.locator("[data-count=decided]")).to_have_text("1")
    page.keyboard.press("u")
    expect(page.locator("#trouble")).to_be_visible()
    path.write_bytes(content)
    page.keyboard.press("r")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#boxes polygon")).to_have_count(1)


def test_a_decision_of_somebody_else_is_shown_and_nothing_is_lost(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(2)]
    page = open_page(serve())
    wait_for(page, hits[0])
    expect(page.locator("#decide")).to_be_visible()
    queue.decide(hits[0], 0, Verdict(Decision.CONFIRM, note="乙的意见"), "乙")
    page.keyboard.press("3")
    expect(page.locator("#toast")).to_contain_text("changed in the meantime")
    expect(page.locator(".history")).to_contain_text("乙的意见")
    assert current(page) == hits[0]
    assert [entry.reviewer for entry in queue.item(hits[0]).history] == ["乙"]
    page.keyboard.press("3")
    wait_for(page, hits[1])
    wait_for_state(page, hits[0], "unsure")
    assert [entry.reviewer for entry in queue.item(hits[0]).history] == ["乙", "王复核"]


def test_identical_marks_go_together_with_their_number(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue
) -> None:
    for _n in range(3):
        build.hit(finding("内部资料"))
    other = build.hit(finding("机密", confidence=0.1))
    page = open_page(serve())
    expect(page.locator(".alike")).to_contain_text("Undecided with exactly these marks: 2 more.")
    page.keyboard.press("Shift+2")
    expect(page.locator("#why-many")).to_have_text("for all 3 pictures")
    page.keyboard.press("3")
    wait_for(page, other)
    expect(page.locator("#toast")).to_contain_text("3 pictures: Dismissed")
    assert queue.counts()[HitState.DISMISSED] == 3
    page.keyboard.press("u")
    expect(page.locator("[data-count=new]")).to_have_text("4")


def test_picked_ones_go_together(serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(4)]
    page = open_page(serve())
    wait_for(page, hits[0])
    page.keyboard.press("x")
    wait_for(page, hits[1])
    page.keyboard.press("j")
    wait_for(page, hits[2])
    page.keyboard.press("x")
    wait_for(page, hits[3])
    expect(page.locator("#list .picked")).to_have_count(2)
    page.keyboard.press("1")
    expect(page.locator("[data-count=decided]")).to_have_text("2")
    assert [queue.item(hit).state.value for hit in hits] == ["confirmed", "new", "confirmed", "new"]


def test_filters_and_entry_live_in_the_address(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    build.hit(finding("机密★10年"))
    labels = [
        build.hit(finding(f"内部资料{n}", cls=FindingClass.INTERNAL, level=None, confidence=0.9 - n / 100))
        for n in range(2)
    ]
    page = open_page(serve())
    page.keyboard.press("/")
    page.keyboard.type("资料")
    page.keyboard.press("Enter")
    expect(page.locator("#list li")).to_have_count(2)
    wait_for(page, labels[0])
    page.keyboard.press("j")
    wait_for(page, labels[1])
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    wait_for(page, labels[1])
    expect(page.locator("#list li")).to_have_count(2)
    page.locator("[data-do=clear]").click()
    expect(page.locator("#list li")).to_have_count(3)
    page.locator("select[name=level]").select_option("机密")
    expect(page.locator("#list li")).to_have_count(1)


def test_decisions_last_through_a_restart(
    serve_apart: Callable[..., ServerApart], open_page: OpenPage, build: StoreBuilder
) -> None:
    hits = [build.hit(finding(str(n), confidence=0.9 - n / 100)) for n in range(2)]
    first = serve_apart()
    page = open_page(first)
    wait_for(page, hits[0])
    page.keyboard.press("1")
    wait_for(page, hits[1])
    page.wait_for_load_state("networkidle")
    assert first.stop() == (0, "")
    page = open_page(serve_apart())
    wait_for(page, hits[1])
    page.keyboard.press("u")  # also across the restart
    wait_for(page, hits[0])
    expect(page.locator("[data-count=new]")).to_have_text("2")


def test_a_server_that_is_gone_is_said(
    serve_apart: Callable[..., ServerApart], open_page: OpenPage, build: StoreBuilder
) -> None:
    build.hit()
    server = serve_apart()
    page = open_page(server)
    expect(page.locator(".finding")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert server.stop(signal.SIGTERM) == (0, "")
    page.keyboard.press("1")
    expect(page.locator("#toast")).to_contain_text("does not answer")


def test_the_page_locks_itself_and_a_new_link_opens_it(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    build.hit(finding("机密"))
    server = serve(idle=2.0)
    page = open_page(server)
    expect(page.get_by_role("heading", name="This page is locked")).to_be_visible(timeout=20_000)
    assert "机密" not in page.content()
    page.goto(server.link)
    expect(page.get_by_role("heading", name="This page is locked")).to_be_visible()
    page.goto(server.next_link())
    expect(page.locator("#list li")).to_have_count(1)


def test_locking_by_hand(serve: Serve, open_page: OpenPage, build: StoreBuilder) -> None:
    build.hit()
    server = serve()
    page = open_page(server)
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="This page is locked")).to_be_visible()
    page.go_back()
    expect(page.locator("#list li")).to_have_count(0)


PAYLOADS = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    "'><img src=x onerror='window.hacked=1'>",
    "javascript:window.hacked=1",
    "<a href=javascript:window.hacked=1>x</a>",
    "</title><script>window.hacked=1</script>",
    "</template><script>window.hacked=1</script>",
    "</option></select><script>window.hacked=1</script>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
    "<object data=javascript:window.hacked=1>",
    "<body onload=window.hacked=1>",
    "<details open ontoggle=window.hacked=1>",
    "<input autofocus onfocus=window.hacked=1>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href=http://evil.example/>",
    "<form action=http://evil.example><input type=submit>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=window.hacked=1>",
    "<svg><use href='http://evil.example/x#y'/></svg>",
    "<video poster=http://evil.example/x>",
    "<marquee onstart=window.hacked=1>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "${window.hacked=1}",
    "{% for x in ().__class__ %}{{x}}{% endfor %}",
    "\u202e<script>window.hacked=1</script>",
    "<scr\x00ipt>window.hacked=1</scr\x00ipt>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "<IMG SRC=JaVaScRiPt:window.hacked=1>",
    "<img src=`x`onerror=window.hacked=1>",
    "<img/src=x/onerror=window.hacked=1>",
    "<img src=x onerror=&#119;indow.hacked=1>",
    "<img src=x:x onerror\t=window.hacked=1>",
    "<svg><script>window.hacked=1</script></svg>",
    "<svg><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:window.hacked=1><text>x</text></a></svg>",
    "<svg><foreignObject><iframe src=javascript:window.hacked=1></foreignObject></svg>",
    "<polygon onmouseover=window.hacked=1 points='0,0 9,9'>",
    "<button onclick=window.hacked=1 autofocus>x</button>",
    "<select autofocus onfocus=window.hacked=1>",
    "<textarea autofocus onfocus=window.hacked=1>",
    "<keygen autofocus onfocus=window.hacked=1>",
    "<audio src=x onerror=window.hacked=1>",
    "<video><source onerror=window.hacked=1>",
    "<embed src=javascript:window.hacked=1>",
    "<table background=javascript:window.hacked=1>",
    "<div style=background:url(javascript:window.hacked=1)>",
    "<div style='width:expression(window.hacked=1)'>",
    "<x onclick=window.hacked=1 tabindex=1 id=x>",
    "<dialog open><form method=dialog><button onfocus=window.hacked=1 autofocus>",
    "<noscript><p title='</noscript><img src=x onerror=window.hacked=1>'>",
    "<!--><img src=x onerror=window.hacked=1>-->",
    "<![CDATA[<script>window.hacked=1</script>]]>",
    "<?xml version='1.0'?><script>window.hacked=1</script>",
    '"; window.hacked=1; //',
    "'; window.hacked=1; //",
    "</script><script>window.hacked=1</script>",
    "＜script＞window.hacked=1＜/script＞<script>window.hacked=1</script>",
]


def test_60_payloads_are_never_more_than_text(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, queue: ReviewQueue, database: Database
) -> None:
    assert len(set(PAYLOADS)) == 60
    for n, payload in enumerate(PAYLOADS):
        hit = build.hit(
            finding(f"{n} {payload}", confidence=0.99 - n / 100, rule=payload, reasons=(Reason(payload, payload),)),
            name=f"{n}{payload}.jpg".replace("\x00", "").replace("/", "∕"),
            department=payload.replace("\x00", "").replace("/", "∕")[:60],
            owner=payload.replace("\x00", "").replace("/", "∕")[:60],
        )
        queue.decide(hit, 0, Verdict(Decision.UNSURE, note=payload), payload)
        build.file(f"{n}{payload}.dat".replace("\x00", ""), Status.ENCRYPTED, payload)
    office = make_office(database)
    server = serve(office=office)
    page = open_page(server)
    page.goto(server.origin + "/?state=all")
    for n, payload in enumerate(PAYLOADS):
        # The HTML standard replaces a NUL; everything else that cannot be seen is spelled out.
        seen = payload.replace("\x00", "\ufffd") if "\x00" in payload else shown(payload)
        expect(page.locator("h1.title")).to_have_text(f"{n} {seen}")
        expect(page.locator(".history .note")).to_have_count(1)
        page.keyboard.press("j")
    for address in ("/unread", "/overview", "/scan"):
        page.goto(server.origin + address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None
    office.scanner.close()


@pytest.mark.parametrize("size", [(1366, 768), (1024, 700), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_at_any_width(
    serve: Serve, open_page: OpenPage, build: StoreBuilder, size: tuple[int, int], scheme: Any
) -> None:
    long = "云岫市示例局" * 12
    build.hit(finding(long), name=f"{long[:60]}.jpg", content=draw_page(), owner=long[:30], department=long[:30])
    build.hit(finding("绝密", level=Level.JUEMI))
    page = open_page(serve(), viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    wait_for_picture(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for name in ("Confirm", "Dismiss", "Unsure"):
        button = page.get_by_role("button", name=name, exact=True)
        place = button.bounding_box()
        assert place
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= size[0]


def test_everything_to_press_has_a_name_and_everything_can_be_reached(
    serve: Serve, open_page: OpenPage, build: StoreBuilder
) -> None:
    build.hit(content=draw_page())
    page = open_page(serve())
    wait_for_picture(page)
    nameless = page.evaluate(
        """[...document.querySelectorAll("button, a, input, select")].filter((each) => each.checkVisibility()
             && !(each.innerText || each.ariaLabel || each.labels?.length)).map((each) => each.outerHTML)"""
    )
    assert nameless == []
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    reached = set()
    for _step in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.do || document.activeElement.className"))
    assert {"confirm", "dismiss", "unsure", "undo", "row", "chip", "zoom", "lock"} <= reached
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("1")  # decides nothing while the help is open
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("[data-count=new]")).to_have_text("1")
