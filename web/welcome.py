"""The page at /: what is running here, where its doors are, and what may be called. No assets from elsewhere."""

from collections.abc import Sequence
from html import escape

STYLE = """
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1.25rem}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.35rem .8rem .35rem 0;
vertical-align:top}code{font-size:.92em}.warn{border:2px solid #c60;padding:.6rem 1rem;border-radius:.4rem}
"""

LINKS = (
    ("/console", "the operators' console · 运营控制台"),
    ("/health", "the process lives"),
    ("/ready", "the database answers and its schema is current"),
    ("/metrics", "figures for Prometheus"),
    ("/hessian/billing", "the Hessian door; POST, with HTTP Basic"),
    ("/api/v1/clock", "what time it is for the center"),
    ("/api/v1/refused-calls", "calls that were answered -1"),
    ("/api/v1/usage/parked", "uses that wait to be rated"),
    ("/api/v1/job-runs", "runs of jobs"),
    ("/api/v1/openapi.json", "the REST interface, described"),
)


def welcome_page(operations: Sequence[tuple[str, str]], *, database: str, clock: str, open_door: bool) -> str:
    """The page; `operations` are signatures with what they are for."""
    warning = (
        "<p class=warn><strong>This door is open:</strong> everyone on this machine may do everything.</p>"
        if open_door
        else ""
    )
    links = "".join(
        f'<tr><td><a href="{escape(path)}"><code>{escape(path)}</code></a></td><td>{escape(what)}</td></tr>'
        for path, what in LINKS
    )
    rows = "".join(
        f"<tr><td><code>{escape(signature)}</code></td><td>{escape(what)}</td></tr>"
        for signature, what in operations
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Billing center</title><style>{STYLE}</style>"
        f"<h1>Billing center · 计费中心</h1><p>Orders and usage in, invoices and service control out. "
        f"Running on {escape(database)}, {escape(clock)}.</p>{warning}"
        f"<h2>Where things are</h2><table>{links}</table>"
        f"<h2>What may be called</h2><table>{rows}</table>"
        "<p>Paths under /api/v1 need HTTP Basic of a caller with the operation <code>rest</code>, "
        "/console one with the operation <code>console</code>.</p></html>"
    )
