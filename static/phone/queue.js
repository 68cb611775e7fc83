// Sends what is kept until the server has answered for every record. Sending twice is harmless:
// the server knows a record by its number.

import { alone } from "./alone.js";
import * as carrier from "./carrier.js";
import { ask, line, pauseAfter, token } from "./line.js";
import { after, isUnsent } from "./states.js";
import * as store from "./store.js";

export { token };

const PAGE = document.documentElement.dataset;
const AT_ONCE = 20;
const DELIVERED_AT = `phone-delivered-${PAGE.owner}`;

/** `tellers` hear of every change; the header is one of them. */
const tellers = [];
export const status = {
  unsent: 0, stuck: 0, drafts: 0, photos: 0, photosStuck: 0, oldest: 0,
  get offline() { return line.offline; }, set offline(is) { line.offline = is; },
  get signedOut() { return line.signedOut; }, set signedOut(is) { line.signedOut = is; },
  busy: false, deliveredAt: Number(localStorage.getItem(DELIVERED_AT)) || 0,
};
let tries = 0;
let timer = 0;

export const onChange = (tell) => tellers.push(tell);

export async function count() {
  const records = (await store.all()).filter((record) => record.state !== "last");
  const unsent = records.filter(isUnsent);
  status.unsent = unsent.length;
  status.stuck = unsent.filter((record) => record.state === "stuck").length;
  status.drafts = records.filter((record) => record.state === "draft").length;
  const photos = await store.photos();
  const drafts = new Set(records.filter((record) => record.state === "draft").map((record) => record.uuid));
  const waiting = photos.filter((photo) => photo.state !== "delivered" && !drafts.has(photo.record));
  status.photos = waiting.length;
  status.photosStuck = waiting.filter((photo) => photo.state === "stuck").length;
  status.oldest = Math.min(...[...unsent, ...waiting].map((each) => each.made), Infinity);
  for (const tell of tellers) tell(status, records, photos);
}

/** Photos go by their own way after it: a text never waits for a picture. */
export const send = alone("lawadvisor-send", drain, () => carrier.send());

async function drain() {
  clearTimeout(timer);
  status.busy = true;
  let done = true;
  try {
    for (;;) {
      const kept = (await store.all()).filter((record) => record.state === "kept");
      if (!kept.length) break;
      const lone = kept.find((record) => record.body.zero || record.version !== undefined);
      const answered = lone ? await single(lone) : await batch(kept.slice(0, AT_ONCE));
      await count();
      if (!answered) {
        done = false;
        break;
      }
    }
  } catch {
    done = false;  // the phone's own storage failed: nothing is lost, try again
  } finally {
    status.busy = false;
  }
  if (done) tries = 0;
  else if (!status.signedOut) later();
  await count();
}

function later() {
  if (line.wait) {
    tries = 0;
    send.rest();
  }
  clearTimeout(timer);
  timer = setTimeout(send, pauseAfter(tries++));
}

/** True when the server has answered for at least one of them. */
async function batch(records) {
  const answer = await ask("POST", "logs/batch/", { items: records.map(bodyOf) });
  if (!answer || answer.status !== 200) return false;
  let any = false;
  for (const each of answer.body.items) {
    const record = records.find((one) => one.uuid === each.uuid);
    if (record) any = (await settle(record, each.status, each.body)) || any;
  }
  return any;
}

/** What is no new visit goes by itself: a visit told anew, a month without one. */
async function single(record) {
  const { uuid, version, body } = record;
  const answer = body.zero
    ? await ask("POST", "zero/", body.zero)
    : await ask("PUT", `logs/${uuid}/`, { ...bodyOf(record), version });
  return Boolean(answer) && settle(record, answer.status, answer.body);
}

const bodyOf = (record) => ({ ...record.body, uuid: record.uuid });

/** What one answer means for one record; false where it has to be tried again. */
async function settle(record, code, body) {
  if (code >= 500 || code === 429) return false;
  const event = code < 300 ? "accept" : "refuse";
  // whoever changed or deleted it while it was under way has the last word
  const now = await store.get(record.uuid);
  if (!now) return true;
  if (now.state !== "kept" || JSON.stringify(now.body) !== JSON.stringify(record.body)) {
    if (event === "accept") await store.put({ ...now, version: body.version });
    return true;
  }
  await store.put({ ...now, state: after(now.state, event), reason: event === "refuse" ? { ...body, status: code } : null });
  if (event === "accept") {
    status.deliveredAt = Date.now();
    localStorage.setItem(DELIVERED_AT, status.deliveredAt);
  }
  return true;
}

/** Sends when there is hope: the network is back, somebody looks at the page, it was opened. */
export function watch() {
  carrier.listen(count);
  addEventListener("online", () => { tries = 0; status.offline = false; carrier.hope().then(send); });
  addEventListener("offline", () => { status.offline = true; count(); });
  addEventListener("focus", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  return send();
}
