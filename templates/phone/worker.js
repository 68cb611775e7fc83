// Keeps the phone's screens for the time without a network. Made by the portal: a new version of
// any file below is a new text here, and browsers fetch it anew.
//
// It answers for nothing but those screens and files. Screens belong to a login: whoever comes to
// the door or leaves by it clears them.

const VERSION = "{{ version }}";
const FILES = {{ files|safe }};
const SCREENS = {{ screens|safe }};
const SHELL = `phone-files-${VERSION}`;
const PAGES = "phone-screens";
const REFRESHED = "X-Phone-Refresh";
/** How long a kept screen is good enough not to be fetched again. */
const FRESH = 10 * 60e3;
/** Counts who came to the door: a screen that was asked for before is not kept after. */
let logins = 0;
// Django answers with `Vary: Accept-Language, Cookie`, by which a kept page would never be found
const ANY = { ignoreVary: true, ignoreSearch: true };

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL)
    .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
    .then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("phone-") && name !== SHELL) await caches.delete(name);
    }
    await clients.claim();
  })());
});

addEventListener("message", (event) => {
  if (event.data === "keep screens") event.waitUntil(keepScreens(FRESH));
  if (event.data === "keep anew") event.waitUntil(keepScreens(0));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (address.pathname.startsWith("/login/") || address.pathname.startsWith("/logout/")) {
    if (request.mode === "navigate") event.respondWith(atTheDoor(request));
  } else if (FILES.includes(address.pathname)) {
    event.respondWith(caches.open(SHELL).then((files) => files.match(request, ANY)).then((kept) => kept || fetch(request)));
  } else if (request.method === "GET" && SCREENS.includes(address.pathname) && plain(address)) {
    if (request.headers.has(REFRESHED)) event.respondWith(renewed(request, address));
    else if (request.mode === "navigate") event.respondWith(screen(request, address));
  } else if (request.mode === "navigate" && address.pathname === "/") {
    event.respondWith(fetch(request).catch(() => screen(request, new URL(SCREENS[0], address))));
  }
});

/** A month of long ago or one village's records are not kept; the log screen reads its own wish. */
const plain = (address) => !address.searchParams.has("month") && !address.searchParams.has("village");

async function screen(request, address) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(address.pathname, ANY);
  return kept || fetch(request);
}

async function renewed(request, address) {
  const asked = logins;
  const answer = await fetch(request);
  await keep(address.pathname, answer.clone(), asked);
  return answer;
}

async function keep(path, answer, asked) {
  if (answer.redirected || [401, 403].includes(answer.status)) return caches.delete(PAGES);
  if (!answer.ok) return false;
  const cache = await caches.open(PAGES);
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", Date.now());
  const page = new Response(await answer.blob(), { status: 200, headers });
  return asked === logins && cache.put(path, page);
}

async function keepScreens(fresh) {
  const cache = await caches.open(PAGES);
  for (const path of SCREENS) {
    const kept = await cache.match(path, ANY);
    if (kept && Date.now() - Number(kept.headers.get("X-Kept-At")) < fresh) continue;
    const asked = logins;
    try {
      const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
      await keep(path, answer, asked);
      if (answer.redirected) return;
    } catch {
      return;  // no network: next time
    }
  }
}

/** Somebody signs in or out: nothing of the last login stays in sight, and its key goes. */
async function atTheDoor(request) {
  logins += 1;
  const answer = await fetch(request);
  logins += 1;
  await caches.delete(PAGES);
  await new Promise((done) => {
    const asked = indexedDB.open("lawadvisor-phone");  // of whatever version
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = done;
    asked.onsuccess = () => {
      const clearing = asked.result.transaction("keys", "readwrite");
      clearing.objectStore("keys").clear();
      clearing.oncomplete = clearing.onerror = () => {
        asked.result.close();
        done();
      };
    };
  });
  return answer;
}
