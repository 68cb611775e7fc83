// The photos of one record: chosen, looked at, sent again and taken off.

import * as queue from "./queue.js";
import { preview, shrunk } from "./shrink.js";
import { after, PHOTOS } from "./states.js";
import * as store from "./store.js";
import { node } from "./words.js";

const SIDE = 128;  // pixels of a preview, twice what is shown
let doubtful = null;  // whose deletion has been asked for once

/** Keeps what was chosen, one after the other; a sentence for each that cannot be kept. */
export async function add(files, record, matter) {
  const sentences = [];
  for (const file of files) {
    try {
      const picture = await shrunk(file);
      await store.addPhoto({
        id: store.newNumber(), record, matter, state: "kept", made: Date.now(), size: picture.size,
        tries: 0, due: 0, reason: null,
      }, picture);
    } catch (fault) {
      sentences.push(fault.name === "Error" ? fault.message : "这部手机存不下这张照片，请腾出空间后再试。");
    }
  }
  return sentences;
}

/** "照片 3 张，未送达 1 张"; "" for none. */
export function summary(photos) {
  if (!photos.length) return "";
  const waiting = photos.filter((photo) => photo.state !== "delivered").length;
  return `照片 ${photos.length} 张，${waiting ? `未送达 ${waiting} 张` : "已送达"}`;
}

/** A list with a line for each photo; what its owner does there is told to `changed`. */
export const list = (photos, changed) =>
  node("ul", { class: "photos" }, ...photos.map((photo, n) => line(photo, n + 1, changed)));

/** What decides how they look: the same again needs no drawing. */
export const says = (photos) =>
  JSON.stringify([doubtful, photos.map(({ id, state, tries, reason }) => [id, state, tries, reason])]);

function line(photo, n, changed) {
  const canvas = node("canvas", { role: "img", "aria-label": `照片 ${n}` });
  if (photo.state !== "delivered") {
    store.picture(photo.id).then((picture) => picture && preview(canvas, picture, SIDE)).catch(() => {});
  }
  const { word, tone } = PHOTOS[photo.state];
  const tried = photo.state === "kept" && photo.tries;
  const acts = [];
  if (photo.state === "stuck" || tried) acts.push(act("再送", () => retry(photo, changed)));
  if (photo.state !== "delivered") acts.push(certain(photo, changed));
  return node("li", { "data-photo": photo.id }, canvas,
    node("span", { class: `state ${tone}` }, tried ? `未送达，已试 ${photo.tries} 次` : word),
    node("span", { class: "acts" }, ...acts),
    photo.reason && node("p", { class: "error" }, photo.reason));
}

const act = (words, work) => node("button", { class: "button", type: "button", onclick: work }, words);

async function retry(photo, changed) {
  const state = photo.state === "stuck" ? after("stuck", "retry", PHOTOS) : photo.state;
  await store.putPhoto({ ...photo, state, due: 0, reason: null });
  await changed();
  queue.send();
}

/** Asks once more in its own place. */
function certain(photo, changed) {
  const button = act(doubtful === photo.id ? "确定删除" : "删除", async () => {
    if (doubtful === photo.id) {
      after(photo.state, "drop", PHOTOS);
      await store.removePhoto(photo.id);
      return changed();
    }
    doubtful = photo.id;
    setTimeout(() => {
      if (doubtful !== photo.id) return;
      doubtful = null;
      changed();
    }, 4000);
    return changed();
  });
  button.classList.toggle("danger", doubtful === photo.id);
  return button;
}
