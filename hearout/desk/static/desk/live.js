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
    close();
    listening = wanted.join();
    source = new EventSource("/live/?" + wanted.map((topic) => "topics=" + encodeURIComponent(topic)).join("&"));
    for (const topic of wanted) source.addEventListener(topic.replace(":", "-"), () => ring(topic));
  }

  document.addEventListener("visibilitychange", () => {
    const away = !source;
    connect();
    if (!document.hidden && away) for (const el of parts()) htmx.trigger(el, "ring");
  });
  document.addEventListener("htmx:afterSettle", connect);
  addEventListener("pagehide", close);
  addEventListener("pageshow", connect);

  // A refresh nobody asked for never closes what somebody has open, nor takes the cursor away.
  let quiet = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const config = event.detail.requestConfig;
    quiet = config.verb === "get" && (!config.triggeringEvent || ["ring", "changed"].includes(config.triggeringEvent.type));
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const busy = "details.menu[open], :popover-open, details.why[open], :focus:is(input, textarea, select)";
    const target = event.detail.target;
    if (quiet && (target.matches(":popover-open") || target.querySelector(busy))) event.detail.shouldSwap = false;
  });
})();
