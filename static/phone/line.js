// The line to the server: one request with its answer, and when to try again.

import * as store from "./store.js";

const PAGE = document.documentElement.dataset;
const PATIENCE = 60_000;
/** Bytes a second that the slowest line carries, for what takes longer than a text. */
const SLOWEST = 4_000;
/** Seconds until the next try, the last one for ever. */
const PAUSES = [5, 15, 30, 60, 120, 300];

/** `wait`: seconds for which the server asked to be left alone, 0 for none. */
export const line = { offline: !navigator.onLine, signedOut: false, wait: 0 };

/** Milliseconds until the next try after so many. */
export function pauseAfter(tries) {
  const pause = line.wait || PAUSES[Math.min(tries, PAUSES.length - 1)];
  return pause * 1000 * (1 + Math.random() / 5);
}

export const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";

/** One request with its answer, `body` a form or plain values; null where none came, or one that
 * is about all requests. `bytes` is what a long one carries. */
export async function ask(method, path, body, bytes = 0) {
  line.wait = 0;
  let answer = await once(method, path, body, bytes);
  if (answer?.status === 403 && (await freshToken())) answer = await once(method, path, body, bytes);
  if (!answer) return null;
  line.signedOut = answer.status === 401 || (answer.status === 403 && answer.body.code !== "forbidden");
  if (answer.status === 429) line.wait = answer.wait;
  return line.signedOut || line.wait ? null : answer;
}

async function once(method, path, body, bytes) {
  const giveUp = new AbortController();
  const patience = setTimeout(() => giveUp.abort(), PATIENCE + (bytes / SLOWEST) * 1000);
  const form = body instanceof FormData;
  const headers = { "X-CSRFToken": token(), ...(form ? {} : { "Content-Type": "application/json" }) };
  try {
    const response = await fetch(PAGE.api + path, {
      method, headers, body: form ? body : JSON.stringify(body), signal: giveUp.signal, redirect: "error",
    });
    const type = response.headers.get("Content-Type") || "";
    const answer = type.includes("json") ? await response.json() : {};
    line.offline = false;
    return { status: response.status, body: answer, wait: Number(response.headers.get("Retry-After")) || 60 };
  } catch {
    line.offline = true;
    return null;
  } finally {
    clearTimeout(patience);
  }
}

/** A screen that was kept long may have outlived its token; true where there is another one now. */
async function freshToken() {
  const old = token();
  await store.askKey().catch(() => null);
  return token() !== old;
}
