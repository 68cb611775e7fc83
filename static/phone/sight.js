// What of the log screen is in sight: the fields that the chosen kinds need, and what is said of them.

import { blocks, bodies, chosen, NOBODY_CAME, askedFor, placeOf, read, villages } from "./form.js";
import { minutes, node, today } from "./words.js";

const form = document.getElementById("log");
const inputOf = (name) => form.querySelector(`[name="${name}"]`);
const LECTURE = "lecture";

export function arrange() {
  const [required, wanted] = [askedFor(form), askedFor(form, "wanted")];
  for (const block of blocks(form)) {
    const kind = chosen(form, `m${block.dataset.number}-kind`);
    const [open, folded] = [block.querySelector(".open"), block.querySelector(".folded")];
    const nothing = kind === NOBODY_CAME || !kind;
    for (const field of [...block.querySelectorAll("[data-field]")].sort((a, b) => a.dataset.order - b.dataset.order)) {
      const name = field.dataset.field.replace(/^m\d+-/, "");
      const only = field.dataset.only.split(" ").filter(Boolean);
      const must = required(kind).includes(name);
      const counts = !must && wanted(kind).includes(name);
      const filled = field.querySelector(".photos li") || field.querySelector("textarea, input:not([type=radio], [type=checkbox], [type=file])")?.value;
      field.hidden = (nothing && !field.querySelector(".photos li")) || (only.length > 0 && !only.includes(kind));
      const inSight = must || counts || field.dataset.shown.split(" ").includes(kind) || filled;
      (inSight ? open : folded).append(field);
      marks(field, must, counts);
      phrases(field, kind);
    }
    folded.hidden = nothing;
    hints(block, kind);
  }
  const mode = form.querySelector('[name="mode"]:checked');
  document.getElementById("mode-now").textContent = mode ? mode.nextElementSibling.textContent : "";
  document.getElementById("more")?.toggleAttribute("hidden", chosen(form, "m0-kind") === NOBODY_CAME);
  inputOf("other_day").hidden = chosen(form, "day") !== "other";
  showPlace(wanted);
  tellTimes();
}

function marks(field, must, counts) {
  for (const mark of field.querySelectorAll(".must")) mark.hidden = mark.matches(".wanted") ? !counts : !must;
}

function phrases(field, kind) {
  const row = field.querySelector(".phrases");
  if (!row) return;
  for (const phrase of row.children) phrase.hidden = phrase.dataset.kind !== "" && phrase.dataset.kind !== kind;
  row.hidden = [...row.children].every((phrase) => phrase.hidden);
}

/** What is owed of lectures in the chosen villages and was taught there, and whether this repeats. */
function hints(block, kind) {
  const place = block.querySelector(".hints");
  place.hidden = kind !== LECTURE;
  if (place.hidden) return;
  const chips = villages(form);
  const focus = inputOf(`m${block.dataset.number}-focus`).value.replace(/\s/g, "");
  const said = [];
  for (const chip of chips) {
    const { owed, said: taught, repeats } = placeOf(chip).teaching;
    const words = [...owed, taught].join("");
    if (words) said.push(node("p", { class: "why" }, chips.length > 1 ? `${chip.dataset.name}：${words}` : words));
    if (repeats[focus]) said.push(node("p", { class: "why warns", role: "status" }, repeats[focus]));
  }
  place.replaceChildren(...said);
}

/** Where it was stands beside what asks for it, else among what is rarely changed. */
function showPlace(wanted) {
  const [field, open] = [document.getElementById("place-field"), document.getElementById("place-open")];
  const kinds = blocks(form).map((block) => chosen(form, `m${block.dataset.number}-kind`));
  const counts = kinds.some((kind) => wanted(kind).includes("place"));
  const inSight = counts || kinds.some((kind) => kind && field.dataset.shown.split(" ").includes(kind));
  const home = inSight ? open : document.getElementById("place-folded");
  if (field.parentNode !== home) home.append(field);
  open.hidden = !inSight;
  marks(field, false, counts);
}

function tellTimes() {
  const visit = read(form);
  const late = document.getElementById("late");
  const days = visit.day && visit.day < today() ? Math.round((Date.parse(today()) - Date.parse(visit.day)) / 86400e3) : 0;
  late.hidden = days < 2;
  late.textContent = `${days}天前的服务，记录会标明补记。`;
  const several = document.getElementById("several");
  several.hidden = visit.places.length < 2 || minutes(visit.start) === null || minutes(visit.end) === null;
  if (!several.hidden) {
    const parts = bodies(form, visit).map((body, n) => `${villages(form)[n].dataset.name} ${body.start}–${body.end}`);
    several.textContent = `各村依次：${parts.join("，")}。`;
  }
}
