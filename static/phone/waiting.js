// What is still on this phone, record by record: its state, why it is stuck, and what its owner
// may do about it.

import * as pictures from "./photos.js";
import { after, TABLE } from "./states.js";
import * as store from "./store.js";
import * as queue from "./queue.js";
import { asText, copy, dayInWords, node } from "./words.js";

const PAGE = document.documentElement.dataset;
const opened = new Set();
let drawn = "";
let doubtful = null;  // whose deletion has been asked for once

export async function show(_, records, photos) {
  const place = document.getElementById("waiting");
  if (!place) return;
  const there = new Set([...document.querySelectorAll("#live [data-uuid]")].map((row) => row.dataset.uuid));
  const shown = [];
  for (let record of records) {
    const own = photos.filter((photo) => photo.record === record.uuid);
    record = { ...record, photos: own };
    if (record.state !== "delivered" || own.some((photo) => photo.state !== "delivered")) shown.push(record);
    else if (there.has(record.uuid) || ["today", "month"].includes(PAGE.screen)) continue;
    else shown.push(record);
  }
  place.hidden = !shown.length;
  // a list that says the same stays as it is, under the finger and for who listens to it
  const says = JSON.stringify([doubtful, shown.map(({ uuid, state, body, reason, partial }) => [uuid, state, body, reason, partial]),
    pictures.says(shown.flatMap((record) => record.photos))]);
  if (says === drawn) return;
  drawn = says;
  place.replaceChildren(
    node("h2", {}, `本机 ${shown.length} 条`),
    node("ul", { class: "rows" }, ...shown.reverse().map(row)),
  );
}

/** What the server shows by itself need not lie on the phone any longer. */
export async function tidy() {
  const there = new Set([...document.querySelectorAll("#live [data-uuid]")].map((row) => row.dataset.uuid));
  const waiting = new Set((await store.photos()).filter(({ state }) => state !== "delivered").map(({ record }) => record));
  for (const record of await store.all()) {
    const old = Date.now() - record.made > 31 * 86400e3;
    if (record.state === "delivered" && !waiting.has(record.uuid) && (there.has(record.uuid) || record.body.zero || old)) await store.remove(record.uuid);
  }
}

function row(record) {
  const { word, tone } = TABLE[record.state];
  const fold = node("details", { open: opened.has(record.uuid) || record.state === "stuck" || record.photos.some(({ state }) => state === "stuck") },
    node("summary", { class: "record", onclick: () => fold.open ? opened.delete(record.uuid) : opened.add(record.uuid) },
      node("span", { class: "when" }, record.body.day ? dayInWords(record.body.day) : "", node("small", {}, times(record))),
      node("span", { class: "what" }, node("strong", {}, record.label.village || "未选村"), record.label.kinds || "还没有选事项",
        record.photos.length > 0 && node("span", { class: "why" }, pictures.summary(record.photos))),
      node("span", { class: `state ${tone}` }, word)),
    ...reason(record),
    record.photos.length > 0 && pictures.list(record.photos, queue.count),
    node("div", { class: "acts" }, ...acts(record)));
  return node("li", { "data-local": record.uuid }, fold);
}

const times = ({ body }) => (body.start && body.end ? `${body.start}–${body.end}` : "");

function reason({ reason, partial }) {
  const parts = [];
  if (partial) parts.push(node("p", { class: "error" }, "这个浏览器不能加密，姓名、电话和内容没有存下，请补填后保存。"));
  if (!reason) return parts;
  parts.push(node("p", { class: "error" }, reason.detail || "没有被接受，请修改后再送。"));
  for (const each of reason.errors || []) parts.push(node("p", { class: "error" }, each.message));
  if (reason.differences?.length) {
    parts.push(node("table", { class: "differences" },
      node("caption", {}, "两份的不同"),
      node("thead", {}, node("tr", {}, ...["", "已送达的", "本机的"].map((head) => node("th", { scope: "col" }, head)))),
      node("tbody", {}, ...reason.differences.map((each) =>
        node("tr", {}, node("th", { scope: "row" }, each.label), node("td", {}, said(each.kept)), node("td", {}, said(each.sent)))))));
  }
  return parts;
}

const said = (value) => (value === null || value === "" || value === undefined ? "（空）" : String(value));

function acts(record) {
  const twice = record.reason?.log && record.reason.differences;
  const found = [];
  if (twice) {
    found.push(act("用本机这份替换", () => move(record, "retry", replacing(record))));
    found.push(act("保留已送达的", () => drop(record)));
  }
  if (record.state !== "delivered" && !record.body.zero) {
    const words = record.state === "draft" ? "继续填写" : "修改";
    found.push(node("a", { class: "button", href: `${PAGE.log}#${record.uuid}` }, words));
  }
  if (record.state === "kept") found.push(act("现在送", () => queue.send()));
  if (record.state === "stuck" && !twice) found.push(act("再送一次", () => move(record, "retry")));
  found.push(act("复制为文字", async (button) => {
    if (await copy(asText(record), button.parentNode)) button.textContent = "已复制";
  }));
  found.push(certain(record.uuid, "删除", record.state !== "delivered" ? "确定删除" : record.photos.length ? "照片也从本机删除" : "从本机删除", () => drop(record)));
  return found;
}

const act = (words, work) =>
  node("button", { class: "button", type: "button", onclick: (event) => work(event.currentTarget) }, words);

/** Asks once more in its own place, so that a slip of the thumb deletes nothing. */
function certain(uuid, words, asked, work) {
  const sure = doubtful === uuid;
  const button = act(sure ? asked : words, () => {
    if (doubtful === uuid) return work();
    doubtful = uuid;
    button.textContent = asked;
    button.classList.add("danger");
    setTimeout(() => {
      if (doubtful === uuid) doubtful = null;
      queue.count();
    }, 4000);
  });
  button.classList.toggle("danger", sure);
  return button;
}

/** The version that was read, and each matter under the number it has at the server. */
function replacing({ body, reason: { log } }) {
  const matters = body.matters.map((matter, n) => ({ ...matter, id: log.matters[n]?.kind === matter.kind ? log.matters[n].id : null }));
  return { version: log.version, body: { ...body, matters } };
}

async function move(record, event, changes = {}) {
  const { reason: _, photos: __, ...rest } = record;
  await store.put({ ...rest, ...changes, reason: null, state: after(record.state, event) });
  await queue.count();
  queue.send();
}

async function drop(record) {
  after(record.state, "drop");
  await store.remove(record.uuid);
  await queue.count();
}
