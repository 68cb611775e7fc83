// What this phone keeps: records in IndexedDB, each sealed with a key that belongs to the login.
//
// The key comes from the server, cannot be read back out of the browser, and goes when the login
// goes; what it sealed stays unreadable until the same person signs in again. Where a browser has
// no cryptography (plain http), names, numbers and texts are not kept at all.

const SEALED = ["client", "phone", "content", "method", "result", "special_group"];
const owner = document.documentElement.dataset.owner;
let key = null;

// ── the database ──

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("lawadvisor-phone", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("records", { keyPath: "uuid" });
      asked.result.createObjectStore("keys", { keyPath: "owner" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Runs `work(store)` in one transaction and waits until it is on the disk. */
async function within(name, mode, work, durability = "relaxed") {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, mode, { durability });
    const asked = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(asked && asked.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// ── the key ──

/** Fetches the key where this login has none here yet, and forgets those of others. */
export async function unlock() {
  const keys = await within("keys", "readonly", (store) => store.getAll());
  key = keys.find((each) => each.owner === owner)?.key ?? null;
  const others = keys.filter((each) => each.owner !== owner);
  if (others.length) {
    await within("keys", "readwrite", (store) => {
      for (const each of others) store.delete(each.owner);
    });
  }
  if (key || !globalThis.crypto?.subtle) return;
  const rows = await within("records", "readonly", (store) => store.getAll());
  const given = fetchKey();
  // nothing here to be read: the screen need not wait for it
  if (rows.some((row) => row.owner === owner && row.sealed.data)) await given;
  else given.catch(() => {});
}

async function fetchKey() {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), 10_000);
  const answer = await fetch(document.documentElement.dataset.key, { redirect: "error", signal: giveUp.signal });
  if (!answer.ok) return;
  const given = await answer.json();
  if (given.owner !== owner) return notMine();
  const bytes = Uint8Array.from(atob(given.key), (letter) => letter.charCodeAt(0));
  key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  await within("keys", "readwrite", (store) => store.put({ owner, key }));
}

/** The login is over: what is here stays unreadable until its owner comes back. */
export const lock = () => within("keys", "readwrite", (store) => store.clear());

/** This page was made for another login on the same phone: it goes, and the right one comes. */
export async function notMine() {
  if (globalThis.caches) await caches.delete("phone-screens");
  location.reload();
}

async function seal(inner) {
  if (!key) return { clear: bare(inner) };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(inner));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text) };
}

/** Without what must not lie on a phone in clear; `partial` says that something is missing. */
function bare(inner) {
  const lost = inner.body.matters.some((matter) => SEALED.some((name) => matter[name]));
  const matters = inner.body.matters.map((matter) =>
    Object.fromEntries(Object.entries(matter).map(([name, value]) =>
      [name, SEALED.includes(name) ? "" : value])));
  return { ...inner, body: { ...inner.body, matters }, reason: null, partial: lost };
}

async function unseal(row) {
  const { sealed, ...outer } = row;
  if (sealed.clear) return { ...outer, ...sealed.clear };
  if (!key) return null;
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
  return { ...outer, ...JSON.parse(new TextDecoder().decode(text)) };
}

// ── records ──

/** Writes one record: { uuid, state, made, body, label, reason }. */
export async function put(record) {
  const { uuid, state, made, ...inner } = record;
  const sealed = await seal(inner);
  await within("records", "readwrite", (store) =>
    store.put({ uuid, owner, state, made, changed: Date.now(), sealed }), state === "draft" ? "relaxed" : "strict");
}

/** All of this login's records that can be read, oldest first. */
export async function all() {
  const rows = await within("records", "readonly", (store) => store.getAll());
  const own = await Promise.all(rows.filter((row) => row.owner === owner).map(unseal));
  return own.filter(Boolean).sort((a, b) => a.made - b.made);
}

export async function get(uuid) {
  const row = await within("records", "readonly", (store) => store.get(uuid));
  return row && row.owner === owner ? unseal(row) : null;
}

export const remove = (uuid) => within("records", "readwrite", (store) => store.delete(uuid));

/** Takes everything of this login off the phone. */
export async function wipe() {
  const rows = await within("records", "readonly", (store) => store.getAll());
  await within("records", "readwrite", (store) => {
    for (const row of rows) if (row.owner === owner) store.delete(row.uuid);
  });
  await lock();
  for (const name of Object.keys(localStorage)) if (name.startsWith("phone-")) localStorage.removeItem(name);
  if (globalThis.caches) await caches.delete("phone-screens");
  key = null;
}

export function newNumber() {
  if (crypto.randomUUID) return crypto.randomUUID();  // only on a secure page
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
