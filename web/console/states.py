"""The words of states, outcomes, jobs and reasons in both languages, and how urgent each one looks."""

from web.console.markup import Html, tag
from web.console.visit import Visit

GOOD, BAD, WAIT, CALM = "good", "bad", "wait", ""

STATES: dict[str, tuple[str, str]] = {
    "ISSUED": ("已出账", CALM),
    "SENDING": ("发送中", WAIT),
    "SENT": ("已发送", CALM),
    "PAID": ("已付", GOOD),
    "FAILED": ("失败", BAD),
    "PENDING": ("待开通", WAIT),
    "ACTIVE": ("使用中", GOOD),
    "SUSPENDED": ("已暂停", WAIT),
    "TERMINATED": ("已终止", CALM),
    "RUNNING": ("进行中", WAIT),
    "STOPPING": ("正在停止", WAIT),
    "STOPPED": ("已停止", BAD),
    "DONE": ("完成", GOOD),
    "TODO": ("待做", CALM),
    "WAITING": ("等待", CALM),
    "PARKED": ("搁置", WAIT),
    "HELD": ("待人工", BAD),
    "SETTLED": ("无需发送", CALM),
    "ACCEPTED": ("已接受", GOOD),
    "REFUSED": ("被拒绝", BAD),
    "UNKNOWN": ("无答复", WAIT),
    "RATED": ("已计价", GOOD),
    "FILTERED": ("已过滤", CALM),
    "WITHDRAWN": ("已撤回", CALM),
    "CHANGED": ("已生效", GOOD),
    "REPEATED": ("重复", CALM),
    "FLAGGED": ("需人工查看", BAD),
    "ARREARS": ("欠费", BAD),
    "DEDUCTION": ("扣款", CALM),
    "CONTROL": ("服务控制", CALM),
    "ALERT": ("消费告警", CALM),
}
"""Every state word of every thing that the console shows: its Chinese and its tone."""

JOBS: dict[str, tuple[str, str]] = {
    "cycle": ("The day's cycle", "日处理"),
    "release_parked": ("Release parked uses", "释放搁置的使用"),
    "rate_usage": ("Rate uses", "使用计价"),
    "rate_days": ("Rate orders' days", "按日计价"),
    "roll_up": ("Roll up", "汇总"),
    "issue_invoices": ("Issue invoices", "出账"),
    "send_deductions": ("Send deductions", "发送扣款"),
    "control_services": ("Control services", "服务控制"),
    "send_controls": ("Send service commands", "发送服务指令"),
    "reconcile_invoices": ("Reconcile today's invoices", "核对当日账单"),
    "purge": ("Purge what is old", "清理过期数据"),
    "check_alerts": ("Check spend alerts", "检查消费告警"),
    "make_partitions": ("Make partitions ahead", "预建分区"),
    "move_history": ("Move closed months to history", "转存历史"),
    "reconcile": ("Reconcile", "对账"),
}

REASONS: dict[str, tuple[str, str]] = {
    "unknown_payer": ("no payer found", "找不到付费人"),
    "no_payer": ("no payer found", "找不到付费人"),
    "no_price": ("no price in force", "无生效价格"),
    "unknown_unit": ("the unit does not convert", "单位无法换算"),
    "unknown_product": ("unknown product", "未知产品"),
    "broken": ("our own failure", "系统内部错误"),
}


PLANS: dict[str, tuple[str, str]] = {
    "per_use": ("per use", "按次"),
    "day": ("day", "按日"),
    "account_day": ("account-day", "按账户日"),
    "month": ("month", "包月"),
    "year": ("year", "包年"),
}


def plan_words(visit: Visit, plan: str) -> str:
    """How something is charged."""
    return visit.t(*PLANS[plan]) if plan in PLANS else plan


def badge(visit: Visit, state: str) -> Html:
    """A state as a coloured word; in Chinese its code is the title."""
    chinese, tone = STATES.get(state, (state, CALM))
    return tag("span", visit.t(state, chinese), class_=f"badge {tone}".strip(), title=visit.t(chinese, state))


def job_words(visit: Visit, job: str) -> str:
    """What a job does; its id when it has no words here."""
    return visit.t(*JOBS[job]) if job in JOBS else job


def reason_words(visit: Visit, reason: str) -> str:
    """Why a use waits, beside its code."""
    return f"{visit.t(*REASONS[reason])} ({reason})" if reason in REASONS else reason
