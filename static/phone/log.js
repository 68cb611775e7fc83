// The log screen: shows what the chosen kind needs, keeps every keystroke, saves without waiting.

import * as camera from "./camera.js";
import { askedFor, blocks, bodies, chosen, faults, fill, hoursFrom, NOBODY_CAME, placeOf, read, timesFrom, villages, visitOf } from "./form.js";
import { summary } from "./photos.js";
import * as phrases from "./phrases.js";
import * as queue from "./queue.js";
import * as sight from "./sight.js";
import { after, TABLE } from "./states.js";
import * as store from "./store.js";
import { clock, dayInWords, minutes, node, today } from "./words.js";

const QUIET = 300;  // milliseconds after the last input until it is on the disk
const LONGEST = 500;  // and after the first one, for whoever types without a pause
const form = document.getElementById("log");
let record = null;  // what is being written: a draft, or a record that is changed
let revised = null;  // number and version of the record at the server that this screen changes
let timer = 0;
let touched = false;
let since = 0;  // when the first input came that is not on the disk
let length = null;  // minutes from start to end, as last arranged

const inputOf = (name) => form.querySelector(`[name="${name}"]`);

function arrange() {
  sight.arrange();
  length = lengthNow();
}

// ── filling in ──

/** The days of today, for a page that was kept since yesterday. */
function setDays() {
  const [first, second] = form.querySelectorAll('[name="day"]');
  const was = [first.value, second.value];
  [first.value, second.value] = [today(), today(1)];
  inputOf("other_day").max = today();
  first.nextElementSibling.textContent = `今天 ${dayInWords(today())}`;
  second.nextElementSibling.textContent = "昨天";
  return was;
}

/** As at the last visit to that village, which may still be among the `rows` that lie here. */
function prefill(pk, again, rows) {
  const chip = form.querySelector(`[name="village"][value="${pk}"]`) || form.querySelector('[name="village"]');
  const place = placeOf(chip);
  const own = rows.find(({ uuid }) => uuid === `last-${chip.value}`)?.body.last;
  const last = own && own.day >= (place.day || "") ? own : place;
  const start = free(last.start, last.minutes, rows);
  const visit = {
    places: [chip.value], day: today(), start: clock(start), end: clock(Math.min(start + last.minutes, 1439)),
    mode: last.mode, purpose: again ? last.purpose : "", place: last.place,
    matters: (again && last.kinds.length ? last.kinds : [""]).map((kind) => ({ kind })),
  };
  fill(form, visit, { addBlock, many });
}

/** The wished start, or the first moment after what was already written down for today. */
function free(start, length, rows) {
  const taken = rows
    .filter((each) => ["kept", "stuck", "delivered"].includes(each.state) && each.body.day === today() && each.body.start)
    .map((each) => [minutes(each.body.start), minutes(each.body.end) || 1440]);
  const over = taken.filter(([from, to]) => from < start + length && to > start);
  const end = Math.max(...taken.map(([, to]) => to), 0);
  return over.length && end + length < 1440 ? end : start;
}

function addBlock() {
  const all = blocks(form);
  const [from, to] = [all.at(-1).dataset.number, String(all.length)];
  const made = all.at(-1).cloneNode(true);
  const renamed = (text) => text.replace(new RegExp(`^m${from}-`), `m${to}-`);
  made.dataset.number = to;
  made.dataset.sealed = "";
  made.querySelector("legend").textContent = "另一件事";
  made.querySelector(`[value="${NOBODY_CAME}"]`)?.closest(".chip").remove();
  for (const each of made.querySelectorAll("[name], [id], [for], [data-field], [data-for], [data-fill]")) {
    for (const name of ["name", "id", "for", "data-field", "data-for", "data-fill"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, renamed(each.getAttribute(name)));
    }
    if (each.matches("[type=radio], [type=checkbox]")) each.checked = false;
    else if (each.matches("input, textarea")) each.value = "";
  }
  for (const error of made.querySelectorAll(".error")) error.hidden = true;
  made.querySelector(".photos")?.remove();
  all.at(-1).after(made);
  inputOf("matters").value = blocks(form).length;
  return made;
}

