// How long, as people write it: 90分钟, 1.5小时, 1小时30分, 8点半到11点. The same as the server's
// `assessments/phone/spans.py`; a test holds both to one list.

const EXAMPLES = "90分钟、1.5小时、1小时30分、8点半到11点";
const MOST_HOURS = 24;
const DAY = 1440;
const DIGITS = { ...Object.fromEntries([..."零一二三四五六七八九"].map((sign, n) => [sign, n])), 两: 2 };
const QUARTERS = { 一刻: 15, 半: 30, 三刻: 45 };
const LENGTH = /^(?:(\d+(?:\.\d+)?)个?(半)?(?:小时|钟头|时|h)(半)?)?(?:(\d+)(?:分钟?|min|m)?)?$/;
const CLOCK = "(上午|早上|中午|下午|晚上)?(\\d{1,2})(?:[点时:](半|一刻|三刻|\\d{1,2})?分?)";
const SPAN = new RegExp(`^从?${CLOCK}(?:到|至|[-–—~～])${CLOCK}$`);

/** { start, minutes }, `start` null where only the length was written; null for anything else. */
export function parseSpan(text) {
  const plain = text.replace(/[０-９Ａ-Ｚａ-ｚ]/g, (sign) => sign.normalize("NFKC")).replace(/\s/g, "").replaceAll("：", ":").replaceAll("．", ".").toLowerCase()
    .replace(/[一三]刻(?!钟)/g, (found) => (found[0] === "一" ? "&" : "#"))
    .replace(/[零一二两三四五六七八九十]+/g, number)
    .replaceAll("&", "一刻").replaceAll("#", "三刻");
  const found = spanOf(plain) ?? lengthOf(plain);
  return found && found.minutes > 0 && found.minutes <= DAY ? found : null;
}

export const refusal = (text) => `时长“${text.slice(0, 20)}”无法识别，应写成如 ${EXAMPLES}。`;

function number(numeral) {
  if (!numeral.includes("十")) return [...numeral].map((sign) => DIGITS[sign]).join("");
  const [tens, ones] = numeral.split("十");
  return String((DIGITS[tens] ?? 1) * 10 + (DIGITS[ones] ?? 0));
}

function lengthOf(plain) {
  const only = (minutes) => ({ start: null, minutes: Math.round(minutes) });
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain) <= MOST_HOURS ? only(Number(plain) * 60) : null;
  if (["半小时", "半个小时", "半个钟头"].includes(plain)) return only(30);
  const quarters = /^([1-3])刻钟$/.exec(plain);
  if (quarters) return only(quarters[1] * 15);
  const clock = /^(\d{1,2}):([0-5]\d)$/.exec(plain);
  if (clock) return only(clock[1] * 60 + Number(clock[2]));
  const found = LENGTH.exec(plain);
  if (!found) return null;
  const [, hours, andHalf, half, minutes] = found;
  return only((hours || 0) * 60 + Number(minutes || 0) + (half || andHalf ? 30 : 0));
}

function spanOf(plain) {
  const found = SPAN.exec(plain);
  if (!found) return null;
  const start = clockOf(...found.slice(1, 4));
  let end = clockOf(...found.slice(4, 7));
  if (start === null || end === null) return null;
  if (end <= start && !found[4] && ["中午", "下午", "晚上"].includes(found[1])) end += 720;
  return end <= DAY ? { start, minutes: end - start } : null;
}

function clockOf(half, hours, rest) {
  const minutes = QUARTERS[rest] ?? Number(rest || 0);
  const afterNoon = ["下午", "晚上"].includes(half) || (half === "中午" && hours < 11);
  const hour = Number(hours) + (afterNoon && hours < 12 ? 12 : 0);
  return hour <= 24 && minutes < 60 ? hour * 60 + minutes : null;
}
