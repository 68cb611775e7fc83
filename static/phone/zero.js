// 零申报, kept here first like all else and sent when there is a line.

import { after } from "./states.js";
import * as queue from "./queue.js";
import * as store from "./store.js";

/** Whatever the server's part of the page is: it is taken anew now and then. */
export function listen() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.zero")) return;
    event.preventDefault();
    const { appointment, month, reason } = Object.fromEntries(new FormData(form));
    await store.put({
      uuid: store.newNumber(), state: after("draft", "save"), made: Date.now(), reason: null,
      body: { zero: { appointment: Number(appointment), month, reason: reason.trim() }, matters: [] },
      label: { village: form.dataset.village, kinds: form.dataset.kinds },
    });
    form.closest("details").hidden = true;
    await queue.count();
    queue.send();
  });
}