function many(on) {
  for (const chip of form.querySelectorAll('[name="village"]')) chip.type = on ? "checkbox" : "radio";
  document.getElementById("many")?.setAttribute("aria-pressed", on);
}

// ── keeping what is typed ──

const label = (visit) => ({
  village: visit.places.map((pk) => form.querySelector(`[name="village"][value="${pk}"]`)?.dataset.name).filter(Boolean).join("、"),
  kinds: [...form.querySelectorAll(".kinds input:checked")].map((chip) => chip.nextElementSibling.textContent).join("、"),
});

function changed() {
  if (!touched) since = Date.now();
  touched = true;
  clearTimeout(timer);
  timer = setTimeout(keep, Math.min(QUIET, Math.max(0, since + LONGEST - Date.now())));
}

/** Puts the form on the disk as it stands; the address remembers which draft it is. */
async function keep() {
  clearTimeout(timer);
  if (!touched) return;
  touched = false;
  const visit = read(form);
  record ??= { ...(revised ?? { uuid: store.newNumber() }), state: "draft", made: Date.now() };
  if (record.state !== "draft") record.state = after(record.state, "edit");
  Object.assign(record, { body: visit, label: label(visit) });
  if (!revised && location.hash.slice(1) !== record.uuid) history.replaceState(null, "", `#${record.uuid}`);
  await store.put(record);
  await queue.count();
}

/** The number of what is being written, which lies on the disk from now on. */
async function numbered() {
  touched = true;
  await keep();
  return record.uuid;
}

function restore(rows) {
  const asked = location.hash.slice(1);
  const wish = new URLSearchParams(location.search);
  let kept = rows.find(({ uuid }) => uuid === (revised?.uuid ?? asked));
  if (revised && kept?.version !== revised.version) kept = null;
  if (!kept && !asked && !revised && !wish.has("again")) {
    const drafts = rows.filter((each) => each.state === "draft" && each.version === undefined);
    kept = drafts.reverse().find((each) => !wish.get("appointment") || each.body.places.includes(wish.get("appointment")));
  }
  if (!kept || !["draft", "kept", "stuck"].includes(kept.state)) return false;
  record = kept;
  fill(form, visitOf(kept.body), { addBlock, many });
  const note = document.getElementById("restored");
  note.hidden = false;
  note.replaceChildren(kept.state === "draft" ? "接着上次没写完的。" : "修改后请再保存。");
  if (kept.state === "draft") note.append(node("button", { class: "button plain", type: "button", onclick: startAfresh }, "清空重写"));
  return true;
}

async function startAfresh() {
  if (record) await store.remove(record.uuid);
  record = null;
  touched = false;
  location.replace(location.pathname);
}

// ── saving ──

function complain(found) {
  for (const place of form.querySelectorAll(".error[data-for]")) {
    const sentence = found[place.dataset.for] || "";
    place.textContent = sentence;
    place.hidden = !sentence;
    if (sentence) place.closest("details")?.setAttribute("open", "");
  }
  const whole = document.getElementById("whole");
  whole.hidden = !Object.keys(found).length;
  whole.textContent = found.whole || "还有没填好的地方，见下面红字。";
  form.querySelector(".error:not([hidden])[data-for]")?.scrollIntoView({ block: "center" });
}

/** Another record of this phone at the same time, in words; "" for none. */
function clash(made) {
  for (const each of known) {
    if (!["kept", "stuck", "delivered"].includes(each.state) || each.uuid === (record ?? revised)?.uuid || !each.body.start) continue;
    for (const body of made) {
      const apart = each.body.day !== body.day || each.body.start >= body.end || each.body.end <= body.start;
      if (!apart) return `这段时间已有一条在${each.label.village}的服务记录（${each.body.start}–${each.body.end}），时间不能重叠。`;
    }
  }
  return "";
}

