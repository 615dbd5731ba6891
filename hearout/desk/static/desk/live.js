// The doorbell. One connection a visible tab; an event only names what changed, and each part that
// shows it (`data-live="brand:1 case:42"`) fetches itself through its ordinary door on "ring".
// Without it the same parts ask every 60 seconds.
(() => {
  let source = null, listening = "";
  const waiting = new Map();

  const parts = () => [...document.querySelectorAll("[data-live]")];
  const topics = () => [...new Set([document.body.dataset.topics || "", ...parts().map((el) => el.dataset.live)].join(" ").split(" ").filter(Boolean))].sort();

  function ring(topic) {
    // A busy brand rings many times a second; once in 700 ms is live enough and spares the server.
    if (waiting.has(topic)) return;
    waiting.set(topic, setTimeout(() => {
      waiting.delete(topic);
      for (const el of parts()) if (el.dataset.live.split(" ").includes(topic)) htmx.trigger(el, "ring");
    }, 700));
  }

  function close() {
    source?.close();
    source = null;
    listening = "";
  }

  function connect() {
    const wanted = topics();
    if (document.hidden || !wanted.length || !window.EventSource) return close();
    if (wanted.join() === listening && source && source.readyState !== EventSource.CLOSED) return;
    const again = listening !== "";
    close();
    listening = wanted.join();
    source = new EventSource("/live/?" + wanted.map((topic) => "topics=" + encodeURIComponent(topic)).join("&"));
    for (const topic of wanted) source.addEventListener(topic.replace(":", "-"), () => ring(topic));
    if (again) return;
  }

  document.addEventListener("visibilitychange", () => {
    const away = !source;
    connect();
    if (!document.hidden && away) for (const el of parts()) htmx.trigger(el, "ring");
  });
  document.addEventListener("htmx:afterSettle", connect);
  addEventListener("pagehide", close);
  addEventListener("pageshow", connect);

  // A refresh nobody asked for never closes what somebody has open or takes the cursor away.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const asked = event.detail.requestConfig || event.detail.triggeringEvent;
    const target = event.detail.target;
    if (document.body.dataset.quiet && target.querySelector("details.menu[open], :focus:is(input, textarea, select)") && asked !== false) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const why = event.detail.triggeringEvent?.type;
    if (!why || why === "ring" || why === "load") event.detail.headers["X-Desk-Quiet"] = "1";
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.headers?.["X-Desk-Quiet"]) document.body.dataset.quiet = "1";
    else delete document.body.dataset.quiet;
  });
})();
