/**
 * The one stylesheet: own colours, system letters, light and dark, phone to office screen, and paper.
 *
 * Contrast: words 4.5:1 and more, borders of fields, focus and chart marks 3:1 and more, in both colour schemes.
 * Whatever a finger may have to hit is 44 px high. Nothing here is set inline, so a policy of `style-src 'self'` holds.
 */
export const stylesheet = `
:root{
--paper:#f6f5f1;--card:#fff;--ink:#1d282c;--soft:#4d5b61;--rule:#d5d8d4;--edge:#67757b;
--key:#17555e;--key-ink:#fff;--key-soft:#dcecec;--link:#12505a;
--good:#1e5f35;--good-soft:#e0f0e4;--wait:#734700;--wait-soft:#fcefd2;--bad:#9c1f2a;--bad-soft:#fbe6e6;
--blocked:#a8480f;--granted:#17697a;--focus:#1d282c;--focus-on:#ffd54a}
@media (prefers-color-scheme:dark){:root{
--paper:#12181a;--card:#1b2326;--ink:#e9eeee;--soft:#b0bcc0;--rule:#37444a;--edge:#8b9aa0;
--key:#86d0d3;--key-ink:#0c2326;--key-soft:#173a3f;--link:#8fd6d9;
--good:#93d6a6;--good-soft:#17331f;--wait:#f2c879;--wait-soft:#38290c;--bad:#ffaaa9;--bad-soft:#43181b;
--blocked:#f29a5c;--granted:#6fc4d6;--focus:#12181a;--focus-on:#ffd54a}}
*,::before,::after{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;scroll-padding-bottom:6rem}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 .75rem}
h2{font-size:1.25rem;line-height:1.3;margin:1.75rem 0 .5rem}
h3{font-size:1.0625rem;line-height:1.35;margin:1rem 0 .35rem}
legend h2,legend h3,.card>h2:first-child{margin-top:0}
p,ul,ol,dl{margin:.5rem 0}
ul,ol{padding-left:1.4rem}
ul.plain{list-style:none;padding:0}
small{display:block;font-size:.9rem;color:var(--soft)}
a{color:var(--link);text-underline-offset:.15em}
code,.code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.95em}
svg{display:block}
:focus-visible,input:not([type=radio]):focus-within{outline:3px solid var(--focus-on);outline-offset:0;box-shadow:0 0 0 5px var(--focus)}
main:focus{outline:none;box-shadow:none}
.hidden{position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-200vw;top:0;padding:.75rem 1rem;background:var(--card);z-index:3}
.skip:focus{left:0}
.wide,.narrow{max-width:64rem;margin:0 auto;padding:0 1rem}
.narrow{max-width:34rem}
main.wide,main.narrow{padding-top:1.25rem;padding-bottom:4rem}
.lead{font-size:1.125rem;color:var(--soft)}
.hint,.detail{color:var(--soft);font-size:.9375rem}
.top{background:var(--card);border-bottom:1px solid var(--rule)}
.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.25rem 1rem;min-height:56px}
.brand{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;margin:.25rem 0;font-weight:700;font-size:1.1875rem;color:var(--key)}
.brand a{display:flex;align-items:center;gap:.5rem;min-height:44px;color:inherit;text-decoration:none}
.brand .setting{font-weight:400;font-size:1rem;color:var(--soft)}
.brand .setting a{display:inline-flex;color:var(--link);text-decoration:underline}
.who{display:flex;flex-wrap:wrap;align-items:center;gap:0 .75rem;color:var(--soft);font-size:.9375rem}
nav ul{display:flex;flex-wrap:wrap;gap:0 .25rem;list-style:none;margin:0;padding:0}
nav li a{display:flex;align-items:center;gap:.4rem;min-height:44px;padding:0 .7rem;color:var(--ink);text-decoration:none;border-bottom:4px solid transparent}
nav li a:hover{background:var(--key-soft)}
nav [aria-current]{border-color:var(--key);color:var(--key);font-weight:600}
.top nav{display:flex;flex-wrap:wrap;gap:0 .25rem;padding:0 .3rem}
.top nav>ul{display:contents}
.more{margin:0;border:0;background:none;padding:0}
.more summary{padding:.5rem .7rem;font-weight:400}
.more:has([aria-current]) summary{color:var(--key);font-weight:600}
.more[open]{flex-basis:100%;padding-bottom:.5rem}
.more>div{display:flex;flex-wrap:wrap;gap:.25rem 2rem}
.more p{margin:.25rem .7rem 0;color:var(--soft);font-size:.9375rem}
.badge{min-width:1.6rem;padding:0 .4rem;border-radius:1rem;background:var(--key);color:var(--key-ink);font-size:.875rem;font-weight:700;text-align:center}
.tabs{border-bottom:1px solid var(--rule);margin-bottom:1rem}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:1rem;margin:1rem 0}
.columns{display:grid;gap:0 1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
.warning,.flash,.note,.error-summary{padding:.75rem 1rem;border-radius:8px;border-left:6px solid var(--wait);background:var(--wait-soft)}
.warning,.flash{display:flex;gap:.75rem}
.warnings,.flash{margin-bottom:1.25rem}
.flash{border-color:var(--good);background:var(--good-soft)}
.flash .sign{background:var(--good)}
.flash.not-done{border-color:var(--bad);background:var(--bad-soft)}
.flash.not-done .sign{background:var(--bad)}
.note{border-color:var(--key);background:var(--key-soft)}
.error-summary{border-color:var(--bad);background:var(--bad-soft)}
.error-summary h2{margin-top:0}
.error-summary a{color:var(--bad)}
.sign{flex:none;display:inline-grid;place-items:center;width:1.5rem;height:1.5rem;border-radius:50%;font-weight:700;font-size:.9375rem;line-height:1;color:var(--card);background:var(--wait)}
.state{display:flex;gap:.6rem;align-items:flex-start;font-weight:600;color:var(--wait)}
.in-force{color:var(--good)}.in-force .sign{background:var(--good)}
.booked{color:var(--key)}.booked .sign{background:var(--key)}
.refused{color:var(--bad)}.refused .sign{background:var(--bad)}
.noted{color:var(--soft)}.noted .sign{background:var(--soft)}
.ended{color:var(--soft)}.ended .sign{background:var(--soft);font-size:.7rem}
.mark{display:inline-block;margin-right:.4rem;padding:0 .5rem;border:1px solid currentColor;border-radius:1rem;font-size:.875rem;font-weight:600;color:var(--key)}
.mark.emergency{color:var(--bad)}
.count{font-size:.9375rem;font-weight:400;color:var(--soft)}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:44px;padding:.4rem 1rem;border:2px solid var(--key);border-radius:8px;background:var(--card);color:var(--key);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--key-soft)}
.primary{background:var(--key);color:var(--key-ink)}
.primary:hover{background:var(--key);text-decoration:underline}
.quiet{border-color:transparent;background:none;font-weight:400;text-decoration:underline;padding:.4rem .6rem}
.danger{border-color:var(--bad);color:var(--bad)}
.danger:hover{background:var(--bad-soft)}
.large{min-height:56px;font-size:1.1875rem;padding:.5rem 2rem}
.actions,.answers{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
.words{display:flex;flex:1 1 16rem;gap:.5rem;min-width:0;max-width:24rem}
.words select{flex:1;min-width:0}
.touch{display:inline-flex;align-items:center;min-height:44px}
.sticky{position:sticky;bottom:0;padding:.75rem 0;background:var(--paper);border-top:1px solid var(--rule);z-index:1}
.grant{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:.75rem 1rem}
.grant>div{flex:1 1 18rem}
.grant h2,.grant h3{margin-top:0}
.grant p{margin:.25rem 0}
.request{border-left:6px solid var(--key)}
.request h3{margin-top:0;font-size:1.1875rem}
.attention{border-left:6px solid var(--wait);padding-left:.75rem;margin:.75rem 0}
.card.attention{padding-left:1rem;margin:1rem 0}
.emergency.card{border-left:6px solid var(--bad)}
.field{margin:1rem 0}
.field>label{display:block}
label,legend{font-weight:600}
label .hidden{font-weight:400}
fieldset{border:0;margin:1.5rem 0;padding:0;min-width:0}
legend{padding:0;margin-bottom:.25rem}
.field .hint,fieldset .hint{margin:.1rem 0 .35rem}
input,select,textarea{font:inherit;color:var(--ink);background:var(--card)}
input:not([type=radio],[type=checkbox]),select,textarea{width:100%;max-width:30rem;min-height:44px;padding:.4rem .6rem;border:2px solid var(--edge);border-radius:6px}
input[type=time]{max-width:9rem}
input[type=date]{max-width:12rem}
select{width:auto;max-width:100%}
.field-error{color:var(--bad);font-weight:600;margin:.25rem 0}
.wrong>input,.wrong>textarea{border-color:var(--bad)}
fieldset.wrong,.field.wrong,.period.wrong{border-left:5px solid var(--bad);padding-left:.75rem}
.tiles{display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,10.5rem),1fr));margin:.5rem 0}
.tile{display:flex;gap:.6rem;align-items:center;min-height:52px;padding:.4rem .75rem;margin:.25rem 0;border:2px solid var(--edge);border-radius:8px;background:var(--card);font-weight:400;cursor:pointer}
.tiles .tile{margin:0}
.tile:hover{background:var(--key-soft)}
.tile:has(:checked){border-color:var(--key);background:var(--key-soft);font-weight:600;box-shadow:inset 0 0 0 1px var(--key)}
.tile small{font-weight:400}
.tile:has(:focus-visible){outline:3px solid var(--focus-on);box-shadow:0 0 0 5px var(--focus)}
.tile input{flex:none;width:1.35rem;height:1.35rem;margin:0;accent-color:var(--key)}
.tile svg,summary svg{flex:none;width:1.4em;height:1.4em;vertical-align:-.3em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
summary svg{display:inline;margin-right:.5rem}
.sheet{position:absolute}
.tile :focus-visible{outline:none;box-shadow:none}
ul.tiles,.broad{grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr))}
ul.tiles form,.usual{height:100%;width:100%}
.usual{flex-direction:column;align-items:flex-start;justify-content:flex-start;gap:.1rem;text-align:left;font-weight:400;padding:.75rem 1rem}
.usual span{color:var(--soft)}
details details{border-color:transparent transparent var(--rule);border-radius:0}
details{margin:.5rem 0;border:1px solid var(--rule);border-radius:8px;background:var(--card);padding:0 .75rem}
summary{min-height:44px;padding:.6rem .25rem;font-weight:600;cursor:pointer}
details[open]{padding-bottom:.75rem}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:flex-end}
.row .field{margin:.35rem 0;min-width:0}
.row button,.row .button{margin:.35rem 0}
.day{display:grid;grid-template-columns:7.5rem 1fr;gap:.25rem .5rem;padding:.5rem 0;border-bottom:1px solid var(--rule)}
.day-name{margin:.5rem 0 0;font-weight:600}
.periods{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}
.period input{width:8.25rem;padding:.4rem}
.period span{padding:0 .4rem}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.35rem 1rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:600}
.pairing-code{font:700 clamp(2.25rem,11vw,4rem)/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.08em;overflow-wrap:normal}
.qr{width:16rem;max-width:100%;background:#fff;fill:#000;border-radius:8px;margin:.5rem 0}
.recovery{list-style:none;columns:2;font-size:1.1875rem}
.recovery li{padding:.35rem 0;break-inside:avoid}
.calendar{display:grid;gap:1rem 2rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
.calendar table{table-layout:fixed;font-variant-numeric:tabular-nums}
.calendar th,.calendar td{padding:.25rem 0;text-align:center;border:1px solid var(--paper)}
.calendar tr:first-child th{color:var(--soft);font-size:.875rem}
.calendar td:not(:empty),.day-sign{background:var(--key-soft);font-weight:600}
.day-sign{display:inline-grid;place-items:center;width:1.75rem;height:1.5rem;font-style:normal;color:var(--ink)}
.calendar td.off,.day-sign.off{background:none;color:var(--soft);font-weight:400}
.calendar td.shut,.day-sign.shut{background:repeating-linear-gradient(45deg,var(--rule) 0 2px,var(--card) 2px 7px);color:var(--ink);font-weight:400}
.calendar td.bank,.day-sign.bank{background:var(--wait-soft);color:var(--wait);text-decoration:underline}
.calendar td.term,.day-sign.term{background:var(--card);color:var(--soft);font-weight:400;outline:1px dashed var(--edge);outline-offset:-3px}
.calendar td.one-off,.day-sign.one-off{background:var(--key);color:var(--key-ink);font-weight:700}
.calendar td.today,.day-sign.today{box-shadow:inset 0 0 0 3px var(--focus-on),inset 0 0 0 5px var(--ink)}
.scroller{position:relative;overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%;overflow-wrap:normal}
caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{padding:.4rem .75rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:400}
tbody th[scope=rowgroup],th[scope=rowgroup]~td{font-weight:700;padding-top:1rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td .touch,th .touch{margin:-.6rem 0}
.chart{margin:.75rem 0;max-width:44rem}
.chart text{font-size:14px;fill:var(--soft)}
.chart .label{fill:var(--ink);font-weight:600}
.grid{stroke:var(--rule)}
.open{fill:var(--key)}
.paper{fill:var(--paper)}
.outline{stroke:var(--edge);stroke-width:1.5}
.hatch{fill:var(--edge)}
.blocked{stroke:var(--blocked);stroke-width:1.5}
pattern[id$=-hatch] .hatch{fill:var(--blocked)}
.granted{fill:var(--granted)}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.5rem;color:var(--soft);font-size:.9375rem}
.key span{display:flex;gap:.5rem;align-items:center}
.record{list-style:none;padding:0}
.record li{display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:.6rem 0;border-bottom:1px solid var(--rule)}
.record li>:last-child{flex:1 1 16rem}
.when{flex:0 0 7rem;color:var(--soft);font-variant-numeric:tabular-nums}
.sequence{display:block;font-size:.875rem}
.paging{display:flex;flex-wrap:wrap;gap:1rem;align-items:center;margin:1.5rem 0}
.figures{grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr));gap:.5rem}
.figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:.6rem .75rem}
.figures dd{font-size:1.25rem}
.months{font-size:.9375rem}
.months th:first-child{min-width:9rem}
.total,tfoot td,tfoot th{font-weight:600}
@media (max-width:30rem){dl:not(.figures){grid-template-columns:1fr;gap:0}dl:not(.figures) dd{margin-bottom:.5rem}.answers>button{flex:1 1 8rem}.answers>button:is([value=session],[value=close]){flex-basis:100%}.bar{flex-wrap:nowrap}.brand{gap:0 .75rem}.who{flex:none}.top nav{padding:0}nav li a,.more summary{padding:0 .45rem;font-size:.9375rem}.more p{margin-inline:.45rem}.day{grid-template-columns:1fr}.day-name{margin:0}.who span{display:none}}
@media (forced-colors:active){.sign,.badge{border:1px solid}.tile:has(:checked){border-width:4px}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@page{size:A4;margin:12mm 13mm}
@media print{
:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#333;--rule:#bbb;--edge:#555;--key:#000;--link:#000;--blocked:#a8480f;--granted:#17697a}
.top,.skip,.warnings,.flash,.no-print,button,.button,.actions{display:none!important}
body{font-size:9pt;line-height:1.3}
.wide{max-width:none;padding:0}
main.wide{padding:0}
h2{font-size:13pt}h3,caption{font-size:10pt;margin:6pt 0 2pt;padding:0 0 1pt;break-after:avoid}
.report-title{margin:0}.lead{font-size:10pt;margin:0 0 4pt}
.hint,.detail{font-size:8pt}
.figures{grid-template-columns:repeat(3,1fr);gap:0 12pt;margin:2pt 0}
.figures div{flex-direction:row;justify-content:space-between;gap:6pt;border:0;border-bottom:1px solid #bbb;border-radius:0;padding:1pt 0}
.figures dd{font-size:9pt;white-space:nowrap}
.scroller{overflow:visible;margin:6pt 0}
th,td{padding:1.2pt 4pt 1.2pt 0}
tr,li{break-inside:avoid}
.months{font-size:7.5pt}.months th:first-child{min-width:0;overflow-wrap:anywhere}
.second-page{break-before:page}
.second-page .columns{grid-template-columns:1fr 1fr;gap:0 16pt}
ul,p{margin:3pt 0}}
`;
