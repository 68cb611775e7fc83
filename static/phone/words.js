// Small things that every screen needs: nodes, days, and a record in plain words.

/** A node with attributes, listeners (`onclick`) and children. */
export function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null && child !== false));
  return made;
}

/** The day in China, whatever zone the phone is set to; `back` days ago. */
export const today = (back = 0) =>
  new Date(Date.now() + 8 * 3600e3 - back * 86400e3).toISOString().slice(0, 10);

export const dayInWords = (day) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;

export const clockOf = (instant) =>
  new Date(instant + 8 * 3600e3).toISOString().slice(11, 16);

export const minutes = (text) => {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text || "");
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
};

export const clock = (value) =>
  `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;

const FIELDS = {
  topic: "领域", focus: "题目", client: "服务对象", phone: "电话", content: "内容", method: "方法",
  result: "结果", audience: "人数",
};

/** A record as text, to be pasted anywhere: the last way out of a phone. */
export function asText({ body, label }) {
  const times = body.start ? ` ${body.start}–${body.end}` : "";
  const lines = [`${body.day ? dayInWords(body.day) : ""}${times} ${label.village} ${label.kinds}`];
  if (body.zero) lines.push(`原因：${body.zero.reason}`);
  if (body.place) lines.push(`地点：${body.place}`);
  for (const matter of body.matters) {
    for (const [name, word] of Object.entries(FIELDS)) {
      if (matter[name]) lines.push(`${word}：${matter[name]}`);
    }
  }
  return lines.join("\n");
}

/** Copies text; where a browser refuses, a field is shown from which it can be copied by hand. */
export async function copy(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = node("textarea", { rows: 6, readonly: true, "aria-label": "请长按复制" });
    area.value = text;
    beside.after(area);
    area.select();
    return document.execCommand("copy");
  }
}
