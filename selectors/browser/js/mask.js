// Masking what looks like a CPR number before a picture is taken.

const cprLike = /(?<!\d)(\d{2})(\d{2})(\d{2})([-\s\u00a0\u2010-\u2015\u2212]?)(\d{4})(?!\d)/g;

// hideNumbers puts asterisks for the digits of everything that begins with a day
// and month (days 61-91 are test numbers) and is as long as a CPR number.
function hideNumbers(s) {
  return s.replace(cprLike, (all, dd, mm) => {
    const day = dd > 60 ? dd - 60 : +dd;
    return day >= 1 && day <= 31 && mm >= 1 && mm <= 12 ? all.replace(/\d/g, "*") : all;
  });
}

// documents are this one and every one in it that can be reached.
function documents(doc = document, list = []) {
  list.push(doc);
  for (const f of deep(doc, "iframe,frame")) { const d = inside(f); if (d) documents(d, list); }
  return list;
}

let masking = null;

// put changes something and remembers how to undo it.
function put(undo, get, set) {
  const old = get(), now = hideNumbers(old);
  if (old === now) return;
  set(now);
  undo.push(() => { if (get() === now) set(old); });
}

const block = (el) => { for (; el && getComputedStyle(el).display.startsWith("inline"); el = el.parentElement); return el; };

// hideTexts masks text nodes. Neighbours on one line are read as one text, so
// that a number written in several pieces is found too.
function hideTexts(root, undo) {
  const walk = (root.ownerDocument || root).createTreeWalker(root, 4);
  let run = [], home = null;
  const flush = () => {
    const whole = run.map((n) => n.data).join(""), hidden = hideNumbers(whole);
    let from = 0;
    for (const n of run) {
      const part = hidden.slice(from, from + n.data.length), old = n.data;
      from += old.length;
      if (part !== old) { n.data = part; undo.push(() => { if (n.data === part) n.data = old; }); }
    }
    run = [];
  };
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const at = n.parentElement ? block(n.parentElement) : null;
    if (at !== home) { flush(); home = at; }
    run.push(n);
  }
  flush();
}

function hideAttributes(root, undo) {
  for (const el of root.querySelectorAll("*")) {
    for (const a of [...el.attributes]) {
      if (/^(id|class|style|type|for|src|srcdoc|d|points)$/.test(a.name)) continue;
      put(undo, () => el.getAttribute(a.name) ?? "", (v) => el.setAttribute(a.name, v));
    }
    if (/^(INPUT|TEXTAREA)$/.test(el.tagName) && !/^(file|checkbox|radio|range|color)$/.test(el.type)) {
      put(undo, () => el.value, (v) => { el.value = v; });
    }
  }
}

// hidePictures covers what cannot be read: drawings, plug-ins and larger pictures
// may show a number as well.
function hidePictures(root, undo) {
  for (const el of root.querySelectorAll("canvas,embed,object,video,img,iframe,frame")) {
    const r = el.getBoundingClientRect();
    if (el.tagName === "IMG" && r.width * r.height < 64 * 64) continue;
    if (/^I?FRAME$/.test(el.tagName) && inside(el)) continue;
    const old = el.style.getPropertyValue("visibility"), rank = el.style.getPropertyPriority("visibility");
    el.style.setProperty("visibility", "hidden", "important");
    undo.push(() => el.style.setProperty("visibility", old, rank));
  }
}

function hideAll(undo) {
  for (const doc of documents()) {
    put(undo, () => doc.title, (v) => { doc.title = v; });
    for (const root of roots(doc)) {
      hideTexts(root, undo);
      hideAttributes(root, undo);
      hidePictures(root, undo);
    }
  }
}

// mask hides all numbers and keeps them hidden, also where the page writes new
// ones meanwhile, until unmask.
by.mask = async () => {
  const undo = [];
  const watch = [];
  const again = () => { hideAll(undo); for (const w of watch) w.takeRecords(); };
  hideAll(undo);
  for (const doc of documents()) for (const root of roots(doc)) {
    const w = new MutationObserver(again);
    w.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
    watch.push(w);
  }
  masking = { undo, watch };
  await frame();
  return {};
};

// masked reports whether the page is still the one that was masked.
by.masked = () => masking !== null;

// unmask puts everything back as it was, where the page has not changed it since.
by.unmask = () => {
  for (const w of masking?.watch || []) w.disconnect();
  for (const back of (masking?.undo || []).reverse()) back();
  masking = null;
  return {};
};

// copy is a document as a reader would see it, without scripts, with what the
// fields show and with the documents of its frames inside.
function copy(doc) {
  const from = doc.documentElement, to = from.cloneNode(true);
  const a = [...from.querySelectorAll("input,textarea,select,iframe,frame")], b = [...to.querySelectorAll("input,textarea,select,iframe,frame")];
  a.forEach((el, i) => {
    if (el.tagName === "TEXTAREA") b[i].textContent = el.value;
    else if (el.tagName === "SELECT") [...b[i].options].forEach((o, k) => o.toggleAttribute("selected", el.options[k].selected));
    else if (el.tagName === "INPUT" && el.type === "password") b[i].setAttribute("value", "");
    else if (el.tagName === "INPUT") { b[i].setAttribute("value", el.value); b[i].toggleAttribute("checked", el.checked); }
    else { b[i].removeAttribute("src"); if (inside(el)) b[i].setAttribute("srcdoc", copy(inside(el))); }
  });
  for (const el of to.querySelectorAll("script,noscript,template,embed,object")) el.remove();
  return "<!doctype html>\n" + to.outerHTML;
}
by.html = () => hideNumbers(copy(document));
