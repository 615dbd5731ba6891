// One key a button: `data-key` names it on the real control, and this clicks that control.
// The list under "?" is read off the page, so it can never be out of date.
(() => {
  const typing = (el) => el.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  let prefix = "";

  function visible(el) {
    return el.checkVisibility ? el.checkVisibility() : el.offsetParent !== null;
  }

  function find(keys) {
    // The last one wins: what was opened on top of the page is further down in it.
    return [...document.querySelectorAll("[data-key]")].filter((el) => el.dataset.key === keys && !el.disabled && (visible(el) || el.closest("#side, [data-keys]"))).pop();
  }

  function press(el) {
    if (el.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
      el.focus();
      if (el.select) el.select();
    } else {
      el.click();
      const menu = el.matches("summary") && el.parentElement;
      if (menu && menu.open) menu.querySelector(".sheet :is(input:not([type=hidden]), textarea, select, button)")?.focus();
    }
  }

  function fillSheet() {
    const list = document.getElementById("keys-list");
    const seen = new Map();
    for (const el of document.querySelectorAll("[data-key]")) {
      const label = el.dataset.keyLabel || el.textContent.trim();
      if (label && !seen.has(el.dataset.key)) seen.set(el.dataset.key, label);
    }
    list.replaceChildren(...[...seen].map(([keys, label]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const what = document.createElement("dd");
      for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key === "Enter" ? "↵" : key.toUpperCase() }));
      what.textContent = label;
      row.append(term, what);
      return row;
    }));
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.form || event.target.closest("form");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
      event.preventDefault();
      form.requestSubmit([...form.elements].find((el) => el.matches("[data-submits]")));
      return;
    }
    if (event.key === "Escape") {
      const open = event.target.closest("details.menu[open]") || document.querySelector("details.menu[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); } else if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const found = find((prefix ? prefix + " " : "") + event.key) || find(event.key);
    prefix = event.key === "g" && !prefix ? "g" : "";
    if (found) { event.preventDefault(); press(found); }
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const opens = event.target.closest("[data-opens]");
    if (opens) { fillSheet(); document.getElementById(opens.dataset.opens).showModal(); }
    const closes = event.target.closest("[data-closes]");
    if (closes) closes.closest(closes.dataset.closes).remove();
  });
})();
