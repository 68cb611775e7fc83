// Sends what is kept until the server has answered for every record. Sending twice is harmless:
// the server knows a record by its number.

import { after, isUnsent } from "./states.js";
import * as store from "./store.js";

const PAGE = document.documentElement.dataset;
const AT_ONCE = 20;
const PATIENCE = 60_000;
/** Seconds until the next try, the last one for ever. */
const PAUSES = [5, 15, 30, 60, 120, 300];
const DELIVERED_AT = `phone-delivered-${PAGE.owner}`;

/** `tellers` hear of every change; the header is one of them. */
const tellers = [];
export const status = {
  unsent: 0, stuck: 0, drafts: 0, oldest: 0, offline: !navigator.onLine, signedOut: false,
  busy: false, deliveredAt: Number(localStorage.getItem(DELIVERED_AT)) || 0,
};
let tries = 0;
let timer = 0;
let running = null;
let again = false;

export const onChange = (tell) => tellers.push(tell);

export async function count() {
  const records = (await store.all()).filter((record) => record.state !== "last");
  const unsent = records.filter(isUnsent);
  status.unsent = unsent.length;
  status.stuck = unsent.filter((record) => record.state === "stuck").length;
  status.drafts = records.filter((record) => record.state === "draft").length;
  status.oldest = Math.min(...unsent.map((record) => record.made), Infinity);
  for (const tell of tellers) tell(status, records);
}

/** Starts sending unless it runs; what comes meanwhile is sent in the same go. */
export function send() {
  if (running) {
    again = true;
    return running;
  }
  clearTimeout(timer);
  running = alone(drain).finally(() => {
    running = null;
    if (again) {
      again = false;
      send();
    }
  });
  return running;
}

/** One tab at a time where the browser can tell; where not, the numbers keep it harmless. */
const alone = (work) =>
  navigator.locks ? navigator.locks.request("lawadvisor-send", work) : work();

async function drain() {
  status.busy = true;
  let done = true;
  try {
    for (;;) {
      const kept = (await store.all()).filter((record) => record.state === "kept");
      if (!kept.length) break;
      const amended = kept.find((record) => record.version !== undefined);
      const answered = amended ? await amend(amended) : await batch(kept.slice(0, AT_ONCE));
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

function later(seconds) {
  const pause = seconds ?? PAUSES[Math.min(tries++, PAUSES.length - 1)];
  clearTimeout(timer);
  timer = setTimeout(send, pause * 1000 * (1 + Math.random() / 5));
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

async function amend(record) {
  const answer = await ask("PUT", `logs/${record.uuid}/`, { ...bodyOf(record), version: record.version });
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

/** One request with its answer; null where none came, or one that is about all of them. */
async function ask(method, path, body) {
  const giveUp = new AbortController();
  const patience = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const response = await fetch(PAGE.api + path, {
      method, body: JSON.stringify(body), signal: giveUp.signal, redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
    });
    const type = response.headers.get("Content-Type") || "";
    const answer = type.includes("json") ? await response.json() : {};
    status.offline = false;
    status.signedOut = response.status === 401 || (response.status === 403 && answer.code !== "forbidden");
    if (status.signedOut) return null;
    if (response.status === 429) {
      tries = 0;
      again = false;
      later(Number(response.headers.get("Retry-After")) || 60);
      throw new Error("later");
    }
    return { status: response.status, body: answer };
  } catch (error) {
    if (error.message !== "later") status.offline = true;
    return null;
  } finally {
    clearTimeout(patience);
  }
}

export const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";

/** Sends when there is hope: the network is back, somebody looks at the page, it was opened. */
export function watch() {
  addEventListener("online", () => { tries = 0; status.offline = false; send(); });
  addEventListener("offline", () => { status.offline = true; count(); });
  addEventListener("focus", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  return send();
}
