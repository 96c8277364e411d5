"""Every page against a center with a small story in it: what it says, in both languages, for whatever names."""

import re
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from billing_center.access.callers import add_caller, revoke_caller
from billing_center.center import UnitOfWork
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.reconcile.difference import Difference, Rule
from billing_center.reconcile.store import keep_differences
from billing_center.runs.open_run import OpenRun, open_run
from billing_center.runs.worker import this_process
from tests.scenarios.story import Story
from tests.web.console.conftest import HOSTILE, Browser, read
from web.console.routes import ACTS, PAGES

RUN = "rate_days:2026-04-02:1"
ADDRESSES = [
    "", "/", "/runs", "/runs?state=STUCK", f"/run?id={RUN}", "/payers", "/payers?arrears=1", "/payer?id=acme",
    "/payer?id=late", "/alerts", "/alerts?payer=acme&unseen=1", "/order?id=o-1", "/invoices",
    "/invoices?payer=acme&state=SENDING", "/invoice?id=acme-20260301",
    "/line?invoice=acme-20260301&line=2", "/uses", "/uses?state=HELD&reason=no_price",
    "/messages", "/messages?state=SENT", "/message?id=deduct:acme-20260301", "/refused",
    "/refused?caller=crm&operation=payCallback&code=unknown_invoice", "/catalog", "/product?id=sms", "/callers",
    "/audit", "/audit?subject=acme", "/find?q=acme", "/find",
]  # fmt: skip


@pytest.mark.usefixtures("story")
def test_every_page_is_whole_strict_and_escaped_in_both_languages(browser: Browser) -> None:
    for address in ADDRESSES:
        for language in ("en", "zh"):
            joint = "&" if "?" in address else "?"
            answer = browser.client.get(f"/console{address}{joint}lang={language}")
            assert answer.status_code == 200, address
            page = answer.text
            assert page.startswith("<!doctype html>")
            assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page
            assert HOSTILE not in page, address
            assert page.count("<script") == 1, address
            assert not re.search(r"""(src|href|action)=["']?(https?:|//)|<link|<img|\son[a-z]+=|\sstyle=""", page)
            assert "&lt;div" not in page, f"{address} shows markup as text"
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["cache-control"] == "no-store"


def test_every_page_has_an_address_among_those_that_are_tested() -> None:
    tested = {address.partition("?")[0] for address in ADDRESSES}
    assert set(PAGES) - tested == {"/use", "/refused-call"}  # whose ids the story makes: tested below


def test_an_empty_center_has_every_list(browser: Browser) -> None:
    for path in ("", "/runs", "/payers", "/invoices", "/uses", "/messages", "/refused", "/catalog", "/audit"):
        browser.get(path)
    assert "Nothing waits for a person." in browser.words("")


@pytest.mark.usefixtures("story")
def test_the_overview_says_first_what_needs_a_person(browser: Browser) -> None:
    words = browser.words("")
    needs = words.index("Needs a person")
    assert needs < words.index("1 failed or stopped runs") < words.index("1 uses held for a person")
    assert words.index("1 messages that the other system did not take") < words.index("Today's cycle")
    assert "1 payers in arrears" in words
    assert "1 calls refused today" in words
    assert "1 invoices FAILED" in words
    assert "The cycle of 2026-04-02 has not begun" in words


@pytest.mark.usefixtures("story")
def test_a_run_shows_its_percentage_tasks_and_failures(browser: Browser) -> None:
    assert '<progress max="100" value="75"' in browser.get("/runs")
    words = browser.words("/run", id=RUN)
    assert "75%" in words
    assert "192–255 FAILED" in words
    assert f"o-9 2026-04-02 12:00:00 no_price o-9 {HOSTILE}" in words


@pytest.mark.usefixtures("story")
def test_a_payer_shows_orders_accounts_preview_and_invoices(browser: Browser) -> None:
    words = browser.words("/payer", id="acme")
    assert f"Payer {HOSTILE} acme" in words
    assert "Billing day 1 of the month" in words
    assert "o-1 code-o-1 mail day ACTIVE 2026-03-01 09:00:00 spring 2026-04-01" in words
    assert "mail 2026-03-01 09:00:00 5" in words
    # 1 April so far: one day at 2.00 less a tenth
    assert "In total 1.80 CNY" in words
    # March: 31 days x 2.00 less a tenth = 55.80, and 30 messages x 0.10
    assert "2026-03-01 – 2026-04-01 SENDING 58.80 CNY 2026-04-08" in words
    assert "in arrears" not in words
    assert "This payer is in arrears." in browser.words("/payer", id="late")
    assert "late 1 62.00 CNY 2026-04-08" in browser.words("/payers", arrears=1)


