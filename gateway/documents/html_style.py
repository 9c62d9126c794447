"""The style sheet of a paper's page: phone, screen, dark screen, A4."""

STYLE = """
:root{color-scheme:light dark;--ink:#111;--soft:#4a4a4a;--line:#8a8a8a;--field:#eef2f7;--page:#fff;--alarm:#b00020}
@media (prefers-color-scheme:dark){:root{
--ink:#ececec;--soft:#b9b9b9;--line:#6f6f6f;--field:#24282e;
--page:#121212;--alarm:#ff8a80}}
*{box-sizing:border-box}
html{background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"Noto Sans",Roboto,sans-serif;
-webkit-text-size-adjust:100%}
body{margin:0}
main{max-width:72rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.35rem;line-height:1.3;text-align:center;margin:1.5rem 0}
h1 span{font-size:1.1rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
h4{font-size:1rem;margin:1rem 0 .5rem}
p{margin:.5rem 0;max-width:48rem}
.draft{border:2px solid var(--alarm);color:var(--alarm);padding:.5rem .75rem;max-width:none}
.draft strong{letter-spacing:.1em;margin-right:.5rem}
.letterhead{display:flex;flex-wrap:wrap;gap:1rem;justify-content:space-between;text-align:center}
.letterhead div{flex:1 1 16rem}
.letterhead p{margin:.1rem auto;white-space:pre-wrap}
.body{font-weight:bold}
.body::after{content:"";display:block;width:7rem;border-bottom:1px solid;margin:.2rem auto}
.fill{border-bottom:1px dotted var(--line);height:1.6rem;margin:0}
.scroll{overflow-x:auto;margin:1rem 0 .25rem}
.scroll:focus-visible{outline:3px solid #2a78c2;outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem;line-height:1.35}
caption{text-align:left;font-weight:bold;padding:.25rem 0;font-size:1rem}
caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 2rem)}
th,td{border:1px solid var(--line);padding:.3rem .45rem;vertical-align:top;text-align:left}
thead th{background:var(--field);text-align:center;vertical-align:middle}
tbody th{font-weight:normal;min-width:7rem}
.c{text-align:center}
.r{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.total td,.total th{font-weight:bold}
.note{font-size:.9rem;color:var(--soft);margin-top:0}
figure{display:inline-block;vertical-align:top;width:100%;max-width:34rem;margin:1rem 1rem 1rem 0}
figcaption{font-weight:bold;margin-bottom:.35rem}
svg{display:block;width:100%;height:auto}
.signed{display:flex;flex-wrap:wrap;gap:1.5rem;justify-content:space-between;text-align:center;margin-top:2.5rem}
.signed div{flex:1 1 14rem}
.signed p{margin:.1rem auto}
.signed .to{text-align:left;font-size:.9rem}
.to ul{margin:.2rem 0;padding:0;list-style:"- ";padding-left:.6rem}
.name{padding-top:4.5rem}
@media screen{tbody th{position:sticky;left:0;background:var(--page)}}
@media (min-width:60rem){figure{width:calc(50% - 1.2rem)}}
@media print{
@page{size:A4;margin:20mm 15mm 20mm 30mm}
@page wide{size:A4 landscape;margin:20mm 15mm}
:root{--ink:#000;--soft:#222;--line:#444;--field:#eee;--page:#fff;--alarm:#000}
html{font:13pt/1.35 "Times New Roman","Liberation Serif",serif;color-scheme:light}
main{max-width:none;padding:0}
p{max-width:none}
.scroll{overflow:visible}
.wide{page:wide}
.annex{break-before:page}
h2,h3,h4,caption{break-after:avoid}
tr,figure,.signed{break-inside:avoid}
thead{display:table-header-group}
table{font-size:10pt}
caption span{max-width:none}
tbody th{min-width:0}
thead th{print-color-adjust:exact;-webkit-print-color-adjust:exact}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.letterhead,.signed{flex-wrap:nowrap}
figure{width:100%;max-width:130mm;display:block;margin:4mm auto}
}
"""
