// The header tells the truth: offline, so many not sent yet, or all delivered and when.

import { clockOf } from "./words.js";

const HOUR = 3600e3;

export function show(status) {
  const place = document.getElementById("sent");
  const [text, tone] = said(status);
  if (place.textContent !== text) place.textContent = text;
  place.className = `sent ${tone}`;
  place.hidden = !text;
  warn(status);
}

function said({ unsent, stuck, photos, photosStuck, offline, signedOut, deliveredAt }) {
  const waits = unsent || !photos ? `待送 ${unsent}` : `待送照片 ${photos}`;
  const any = unsent || photos;
  if (signedOut && any) return [`请登录 · ${waits}`, "bad"];
  if (stuck) return [`要处理 ${stuck}${unsent > stuck ? ` · 待送 ${unsent - stuck}` : ""}`, "bad"];
  if (photosStuck && !unsent) return [`照片要处理 ${photosStuck}`, "bad"];
  if (offline) return [any ? `离线 · ${waits}` : "离线", "local"];
  if (any) return [waits, "local"];
  return deliveredAt ? [`已全部送达 ${clockOf(deliveredAt)}`, "good"] : ["", ""];
}

/** A record that has waited for a day is said aloud; browsers may clear a page after a week. */
function warn({ oldest, unsent, photos, signedOut }) {
  const notes = document.getElementById("notes");
  notes.querySelector(".of-queue")?.remove();
  const age = unsent || photos ? Date.now() - oldest : 0;
  if (!signedOut && age < 24 * HOUR) return;
  const note = document.createElement("p");
  note.className = `note of-queue ${signedOut || age >= 72 * HOUR ? "error" : "warning"}`;
  note.setAttribute("role", "status");
  if (signedOut) {
    const link = document.createElement("a");
    link.href = `${document.documentElement.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "请重新登录";
    note.append("登录已到期，", link, unsent ? `，本机的 ${unsent} 条记录登录后自动送达。` : "。");
  } else {
    note.textContent = `有${unsent ? "记录" : "照片"}存在本机已超过${Math.floor(age / (24 * HOUR))}天还没有送达，请尽快连接网络。`;
  }
  notes.append(note);
}
