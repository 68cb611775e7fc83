// What this advisor wrote more than once, offered as one tap. It comes from the server once a day,
// lies here only sealed, and so never in a screen that is kept.

import { ask } from "./line.js";
import * as store from "./store.js";
import { node } from "./words.js";

const DAY = 86400e3;
const NUMBER = `phrases-${document.documentElement.dataset.owner}`;

export async function renew() {
  if (!store.isSealing()) return;
  const kept = await store.get(NUMBER);
  if (kept && Date.now() - kept.body.at < DAY) return;
  const answer = await ask("GET", "desk/");
  if (answer?.status !== 200) return;
  const phrases = answer.body.appointments[0]?.phrases ?? {};
  await store.put({ uuid: NUMBER, state: "last", made: 0, body: { phrases, at: Date.now(), matters: [] }, label: {} });
}

/** Puts them before the common ones, each for its kind; `rows` is all that lies here. */
export function offer(form, rows) {
  const kept = rows.find(({ uuid }) => uuid === NUMBER);
  const row = form.querySelector('[data-field$="-content"] .phrases');
  if (!kept || !row) return;
  const there = new Set([...row.children].map((phrase) => phrase.dataset.kind + phrase.textContent));
  const { fill } = row.firstElementChild.dataset;
  const own = Object.entries(kept.body.phrases).flatMap(([kind, texts]) => texts.map((text) => [kind, text]));
  row.prepend(...own.filter(([kind, text]) => !there.has(kind + text)).map(([kind, text]) =>
    node("button", { type: "button", class: "chip phrase", "data-kind": kind, "data-fill": fill }, node("span", {}, text))));
}
