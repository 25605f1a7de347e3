// Finding. These scripts run in every document in a world of their own: the page
// cannot see or disturb them, they see the page's elements and nothing of its
// scripts. What Go calls stands on the object by.
"use strict";
const by = {};

const norm = (s) => (s || "").replace(/[\s\u00a0]+/g, " ").trim();
// A label's words without the colon and the asterisk that forms put round them.
const bare = (s) => norm(s).replace(/^[*\s]+|[*:\s]+$/g, "");

const controls = "input:not([type=hidden]),select,textarea,[contenteditable=''],[contenteditable=true],[role=textbox],[role=combobox],[role=spinbutton]";

// roots are a document or shadow root and every open shadow root in it.
function roots(root, list = []) {
  list.push(root);
  for (const el of root.querySelectorAll("*")) if (el.shadowRoot) roots(el.shadowRoot, list);
  return list;
}

const deep = (doc, css) => roots(doc).flatMap((r) => [...r.querySelectorAll(css)]);

function visible(el) {
  if (!el.isConnected || !el.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
  for (const r of el.getClientRects()) if (r.width > 0 && r.height > 0) return true;
  return false;
}

// saidIn is the text of an element without what nobody reads, such as scripts.
const unread = "script,style,template,noscript,head";
function saidIn(el) {
  if (!el.querySelector(unread)) return norm(el.textContent);
  const walk = (el.ownerDocument).createTreeWalker(el, 5, (n) => (n.nodeType === 1 && n.matches(unread) ? 2 : 1));
  let text = "";
  for (let n = walk.nextNode(); n; n = walk.nextNode()) if (n.nodeType === 3) text += n.data;
  return norm(text);
}

// innermost are the smallest elements under root whose text holds s.
function innermost(root, s, fits) {
  const out = [];
  const walk = (node) => {
    let below = false;
    for (const kid of node.children || []) {
      if (!kid.matches(unread) && norm(kid.textContent).includes(s)) below = walk(kid) || below;
    }
    if (!below && node.nodeType === 1 && saidIn(node).includes(s) && fits(node)) { out.push(node); below = true; }
    return below;
  };
  walk(root);
  return out;
}

// pressable walks up to the pressable thing that an innermost text stands in.
function pressable(el, s) {
  const up = el.closest("button,a,label,summary,option,[role=button],[role=link],[role=tab],[role=menuitem],[role=option]");
  return up && norm(up.textContent) === s ? up : el;
}

function byText(doc, s, part) {
  s = norm(s);
  const own = deep(doc, "input[type=button],input[type=submit],input[type=reset]")
    .filter((el) => (part ? norm(el.value).includes(s) : norm(el.value) === s));
  const said = roots(doc).flatMap((r) => innermost(r, s, (el) => part || norm(el.textContent) === s));
  return [...new Set([...own, ...(part ? said : said.map((el) => pressable(el, s)))])];
}

// beside is what stands right of an element that names it: the control in the
// next cell or element if there is exactly one, the cell itself if there is none.
function beside(el) {
  const cell = el.closest("td,th,dt") || el;
  const next = cell.nextElementSibling;
  if (!next) return null;
  if (next.matches(controls)) return next;
  const inside = deep(next, controls);
  if (inside.length === 1) return inside[0];
  return inside.length === 0 && next.matches("td,dd") ? next : null;
}

function byLabel(doc, s) {
  s = bare(s);
  const out = new Set();
  for (const root of roots(doc)) {
    for (const el of root.querySelectorAll("[aria-label]")) if (bare(el.getAttribute("aria-label")) === s) out.add(el);
    for (const el of root.querySelectorAll("[aria-labelledby]")) {
      const said = el.getAttribute("aria-labelledby").split(/\s+/).map((id) => root.getElementById(id)?.textContent).join(" ");
      if (bare(said) === s) out.add(el);
    }
    for (const el of root.querySelectorAll("label")) {
      if (el.control && bare(labelText(el)) === s) out.add(el.control);
    }
    for (const el of innermost(root, s, (e) => bare(e.textContent) === s)) {
      const label = el.closest("label");
      if (label && label.control) continue;
      const target = beside(label || el);
      if (target) out.add(target);
    }
  }
  return [...out];
}

// labelText is what a label says without what the control inside it shows.
function labelText(label) {
  if (!label.control || !label.contains(label.control)) return label.textContent;
  const copy = label.cloneNode(true);
  for (const c of copy.querySelectorAll("input,select,textarea")) c.remove();
  return copy.textContent;
}

const roleOf = {
  button: "button,input[type=button],input[type=submit],input[type=reset],input[type=image],summary",
  link: "a[href],area[href]",
  textbox: "input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=url],input[type=password],textarea,[contenteditable=''],[contenteditable=true]",
  searchbox: "input[type=search]", spinbutton: "input[type=number]", slider: "input[type=range]",
  checkbox: "input[type=checkbox]", radio: "input[type=radio]", combobox: "select:not([multiple]),input[list]",
  listbox: "select[multiple]", option: "option", heading: "h1,h2,h3,h4,h5,h6", img: "img", image: "img",
  table: "table", row: "tr", cell: "td", columnheader: "th", list: "ul,ol", listitem: "li",
  dialog: "dialog", form: "form", navigation: "nav", main: "main", group: "fieldset",
};

// accessibleName is the name that a reader would hear, as far as forms need it.
function accessibleName(el) {
  const root = el.getRootNode();
  const ids = el.getAttribute("aria-labelledby");
  if (ids) return norm(ids.split(/\s+/).map((id) => root.getElementById?.(id)?.textContent).join(" "));
  if (el.getAttribute("aria-label")) return norm(el.getAttribute("aria-label"));
  if (el.labels && el.labels.length) return bare([...el.labels].map(labelText).join(" "));
  if (el.matches("input[type=button],input[type=submit],input[type=reset]")) return norm(el.value);
  if (el.matches("input[type=image],img")) return norm(el.alt);
  if (el.matches("table")) return norm(el.caption?.textContent);
  if (el.matches("fieldset")) return norm(el.querySelector("legend")?.textContent);
  return norm(el.textContent) || norm(el.getAttribute("title")) || norm(el.getAttribute("placeholder"));
}

function byRole(doc, role, name) {
  const css = roleOf[role];
  const list = deep(doc, `[role="${CSS.escape(role)}"]` + (css ? "," + css : ""))
    .filter((el) => !el.getAttribute("role") || el.getAttribute("role") === role);
  return name ? list.filter((el) => accessibleName(el) === norm(name)) : list;
}

function byXPath(doc, path) {
  const found = doc.evaluate(path, doc, null, 7, null);
  return Array.from({ length: found.snapshotLength }, (_, i) => found.snapshotItem(i)).filter((n) => n.nodeType === 1);
}

function find(doc, way, part) {
  switch (way.by) {
    case "label": return byLabel(doc, way.value);
    case "text": return byText(doc, way.value, part);
    case "role": return byRole(doc, way.value, way.name);
    case "css": return deep(doc, way.value);
    case "xpath": return byXPath(doc, way.value);
  }
  throw new Error("unknown way " + way.by);
}

const inside = (frame) => { try { return frame.contentDocument; } catch { return null; } };

function fitsFrame(f, step) {
  if (step.by === "name") return f.name === step.value || f.id === step.value;
  const doc = inside(f);
  if (step.by === "title") return norm(f.title) === step.value || norm(doc?.title) === step.value;
  return f.src.includes(step.value) || (doc?.location?.href || "").includes(step.value);
}

// enter follows the steps through iframes. It answers with the document, or with
// the step that failed; a frame of another site is handed back for Go to enter.
function enter(steps) {
  const at = { doc: document, frames: [] };
  for (let i = 0; i < (steps || []).length; i++) {
    const all = deep(at.doc, "iframe,frame").filter((f) => fitsFrame(f, steps[i]));
    const seen = all.filter(visible);
    if (seen.length !== 1) return { failed: i, count: seen.length, frames: at.frames };
    at.frames.push(seen[0]);
    at.doc = inside(seen[0]);
    if (!at.doc) return { failed: i, foreign: seen[0], frames: at.frames };
  }
  return at;
}

// look finds a name now: the first way that points at exactly one visible element.
function look(spec, part) {
  if (spec.columns) return lookCell(spec);
  const at = enter(spec.frame);
  if (!at.doc) return { at, tried: spec.ways.map(() => "no frame " + spec.frame[at.failed].value) };
  const tried = [];
  for (let i = 0; i < spec.ways.length; i++) {
    let all;
    try { all = find(at.doc, spec.ways[i], part); } catch (e) { tried.push("cannot be used: " + e.message); continue; }
    const seen = spec.hidden ? all : all.filter(visible);
    if (seen.length === 1 || part && seen.length > 0) return { at, el: seen[0], all: seen, way: i, tried };
    tried.push(seen.length ? seen.length + " found" : all.length ? "found but hidden" : "not found");
  }
  return { at, tried };
}

// foreign is how many steps lead to a frame that belongs to another site, which
// only Go can enter; 0 if none does.
const foreign = (steps) => { const at = enter(steps); return at.foreign ? at.failed + 1 : 0; };

by.foreignFrame = (steps) => enter(steps).foreign;

// origin is where the inside of a frame begins, seen from the document around it.
function origin(f) {
  const b = f.getBoundingClientRect(), s = getComputedStyle(f);
  return { x: b.left + f.clientLeft + parseFloat(s.paddingLeft), y: b.top + f.clientTop + parseFloat(s.paddingTop) };
}

// outer turns a point in a foreign frame into one of this document, and tells
// what lies over it here, if not the frame itself.
by.outer = (req) => {
  const at = enter(req.steps);
  let { x, y } = req, over = "";
  for (const up of at.frames.reverse()) {
    const o = origin(up);
    x += o.x; y += o.y;
    const hit = under(up.ownerDocument, x, y);
    if (hit !== up) over = over || "covered by " + describe(hit);
  }
  return { x, y, over };
};
