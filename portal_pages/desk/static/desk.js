"use strict";
// Comfort only: every page works without. Live fragments, upload progress, copy buttons.
(() => {
  const isBusy = (element) => {
    const active = document.activeElement;
    return element.contains(active) && active.matches("input, select, textarea, summary, a, button");
  };

  const show = (element, html) => {
    const open = new Set([...element.querySelectorAll("details[open][id]")].map((each) => each.id));
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    for (const each of fresh.content.querySelectorAll("details[id]")) each.open = open.has(each.id) || each.open;
    element.replaceChildren(fresh.content);
    if (window.htmx) window.htmx.process(element);
  };

  const follow = (element) => {
    let stream = null;
    let waiting = null;
    const begin = () => {
      stream = new EventSource(element.dataset.live);
      stream.onmessage = (event) => {
        element.classList.remove("old");
        if (isBusy(element)) { waiting = event.data; return; }
        waiting = null;
        show(element, event.data);
      };
      stream.onerror = () => {
        element.classList.add("old");
        if (stream.readyState === EventSource.CLOSED) setTimeout(begin, 5000);
      };
    };
    element.addEventListener("focusout", () => setTimeout(() => {
      if (waiting !== null && !isBusy(element)) { show(element, waiting); waiting = null; }
    }, 0));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) stream.close(); else if (stream.readyState === EventSource.CLOSED) begin();
    });
    begin();
  };
  if (window.EventSource) document.querySelectorAll("[data-live]").forEach(follow);

  document.querySelectorAll("form[data-progress]").forEach((form) => form.addEventListener("submit", (event) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((each) => [...each.files]);
    if (files.reduce((sum, file) => sum + file.size, 0) < 1000000) return;
    event.preventDefault();
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", form.dataset.progress || "");
    form.append(bar);
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    const sending = new XMLHttpRequest();
    sending.open("POST", form.action);
    sending.upload.onprogress = (progress) => { if (progress.lengthComputable) bar.value = progress.loaded / progress.total; };
    sending.onload = () => {
      history.replaceState(null, "", sending.responseURL);
      document.open(); document.write(sending.responseText); document.close();
    };
    sending.onerror = () => { bar.remove(); form.querySelectorAll("button").forEach((button) => { button.disabled = false; }); };
    sending.send(new FormData(form));
  }));

  document.querySelectorAll("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
    });
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  // after a change of the settings the gateway starts anew: look until it is back, then show the page
  const waits = document.querySelector("[data-until-back]");
  if (waits) {
    const look = async () => {
      try {
        const answer = await fetch("/healthz", { cache: "no-store" });
        if (answer.ok) { window.location.replace(waits.dataset.untilBack); return; }
      } catch (error) { /* not yet */ }
      setTimeout(look, 700);
    };
    setTimeout(look, 1500);
  }
})();
