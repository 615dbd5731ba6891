// The list by keyboard: J and K move the selection, Enter opens, X chooses; the rest are buttons.
(() => {
  let at = null;
  const rows = () => [...document.querySelectorAll("#rows .row")];
  const row = (id) => document.getElementById("row-" + id);

  function select(next, focus = true) {
    if (!next) return;
    for (const other of rows()) other.removeAttribute("data-at");
    at = next.dataset.case;
    next.setAttribute("data-at", "");
    if (focus) next.querySelector(".open").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = rows();
    const here = all.indexOf(row(at));
    select(all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + step))]);
  }

  function opened() {
    const shown = document.querySelector("#pane > .case")?.dataset.case;
    for (const one of rows()) {
      const is = one.dataset.case === shown;
      one.classList.toggle("opened", is);
      if (is) one.querySelector(".open").setAttribute("aria-current", "true");
      else one.querySelector(".open").removeAttribute("aria-current");
      one.toggleAttribute("data-at", one.dataset.case === at);
    }
    if (shown && !at) at = shown;
  }

  function chosen() {
    const count = document.querySelectorAll("#rows .pick :checked").length;
    const label = document.querySelector("[data-chosen]");
    if (label) label.textContent = count + " chosen";
  }

  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (mover) move(Number(mover.dataset.move));
    const picker = event.target.closest("[data-pick]");
    if (picker) row(at)?.querySelector(".pick input").click();
    const open = event.target.closest("#rows .open");
    if (open) at = open.closest(".row").dataset.case;
  });
  document.addEventListener("change", chosen);
  document.addEventListener("reset", () => setTimeout(chosen));

  // Rows are refreshed in place: what was chosen or selected stays so.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const old = event.detail.target;
    if (!old.matches?.("#rows .row")) return;
    const box = event.detail.fragment.querySelector(".pick input");
    if (box) box.defaultChecked = box.checked = old.querySelector(".pick input").checked;
    if (old.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", opened);

  // A resolved case makes room for the next one.
  document.addEventListener("resolved", () => {
    const all = rows();
    const here = all.indexOf(row(document.querySelector("#pane > .case")?.dataset.case));
    if (here >= 0) all[here].classList.add("done");
    const next = all.slice(here + 1).find((one) => !one.classList.contains("done"));
    if (next) { select(next, false); next.querySelector(".open").click(); }
  });
})();
