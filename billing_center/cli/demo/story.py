"""The demo's story: twelve payers of a small SaaS company over the first three months of 2026.

Together they show the nine modes of the 2009 design. What it must come to stands in `expectations`.
"""

from billing_center.cli.demo.acts import (
    Accounts,
    AskArrears,
    Behave,
    Change,
    CountParked,
    Event,
    Install,
    LookAhead,
    Quote,
    SetPayer,
    TopUp,
    Trespass,
    Use,
)

BEGIN, END = "2026-01-01", "2026-04-01"
"""The first and the last day that are played, civil days in Asia/Shanghai."""

PAYERS = {
    "huadong": ("华东商贸", "2 by day · 8 and 9: pays late, stopped and restored"),
    "xishan": ("西山书店", "8: never pays"),
    "keyi": ("客易服务", "3 by the day's largest number of accounts"),
    "kuaixin": ("快信科技", "1 per use, tiers · a repeat · a late use"),
    "xiaohe": ("小荷设计", "4 first days and first uses free"),
    "shuanglong": ("双龙贸易", "5 pauses, two orders on a day · a flaky account system"),
    "hongyuan": ("宏远集团", "6 the boss pays for salesperson and branch"),
    "yuemo": ("月末制造", "7 billing day 31 · a month by its days"),
    "huanqiu": ("环球在线", "1 in real time, night band · dollars"),
    "chunya": ("春芽教育", "promotions"),
    "gangdao": ("港岛新芽", "a use before its order is known · Hong Kong dollars"),
    "haifeng": ("海风旅游", "8 and 9 at once: a failed deduction, then a top-up"),
}
"""The payers' names, and the modes that each one shows."""

