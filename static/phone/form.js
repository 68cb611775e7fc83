// The log screen's form as a plain object and back: no queue, no storage.

import { parseSpan, refusal } from "./spans.js";
import { clock, minutes, today } from "./words.js";

export const NOBODY_CAME = "no_visitors";
const TEXTS = ["topic", "focus", "client", "phone", "special_group", "content", "method", "result", "audience", "succeeded"];

export const chosen = (form, name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";
const field = (form, name) => form.querySelector(`[name="${name}"]`);
export const blocks = (form) => [...form.querySelectorAll(".matter")];
export const villages = (form) => [...form.querySelectorAll('[name="village"]:checked')];
export const placeOf = (chip) => JSON.parse(chip.dataset.place);

/** By kind, the fields that the policies of the chosen villages ask for: `required` ones, without
 * which no record is taken, or `wanted` ones, without which it does not count. */
export function askedFor(form, how = "required") {
  const asked = villages(form).map((chip) => placeOf(chip)[how]);
  return (kind) => [...new Set(asked.flatMap((each) => each[kind] || []))];
}

/** What stands in the form: { places, day, start, end, mode, purpose, place, matters }. */
export function read(form) {
  const day = chosen(form, "day");
  return {
    places: villages(form).map((chip) => chip.value),
    day: day === "other" ? field(form, "other_day").value : day,
    start: field(form, "start").value,
    end: field(form, "end").value,
    length: field(form, "length").value.trim(),
    mode: chosen(form, "mode"),
    purpose: chosen(form, "purpose"),
    place: field(form, "place").value.trim(),
    matters: blocks(form).map((block) => {
      const n = block.dataset.number;
      const pk = field(form, `m${n}-pk`).value;
      const matter = { kind: chosen(form, `m${n}-kind`), id: pk ? Number(pk) : null, sealed: block.dataset.sealed.split(" ").filter(Boolean) };
      for (const name of TEXTS) {
        const input = field(form, `m${n}-${name}`);
        matter[name] = input?.type === "radio" ? chosen(form, `m${n}-${name}`) : input?.value.trim() ?? "";
      }
      matter.marks = [...form.querySelectorAll(`[name="m${n}-marks"]:checked`)].map((mark) => mark.value);
      return matter;
    }),
  };
}

const check = (form, name, values) => {
  for (const input of form.querySelectorAll(`[name="${name}"]`)) input.checked = values.includes(input.value);
};

/** Puts such an object into the form; `addBlock` makes one more matter, `many` lets tick villages. */
export function fill(form, visit, { addBlock, many }) {
  if (visit.places.length > 1) many(true);
  check(form, "village", visit.places);
  const chip = form.querySelector(`[name="day"][value="${visit.day}"]`);
  check(form, "day", [chip ? visit.day : "other"]);
  if (!chip) field(form, "other_day").value = visit.day;
  for (const name of ["start", "end", "length", "place"]) field(form, name).value = visit[name] ?? "";
  check(form, "mode", [visit.mode]);
  check(form, "purpose", [visit.purpose]);
  while (blocks(form).length < visit.matters.length) addBlock();
  visit.matters.forEach((matter, n) => {
    check(form, `m${n}-kind`, [matter.kind]);
    field(form, `m${n}-pk`).value = matter.id ?? "";
    blocks(form)[n].dataset.sealed = (matter.sealed ?? []).join(" ");
    check(form, `m${n}-marks`, matter.marks || []);
    for (const name of TEXTS) {
      const input = field(form, `m${n}-${name}`);
      if (!input) continue;
      if (input.type === "radio") check(form, `m${n}-${name}`, [matter[name] ?? ""]);
      else input.value = matter[name] ?? "";
    }
  });
  hoursFrom(form);
}

/** Chooses the chip that says what the two times say. */
export function hoursFrom(form) {
  const [from, to] = [minutes(field(form, "start").value), minutes(field(form, "end").value)];
  const chip = form.querySelector(`[name="hours"][value="${(to - from) / 60}"]`);
  check(form, "hours", [from !== null && to !== null && chip ? chip.value : "other"]);
}

/** Sets start and end by a length in one's own words; what cannot be read is left to `faults`. */
export function timesFrom(form) {
  const span = parseSpan(field(form, "length").value);
  if (!span) return;
  const start = span.start ?? minutes(field(form, "start").value);
  if (start === null || start + span.minutes > 1440) return;
  [field(form, "start").value, field(form, "end").value] = [clock(start), clock((start + span.minutes) % 1440)];
  hoursFrom(form);
}

/** The purpose by what was done, like the server tells it: one for all, else a duty. */
export function purposeOf(form) {
  const found = new Set([...form.querySelectorAll(".kinds input:checked")].map((chip) => chip.dataset.purpose));
  return found.size === 1 ? [...found][0] : "duty";
}

/** Every field that is wrong with its sentence; a village demands what its policy demands. */
export function faults(form, visit) {
  const found = {};
  if (!visit.places.length) found.village = "请选择村（社区）。";
  if (!visit.day) found[chosen(form, "day") === "other" ? "other_day" : "day"] = "请选择服务日期。";
  else if (visit.day > today()) found.other_day = `服务日期在今天之后，不能提前填写。`;
  if (visit.length && !parseSpan(visit.length)) found.length = refusal(visit.length);
  const [from, to] = [minutes(visit.start), minutes(visit.end)];
  if (from === null) found.start = "请填写开始时间。";
  if (to === null) found.end = "请填写结束时间。";
  else if (from !== null && to <= from && visit.end !== "00:00") found.end = "结束时间应晚于开始时间；跨过零点请分两天填写。";
  else if (from !== null && from + (to - from) * visit.places.length > 1440) found.end = "几个村的时间加起来跨过了零点，请减少时间。";
  const nobody = visit.matters.some((matter) => matter.kind === NOBODY_CAME);
  const required = askedFor(form);
  visit.matters.forEach((matter, n) => {
    if (!matter.kind) found[`m${n}-kind`] = "请选择做了什么。";
    if (nobody) {
      if (matter.kind && matter.kind !== NOBODY_CAME) found[`m${n}-kind`] = "选了“坐班，无来访”，就不再填写其他事项。";
      else if (n === 0 && visit.mode !== "on_site") found[`m${n}-kind`] = "“坐班，无来访”只用于现场的坐班咨询。";
      return;
    }
    for (const name of required(matter.kind)) {
      if (!matter[name] && !matter.sealed.includes(name)) {
        const label = form.querySelector(`[data-field="m${n}-${name}"] label`).firstChild.textContent;
        found[`m${n}-${name}`] = `请填写${label}。`;
      }
    }
    if (matter.audience && !/^\d{1,6}$/.test(matter.audience)) found[`m${n}-audience`] = "人数应为如 30 的数字。";
  });
  if (nobody && visit.purpose && visit.purpose !== "duty") found.purpose = "“坐班，无来访”的事由是坐班咨询。";
  return found;
}

/** The records that a visit stands for: one for each village, one after the other. */
export function bodies(form, visit) {
  const nobody = visit.matters.some((matter) => matter.kind === NOBODY_CAME);
  const from = minutes(visit.start);
  const length = (visit.end === "00:00" ? 1440 : minutes(visit.end)) - from;
  return visit.places.map((place, n) => ({
    appointment: Number(place),
    day: visit.day,
    start: clock(from + n * length),
    end: clock(from + (n + 1) * length),
    mode: visit.mode,
    purpose: visit.purpose || (nobody ? "duty" : purposeOf(form)),
    place: visit.place,
    no_visitors: nobody,
    matters: nobody ? [] : visit.matters.map((matter) => asSent(form, matter)),
  }));
}

/** A kind's own fields go with it; what was typed for another kind does not. What is sealed even to
 * its writer is null where it is left as it was. */
function asSent(form, { id, sealed, ...matter }) {
  const has = (name) => {
    const only = form.querySelector(`[data-field="m0-${name}"]`).dataset.only;
    return !only || only.split(" ").includes(matter.kind);
  };
  const untold = sealed.filter((name) => !matter[name]).map((name) => [name, null]);
  return {
    ...matter, ...Object.fromEntries(untold), ...(id && { id }),
    audience: has("audience") && matter.audience ? Number(matter.audience) : null,
    succeeded: has("succeeded") && matter.succeeded ? matter.succeeded === "yes" : null,
  };
}

/** A record as the form shows it, to be changed. */
export function visitOf(body) {
  if (body.places) return body;  // a draft is kept as it was typed
  const matters = body.no_visitors ? [{ kind: NOBODY_CAME }] : body.matters;
  return {
    ...body,
    places: [String(body.appointment)],
    matters: matters.map((matter) => ({
      ...matter,
      sealed: Object.keys(matter).filter((name) => matter[name] === null && TEXTS.includes(name) && !["audience", "succeeded"].includes(name)),
      audience: matter.audience == null ? "" : String(matter.audience),
      succeeded: matter.succeeded == null ? "" : matter.succeeded ? "yes" : "no",
    })),
  };
}
