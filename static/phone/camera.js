// The photo fields of the log screen: what is chosen lies on the phone at once, beside its draft.

import { blocks } from "./form.js";
import * as photos from "./photos.js";
import * as store from "./store.js";

/** `numbered` gives the number of the record that is being written, and keeps it first. */
export function listen(form, numbered, arrange) {
  form.addEventListener("change", async ({ target }) => {
    if (target.type !== "file" || !target.files.length) return;
    const files = [...target.files];
    target.value = "";  // the same one may be chosen again
    const block = target.closest(".matter");
    const place = form.querySelector(`.error[data-for="${target.name}"]`);
    place.hidden = true;
    block.classList.add("busy");
    const uuid = await numbered();
    const sentences = await photos.add(files, uuid, Number(block.dataset.number));
    block.classList.remove("busy");
    place.textContent = sentences.join("");
    place.hidden = !sentences.length;
    await show(form, uuid, arrange);
  });
}

/** Lists what lies here for this record below each matter's field; none for null. */
export async function show(form, uuid, arrange) {
  const own = uuid ? (await store.photos()).filter((photo) => photo.record === uuid) : [];
  for (const block of blocks(form)) {
    const field = block.querySelector(".camera");
    if (!field) continue;
    const here = own.filter((photo) => photo.matter === Number(block.dataset.number));
    field.parentNode.querySelector(".photos")?.remove();
    if (here.length) field.after(photos.list(here, () => show(form, uuid, arrange)));
  }
  arrange();
}

/** Whether some lie in the matter of that number. */
export const any = (form, number) =>
  Boolean(form.querySelector(`.matter[data-number="${number}"] .photos li`));
