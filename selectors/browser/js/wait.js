// Waiting for what a page says.

const marks = new Map(); // name -> what showed when it was marked

// showing is how a named outcome shows now, or null.
function showing(o) {
  const f = look(o, true);
  if (!f.el) return null;
  const was = marks.get(o.name);
  const fresh = was ? f.all.filter((el) => was.get(el) !== said(el)) : f.all;
  return fresh.length ? { name: o.name, text: said(fresh[0]), way: f.way } : null;
}

// mark remembers what shows now, so that afterwards only what is new counts.
by.mark = (req) => {
  marks.clear();
  for (const o of req.list) {
    const f = look(o, true);
    if (f.el) marks.set(o.name, new Map(f.all.map((el) => [el, said(el)])));
  }
  return {};
};

// shows waits until one of the outcomes shows; the first in the list wins.
by.shows = async (req) => {
  if (!req.fresh) marks.clear();
  let got = null, away = false;
  await until(req.ms, () => {
    for (const o of req.list) if ((got = showing(o))) break;
    away = req.list.some((o) => foreign(o.frame));
    return { ok: got || away };
  });
  return {
    ok: !!got, got, state: page(),
    tried: got ? [] : req.list.map((o) => ({ name: o.name, tried: look(o, true).tried, foreign: foreign(o.frame) })),
  };
};
