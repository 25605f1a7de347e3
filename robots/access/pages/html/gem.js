// Each answer is kept as it is given. Without this script the buttons keep them.
"use strict";
{
  const form = document.getElementById("svar");
  const told = document.getElementById("besked");
  const wrong = document.getElementById("fejl");
  if (wrong) wrong.focus();

  const waiting = new Map();
  let line = Promise.resolve();

  const keep = async (field) => {
    const id = field.dataset.ret;
    const chosen = field.querySelector("input[type=radio]:checked");
    const reason = field.querySelector("input[type=text]");
    const needs = chosen.value === "change" && reason.value.trim() === "" ||
      chosen.value === "keep" && field.querySelector(".kritisk") && reason.value.trim() === "";
    if (needs || chosen.value === "" && reason.value.trim() !== "") return; // not finished yet: the buttons say what is missing
    const body = new URLSearchParams({ tegn: form.elements.tegn.value, ret: id });
    body.set(chosen.name, chosen.value);
    body.set(reason.name, reason.value);
    try {
      const answer = await fetch(form.dataset.gem, { method: "POST", body });
      const text = await answer.text();
      told.textContent = answer.headers.get("Content-Type").startsWith("text/plain") ? text.trim() : "Svaret er ikke gemt. Genindlæs siden.";
    } catch {
      told.textContent = "Svaret er ikke gemt: der er ingen forbindelse. Tryk Gem, når der er.";
    }
  };

  // One at a time, in the order in which they were given.
  if (form && form.querySelector("fieldset input[type=radio]")) {
    form.addEventListener("change", (e) => {
      const field = e.target.closest("fieldset");
      if (!field || waiting.has(field)) return;
      waiting.set(field, true);
      line = line.then(() => { waiting.delete(field); return keep(field); });
    });
  }
}