JANUARY = (
    Event("2026-01-01 09:00", "华东商贸 asks what 1,500 messages cost", Quote("sms", "", "1500", "CNY"), "140.00"),
    Event("2026-01-01 09:00", "华东商贸 asks for ten days of mail", Quote("mail", "日", "10", "CNY"), "20.00"),
    Event("2026-01-01 09:00", "华东商贸 asks for what nobody sells", Quote("fridge", "日", "1", "CNY"), "-3"),
    Event("2026-01-01 09:10", "华东商贸 orders mail", Install("hd-mail", "huadong", "mail", "日")),
    Event("2026-01-01 09:10", "华东商贸 orders a drive", Install("hd-drive", "huadong", "drive", "日")),
    Event(
        "2026-01-01 09:20", "华东商贸 will not pay before 14 February",
        Behave("huadong", "PAY_LATER", {"day": "2026-02-14"}), "",
    ),
    Event("2026-01-02 09:10", "快信科技 orders messages", Install("kx-sms", "kuaixin", "sms", "次")),
    Event(
        "2026-01-05 10:00", "快信科技 sends 600 messages",
        Use("kuaixin", "sms", "600", payer_id="kuaixin", guid="kx-1"),
    ),
    Event(
        "2026-01-05 10:00", "快信科技 tells it again: its answer was lost",
        Use("kuaixin", "sms", "600", payer_id="kuaixin", guid="kx-1"),
    ),
    Event("2026-01-05 11:00", "小荷设计 opens a drive", Install("xh-drive-1", "xiaohe", "drive", "日")),
    Event("2026-01-05 11:00", "小荷设计 opens fax", Install("xh-fax", "xiaohe", "fax", "次")),
    Event("2026-01-06 10:00", "小荷设计 sends 2 faxes", Use("xiaohe", "fax", "2")),
    Event("2026-01-08 12:00", "小荷设计 closes its drive", Change("xh-drive-1", "TERMINATED")),
    Event("2026-01-10 09:10", "小荷设计 opens another drive", Install("xh-drive-2", "xiaohe", "drive", "日")),
    Event("2026-01-10 10:00", "西山书店 orders mail", Install("xs-mail", "xishan", "mail", "日")),
    Event("2026-01-10 10:00", "西山书店 will never pay", Behave("xishan", "NEVER"), ""),
    Event(
        "2026-01-10 10:30", "客易服务 orders its desk", Install("ky-desk", "keyi", "desk", "日", by_accounts=True)
    ),
    Event("2026-01-10 10:30", "客易服务 has 5 accounts", Accounts("keyi", "desk", 5)),
    Event("2026-01-11 09:10", "环球在线 orders CRM", Install("hq-crm", "huanqiu", "crm", "月")),
    Event("2026-01-11 09:10", "环球在线 orders mail", Install("hq-mail", "huanqiu", "mail", "日")),
    Event("2026-01-11 09:10", "环球在线 orders telephony", Install("hq-call", "huanqiu", "call", "次")),
    Event("2026-01-11 09:20", "环球在线 wants to pay in dollars", SetPayer("huanqiu", "USD"), ""),
    Event(
        "2026-01-12 09:10", "宏远集团 orders messages for its branch",
        Install("hy-sms", "hongyuan", "sms", "次", customer="hy-branch"),
    ),
    Event(
        "2026-01-12 09:20", "宏远集团's bank will take the money and drop the line, once",
        Behave("hongyuan", "FLAKY", {"times": 1, "fault": "drop_after"}), "",
    ),
    Event("2026-01-12 10:00", "宏远集团's branch sends 300 messages", Use("hy-branch", "sms", "300")),
    Event("2026-01-15 09:10", "月末制造 subscribes to ERP", Install("ym-erp", "yuemo", "erp", "月")),
    Event("2026-01-15 10:00", "客易服务 has 8 accounts", Accounts("keyi", "desk", 8)),
    Event("2026-01-15 15:00", "客易服务 has 3 accounts", Accounts("keyi", "desk", 3)),
    Event("2026-01-16 09:10", "海风旅游 orders ads", Install("hf-ads", "haifeng", "ads", "日")),
    Event("2026-01-16 09:10", "海风旅游's deductions will fail", Behave("haifeng", "FAIL"), ""),
    Event(
        "2026-01-18 16:00", "a salesman of 宏远集团 sends 200 messages",
        Use("hy-wang", "sms", "200", payer_id="hongyuan"),
    ),
    Event("2026-01-20 09:10", "双龙贸易 orders mail", Install("sl-mail-1", "shuanglong", "mail", "日")),
    Event(
        "2026-01-20 09:10", "双龙贸易's bank will refuse every deduction twice",
        Behave("shuanglong", "FLAKY", {"times": 2, "fault": "refuse"}), "",
    ),
    Event(
        "2026-01-20 10:00", "快信科技 sends 700 messages", Use("kuaixin", "sms", "700", payer_id="kuaixin")
    ),
    Event(
        "2026-01-20 16:00", "环球在线 has talked for an hour and a half",
        Use("huanqiu", "call", "1.5", unit="hour", started="2026-01-20 14:00", ended="2026-01-20 15:30"),
    ),
    Event("2026-01-20 16:00", "it is rated while the clock stands", LookAhead("huanqiu", "call"), "4.05 USD"),
    Event("2026-01-21 10:00", "小荷设计 sends 3 faxes", Use("xiaohe", "fax", "3")),
    Event(
        "2026-01-22 23:00", "环球在线 has talked from 21:30 to 22:30",
        Use("huanqiu", "call", "60", started="2026-01-22 21:30", ended="2026-01-22 22:30"),
    ),
    Event("2026-01-25 09:10", "双龙贸易 pauses mail", Change("sl-mail-1", "SUSPENDED")),
    Event("2026-01-25 10:00", "双龙贸易 resumes mail", Change("sl-mail-1", "ACTIVE")),
    Event("2026-01-25 11:00", "双龙贸易 pauses mail again", Change("sl-mail-1", "SUSPENDED")),
    Event("2026-01-25 15:00", "双龙贸易 resumes mail again", Change("sl-mail-1", "ACTIVE")),
    Event("2026-01-28 11:00", "双龙贸易 closes mail", Change("sl-mail-1", "TERMINATED")),
    Event("2026-01-28 15:00", "双龙贸易 orders mail anew", Install("sl-mail-2", "shuanglong", "mail", "日")),
    Event("2026-01-28 16:00", "双龙贸易 cannot resume what it closed", Change("sl-mail-1", "ACTIVE"), "-1"),
)  # fmt: skip

