// The composer. The server keeps the draft and counts as the network counts; this only says when.
(() => {
  const form = () => document.getElementById("composer");
  let unsaved = false;

  // A note lies inside the composer on the page, but is no part of the draft.
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => {
    if (event.target.closest("#composer") && event.target.form?.id !== "composer") event.stopPropagation();
  }, true);

  document.addEventListener("input", (event) => {
    const own = event.target.closest("#composer");
    if (!own || event.target.form !== own) return;
    unsaved = true;
    // Who begins to write has read the thread as it stands now; what comes later must stop the reply.
    const thread = document.getElementById("case-thread");
    if (event.target.name === "text" && !own.dataset.begun) {
      own.dataset.begun = "yes";
      if (!event.target.defaultValue) own.elements.seen_version.value = thread.dataset.version;
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const from = event.detail.elt;
    if (["counter", "composer"].includes(from.id) && event.detail.successful) unsaved = false;
    if (from.id === "note-form" && event.detail.successful) {
      const note = document.getElementById("note-text");
      note.value = "";
      note.closest("details").open = false;
    }
  });

  // What was typed in the last half second is kept even when the page goes away.
  addEventListener("pagehide", () => {
    const own = form(), counter = document.getElementById("counter");
    if (!unsaved || !own || !counter) return;
    const form = new FormData(own);
    form.append("leaving", "yes");
    navigator.sendBeacon(counter.getAttribute("hx-post"), form);
  });

  document.addEventListener("click", (event) => {
    const answer = event.target.closest("[data-answers]");
    const own = form();
    if (!answer || !own) return;
    const target = own.elements.target;
    const isPrivate = !!answer.closest(".private");
    const act = own.querySelector(`[name=act][value=${isPrivate ? "private_message" : "public_reply"}]`);
    if (act) act.checked = true;
    if (target && !isPrivate) target.value = answer.dataset.answers;
    own.elements.text.focus();
  });

  // Open at what is new: the end of the thread.
  function toTheEnd(root) {
    const thread = (root || document).querySelector?.("#case-thread");
    if (thread && !location.hash) thread.scrollTop = thread.scrollHeight;
  }
  let atEnd = true, kept = 0;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const old = event.detail.target;
    if (old.id !== "case-thread") return;
    kept = old.scrollTop;
    atEnd = old.scrollHeight - old.clientHeight - old.scrollTop < 60;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const now = document.getElementById("case-thread");
    if (!now || event.detail.target.id !== "case-thread") return;
    now.scrollTop = atEnd ? now.scrollHeight : kept;
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "pane") { unsaved = false; toTheEnd(event.detail.target); } });
  toTheEnd();
})();
