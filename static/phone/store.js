// What this phone keeps: records in IndexedDB, each sealed with a key that belongs to the login.
//
// The key comes from the server, cannot be read back out of the browser, and goes when the login
// goes; what it sealed stays unreadable until the same person signs in again. Where a browser has
// no cryptography (plain http), names, numbers, texts and pictures are not kept at all.
//
// Photos lie beside their record, each an item of its own: what is known of it (`photos`) apart from
// its bytes (`pictures`), so that counting reads no bytes.

const SEALED = ["client", "phone", "content", "method", "result", "special_group"];
const owner = document.documentElement.dataset.owner;
let key = null;
let given = null;  // the key, while it is being fetched

// ── the database ──

let opened = null;

const STORES = { records: "uuid", keys: "owner", photos: "id", pictures: "id" };

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("lawadvisor-phone", 2);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath });
      }
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();  // a newer page wants to change it
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Runs `work` with the named stores in one transaction and waits until it is on the disk. */
async function within(names, mode, work, durability = "relaxed") {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode, { durability });
    const asked = work(...[names].flat().map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(asked && asked.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// ── the key ──

/** Asked for while the page is still being read: to open the database takes a slow phone longest. */
const early = within("keys", "readonly", (store) => store.getAll());
early.catch(() => {});

/** Fetches the key where this login has none here yet, and forgets those of others. */
export async function unlock() {
  const keys = await early;
  key = keys.find((each) => each.owner === owner)?.key ?? null;
  const others = keys.filter((each) => each.owner !== owner);
  if (others.length) {
    await within("keys", "readwrite", (store) => {
      for (const each of others) store.delete(each.owner);
    });
  }
  if (key || !globalThis.crypto?.subtle) return;
  const rows = await within("records", "readonly", (store) => store.getAll());
  given = fetchKey();
  // nothing here to be read: the screen need not wait for it
  if (rows.some((row) => row.owner === owner && row.sealed.data)) await given;
  else given.catch(() => {});
}

/** The answer that holds the key; with it comes a token for what is sent. */
export function askKey() {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), 10_000);
  return fetch(document.documentElement.dataset.key, { redirect: "error", signal: giveUp.signal });
}

async function fetchKey() {
  const answer = await askKey();
  if (!answer.ok) return;
  const told = await answer.json();
  if (told.owner !== owner) return notMine();
  const bytes = Uint8Array.from(atob(told.key), (letter) => letter.charCodeAt(0));
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

/** Whether what is put here now cannot be read by others. */
export const isSealing = () => Boolean(key);

async function seal(inner) {
  if (!key) return { clear: bare(inner) };
  return sealedBytes(new TextEncoder().encode(JSON.stringify(inner)));
}

async function sealedBytes(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

const openBytes = ({ iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);

/** Without what must not lie on a phone in clear; `partial` says that something is missing. */
function bare(inner) {
  const lost = inner.body.matters.some((matter) => SEALED.some((name) => matter[name]));
  const matters = inner.body.matters.map((matter) =>
    Object.fromEntries(Object.entries(matter).map(([name, value]) =>
      [name, SEALED.includes(name) && value ? "" : value])));
  return { ...inner, body: { ...inner.body, matters }, reason: null, partial: lost };
}

async function unseal(row) {
  const { sealed, ...outer } = row;
  if (sealed.clear) return { ...outer, ...sealed.clear };
  if (!key) return null;
  return { ...outer, ...JSON.parse(new TextDecoder().decode(await openBytes(sealed))) };
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

/** By their numbers, the states of this login's records: opens nothing that is sealed. */
export async function states() {
  const rows = await within("records", "readonly", (store) => store.getAll());
  return new Map(rows.filter((row) => row.owner === owner).map((row) => [row.uuid, row.state]));
}

/** Takes a record off the phone, and its photos with it. */
export async function remove(uuid) {
  const own = (await photos()).filter((photo) => photo.record === uuid);
  await within(["records", "photos", "pictures"], "readwrite", (records, known, pictures) => {
    records.delete(uuid);
    for (const { id } of own) {
      known.delete(id);
      pictures.delete(id);
    }
  });
}

// ── photos ──

/** Pictures that must not lie here in clear: in this page alone, for as long as it is open. */
const loose = new Map();

/** Puts a new photo beside its record: { id, record, matter, state, made, size, tries, due, reason }. */
export async function addPhoto(photo, picture) {
  if (!key) await given?.catch(() => {});
  const sealed = key && (await sealedBytes(await picture.arrayBuffer()));
  if (!sealed) loose.set(photo.id, picture);
  await within(["photos", "pictures"], "readwrite", (known, pictures) => {
    known.put({ ...photo, owner, loose: !sealed });
    if (sealed) pictures.put({ id: photo.id, sealed, type: picture.type });
  }, "strict");
}

export const putPhoto = (photo) => within("photos", "readwrite", (known) => known.put(photo));

/** All of this login's photos, oldest first, without their bytes. */
export async function photos() {
  const rows = await within("photos", "readonly", (known) => known.getAll());
  return rows.filter((row) => row.owner === owner).sort((a, b) => a.made - b.made);
}

/** One photo as it stands now, and its bytes; null where there is none, or none that can be read. */
export const photo = (id) => within("photos", "readonly", (known) => known.get(id)).then((row) => (row?.owner === owner ? row : null));

export async function picture(id) {
  if (loose.has(id)) return loose.get(id);
  const row = await within("pictures", "readonly", (pictures) => pictures.get(id));
  return row && key ? new Blob([await openBytes(row.sealed)], { type: row.type }) : null;
}

/** Takes one photo off the phone; `known` keeps what is known of it, without its bytes. */
export async function removePhoto(id, known = null) {
  loose.delete(id);
  await within(["photos", "pictures"], "readwrite", (rows, pictures) => {
    if (known) rows.put(known);
    else rows.delete(id);
    pictures.delete(id);
  });
}

// ── the end ──

/** Takes everything of this login off the phone. */
export async function wipe() {
  const rows = await within("records", "readonly", (store) => store.getAll());
  const own = await photos();
  await within(["records", "photos", "pictures"], "readwrite", (records, known, pictures) => {
    for (const row of rows) if (row.owner === owner) records.delete(row.uuid);
    for (const { id } of own) {
      known.delete(id);
      pictures.delete(id);
    }
  });
  loose.clear();
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
