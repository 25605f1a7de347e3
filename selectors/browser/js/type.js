// Typing into fields, and giving them what cannot be typed.

// take puts the focus into a field with everything in it selected, so that what
// is typed replaces it.
function take(el) {
  el.focus({ preventScroll: true });
  if (el.select) el.select();
  else el.ownerDocument.getSelection().selectAllChildren(el);
}

// fill is ready for typing: the first field has the focus, and each field hands
// it to the next as soon as its own text has arrived and the page has been told.
// So the texts can be sent without waiting. A text that comes to the wrong field
// is stopped before the field takes it.
by.fill = async (req) => {
  const answer = await by.ready(req);
  if (answer.ok) arm(req.values);
  return answer;
};

const textual = (el) => el.isContentEditable || el.tagName === "TEXTAREA" ||
  el.tagName === "INPUT" && !/^(date|time|datetime-local|month|week|color|range)$/.test(el.type);

// option is the one entry of a list that has this text, or else this value.
function option(el, want) {
  const list = [...el.options].filter((o) => !o.disabled);
  const named = list.filter((o) => norm(o.textContent) === norm(want) || norm(o.label) === norm(want));
  return named.length ? named : list.filter((o) => o.value === want);
}

// assign gives a field its value that cannot be typed into: a list, a day.
function assign(el, want) {
  if (el.tagName === "SELECT") {
    const fit = option(el, want);
    if (fit.length !== 1) return fit.length ? "several options of that name" : "no such option";
    el.selectedIndex = fit[0].index;
  } else {
    const day = el.type === "date" && want.match(/^(\d{1,2})[.\/-](\d{1,2})[.\/-](\d{4})$/);
    el.value = day ? day[3] + "-" + day[2].padStart(2, "0") + "-" + day[1].padStart(2, "0") : want;
  }
  el.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  el.dispatchEvent(new Event("change", { bubbles: true }));
  return "";
}

function arm(values) {
  const h = held;
  h.next = -1;
  h.end = new Promise((done) => { h.typed = done; });
  const wins = [...new Set(h.els.map((el) => el.ownerDocument.defaultView))];
  const mine = (e) => e.composedPath()[0] === h.els[h.next];
  const before = (e) => {
    if (mine(e) && (e.data === values[h.next] || e.inputType.startsWith("delete"))) return;
    e.preventDefault();
    e.stopImmediatePropagation();
  };
  const after = (e) => { if (mine(e)) advance(); };
  const advance = () => {
    for (h.next++; h.next < h.els.length; h.next++) {
      const el = h.els[h.next];
      if (!textual(el)) { el.focus({ preventScroll: true }); assign(el, values[h.next]); continue; }
      take(el);
      if (values[h.next] !== "") return;
      if (shown(el) !== "") { h.clearing = true; el.ownerDocument.execCommand("delete"); h.clearing = false; }
    }
    h.typed();
  };
  const onAfter = (e) => { if (!h.clearing) after(e); };
  for (const w of wins) {
    w.addEventListener("beforeinput", before, true);
    w.addEventListener("input", onAfter);
  }
  h.disarm = () => { for (const w of wins) { w.removeEventListener("beforeinput", before, true); w.removeEventListener("input", onAfter); } };
  advance();
}

// filled waits until all texts have arrived, leaves the last field, and reads all
// of them back.
by.filled = async (req) => {
  const h = held;
  await h.end;
  release();
  const last = h.els[h.els.length - 1];
  if (last.isConnected) last.blur();
  return { shown: req.specs.map((spec, i) => readBack(spec, h.els[i], req.values?.[i])) };
};

// readBack is what a field shows, found anew if the page has put another in its place.
function readBack(spec, el, want) {
  if (!el?.isConnected) el = look(spec).el;
  if (el?.tagName === "SELECT") {
    const now = el.selectedOptions[0];
    return { there: true, value: now ? (now.value === want ? want : norm(now.textContent)) : "" };
  }
  return el ? { there: true, value: shown(el) } : { there: false, value: "" };
}

// focus is for fields that are typed into key by key.
by.focus = async (req) => {
  const answer = await by.ready(req);
  if (answer.ok) {
    const el = held.els[0];
    take(el);
    if (shown(el) !== "") el.ownerDocument.execCommand("delete");
    hearKeys(el, [...(req.values?.[0] || "")].length);
  }
  return answer;
};

// hearKeys has filled wait until that many keys have been let go.
function hearKeys(el, count) {
  const h = held, w = el.ownerDocument.defaultView;
  const heard = () => { if (--count <= 0) h.typed(); };
  h.end = new Promise((done) => { h.typed = done; });
  w.addEventListener("keyup", heard, true);
  h.disarm = () => w.removeEventListener("keyup", heard, true);
  if (count === 0) h.typed();
}

// choose takes an option of a list, and says what the list shows then.
by.choose = async (req) => {
  const answer = await by.ready(req);
  if (!answer.ok) return answer;
  const el = held.els[0];
  el.focus({ preventScroll: true });
  const lack = assign(el, req.values[0]);
  return { ...answer, lack, shown: [readBack(req.specs[0], el, req.values[0])] };
};

// For file fields: the field itself, for Go to put the files in, and what is in it.
by.handle = () => held.els[0];
by.files = () => [...held.els[0].files].map((f) => f.name);
