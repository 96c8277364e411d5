"""What the story must come to, worked out by hand from the billing rules and never from the program's output.

Each number stands beside its computation. `check` compares them with what was seen at the doors; one changed
digit makes the demo fail. Prices: catalog.yaml. Days are civil days in Asia/Shanghai, both ends included.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice line: an order in a currency. `listed` is the price without the promotion, where one applies."""

    order_id: str
    amount: str
    how: str
    currency: str = "CNY"
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice: its lines and its total in CNY. `settled` is the day it was paid, "" when it never was.

    双龙贸易's bank refuses twice: tries at 00:05, 09:00 and in the evening, so it pays a day later than others.
    宏远集团's bank takes the money and drops the line once: it is asked again and knows the guid.
    """

    invoice_id: str
    lines: tuple[Line, ...]
    total: str
    settled: str
    how: str = ""  # where the total is more than the sum of its lines
    tries: int = 1  # until the account system had taken the deduction


@dataclass(frozen=True, slots=True)
class Stop:
    """An order that arrears stopped, and the day on which payment restored it ("" = never)."""

    order_id: str
    stopped: str
    why: str
    restored: str
    until: str


BILLS: tuple[Bill, ...] = (
    Bill(
        "huadong-20260101",
        (
            Line("hd-drive", "24.00", "opened 1 Jan, 7 days free; 8-31 Jan: 24 days x 1.00"),
            Line("hd-mail", "62.00", "1-31 Jan: 31 days x 2.00"),
        ),
        "86.00",
        "2026-02-14",
    ),
    Bill(
        "huadong-20260201",
        (
            Line("hd-drive", "5.00", "1-5 Feb, then paused by its owner: 5 days x 1.00"),
            Line("hd-mail", "52.00", "1-11 and 14-28 Feb, stopped on 12 and 13: 26 days x 2.00"),
        ),
        "57.00",
        "2026-03-01",
    ),
    Bill(
        "huadong-20260301",
        (
            Line("hd-drive", "31.00", "resumed on 1 March: 31 days x 1.00"),
            Line("hd-mail", "62.00", "31 days x 2.00"),
        ),
        "93.00",
        "2026-04-01",
    ),
    Bill("xishan-20260101", (Line("xs-mail", "44.00", "10-31 Jan: 22 days x 2.00"),), "44.00", ""),
    Bill("xishan-20260201", (Line("xs-mail", "22.00", "1-11 Feb, then stopped: 11 days x 2.00"),), "22.00", ""),
    Bill(
        "keyi-20260101",
        (
            Line(
                "ky-desk",
                "162.00",
                "10-14 Jan 5 days x 5 accounts, 15 Jan the largest is 8, 16-31 Jan 16 days x 3: "
                "(25 + 8 + 48) x 2.00",
            ),
        ),
        "162.00",
        "2026-02-01",
    ),
    Bill(
        "keyi-20260201",
        (
            Line(
                "ky-desk",
                "252.00",
                "1-10 Feb 10 days x 3, paused 11 and 12 (the 12 accounts never count), 13-28 Feb 16 days x 6: "
                "(30 + 96) x 2.00",
            ),
        ),
        "252.00",
        "2026-03-01",
    ),
    Bill("keyi-20260301", (Line("ky-desk", "372.00", "31 days x 6 accounts x 2.00"),), "372.00", "2026-04-01"),
    Bill(
        "kuaixin-20260101",
        (Line("kx-sms", "124.00", "600 (told twice, kept once) + 700: 1,000 x 0.10 + 300 x 0.08"),),
        "124.00",
        "2026-02-01",
    ),
    Bill(
        "kuaixin-20260201",
        (
            Line(
                "kx-sms",
                "66.00",
                "late: January's meter from 1,300 to 1,500, 200 x 0.08 = 16.00; February's own 500 x 0.10 = 50.00",
            ),
        ),
        "66.00",
        "2026-03-01",
    ),
    Bill(
        "kuaixin-20260301",
        (Line("kx-sms", "205.00", "1,000 x 0.10 + 1,000 x 0.08 + 500 x 0.05"),),
        "205.00",
        "2026-04-01",
    ),
    Bill(
        "xiaohe-20260101",
        (
            Line("xh-drive-1", "0.00", "5-8 Jan, all within the 7 free days (5-11 Jan)"),
            Line("xh-drive-2", "20.00", "opened 10 Jan, free until 11 Jan; 12-31 Jan: 20 days x 1.00"),
            Line("xh-fax", "3.00", "2 + 3 uses, the first 3 free: 2 x 1.50"),
        ),
        "23.00",
        "2026-02-01",
    ),
    Bill(
        "xiaohe-20260201",
        (
            Line("xh-drive-2", "28.00", "28 days x 1.00"),
            Line("xh-fax", "3.00", "2 uses x 1.50, none free any more"),
        ),
        "31.00",
        "2026-03-01",
    ),
    Bill(
        "xiaohe-20260301",
        (
            Line("xh-drive-2", "3.00", "1-3 March: 3 days x 1.00"),
            Line("xh-drive-3", "12.00", "20-31 March, no second free days: 12 days x 1.00"),
        ),
        "15.00",
        "2026-04-01",
    ),
    Bill(
        "shuanglong-20260101",
        (
            Line("sl-mail-1", "18.00", "20-28 Jan, two pauses on the 25th cost no day: 9 days x 2.00"),
            Line("sl-mail-2", "8.00", "28-31 Jan, the 28th for both orders: 4 days x 2.00"),
        ),
        "26.00",
        "2026-02-02",
        tries=3,
    ),
    Bill(
        "shuanglong-20260201",
        (Line("sl-mail-2", "56.00", "a pause from 22:00 to 06:00 leaves no day out: 28 days x 2.00"),),
        "56.00",
        "2026-03-02",
        tries=3,
    ),
    Bill(
        "shuanglong-20260301",
        (Line("sl-mail-2", "62.00", "31 days x 2.00"),),
        "62.00",
        "",
        tries=3,
    ),
    Bill(
        "hongyuan-20260101",
        (Line("hy-sms", "50.00", "branch 300 + salesman 200: 500 x 0.10"),),
        "50.00",
        "2026-02-01",
        tries=2,
    ),
    Bill(
        "hongyuan-20260201",
        (Line("hy-sms", "116.00", "branch 900 + salesman 300: 1,000 x 0.10 + 200 x 0.08"),),
        "116.00",
        "2026-03-01",
        tries=2,
    ),
    Bill(
        "yuemo-20251231",
        (Line("ym-erp", "160.00", "15-30 Jan are 16 of the 31 days 31 Dec-30 Jan: 310.00 x 16 / 31"),),
        "160.00",
        "2026-01-31",
    ),
    Bill(
        "yuemo-20260131",
        (Line("ym-erp", "310.00", "31 Jan-27 Feb, whole: billed on 28 Feb, the last day of a short month"),),
        "310.00",
        "2026-02-28",
    ),
    Bill("yuemo-20260228", (Line("ym-erp", "310.00", "28 Feb-30 March, whole"),), "310.00", "2026-03-31"),
    Bill(
        "huanqiu-20260101",
        (
            Line(
                "hq-call",
                "6.12",
                "90 min x 0.045 = 4.05; 30 min x 0.045 + 30 min after 22:00 x 0.024 = 2.07",
                currency="USD",
            ),
            Line("hq-crm", "30.48", "11-31 Jan: 45.00 x 21 / 31 = 30.483871", currency="USD"),
            Line("hq-mail", "42.00", "has no price in dollars: 21 days x 2.00"),
        ),
        "301.86",
        "2026-02-01",
        "36.60 USD x 7.10 = 259.86; + 42.00",
    ),
    Bill(
        "huanqiu-20260201",
        (
            Line("hq-call", "0.90", "20 min x 0.045", currency="USD"),
            Line("hq-crm", "45.00", "February whole", currency="USD"),
            Line("hq-mail", "56.00", "28 days x 2.00"),
        ),
        "379.60",
        "2026-03-01",
        "45.90 USD x 7.05 = 323.595, half up 323.60; + 56.00",
    ),
    Bill(
        "huanqiu-20260301",
        (
            Line("hq-crm", "45.00", "March whole", currency="USD"),
            Line("hq-mail", "62.00", "31 days x 2.00"),
        ),
        "386.00",
        "2026-04-01",
        "45.00 USD x 7.20 (from 1 April) = 324.00; + 62.00",
    ),
    Bill(
        "chunya-20260201",
        (
            Line("cy-crm", "248.00", "310.00 less 20%", listed="310.00"),
            Line("cy-mail", "18.00", "10-19 Feb free; 20-28 Feb: 9 days x 2.00; listed 19 x 2.00", listed="38.00"),
        ),
        "266.00",
        "2026-03-01",
    ),
    Bill(
        "chunya-20260301",
        (
            Line("cy-crm", "248.00", "310.00 less 20%", listed="310.00"),
            Line("cy-mail", "62.00", "31 days x 2.00", listed="62.00"),
        ),
        "310.00",
        "2026-04-01",
    ),
    Bill(
        "gangdao-20260201",
        (Line("gd-sms", "11.00", "100 of 18 Feb, rated when the order came: 100 x 0.11", currency="HKD"),),
        "10.01",
        "2026-03-01",
        "11.00 HKD x 0.91",
    ),
    Bill(
        "gangdao-20260301",
        (
            Line("gd-crm", "310.00", "20% off was for one order only: full price", listed="310.00"),
            Line("gd-sms", "22.00", "200 x 0.11", currency="HKD"),
        ),
        "330.02",
        "2026-04-01",
        "22.00 HKD x 0.91 = 20.02; + 310.00",
    ),
    Bill("haifeng-20260101", (Line("hf-ads", "80.00", "16-31 Jan: 16 days x 5.00"),), "80.00", "2026-02-06"),
    Bill(
        "haifeng-20260201",
        (Line("hf-ads", "120.00", "1 Feb and 6-28 Feb, stopped on 2-5: 24 days x 5.00"),),
        "120.00",
        "2026-03-01",
    ),
    Bill("haifeng-20260301", (Line("hf-ads", "155.00", "31 days x 5.00"),), "155.00", "2026-04-01"),
)
"""Every invoice of the three months. Nobody else gets one: a period without charges has no invoice."""

STOPS: tuple[Stop, ...] = (
    Stop(
        "hf-ads", "2026-02-01", "its deduction failed, and ads stop at once", "2026-02-06", "the day of its top-up"
    ),
    Stop("hd-mail", "2026-02-11", "unpaid on the control day: 1 Feb + 10 days", "2026-02-14", "paid by callback"),
    Stop("xs-mail", "2026-02-11", "unpaid on the control day: 1 Feb + 10 days", "", "never paid"),
)
"""What arrears stopped, in the order in which it came. hd-drive, paused by its owner, is not among them."""

IN_ARREARS = frozenset({"xishan"})
"""Who owes something overdue at the end."""

REFUSED = {"updateOrderState": 1, "installOrder": 1}
"""The calls that were answered "-1": a closed order resumed, and an order for what nobody sells."""

PARKED_AT_THE_END = 0

GRAND_TOTAL = "4980.49"
GRAND_TOTAL_HOW = "236 + 66 + 786 + 395 + 69 + 144 + 166 + 780 + 1,067.46 + 576 + 340.03 + 355"
