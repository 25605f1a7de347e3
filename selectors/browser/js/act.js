// Making sure of elements before they are used, and using them.

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// turn lets everything that is due already happen first, such as the sending of a
// form that was pressed.
const turn = () => new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
// A frame that is not painted has no animation frames; do not wait for ever.
const frame = () => new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 50); });

// until asks again and again until the answer is good or the time is out.
async function until(ms, ask) {
  const end = performance.now() + ms;
  for (let gap = 6; ; gap = Math.min(gap * 1.4, 60)) {
    const answer = await ask();
    if (answer.ok || performance.now() >= end) return answer;
    await sleep(gap);
  }
}

let held = null; // the elements of the action under way

// release takes away what an action that was given up has left behind.
function release() {
  held?.unguard?.();
  held?.disarm?.();
}

const parent = (n) => n.parentNode || n.host || null;
const holds = (outer, n) => { for (; n; n = parent(n)) if (n === outer) return true; return false; };

function describe(el) {
  if (!el) return "nothing";
  return "<" + el.tagName.toLowerCase() + (el.id ? "#" + el.id : "") + [...el.classList].map((c) => "." + c).join("") + ">";
}

function under(doc, x, y) {
  let el = doc.elementFromPoint(x, y);
  while (el?.shadowRoot) {
    const inner = el.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === el) break;
    el = inner;
  }
  return el;
}

// counts reports whether a press that lands on hit is a press of el.
function counts(el, hit) {
  if (!hit) return false;
  if (holds(el, hit)) return true;
  const label = hit.closest?.("label");
  if (label && label.control === el) return true;
  return getComputedStyle(el).pointerEvents === "none" && holds(hit, el);
}

function box(el) {
  for (const r of el.getClientRects()) if (r.width > 0 && r.height > 0) return r;
  return null;
}

// spot is where to press: a point of the element that nothing lies over, in the
// coordinates of the outermost document that can be reached from here.
function spot(el, at) {
  const r = box(el);
  if (!r) return { covered: "hidden" };
  let covered = null;
  for (const [fx, fy] of [[0.5, 0.5], [0.15, 0.5], [0.85, 0.5], [0.5, 0.2], [0.5, 0.8]]) {
    let x = r.left + r.width * fx, y = r.top + r.height * fy;
    let hit = under(el.ownerDocument, x, y);
    let free = counts(el, hit);
    for (let i = at.frames.length - 1; free && i >= 0; i--) {
      const f = at.frames[i], o = origin(f);
      x += o.x; y += o.y;
      hit = under(f.ownerDocument, x, y);
      free = hit === f;
    }
    if (free) return { x, y };
    covered = covered || "covered by " + describe(hit);
  }
  return { covered };
}

// bring scrolls the element to where it can be pressed, trying to keep it clear
// of bars that stick to an edge.
function bring(el, at) {
  let s = spot(el, at);
  for (const block of ["center", "end", "start"]) {
    if (s.x !== undefined) return s;
    el.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
    s = spot(el, at);
  }
  return s;
}

// lacks says why an element cannot be used now, or "".
function lacks(el, use) {
  const thing = el.closest("button,input,select,textarea,option,fieldset") || el;
  if (use !== "read" && (thing.matches(":disabled") || el.closest("[aria-disabled=true]"))) return "disabled";
  if (use === "fill" && !el.matches("input,textarea,select") && !el.isContentEditable) return "not a field but " + describe(el);
  if (use === "fill" && el.readOnly) return "read-only";
  if (use === "choose" && el.tagName !== "SELECT") return "not a list but " + describe(el);
  if (use === "check" && !el.matches("input[type=checkbox],input[type=radio],[role=checkbox],[role=radio],[role=switch]")) return "not a box or button to check but " + describe(el);
  if (use === "upload" && !el.matches("input[type=file]")) return "not a file field but " + describe(el);
  return "";
}

// usable finds every name of a request and tells how each stands.
function usable(req) {
  const list = req.specs.map((spec) => {
    const f = look(spec);
    if (!f.el) return { f, lack: "absent" };
    const lack = lacks(f.el, req.use);
    if (lack || req.use === "read" || req.use === "upload") return { f, lack };
    const s = bring(f.el, f.at);
    return { f, lack: s.covered || "", x: s.x, y: s.y };
  });
  return list;
}

const same = (a, b) => a.every((s, i) => s.f.el === b[i].f.el && s.x === b[i].x && s.y === b[i].y);

// inTheWay is the first known overlay that shows, if something is covered.
function inTheWay(req, list) {
  const cover = list.find((s) => s.lack.startsWith("covered"));
  if (!cover) return null;
  for (let index = 0; index < (req.overlays || []).length; index++) {
    for (let depth = 0; depth <= cover.f.at.frames.length; depth++) {
      const f = look({ frame: req.specs[0].frame?.slice(0, depth), ways: req.overlays[index].ways });
      if (f.el && !lacks(f.el, "click") && spot(f.el, f.at).x !== undefined) return { index, depth };
    }
  }
  return null;
}

