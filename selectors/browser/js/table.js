// Reading tables.

const rowsOf = (table) => [...table.querySelectorAll("tr,[role=row]")].filter((r) => r.closest("table,[role=table],[role=grid]") === table && visible(r));
const cellsOf = (row) => [...row.querySelectorAll("td,th,[role=cell],[role=gridcell],[role=columnheader],[role=rowheader]")]
  .filter((c) => c.closest("tr,[role=row]") === row);

function cellText(cell) {
  const field = cell.querySelectorAll("input:not([type=hidden]):not([type=button]):not([type=submit]),select,textarea");
  if (field.length === 1 && visible(field[0])) {
    const f = field[0];
    if (f.type === "checkbox" || f.type === "radio") return f.checked ? "true" : "false";
    return f.tagName === "SELECT" ? norm(f.selectedOptions[0]?.textContent) : norm(f.value);
  }
  return said(cell);
}

// grid lays cells out with their spans, so that a column is a column.
function grid(rows) {
  const out = rows.map(() => []);
  rows.forEach((row, r) => {
    let c = 0;
    for (const cell of cellsOf(row)) {
      while (out[r][c]) c++;
      for (let i = 0; i < Math.min(cell.rowSpan || 1, rows.length - r); i++)
        for (let j = 0; j < (cell.colSpan || 1); j++) out[r + i][c + j] = cell;
      c += cell.colSpan || 1;
    }
  });
  return out;
}

// headed finds the row of a table that has all the headings, and their columns.
function headed(table, columns) {
  const rows = rowsOf(table), cells = grid(rows);
  for (let head = 0; head < rows.length; head++) {
    const texts = cells[head].map((c) => (c ? bare(c.innerText) : ""));
    const cols = Object.entries(columns).map(([name, heading]) => [name, texts.indexOf(bare(heading)), texts.lastIndexOf(bare(heading))]);
    // A heading that stands over two columns is one cell; two headings alike are not.
    if (cols.every(([, first, last]) => first >= 0 && cells[head][first] === cells[head][last])) return { table, cells, head, cols };
  }
  return null;
}

// tableNow is the one visible table that fits, or why there is none.
function tableNow(req) {
  const at = enter(req.frame);
  if (!at.doc) return { at, why: "no frame " + req.frame[at.failed].value };
  if (at.doc.readyState === "loading") return { at, why: "still being sent" };
  let scope = at.doc;
  if (req.ways.length) {
    const f = look({ frame: req.frame, ways: req.ways });
    if (!f.el) return { at, why: f.tried.join(", ") };
    scope = f.el;
  }
  const all = [...(scope.matches?.(tableLike) ? [scope] : []), ...deep(scope, tableLike)].filter(visible);
  const fit = all.map((t) => headed(t, req.columns)).filter(Boolean);
  if (fit.length !== 1) return { at, why: fit.length ? fit.length + " tables have these headings" : all.length + " tables, none with these headings" };
  if (fit[0].table.closest("[aria-busy=true]")) return { at, why: "busy" };
  return { at, ...fit[0] };
}

// readRows takes the rows under the headings as data.
function readRows(t) {
  const out = [], cells = [];
  for (const row of t.cells.slice(t.head + 1)) {
    // A row that one cell fills from side to side is a remark, not data.
    if (row.length > 1 && new Set(row).size === 1) continue;
    if (!t.cols.every(([, c]) => row[c])) continue;
    out.push(Object.fromEntries(t.cols.map(([name, c]) => [name, cellText(row[c])])));
    cells.push(Object.fromEntries(t.cols.map(([name, c]) => [name, row[c]])));
  }
  return { out, cells };
}

// lookCell finds what is to be used in the one row that fits: the link, button or
// field in the cell if there is exactly one, else the cell.
function lookCell(spec) {
  const t = tableNow(spec);
  if (!t.table) return { at: t.at, tried: [t.why] };
  const { out, cells } = readRows(t);
  const fit = cells.filter((_, i) => Object.entries(spec.where).every(([name, value]) => out[i][name] === norm(value)));
  if (fit.length !== 1) return { at: t.at, tried: [fit.length + " of " + out.length + " rows fit"] };
  const cell = fit[0][spec.column];
  const inner = deep(cell, "a[href],button,input:not([type=hidden]),select,textarea,[role=button],[role=link]").filter(visible);
  return { at: t.at, el: inner.length === 1 ? inner[0] : cell, way: 0, tried: [] };
}

// A table that a script is drawing is not read before it has stood still. Each
// document notes when one of its tables was last changed, but for what the
// document itself brought.
const still = 100; // milliseconds
let drawn = -Infinity;
const tableLike = "table,[role=table],[role=grid]";
const touches = (n) => n.nodeType === 1 && (n.matches(tableLike) || !!n.querySelector(tableLike));
new MutationObserver((list) => {
  if (document.readyState === "loading") return;
  for (const m of list) {
    const el = m.target.nodeType === 1 ? m.target : m.target.parentElement;
    if (el?.closest(tableLike) || [...m.addedNodes, ...m.removedNodes].some(touches)) { drawn = performance.now(); return; }
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
by.quiet = () => performance.now() - drawn >= still;

// rows reads a table when it stands still, all of it in one go.
by.rows = async (req) => {
  let t;
  const answer = await until(req.ms, () => {
    t = tableNow(req.table);
    if (t.at.foreign) return { ok: true };
    if (t.table && !(t.at.doc.defaultView.by?.quiet() ?? true)) t = { at: t.at, why: "changing all the time" };
    return { ok: !!t.table };
  });
  const away = t.at.foreign ? t.at.failed + 1 : 0;
  return { ok: answer.ok && !away, why: t.why || "", rows: t.table ? readRows(t).out : [], state: page(), foreign: away };
};
