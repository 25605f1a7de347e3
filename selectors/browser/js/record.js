// Recording: a person shows an element, and gets ways to find it again.

// looksMade reports whether a name was made by a machine and may be another
// tomorrow.
const looksMade = (s) => !s || s.length > 40 || /\d{3}|^[A-Z]{1,4}[0-9A-F]{2,}$|^[a-z]\d+$|[0-9a-f]{6}|__|:/.test(s) || /\d/.test(s) && /^[a-z0-9]{8,}$/i.test(s);

const attribute = (el, name) => el.tagName.toLowerCase() + "[" + name + "=" + JSON.stringify(el.getAttribute(name)) + "]";

// beyond is a path by the text of the cell or element left of this one.
function beyond(el) {
  const cell = el.closest("td,dd") || el;
  const left = cell.previousElementSibling, text = left && norm(left.textContent);
  if (!text || text.length > 60 || text.includes("'")) return [];
  const inner = cell === el ? "" : "//" + el.tagName.toLowerCase();
  return [{ by: "xpath", value: `//${left.tagName.toLowerCase()}[normalize-space()='${text}']/following-sibling::${cell.tagName.toLowerCase()}[1]${inner}` }];
}

// path is the way down from the nearest element with a name of its own.
function path(el) {
  const parts = [];
  for (let n = el; n && n.nodeType === 1 && n.tagName !== "HTML"; n = n.parentElement) {
    if (n !== el && n.id && !looksMade(n.id)) { parts.unshift("#" + CSS.escape(n.id)); break; }
    const alike = n.parentElement ? [...n.parentElement.children].filter((k) => k.tagName === n.tagName) : [n];
    parts.unshift(n.tagName.toLowerCase() + (alike.length > 1 ? `:nth-of-type(${alike.indexOf(n) + 1})` : ""));
  }
  return parts.join(" > ");
}

function labelsOf(el) {
  const near = [el.getAttribute("aria-label"), ...[...(el.labels || [])].map(labelText)];
  const cell = el.closest("td,dd");
  for (const n of [el.previousElementSibling, cell?.previousElementSibling]) if (n && !n.matches(controls)) near.push(n.textContent);
  return near.map(bare).filter((s) => s && s.length <= 60);
}

// waysTo are ways that lead to this element and to no other, the ones that last
// longest first, three of them if there are.
function waysTo(el) {
  const doc = el.ownerDocument, list = [];
  const field = el.matches(controls);
  if (field) for (const s of labelsOf(el)) list.push({ by: "label", value: s });
  const name = accessibleName(el);
  for (const role of [el.getAttribute("role"), ...Object.keys(roleOf).filter((r) => el.matches(roleOf[r]))]) {
    if (role && name && name.length <= 60) list.push({ by: "role", value: role, name });
  }
  const text = said(el);
  if (!field && text && text.length <= 60) list.push({ by: "text", value: text });
  for (const a of ["name", "data-testid", "title", "placeholder", "value", "href"]) {
    const v = el.getAttribute(a);
    if (v && !looksMade(v) && (a !== "value" || el.matches("[type=radio],[type=checkbox],[type=submit],[type=button]"))) list.push({ by: "css", value: attribute(el, a) });
  }
  if (el.id && !looksMade(el.id)) list.push({ by: "css", value: "#" + CSS.escape(el.id) });
  list.push(...beyond(el), { by: "css", value: path(el) });
  const out = [];
  for (const way of list) {
    let hits = [];
    try { hits = find(doc, way, false).filter(visible); } catch { /* no way then */ }
    if (hits.length === 1 && hits[0] === el && !out.some((o) => o.by === way.by && o.value === way.value)) out.push(way);
  }
  return out.slice(0, 3);
}

// stepsTo is the way through frames to this document, from the outside.
function stepsTo() {
  const steps = [];
  for (let w = window; w !== w.top; w = w.parent) {
    let f = null, doc = null;
    try { f = w.frameElement; doc = w.document; } catch { /* of another site */ }
    const name = f ? f.name || f.id : w === window ? window.name : "";
    const title = norm(f?.title) || norm(doc?.title);
    if (!looksMade(name)) steps.unshift({ by: "name", value: name });
    else if (title) steps.unshift({ by: "title", value: title });
    else if (doc) steps.unshift({ by: "url", value: doc.location.pathname });
    else steps.unshift({ by: "url", value: "?" });
  }
  return steps;
}

// record lets a person point at elements: the one under the mouse is framed while
// Ctrl is held, and a press with Ctrl tells of it instead of pressing it.
by.record = () => {
  let frame = null;
  const clear = () => { if (frame) frame.el.style.outline = frame.was; frame = null; };
  const target = (e) => {
    const el = e.composedPath()[0];
    const up = el.closest?.("button,a,label,select,input,textarea,[role=button],[role=link],[role=tab]") || el;
    return up.tagName === "LABEL" && up.control ? up.control : up;
  };
  addEventListener("pointermove", (e) => {
    clear();
    if (!e.ctrlKey || e.composedPath()[0].nodeType !== 1) return;
    const el = target(e);
    frame = { el, was: el.style.outline };
    el.style.outline = "3px solid #d60";
  }, true);
  addEventListener("keyup", clear, true);
  for (const t of gesture.concat("contextmenu", "auxclick")) addEventListener(t, (e) => {
    if (!e.ctrlKey || !e.isTrusted) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (t !== "pointerdown") return;
    clear();
    const el = target(e);
    byskriverTell(JSON.stringify({ recorded: { name: labelsOf(el)[0] || accessibleName(el) || el.getAttribute("name") || el.tagName, frame: stepsTo(), ways: waysTo(el), title: norm(document.title) } }));
  }, true);
};
