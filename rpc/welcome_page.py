"""What a browser, or an old Java client that probes with GET, sees under /hessian/."""

from html import escape

from rpc.operations import OPERATIONS


def _page() -> bytes:
    rows = "".join(
        f"<tr><td><code>{escape(o.name)}({escape(', '.join(o.parameters))})</code></td>"
        f"<td>{escape(o.summary)}</td></tr>"
        for o in OPERATIONS
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Billing center: Hessian</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:46rem;padding:0 1rem}"
        "td{padding:.2rem 1rem .2rem 0;vertical-align:top}</style>"
        "<h1>The billing center's Hessian door</h1>"
        "<p>Programs call this address with POST, in Hessian 1 or 2, with HTTP Basic. It serves:</p>"
        f"<table>{rows}</table>"
    ).encode()


PAGE = _page()
"""A short readable page; made once."""
