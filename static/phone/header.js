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

function said({ unsent, stuck, offline, signedOut, deliveredAt }) {
  if (signedOut && unsent) return [`请登录 · 待送 ${unsent}`, "bad"];
  if (stuck) return [`要处理 ${stuck}${unsent > stuck ? ` · 待送 ${unsent - stuck}` : ""}`, "bad"];
  if (offline) return [unsent ? `离线 · 待送 ${unsent}` : "离线", "local"];
  if (unsent) return [`待送 ${unsent}`, "local"];
  return deliveredAt ? [`已全部送达 ${clockOf(deliveredAt)}`, "good"] : ["", ""];
}

/** A record that has waited for a day is said aloud; browsers may clear a page after a week. */
function warn({ oldest, unsent, signedOut }) {
  const notes = document.getElementById("notes");
  notes.querySelector(".of-queue")?.remove();
  const age = unsent ? Date.now() - oldest : 0;
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
    note.textContent = `有记录存在本机已超过${Math.floor(age / (24 * HOUR))}天还没有送达，请尽快连接网络。`;
  }
  notes.append(note);
}
