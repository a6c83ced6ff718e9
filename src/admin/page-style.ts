// The style of the page. Colours are pairs, light and dark, with a contrast of 4.5 and more for
// text; what a colour says is said by a word as well. Numbers have one width.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f8, #0e1318);
  --panel: light-dark(#ffffff, #161d24);
  --ink: light-dark(#17212b, #e3e9ee);
  --quiet: light-dark(#566573, #98a6b3);
  --line: light-dark(#e2e7ec, #28323c);
  --hover: light-dark(#f6f8fa, #1b242c);
  --accent: light-dark(#0f766e, #4fd1c5);
  --second: light-dark(#b45309, #f0b35a);
  --good: light-dark(#166534, #86e0a6);
  --good-ground: light-dark(#dcf5e4, #12341f);
  --bad: light-dark(#b42318, #ff9c93);
  --bad-ground: light-dark(#fde4e1, #45191a);
  --changing: light-dark(#854d0e, #f5c86b);
  --changing-ground: light-dark(#fdf0cd, #3d2e0e);
  --resting: light-dark(#3f4d63, #b6c2d4);
  --resting-ground: light-dark(#e6eaf1, #29323f);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main, footer { max-width: 104rem; margin: 0 auto; padding: 0 1.5rem; }
main:focus { outline: none; }
h1 { font-size: 1.5rem; font-weight: 650; letter-spacing: -.02em; margin: 0; }
h2 { font-size: 1.05rem; font-weight: 650; letter-spacing: -.01em; margin: 0 0 .5rem; }
h3 { font-size: .85rem; font-weight: 500; color: var(--quiet); margin: 0; }
p { margin: 0; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.quiet, .small { color: var(--quiet); font-size: .85rem; }
.small { display: block; line-height: 1.35; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.skip { position: absolute; left: -100vw; background: var(--panel); padding: .5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 1; }
#notice { position: fixed; right: 1.5rem; bottom: 1.5rem; z-index: 1; max-width: 30rem;
  background: var(--ink); color: var(--ground); padding: .6rem 1rem; border-radius: .5rem; }
#notice:empty { display: none; }

header { padding: 1.6rem 0 1.2rem; }
.brand { display: flex; align-items: center; gap: .9rem; }
.link { font-size: .85rem; font-weight: 600; padding: .1rem .7rem; border-radius: 1rem;
  color: var(--resting); background: var(--resting-ground); }
.link::before { content: "\\25cf"; margin-right: .4rem; }
.link.live, .link.polling { color: var(--good); background: var(--good-ground); }
.link.away { color: var(--bad); background: var(--bad-ground); }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
.card, .panel { background: var(--panel); border: 1px solid var(--line); border-radius: .7rem;
  padding: 1rem 1.2rem; min-width: 0; }
.panel { margin-top: 1rem; }
.figure { font-size: 1.65rem; font-weight: 600; letter-spacing: -.03em; line-height: 1.3;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.card .chart { height: 3.4rem; margin: .5rem 0 .6rem; }
.note + .note::before { content: " · "; }
.way { margin-right: 1rem; }
.way.row { margin-right: 0; }
.way::before { margin-right: .3rem; }
.figure .way::before { font-size: 1rem; vertical-align: .15em; }
.way.line-0::before { content: "\\2191"; color: var(--accent); }
.way.line-1::before { content: "\\2193"; color: var(--second); }

.facts { display: flex; flex-wrap: wrap; gap: .4rem 2.2rem; margin: 1rem .2rem 0; }
.facts div { display: flex; gap: .5rem; align-items: baseline; }
.facts dt { color: var(--quiet); font-size: .85rem; }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }

.chart { display: block; width: 100%; min-width: 5rem; height: 2.2rem; overflow: visible; }
.chart path, .chart .base { vector-effect: non-scaling-stroke; fill: none; }
.chart .base { stroke: var(--line); }
.chart .line { stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
.chart .line-1 { stroke: var(--second); }
.chart .area { fill: var(--accent); opacity: .13; }
.shares { display: block; width: 100%; height: .5rem; border-radius: .25rem; }
.shares .rest { fill: var(--line); }
.spread { margin: .2rem 0 .9rem; }
td .shares { display: inline-block; width: 3.5rem; vertical-align: middle; }
.beside { margin-left: .5rem; font-variant-numeric: tabular-nums; }
.part-0 { fill: #0d9488; background: #0d9488; } .part-1 { fill: #d97706; background: #d97706; }
.part-2 { fill: #4f7cd6; background: #4f7cd6; } .part-3 { fill: #b8578f; background: #b8578f; }
.part-4 { fill: #7a9a2e; background: #7a9a2e; } .part-5 { fill: #8b6fc9; background: #8b6fc9; }
td .part-0 { fill: var(--accent); }
.swatch { display: inline-block; width: .6rem; height: .6rem; border-radius: .15rem;
  margin-right: .5rem; }

.pool-head { display: flex; justify-content: space-between; gap: 2rem; align-items: end;
  margin-bottom: .5rem; }
.pool-head button { margin-top: .5rem; }
.pool-chart { width: min(26rem, 40%); }
.scroll { overflow-x: auto; margin: 0 -1.2rem; padding: 0 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .5rem; vertical-align: top; white-space: nowrap;
  border-top: 1px solid var(--line); font-weight: 400; }
th:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--quiet); font-size: .82rem; font-weight: 500;
  padding-top: .2rem; padding-bottom: .3rem; }
tbody th { font-weight: 600; } tbody th .small { font-weight: 400; padding-left: 1.1rem; }
tbody tr:hover { background: var(--hover); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.wide { white-space: normal; min-width: clamp(9rem, 27vw - 13rem, 14rem); max-width: 22rem;
  overflow-wrap: anywhere; }
.whole { white-space: nowrap; }
.row { display: block; }
.badge { display: inline-block; padding: 0 .55rem; border-radius: .9rem; font-weight: 600;
  font-size: .82rem; white-space: nowrap; }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.changing { color: var(--changing); background: var(--changing-ground); }
.resting { color: var(--resting); background: var(--resting-ground); }
.bad-word { color: var(--bad); font-weight: 600; }

.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(32rem, 1fr)); gap: 1rem;
  margin-top: 1rem; align-items: start; }
.columns .panel { margin-top: 0; }
.choice { display: flex; flex-wrap: wrap; gap: .6rem 1.5rem; align-items: center;
  margin-bottom: .6rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; }
.end { justify-content: flex-end; margin-top: 1.2rem; }
button, input { font: inherit; color: inherit; }
button { background: var(--panel); border: 1px solid light-dark(#8795a3, #5c6b79);
  border-radius: .45rem; padding: .15rem .7rem; cursor: pointer; min-height: 1.9rem; }
button:hover { background: var(--hover); border-color: var(--accent); }
button[aria-pressed="true"], .primary, .primary:hover { background: var(--accent);
  border-color: var(--accent); color: light-dark(#ffffff, #06231f); font-weight: 600; }
.harsh, .harsh:hover { background: light-dark(#b42318, #ff9c93); font-weight: 600;
  border-color: light-dark(#b42318, #ff9c93); color: light-dark(#ffffff, #3b0a07); }
input[type="search"], input[type="number"] { background: var(--ground); border-radius: .45rem;
  border: 1px solid light-dark(#8795a3, #5c6b79); padding: .2rem .6rem; min-height: 1.9rem; }
dialog { width: min(32rem, calc(100vw - 2rem)); border: 1px solid var(--line);
  border-radius: .9rem; padding: 1.4rem; background: var(--panel); color: var(--ink);
  box-shadow: 0 1rem 4rem #0006; }
dialog::backdrop { background: #0007; }
fieldset { border: 0; margin: 0; padding: 0; }
.act { display: flex; gap: .7rem; padding: .45rem .5rem; border-radius: .5rem; cursor: pointer; }
.act:hover { background: var(--hover); }
.act input { accent-color: var(--accent); margin-top: .3rem; align-self: start; }
.weight { display: block; padding: .6rem .5rem 0; }
footer { padding-top: 1.5rem; padding-bottom: 2rem; }
footer a { margin-right: 1rem; }

@media (max-width: 88rem) {
  main, footer { padding: 0 1rem; }
  .card, .panel { padding: 1rem; }
  .scroll { margin: 0 -1rem; padding: 0 1rem; }
  th, td { padding: .5rem .35rem; }
  td .shares { width: 2.5rem; }
  .chart { min-width: 4rem; }
}
@media (max-width: 44rem) {
  main, footer { padding: 0 .8rem; }
  .card, .panel { padding: .8rem .9rem; }
  .cards { grid-template-columns: 1fr; }
  .facts { display: grid; grid-template-columns: 1fr 1fr; }
  .facts div { justify-content: space-between; }
  .columns { grid-template-columns: minmax(0, 1fr); }
  .pool-head { display: block; }
  .pool-chart { width: 100%; margin-top: .5rem; }
  .scroll { margin: 0; padding: 0; }
  table:not(.slim) { &, tbody, tr, th, td { display: block; } }
  .slim th { white-space: normal; }
  table:not(.slim) {
    thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
    tbody tr { border-top: 1px solid var(--line); padding: .7rem 0; display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem .9rem; }
    tbody tr:hover { background: none; }
    tbody th, tbody td { border: 0; padding: 0; white-space: normal; text-align: left; }
    tbody th, td.wide { grid-column: 1 / -1; }
    td.address, td:has(> .cell > .chart) { grid-column: span 2; overflow-wrap: anywhere; }
    td.wide { max-width: none; min-width: 0; }
    tbody td::before { content: attr(data-label); display: block; color: var(--quiet);
      font-size: .78rem; }
    td:has(> .cell > button)::before { content: none; }
  }
  .slim td .shares { width: 4rem; }
  button { min-height: 2.6rem; padding: .3rem 1rem; }
  input[type="search"], input[type="number"] { min-height: 2.6rem; width: 100%; }
}
@media (prefers-reduced-motion: no-preference) {
  button { transition: background .12s, border-color .12s; }
}
`;