FEBRUARY = (
    Event(
        "2026-02-01 09:10", "春芽教育 orders CRM at 20% off",
        Install("cy-crm", "chunya", "crm", "月", promotion="spring-20"),
    ),
    Event("2026-02-01 10:00", "海风旅游 is in arrears", AskArrears("haifeng"), "-1"),
    Event("2026-02-01 10:00", "华东商贸 is not yet", AskArrears("huadong")),
    Event(
        "2026-02-03 10:00", "快信科技 reports 200 messages of 31 January",
        Use("kuaixin", "sms", "200", payer_id="kuaixin", started="2026-01-31 15:00"),
    ),
    Event("2026-02-05 10:00", "华东商贸 pauses its drive itself", Change("hd-drive", "SUSPENDED")),
    Event("2026-02-06 15:00", "海风旅游 tops up", TopUp("haifeng"), "PAID"),
    Event("2026-02-06 15:00", "海风旅游 is in arrears no more", AskArrears("haifeng")),
    Event("2026-02-06 15:00", "海风旅游 will pay from now on", Behave("haifeng", "PAY"), ""),
    Event("2026-02-09 10:00", "华东商贸 is in arrears", AskArrears("huadong"), "-1"),
    Event(
        "2026-02-10 09:10", "春芽教育 orders mail, ten days free",
        Install("cy-mail", "chunya", "mail", "日", promotion="newcomer"),
    ),
    Event(
        "2026-02-10 10:00", "快信科技 sends 500 messages", Use("kuaixin", "sms", "500", payer_id="kuaixin")
    ),
    Event("2026-02-10 18:30", "客易服务 pauses its desk", Change("ky-desk", "SUSPENDED")),
    Event("2026-02-10 22:00", "双龙贸易 pauses mail", Change("sl-mail-2", "SUSPENDED")),
    Event("2026-02-11 06:00", "双龙贸易 resumes mail after midnight", Change("sl-mail-2", "ACTIVE")),
    Event("2026-02-11 10:00", "客易服务 has 12 accounts, while paused", Accounts("keyi", "desk", 12)),
    Event("2026-02-12 09:10", "客易服务 has 6 accounts, still paused", Accounts("keyi", "desk", 6)),
    Event("2026-02-13 09:10", "客易服务 resumes its desk", Change("ky-desk", "ACTIVE")),
    Event("2026-02-14 10:00", "华东商贸 has paid: no arrears", AskArrears("huadong")),
    Event(
        "2026-02-14 11:00", "环球在线 has talked for 20 minutes",
        Use("huanqiu", "call", "20", started="2026-02-14 10:00", ended="2026-02-14 10:20"),
    ),
    Event("2026-02-18 10:00", "港岛新芽 sends 100 messages, unknown as yet", Use("gangdao", "sms", "100")),
    Event("2026-02-19 10:00", "its use is parked, nobody pays for it", CountParked(), "1"),
    Event("2026-02-20 10:00", "宏远集团's branch sends 900 messages", Use("hy-branch", "sms", "900")),
    Event(
        "2026-02-20 11:00", "港岛新芽's order arrives, opened on the 15th",
        Install("gd-sms", "gangdao", "sms", "次", start="2026-02-15"),
    ),
    Event("2026-02-20 11:00", "港岛新芽 wants to pay in HKD", SetPayer("gangdao", "HKD"), ""),
    Event(
        "2026-02-21 10:00", "a salesman of 宏远集团 sends 300 messages",
        Use("hy-wang", "sms", "300", payer_id="hongyuan"),
    ),
    Event("2026-02-21 10:00", "no use is parked any more", CountParked(), "0"),
    Event("2026-02-25 10:00", "小荷设计 sends 2 faxes", Use("xiaohe", "fax", "2")),
)  # fmt: skip

MARCH = (
    Event("2026-03-01 10:00", "华东商贸 resumes its drive", Change("hd-drive", "ACTIVE")),
    Event(
        "2026-03-01 11:00", "港岛新芽 is too late for 20% off CRM",
        Install("gd-crm", "gangdao", "crm", "月", promotion="spring-20"),
    ),
    Event("2026-03-03 12:00", "小荷设计 closes its drive", Change("xh-drive-2", "TERMINATED")),
    Event("2026-03-05 10:00", "港岛新芽 sends 200 messages", Use("gangdao", "sms", "200")),
    Event(
        "2026-03-10 10:00", "an order for what nobody sells is refused",
        Install("no-such", "huadong", "fridge", "日"), "-1",
    ),
    Event("2026-03-10 11:00", "a product must not settle invoices", Trespass("xishan-20260101"), "403"),
    Event(
        "2026-03-12 10:00", "快信科技 sends 2,500 messages", Use("kuaixin", "sms", "2500", payer_id="kuaixin")
    ),
    Event("2026-03-20 10:00", "小荷设计 opens a drive once more", Install("xh-drive-3", "xiaohe", "drive", "日")),
    Event("2026-04-01 10:00", "西山书店 is still in arrears", AskArrears("xishan"), "-1"),
    Event("2026-04-01 10:00", "海风旅游 is not", AskArrears("haifeng")),
)  # fmt: skip

STORY: tuple[Event, ...] = (*JANUARY, *FEBRUARY, *MARCH)