async function save(event) {
  event.preventDefault();
  const visit = read(form);
  const found = faults(form, visit);
  if (chosen(form, "m0-kind") === NOBODY_CAME && camera.any(form, 0)) found["m0-photo"] = "“坐班，无来访”不附照片，请先删去照片。";
  const changes = record?.version !== undefined || revised;
  if (changes && visit.places.length > 1) found.village = "一条记录只能是一个村（社区）。";
  const made = Object.keys(found).length ? [] : bodies(form, visit);
  const sentence = made.length ? clash(made) : "";
  if (sentence) found.start = sentence;
  complain(found);
  if (Object.keys(found).length) return;
  clearTimeout(timer);
  touched = false;
  const names = label(visit);
  const fresh = revised ? after("delivered", "revise") : after("draft", "save");
  const kept = made.map((body, n) => ({
    ...(n === 0 && record ? record : { uuid: store.newNumber(), ...revised, made: Date.now() }),
    state: n === 0 && record && record.state !== "draft" ? record.state : fresh,
    body, reason: null,
    label: { village: villages(form)[n].dataset.name, kinds: names.kinds },
  }));
  for (const each of kept) if (each.state === "stuck") each.state = after("stuck", "save");
  await Promise.all(kept.map((each) => store.put(each)));
  shown(kept, lacking(visit));  // it lies on the disk: all else may take its time
  follow(queue.status, kept);
  await Promise.all(made.map(remember));
  await queue.count();
  queue.send();
}

/** A sentence on photos without which the policy does not count what was done; "" for none. */
function lacking(visit) {
  const wanted = askedFor(form, "wanted");
  const bare = visit.matters.some(({ kind }, n) => kind && wanted(kind).includes("photo") && !camera.any(form, n));
  return bare ? "本地政策要求有照片才计入，可在“记录”里给这一条补照片。" : "";
}

/** What the next visit to that village begins with. */
function remember(body) {
  const start = minutes(body.start);
  const last = {
    day: body.day, start, minutes: (minutes(body.end) || 1440) - start, mode: body.mode, purpose: body.purpose, place: body.place,
    kinds: body.no_visitors ? [NOBODY_CAME] : [...new Set(body.matters.map((matter) => matter.kind))],
  };
  return store.put({ uuid: `last-${body.appointment}`, state: "last", made: 0, body: { last, matters: [] }, label: {} });
}

// ── saved ──

let kept = [];
let known = [];  // all that lies on this phone, as last counted

function shown(records, sentence) {
  kept = records;
  record = null;
  history.replaceState(null, "", location.pathname);
  form.hidden = true;
  if (revised) form.replaceChildren();  // it came with names in it
  document.getElementById("saved").hidden = false;
  document.getElementById("saved-lines").replaceChildren(...records.map(({ body, label: names }) =>
    node("div", {}, node("dt", {}, names.village), node("dd", {}, `${dayInWords(body.day)} ${body.start}–${body.end}`, node("br"), names.kinds))));
  const lacks = document.getElementById("saved-lacks");
  [lacks.textContent, lacks.hidden] = [sentence, !sentence];
  scrollTo(0, 0);
  document.getElementById("saved").focus();
}

/** Follows what was just saved from this phone to the server. */
export function follow(status, records, photos = []) {
  known = records;
  if (!kept.length) return;
  const now = kept.map((each) => records.find((one) => one.uuid === each.uuid)?.state ?? "delivered");
  const worst = ["stuck", "kept", "delivered"].find((state) => now.includes(state)) ?? "kept";
  const place = document.getElementById("saved");
  place.className = `saved ${TABLE[worst].tone}`;
  document.getElementById("saved-state").textContent = worst === "stuck" ? "没有被接受" : TABLE[worst].word;
  document.getElementById("saved-hint").textContent = {
    kept: status.offline ? "现在没有网络，有网自动送达。" : "有网自动送达，可以离开这一页。",
    stuck: "原因见“今日”页的本机记录，修改后可以再送。",
    delivered: kept.length > 1 ? `${kept.length} 条都已送达。` : "",
  }[worst];
  const own = summary(photos.filter((photo) => kept.some(({ uuid }) => uuid === photo.record)));
  if (own) document.getElementById("saved-hint").append(` ${own}。`);
  document.getElementById("change").hidden = worst === "delivered";
}

