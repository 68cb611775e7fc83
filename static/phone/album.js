// Photos added to a record that the server has: kept here first, like all else, and carried after.

import * as photos from "./photos.js";
import * as queue from "./queue.js";
import * as store from "./store.js";

const forms = [...document.querySelectorAll("form.adding")];

export function start() {
  for (const form of forms) {
    form.querySelector("button.main").hidden = true;  // what is chosen goes by itself
    form.querySelector("[type=file]").addEventListener("change", ({ target }) => chosen(form, target));
  }
}

async function chosen(form, input) {
  const files = [...input.files];
  input.value = "";
  const { uuid, number } = form.dataset;
  await beside(form.dataset);
  const sentences = await photos.add(files, uuid, Number(number));
  const place = form.querySelector(".error");
  place.textContent = sentences.join("");
  place.hidden = !sentences.length;
  await queue.count();
  queue.send();
}

/** A photo lies here beside its record: of one that was sent long ago what the page says of it. */
async function beside({ uuid, day, times, village, kinds }) {
  if (await store.get(uuid)) return;
  const [start, end] = times ? times.split("–") : [];
  await store.put({ uuid, state: "delivered", made: Date.now(), body: { day, start, end, matters: [] }, label: { village, kinds }, reason: null });
}

/** What still waits of this record, below the matter it belongs to. */
export function show(_, __, all) {
  for (const form of forms) {
    const own = all.filter(({ record, matter, state }) =>
      record === form.dataset.uuid && matter === Number(form.dataset.number) && state !== "delivered");
    const says = photos.says(own);
    if (form.dataset.says === says) continue;
    form.dataset.says = says;
    form.querySelector(".photos")?.remove();
    if (own.length) form.querySelector(".camera").after(photos.list(own, queue.count));
  }
}