@pytest.mark.usefixtures("story")
def test_an_invoice_shows_lines_totals_tries_and_notices(browser: Browser) -> None:
    words = browser.words("/invoice", id="2026-000000001")
    assert "CNY 58.80 65.00 1 58.80" in words
    assert "2 o-1 邮箱 <b>Mail</b> mail 31 55.80 62.00 spring CNY 55.80 explain 31" in words
    assert f"1 2026-04-02 12:00:00 REFUSED 2 {HOSTILE}" in words
    late = browser.words("/invoice", id="late-20260301")
    assert "2026-04-02 12:00:00 account FAILED FAILED CHANGED" in late


@pytest.mark.usefixtures("story")
def test_a_line_is_explained_down_to_raw_facts(browser: Browser) -> None:
    uses = browser.words("/line", invoice="acme-20260301", line=1)
    assert "2026-03-10 30 0 → 30 3.00 3.00" in uses
    assert "Reported by product guid g-1" in uses
    days = browser.words("/line", invoice="acme-20260301", line=2)
    assert "Charges 1 to 31 of 31; these add up to 55.80 CNY" in days
    assert "2026-03-02 1 1 → 2 1.80 2.00" in days
    assert "2026-03-01 09:00:00 ACTIVE" in days


@pytest.mark.usefixtures("story")
def test_an_order_shows_its_states_in_order(browser: Browser) -> None:
    words = browser.words("/order", id="o-1")
    assert "Features cpu=8" in words
    assert "2026-03-01 09:00:00 - ACTIVE orders" in words


@pytest.mark.usefixtures("story")
def test_a_use_that_waits_says_why_and_one_that_is_rated_what_it_cost(browser: Browser) -> None:
    page = browser.get("/uses")
    assert "no price in force (no_price)" in read(page)
    found = re.search(r'href="/console(/use\?id=\w+)"', page)
    assert found is not None
    waiting = browser.words(found[1])
    assert "State HELD" in waiting
    assert "User bob" in waiting
    line = browser.get("/line", invoice="acme-20260301", line=1)
    rated = re.search(r'href="/console(/use\?id=\w+)"', line)
    assert rated is not None
    assert "State RATED" in browser.words(rated[1])
    assert "- 30 3.00 CNY acme-20260301" in browser.words(rated[1])


@pytest.mark.usefixtures("story")
def test_a_message_shows_its_payload_and_tries(browser: Browser) -> None:
    words = browser.words("/message", id="deduct:acme-20260301")
    assert "Its tries are used up." in words
    assert '"58.80"' in words


@pytest.mark.usefixtures("story")
def test_refused_calls_are_filtered_and_shown_with_their_arguments(browser: Browser) -> None:
    assert "unknown_invoice" in browser.words("/refused", caller="crm")
    assert "No call was refused." in browser.words("/refused", caller="other")
    assert "No call was refused." in browser.words("/refused", code="missing_field")
    found = re.search(r'href="/console(/refused-call\?id=\w+)"', browser.get("/refused"))
    assert found is not None
    assert '[ "i-1" ]' in browser.words(found[1])


@pytest.mark.usefixtures("story")
def test_the_catalog_says_prices_in_words(browser: Browser) -> None:
    words = browser.words("/catalog")
    assert "sms 短信 on sale 0.10 CNY per count unit count" in words
    assert "spring 春季 10% off" in words
    assert "per_use sms/per_use/2020-01-01 2020-01-01 in force 0.10 CNY per count everything" in browser.words(
        "/product", id="sms"
    )


@pytest.mark.usefixtures("story")
def test_credit_notes_stand_on_their_invoice(browser: Browser) -> None:
    command = CreditInvoice("acme-20260301", f"too much {HOSTILE}", {2: Decimal("5.80")}, "c-1")
    browser.center.transact("olga", lambda work: credit_invoice(work, command))
    words = browser.words("/invoice", id="acme-20260301")
    assert "2026-04-02 12:00:00 5.80 CNY 2: 5.80 CNY olga too much" in words
    assert "Credit notes" not in browser.words("/invoice", id="late-20260301")


@pytest.mark.usefixtures("story")
def test_what_the_reconciliation_found_stands_on_its_run_and_on_the_overview(browser: Browser) -> None:
    def reconcile(work: UnitOfWork) -> str:
        run_id = open_run(work, OpenRun("reconcile", "2026-04-02", work.today, tasks=1), this_process()).run.run_id
        found = [Difference("acme", Rule.SUM, f"sum {HOSTILE}", "amount 1.80", "amount 1.70", "o-1 on 2026-04-01")]
        keep_differences(work, run_id, found)
        return run_id

    run_id = browser.center.transact("center", reconcile)
    assert "1 differences in the newest reconciliation" in browser.words("")
    words = browser.words("/run", id=run_id)
    assert "1 differences ; 0 payers, 0 charges, 0 invoices compared" in words
    assert f"acme sum sum {HOSTILE} amount 1.80 amount 1.70 o-1 on 2026-04-01" in words
    assert "1 处差异" in browser.words("/run", id=run_id, lang="zh")


