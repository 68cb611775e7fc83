// Every phone screen starts here. Without it the forms post the ordinary way.

import * as album from "./album.js";
import * as header from "./header.js";
import * as log from "./log.js";
import * as phrases from "./phrases.js";
import * as queue from "./queue.js";
import * as store from "./store.js";
import * as waiting from "./waiting.js";
import { clockOf, copy } from "./words.js";
import * as zero from "./zero.js";

const PAGE = document.documentElement.dataset;
const REFRESHED = "X-Phone-Refresh";

// ── the page itself, brought up to date ──

/** Takes the server's part of this page anew: it may have been kept since yesterday. */
async function refresh() {
  let anew = false;
  if (!document.getElementById("live")) return anew;
  try {
    const answer = await fetch(location.href, { headers: { [REFRESHED]: "1" }, cache: "no-store" });
    queue.status.offline = false;
    if (answer.redirected && new URL(answer.url).pathname === PAGE.login) {
      queue.status.signedOut = true;
      await store.lock();
    } else if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.documentElement.dataset.owner !== PAGE.owner) return store.notMine();
      for (const id of ["live", "date"]) {
        const [mine, fresh] = [document.getElementById(id), page.getElementById(id)];
        if (!mine || !fresh || mine.textContent === fresh.textContent) continue;
        mine.innerHTML = fresh.innerHTML;
        anew = true;  // something was written elsewhere: the other screens are old too
      }
      localStorage.setItem(`phone-fresh-${PAGE.owner}`, Date.now());
      await waiting.tidy();
      buttons();
    }
  } catch {
    queue.status.offline = true;
    const at = Number(localStorage.getItem(`phone-fresh-${PAGE.owner}`));
    const note = document.getElementById("as-of");
    if (note && at) {
      note.textContent = `没有网络，以下是 ${clockOf(at)} 的情况，不含本机未送达的记录。`;
      note.hidden = false;
    }
  }
  await queue.count();
  return anew;
}

function buttons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.onclick = async () => {
      const place = document.querySelector(button.dataset.copy);
      const text = `${place.dataset.title}\n${place.innerText.trim()}`;
      if (await copy(text, button)) button.textContent = "已复制";
    };
  }
}

/** A form of a screen that was kept long ago goes with the token of today. */
function renewToken({ target }) {
  const hidden = target.querySelector("[name=csrfmiddlewaretoken]");
  if (hidden && queue.token()) hidden.value = queue.token();
}

// ── my page: sending, and the way out ──

function sending({ unsent, stuck, photos, offline, drafts, deliveredAt }) {
  const place = document.getElementById("sending");
  if (!place) return;
  place.hidden = false;
  const parts = [unsent ? `待送 ${unsent} 条` : "没有待送的记录"];
  if (stuck) parts.push(`其中 ${stuck} 条要处理`);
  if (photos) parts.push(`照片 ${photos} 张未送达`);
  if (drafts) parts.push(`草稿 ${drafts} 条`);
  if (offline) parts.push("现在没有网络");
  if (deliveredAt) parts.push(`最近一次送达 ${clockOf(deliveredAt)}`);
  document.getElementById("sending-words").textContent = `${parts.join("，")}。`;
  document.getElementById("send-now").hidden = !unsent && !photos;
}

function guardLogout() {
  const form = document.getElementById("logout");
  if (!form) return;
  document.getElementById("send-now").addEventListener("click", () => queue.send());
  const ask = document.getElementById("leaving");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { unsent, drafts, photos } = queue.status;
    if (unsent + drafts + photos && !event.submitter?.dataset.sure) {
      document.getElementById("leaving-words").textContent =
        `还有 ${unsent} 条没有送达${photos ? `、${photos} 张照片没有送达` : ""}${drafts ? `、${drafts} 条草稿` : ""}。退出登录会从这部手机上删除它们，不能找回。`;
      ask.hidden = false;
      ask.scrollIntoView({ block: "center" });
      return;
    }
    await store.wipe();
    form.submit();
  });
  document.getElementById("stay").addEventListener("click", () => {
    ask.hidden = true;
    queue.send();
  });
}

// ── start ──

async function keepScreens(anew = false) {
  if (!("serviceWorker" in navigator)) return;  // as in WeChat on an iPhone: all else still works
  try {
    const worker = await navigator.serviceWorker.register(PAGE.worker, { scope: "/" });
    await navigator.serviceWorker.ready;
    (worker.active || navigator.serviceWorker.controller)?.postMessage(anew ? "keep anew" : "keep screens");
  } catch {
    // a browser that forbids it
  }
}

async function start() {
  document.documentElement.classList.add("script");
  document.documentElement.classList.toggle("elder", /(?:^|; )letters=large/.test(document.cookie));
  await store.unlock().catch(() => { queue.status.offline = true; });
  queue.onChange(header.show);
  queue.onChange(waiting.show);
  queue.onChange(log.follow);
  queue.onChange(sending);
  queue.onChange(album.show);
  addEventListener("submit", renewToken, true);
  guardLogout();
  buttons();
  album.start();
  zero.listen();
  await log.start();
  await queue.count();
  PAGE.ready = PAGE.ready || PAGE.screen;
  await queue.watch();
  keepScreens(await refresh());
  phrases.renew();
}

let delivered = queue.status.deliveredAt;
let pictured = 0;
queue.onChange(({ deliveredAt, unsent, photos }) => {
  const news = deliveredAt !== delivered || (pictured && !photos);
  pictured = photos;
  if (!news || unsent) return;
  delivered = deliveredAt;
  refresh().then(() => keepScreens(true));
});
addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
start();