// Forms are filled in and then sent. So when a form is filled in, it is noted
// where everything is that may be pressed; what is still in that place when a
// frame has been painted since need not be watched for another.
const places = new WeakMap(); // element -> where it was, and in which frame
let painted = 0;
const pressables = "button,input[type=submit],input[type=button],input[type=radio],input[type=checkbox],a[href],[role=button]";
const placeOf = (el, at) => [el, ...at.frames].map((e) => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }).join();

function notePlaces(at) {
  for (const el of deep(at.doc, pressables).slice(0, 200)) places.set(el, { place: placeOf(el, at), frame: painted });
  requestAnimationFrame(() => painted++);
}

function stood(s) {
  const was = places.get(s.f.el);
  return was && painted > was.frame && was.place === placeOf(s.f.el, s.f.at);
}

// ready waits until all names of a request can be used and holds their elements.
by.ready = async (req) => {
  let list, over = null, away = 0;
  const answer = await until(req.ms, async () => {
    list = usable(req);
    if ((away = foreign(req.specs[0].frame))) return { ok: true };
    if (list.some((s) => s.lack)) return { ok: !!(over = inTheWay(req, list)) };
    const late = list.some((s) => s.f.way > 0);
    if (!late && req.use !== "click" && req.use !== "check") return { ok: true };
    // What is pressed must be in the same place in the next frame. A later way
    // must serve twice, in a document that has been read to its end: otherwise
    // the first way's element may only be on its way.
    if (late && list.some((s) => s.f.at.doc.readyState === "loading")) return { ok: false };
    if (!late && list.every(stood)) return { ok: true };
    await frame();
    const again = usable(req);
    const steady = !again.some((s) => s.lack) && same(list, again);
    list = again;
    return { ok: steady, moving: !steady };
  });
  release();
  held = { list, els: list.map((s) => s.f.el) };
  if (req.use === "fill" && answer.ok && !over && !away) notePlaces(list[0].f.at);
  return {
    ok: answer.ok && !over && !away, overlay: over, foreign: away, state: page(),
    found: list.map((s) => ({
      way: s.f.el ? s.f.way : -1, tried: s.f.tried, lack: s.lack || (answer.moving ? "moving" : ""),
      x: s.x || 0, y: s.y || 0,
      value: s.f.el ? shown(s.f.el) : "", text: s.f.el ? said(s.f.el) : "",
      checked: isChecked(s.f.el),
      kind: s.f.el ? (s.f.el.type || "").toLowerCase() : "",
    })),
  };
};

const shown = (el) => (el.value !== undefined && el.tagName !== "BUTTON" && el.tagName !== "LI" ? String(el.value) : el.isContentEditable ? el.innerText : "");
const said = (el) => norm(el.innerText ?? el.textContent);

// page is where this document stands, for the caller to tell slow from changed.
function page() {
  const nav = performance.getEntriesByType("navigation")[0];
  return { ready: document.readyState, url: location.href, status: nav?.responseStatus || 0 };
}
by.page = page;

const gesture = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];

// guard sees to it that a press lands on the element it was meant for, also if
// the page moves in the last moment: anything else is stopped before the page
// hears of it. Where it landed is told through the binding tell, because the
// press may end this document.
function guard(token) {
  const h = held, el = h.els[0];
  const wins = [window, ...h.list[0].f.at.frames.map((f) => f.contentWindow)];
  h.hit = "";
  const check = (e) => {
    if (!e.isTrusted) return;
    const over = e.composedPath()[0];
    if (!h.hit) {
      h.hit = !counts(el, over) ? describe(over) : h.verify.every(unchanged) ? "hit" : "a form that has changed";
      byskriverTell(JSON.stringify({ token, hit: h.hit }));
    }
    if (h.hit !== "hit") { e.preventDefault(); e.stopImmediatePropagation(); }
    if (e.type === "click" || h.hit !== "hit" && e.type === "mouseup") h.landed();
  };
  h.end = new Promise((done) => { h.landed = done; });
  for (const w of wins) for (const t of gesture) w.addEventListener(t, check, { capture: true, passive: false });
  h.unguard = () => { for (const w of wins) for (const t of gesture) try { w.removeEventListener(t, check, { capture: true }); } catch {} };
}

const unchanged = (v) => readBack(v.spec).value === v.was.value;

// pressed waits for the press to be over and for the page to have had its turn.
by.pressed = async () => {
  const h = held, el = h.els[0];
  await h.end;
  await turn();
  release();
  return { hit: h.hit, checked: isChecked(el) };
};

// enough ends a wait for something that does not come.
by.enough = () => { held?.landed?.(); held?.typed?.(); };

const isChecked = (el) => !!(el && (el.checked || el.getAttribute("aria-checked") === "true"));

// aim is ready for a press, with the guard up. It tells what the fields show that
// were typed into before; if that changes before the press lands, it is stopped.
by.aim = async (req) => {
  const answer = await by.ready(req);
  if (!answer.ok) return answer;
  held.verify = (req.verify || []).map((spec) => ({ spec, was: readBack(spec) }));
  guard(req.token);
  return { ...answer, shown: held.verify.map((v) => v.was) };
};
