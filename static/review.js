// The keyboard's way through the review: up and down, V verifies a row, R sends one record back.
// Without this file every button does the same.
"use strict";

(() => {
  const rows = [...document.querySelectorAll("[data-row]")];

  function go(step) {
    const here = rows.indexOf(document.activeElement.closest("[data-row]"));
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
    const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
    if (row) {
      row.focus();
      row.scrollIntoView({ block: "nearest" });
    }
  }

  function verify(row) {
    row.querySelector("[data-verify]")?.click();
  }

  function sendBack(row) {
    const fold = row.querySelector("[data-return]");
    if (!fold) return;
    row.querySelector("[data-records]").open = true;
    fold.open = true;
    fold.querySelector("input[type=radio]").focus();
  }

  const keys = {
    ArrowDown: () => go(1),
    ArrowUp: () => go(-1),
    v: verify,
    r: sendBack,
  };

  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!(key in keys) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const row = document.activeElement.closest("[data-row]");
    if (key.length === 1 && !row) return;
    event.preventDefault();
    keys[key](row);
  });

  // after a row was verified the page comes back to it
  const back = location.hash && document.getElementById(location.hash.slice(1));
  if (back) back.focus();
})();
