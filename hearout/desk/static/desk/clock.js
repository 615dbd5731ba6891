// The server renders every age and due time; this only keeps them from standing still.
(() => {
  const say = (seconds) => {
    const s = Math.abs(Math.trunc(seconds)), m = Math.trunc(s / 60), h = Math.trunc(m / 60), d = Math.trunc(h / 24);
    if (s < 60) return s + " s";
    if (m < 60) return m + " min";
    if (h < 24) return h + " h" + (m % 60 ? " " + String(m % 60).padStart(2, "0") : "");
    return d + " d" + (h % 24 && d < 10 ? " " + (h % 24) + " h" : "");
  };

  function tick() {
    const now = Date.now();
    for (const el of document.querySelectorAll("time[data-age]")) {
      const passed = (now - Date.parse(el.dateTime)) / 1000;
      const text = passed < 60 ? "now" : say(passed);
      if (el.textContent !== text) el.textContent = text;
    }
    for (const el of document.querySelectorAll("time[data-due]")) {
      const left = (Date.parse(el.dateTime) - now) / 1000;
      const text = left >= 0 ? say(left) + " left" : say(left) + " over";
      if (el.textContent !== text) el.textContent = text;
      const clock = el.closest(".clock");
      if (clock && left < 0 && !clock.classList.contains("breached")) { clock.classList.remove("running", "at_risk"); clock.classList.add("breached"); }
    }
    for (const el of document.querySelectorAll("time[data-undo]")) {
      const left = Math.ceil((Date.parse(el.dateTime) - now) / 1000);
      el.textContent = left > 0 ? left + " s" : "now";
      if (left <= 0) el.closest("[data-undoing]")?.querySelector("form")?.setAttribute("hidden", "");
    }
  }

  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
})();
