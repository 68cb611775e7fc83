// Carries photos to the server, one at a time, once their record's text is there. Each has its own
// tries and pauses; sending one twice is harmless, for the server knows it by its bytes.

import { alone } from "./alone.js";
import { ask, line, pauseAfter } from "./line.js";
import { after, PHOTOS } from "./states.js";
import * as store from "./store.js";

const LOST = "这个浏览器不能加密，照片没有存下，请删去后重新选择。";
let timer = 0;
let tell = async () => {};

/** `told` hears of every change. */
export function listen(told) {
  tell = told;
}

/** The network is back: nobody waits for the end of a pause. */
export async function hope() {
  for (const photo of await store.photos()) if (photo.due) await store.putPhoto({ ...photo, due: 0 });
}

export const send = alone("lawadvisor-carry", carry);

async function carry() {
  clearTimeout(timer);
  let moved = false;
  try {
    for (;;) {
      const [photo] = (await waiting()).filter(({ due }) => due <= Date.now());
      if (!photo) break;
      const answered = await one(photo);
      moved = true;
      await tell();
      if (!answered) break;  // no line: the others need not try it
    }
    const dues = (await waiting()).map(({ due }) => due);
    if (dues.length && !line.signedOut) timer = setTimeout(send, Math.max(Math.min(...dues) - Date.now(), 1000));
  } catch {
    timer = setTimeout(send, pauseAfter(0));  // the phone's own storage failed
  }
  if (moved) await tell();
}

/** Those whose record's text the server has, the first due first. */
async function waiting() {
  const there = await store.states();
  const kept = (await store.photos()).filter((photo) => photo.state === "kept" && there.get(photo.record) === "delivered");
  return kept.sort((a, b) => a.due - b.due);
}

/** False where nothing came back at all. */
async function one(photo) {
  const picture = await store.picture(photo.id);
  if (!picture) {
    if (photo.loose) await settle(photo, "refuse", LOST);
    else await settle(photo, null);
    return true;
  }
  const form = new FormData();
  form.append("matter", photo.matter);
  const sum = await checksum(picture);
  if (sum) form.append("sha256", sum);
  form.append("file", picture, "photo.jpg");
  const answer = await ask("POST", `logs/${photo.record}/photos/`, form, picture.size);
  if (!answer || answer.status >= 500) await settle(photo, null);
  else if (answer.status < 300) await settle(photo, "accept");
  else await settle(photo, "refuse", sentence(answer.body));
  return Boolean(answer);
}

/** What an answer means; `event` null: to be tried again after a while. */
async function settle(photo, event, reason = null) {
  const now = await store.photo(photo.id);
  if (!now) return;  // its owner took it off meanwhile
  if (!event) await store.putPhoto({ ...now, tries: now.tries + 1, due: Date.now() + pauseAfter(now.tries) });
  else if (event === "accept") await store.removePhoto(now.id, { ...now, state: after(now.state, event, PHOTOS), reason: null });
  else await store.putPhoto({ ...now, state: after(now.state, event, PHOTOS), reason });
}

const sentence = ({ detail, errors }) =>
  (errors || []).map((each) => each.message).join("") || detail || "没有被接受，请换一张照片。";

async function checksum(picture) {
  if (!globalThis.crypto?.subtle) return "";  // plain http
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await picture.arrayBuffer()));
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
