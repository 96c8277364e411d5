"""The console's style sheet, its one small script, and the headers that let a browser run nothing else."""

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--paper:#fff;--ink:#1b2330;--soft:#5b6677;--line:#dfe3ea;--link:#0b57c4;
--bar:#17233a;--good:#0b6b3a;--good-bg:#dff3e7;--bad:#a3141f;--bad-bg:#fde4e4;--wait:#7a4b00;--wait-bg:#fdf0d3;
--calm:#3d4a5c;--calm-bg:#e8ecf2}
@media (prefers-color-scheme:dark){:root{--bg:#10151d;--paper:#18202b;--ink:#e4e9f1;--soft:#9aa6b8;--line:#2c3747;
--link:#7db4ff;--bar:#0a0f17;--good:#7fdca6;--good-bg:#123524;--bad:#ff9d9d;--bad-bg:#451b20;--wait:#f5c873;
--wait-bg:#3d2e10;--calm:#b7c3d6;--calm-bg:#263243}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC",
"Microsoft YaHei",sans-serif}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem 1rem;z-index:2}
header{background:var(--bar);color:#e9eef7}
header a{color:inherit;text-decoration:none}
.top,nav ul,main,footer{max-width:78rem;margin:0 auto;padding:0 1.25rem}
.top{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center;padding-top:.7rem}
.brand{font-weight:650;font-size:1.05rem}
.top .find{margin-left:auto;display:flex;gap:.4rem}
.top input{width:18.5rem;background:#ffffff1c;color:#fff;border-color:#ffffff3a}
.top input::placeholder{color:#c3cddd}
.top button{background:#ffffff24;color:#fff;border-color:#ffffff3a}
.who{font-size:.85rem;color:#c3cddd}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 .2rem;padding-top:.35rem;margin-bottom:0}
nav a{display:block;padding:.45rem .7rem;border-bottom:3px solid transparent}
nav a:hover{background:#ffffff14}nav a[aria-current]{border-color:#8ab8ff;font-weight:600}
main{padding-top:1.2rem;padding-bottom:2.5rem}
h1{font-size:1.5rem;margin:.2rem 0 .9rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.9rem 0 .6rem}
h3{font-size:1rem;margin:1rem 0 .5rem}.scroll+.scroll,.tiles+.scroll,.tiles+.note{margin-top:.8rem}
.card,.scroll{background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.55rem .8rem;color:var(--soft)}
th{font-weight:600;color:var(--soft);font-size:.86rem;white-space:nowrap}
th,td{text-align:left;padding:.42rem .7rem;border-top:1px solid var(--line);vertical-align:top}
thead tr:first-child th{border-top:0}caption~thead th{border-top:1px solid var(--line)!important}
tbody tr:hover{background:color-mix(in srgb,var(--link) 6%,transparent)}
.n{text-align:right;white-space:nowrap}
time,.id{white-space:nowrap}
.wide{min-width:13.5rem}td .id{font-size:.93em}
.none{padding:.9rem;color:var(--soft)}
.badge{display:inline-block;padding:.05rem .5rem;border-radius:1rem;font-size:.83rem;font-weight:600;
white-space:nowrap;color:var(--calm);background:var(--calm-bg)}
.good{color:var(--good);background:var(--good-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
.wait{color:var(--wait);background:var(--wait-bg)}
.note{padding:.7rem 1rem;border-radius:.5rem;margin:0 0 1rem;border:1px solid transparent}
.note.good,.note.bad,.note.wait{border-color:currentColor}
.needs{list-style:none;padding:0;margin:0 0 1.2rem;display:grid;gap:.5rem}
.needs a{display:flex;gap:.8rem;align-items:baseline;padding:.6rem 1rem;border-radius:.5rem;text-decoration:none;
border:1px solid currentColor}.needs b{font-size:1.2rem;min-width:2.2rem;text-align:right}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.7rem;padding:0;list-style:none;margin:0}
.figures{grid-template-columns:repeat(auto-fill,minmax(13.5rem,1fr))}
.tiles a,.tiles div{display:block;padding:.7rem .9rem;text-decoration:none;color:inherit;height:100%}
.tiles a:hover{border-color:var(--link)}.tiles b{display:block;font-size:1.45rem;font-variant-numeric:tabular-nums}
.tiles span{color:var(--soft);font-size:.88rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:.3rem 2rem;
padding:.8rem 1rem;margin:0}
dl div{display:grid;grid-template-columns:minmax(6rem,10rem) 1fr;gap:1rem;min-width:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
progress{width:7rem;height:.6rem;accent-color:#2f7de1;vertical-align:middle;margin-right:.45rem}
progress.over{accent-color:#d0303c}
form.filter{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:0 0 1rem}
label{display:grid;gap:.15rem;font-size:.86rem;color:var(--soft)}
input,select,button,.button{font:inherit;padding:.35rem .6rem;border:1px solid var(--line);border-radius:.35rem;
background:var(--paper);color:var(--ink)}
input,select{min-height:2.2rem}
input[type=checkbox]{width:1.1rem;min-height:1.1rem;height:1.1rem}
button,.button{cursor:pointer;font-weight:600;text-decoration:none;display:inline-block}
button.act{background:#1257b8;border-color:#1257b8;color:#fff}button.stop{color:var(--bad);border-color:currentColor}
.acts{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.9rem 0}
pre{margin:0;padding:.8rem 1rem;overflow-x:auto;font:13px/1.5 ui-monospace,Consolas,monospace;white-space:pre-wrap;
overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--link)}details dl{padding:.5rem 0}
.soft{color:var(--soft);font-size:.88rem}
footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem}
@media (max-width:46rem){.top .find{margin-left:0;width:100%}.top input{flex:1;width:auto}
nav ul{flex-wrap:nowrap;overflow-x:auto}nav a{white-space:nowrap}
table,tbody,tr,td,caption{display:block}thead{position:absolute;left:-999rem}
tr{padding:.45rem 0;border-top:1px solid var(--line)}tbody tr:first-child{border-top:0}
td{border:0;padding:.12rem .8rem;display:flex;gap:1rem;justify-content:space-between;text-align:right;
white-space:normal}
td::before{content:attr(data-label);color:var(--soft);font-size:.86rem;text-align:left;flex:none}
td:empty{display:none}.wide{min-width:0}td>div{min-width:0;overflow-wrap:anywhere}td .id{white-space:normal}
td dl div{grid-template-columns:1fr;gap:0;text-align:left}}
@media print{header,form,.acts,footer,.skip{display:none}body{background:#fff}}
"""

SCRIPT = """
(function(){var at=document.getElementById("live");if(!at||!at.hasAttribute("data-live"))return;
setInterval(function(){if(document.hidden||at.contains(document.activeElement))return;
fetch(location.pathname+location.search).then(function(r){return r.ok?r.text():null}).then(function(t){
if(!t)return;var now=new DOMParser().parseFromString(t,"text/html").getElementById("live");
if(now)at.replaceChildren.apply(at,Array.from(now.childNodes))}).catch(function(){})},3000)})();
"""
"""Fetches a page with something under way again every three seconds; without it, the page is simply reloaded."""


def _hash(source: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode() + "'"


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer of the console: this style, this script, forms to this site, in no frame, kept nowhere."""