async function another() {
  if (revised) return location.assign(document.documentElement.dataset.log);
  const [body] = kept.slice(-1).map((each) => each.body);
  kept = [];
  for (const block of blocks(form).slice(1)) block.remove();
  form.reset();
  setDays();
  many(false);
  prefill(String(body.appointment), false, await store.all());
  if (body.day !== today()) fill(form, { ...read(form), day: body.day }, { addBlock, many });
  const start = minutes(body.end) || 0;
  const length = minutes(inputOf("end").value) - minutes(inputOf("start").value);
  if (start + length < 1440) [inputOf("start").value, inputOf("end").value] = [clock(start), clock(start + length)];
  complain({});
  await camera.show(form, null, arrange);
  document.getElementById("restored").hidden = true;
  document.getElementById("saved").hidden = true;
  form.hidden = false;
  scrollTo(0, 0);
}

// ── start ──

/** Minutes from start to end, which a new start keeps; null while they make no sense. */
function lengthNow() {
  const [from, to] = [minutes(inputOf("start").value), minutes(inputOf("end").value)];
  return from === null || to === null || to <= from ? null : to - from;
}

function listen() {
  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    const { name } = event.target;
    const start = minutes(inputOf("start").value);
    if (name === "hours" && event.target.value !== "other" && start !== null) {
      inputOf("end").value = clock(Math.min(start + event.target.value * 60, 1439));
    }
    if (name === "start" && start !== null && length !== null) {
      inputOf("end").value = clock(Math.min(start + length, 1439));
    }
    if (name === "end") hoursFrom(form);
    if (name === "length") timesFrom(form);
    else if (["hours", "start", "end"].includes(name)) inputOf("length").value = "";
    arrange();
  });
  form.addEventListener("click", (event) => {
    const phrase = event.target.closest(".phrase");
    if (!phrase) return;
    const input = document.getElementById(phrase.dataset.fill);
    input.value = input.value ? `${input.value.replace(/[。；]?$/, "；")}${phrase.textContent}` : phrase.textContent;
    changed();
  });
  document.getElementById("more")?.addEventListener("click", (event) => {
    event.preventDefault();
    const made = addBlock();
    arrange();
    made.scrollIntoView({ block: "start", behavior: "smooth" });
    changed();
  });
  const toggle = document.getElementById("many");
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      many(toggle.getAttribute("aria-pressed") !== "true");
      arrange();
      changed();
    });
  }
  form.addEventListener("submit", save);
  camera.listen(form, numbered, arrange);
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  document.getElementById("another").addEventListener("click", another);
  document.getElementById("change").addEventListener("click", () => {
    location.hash = kept[0].uuid;
    location.reload();
  });
}

export async function start() {
  if (!form) return;
  if (form.dataset.revised) revised = { uuid: form.dataset.revised, version: Number(inputOf("version").value) };
  const wish = new URLSearchParams(location.search);
  const [was] = setDays();
  const rows = await store.all();
  phrases.offer(form, rows);
  if (!restore(rows) && !revised) {
    // a form that the server refused keeps what was typed
    if (document.querySelector(".error:not([hidden])[data-for]")) {
      if (chosen(form, "day") === was) form.querySelector('[name="day"]').checked = true;
    } else prefill(wish.get("appointment") ?? "", wish.has("again"), rows);
  }
  listen();
  await camera.show(form, record?.uuid, arrange);
  document.documentElement.dataset.ready = "log";
}