def test_callers_are_listed_without_secrets(browser: Browser) -> None:
    center = browser.center
    secret = center.transact("test", lambda work: add_caller(work, "shop", ["insertServiceOp"], ["sms"]))
    center.transact("test", lambda work: revoke_caller(work, "shop"))
    page = browser.get("/callers")
    assert "shop revoked insertServiceOp sms" in read(page)
    assert secret not in page
    assert "scrypt" not in page


@pytest.mark.usefixtures("story")
def test_the_box_finds_things_by_id_and_number(browser: Browser) -> None:
    for text, kind in (("o-1", "Order"), ("2026-000000001", "Invoice"), (RUN, "Run"), ("lat", "Payers")):
        assert kind in browser.words("/find", q=text).split("Found for")[-1]
    assert "Nothing has this id" in browser.words("/find", q=HOSTILE)


def test_the_language_is_asked_for_or_the_browsers(browser: Browser) -> None:
    chinese = {"Accept-Language": "fr;q=1, zh-CN;q=0.9, en;q=0.8"}
    page = browser.client.get("/console", headers=chinese).text
    assert "总览" in page
    assert "?lang=" not in page.replace("?lang=en", "")  # only the switch names a language
    assert "Overview" in browser.client.get("/console?lang=en", headers=chinese).text
    assert 'href="/console/runs?lang=zh"' in browser.get("", lang="zh")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/payer?id=nobody", 404), ("/invoice?id=none", 404), ("/order?id=none", 404), ("/message?id=none", 404),
        ("/use?id=none", 400), ("/run?id=none", 400), ("/refused-call?id=none", 400), ("/product?id=none", 404),
        ("/line?invoice=none&line=x", 404), ("/uses?state=LOST", 400), ("/runs?state=LOST", 400),
        ("/invoices?state=LOST", 400), ("/messages?state=LOST", 400), ("/nothing", 404), ("/payer?id=%00%ff", 404),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_a_page_with_its_status(browser: Browser, path: str, status: int) -> None:
    page = browser.get(path, status=status)
    assert "To the overview" in page
    assert "To the overview" not in browser.client.get(f"/console{path}", headers={"Accept-Language": "zh"}).text


def test_a_failure_of_ours_tells_an_incident_and_nothing_else(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError("the password is hunter2")

    monkeypatch.setattr("web.console.callers.list_callers", broken)
    page = browser.get("/callers", status=500)
    assert re.search(r"incident [0-9a-f]{16}", page)
    assert "hunter2" not in page


@pytest.mark.usefixtures("story")
def test_pages_follow_each_other(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("payers", "parts", "line", "audit"):
        monkeypatch.setattr(f"web.console.{module}.PAGE", 1)
    first = browser.get("/payers")
    assert "late" not in read(first).split("Payers in order")[1]
    assert 'href="/console/payers?after=acme"' in first
    assert "Next page" not in browser.get("/payers", after="acme")
    line = browser.get("/line", invoice="acme-20260301", line=2, skip=30)
    assert "Charges 31 to 31 of 31; these add up to 1.80 CNY" in read(line)


def test_who_may_not_look_is_told_so(browse: Callable[..., Browser]) -> None:
    browser = browse("reader", ("rest",))
    assert "console" in browser.get("", status=403)
    stranger = httpx.get(browser.client.base_url.join("/console"))
    assert (stranger.status_code, stranger.headers["www-authenticate"][:5]) == (401, "Basic")
    wrong = httpx.get(browser.client.base_url.join("/console"), auth=("reader", "wrong"))
    assert wrong.status_code == 401
    everything = browse("boss", ("*",))
    everything.get("")
    # the browser that was only about to be asked left no row
    words = everything.words("/audit", act="access_refused")
    assert words.count("access_refused reader") == 2
    assert "access_refused -" not in words


def test_the_overview_of_the_program_leads_here(browser: Browser) -> None:
    assert 'href="/console"' in browser.client.get("/").text


def test_acts_are_not_pages(browser: Browser) -> None:
    for path in ACTS:
        assert browser.client.get(f"/console{path}").status_code in (404, 405)


def test_a_story_without_the_console_is_the_same(story: Story, browser: Browser) -> None:
    browser.get("")
    story.check_the_books()
