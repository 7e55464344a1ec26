// Keeps the page fresh. Everything can be read and done without it.
//
// The server's stream of events says that something moved; then the page is fetched again and its
// parts marked data-live are exchanged. What the pointer or the keyboard is in stays as it is until
// they leave it, so nothing moves under the mouse: only words inside known rows change.
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const began = Date.now();
  const skew = Date.parse(document.body.dataset.now) - began; // the server's clock, not this one's
  const now = () => Date.now() + skew;
  const el = (id) => document.getElementById(id);

  // Times: those of the installation's clock, as the server wrote them; what is relative is counted down.
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: document.body.dataset.zone });
  const span = (ms) => {
    const s = Math.round(Math.abs(ms) / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60);
    if (s < 60) return s + " s";
    if (m < 10) return m + " min" + (s % 60 ? " " + (s % 60) + " s" : "");
    if (m < 60) return m + " min";
    if (h < 48) return h + " h" + (m % 60 ? " " + (m % 60) + " min" : "");
    return Math.round(h / 24) + " d";
  };
  const { wordNow, wordIn, wordAgo } = document.body.dataset;
  const relative = (ms) => Math.abs(ms) < 1000 ? wordNow : (ms > 0 ? wordIn : wordAgo).replace("{}", span(ms));
  const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const tell = (root) => {
    for (const t of root.querySelectorAll('time[data-time="rel"]')) write(t, relative(Date.parse(t.dateTime) - now()));
  };

  // Exchanging parts.
  const main = el("main"), fresh = el("fresh");
  let waiting = null; // the newest document that is not shown as a whole
  const busy = (part) => part.matches(":hover") || part.contains(document.activeElement);
  const opened = (part) => new Set([...part.querySelectorAll("details")].map((d, i) => (d.open ? i : -1)));
  const exchange = (part, next) => {
    const open = opened(part);
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll("details").forEach((d, i) => { d.open = open.has(i); });
  };
  // words changes what is inside known rows and cards, where their form stays the same.
  const words = (part, next) => {
    let all = part.querySelectorAll("[data-key]").length === next.querySelectorAll("[data-key]").length;
    for (const row of next.querySelectorAll("[data-key]")) {
      const old = part.querySelector('[data-key="' + CSS.escape(row.dataset.key) + '"]');
      if (!old || old.contains(document.activeElement) || old.children.length !== row.children.length) { all = false; continue; }
      for (let i = 0; i < row.children.length; i++) {
        if (old.children[i].outerHTML !== row.children[i].outerHTML && !old.children[i].querySelector("form,details")) {
          old.children[i].replaceWith(row.children[i].cloneNode(true));
        }
      }
    }
    return all && part.querySelectorAll("[data-key]").length > 0;
  };
  const apply = (doc, everything) => {
    let left = false;
    tell(doc);
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = doc.querySelector('[data-live="' + part.dataset.live + '"]');
      if (!next) continue;
      if (next.dataset.poll) part.dataset.poll = "1"; else delete part.dataset.poll;
      if (part.innerHTML === next.innerHTML) continue;
      if (!everything && busy(part)) {
        if (!words(part, next)) left = true;
        continue;
      }
      exchange(part, document.importNode(next, true));
    }
    document.title = doc.title;
    fresh.hidden = !left;
    waiting = left ? doc : null;
  };
  fresh.addEventListener("click", () => { if (waiting) apply(waiting, true); });
  main.addEventListener("pointerleave", () => { if (waiting) apply(waiting, false); });

  const away = () => { if (el("gone")) el("gone").hidden = false; };

  // Fetching.
  let fetching = false, again = false, last = 0, timer = 0, shown = now();
  const every = 1000;
  const refresh = async () => {
    if (document.hidden) { again = true; return; }
    if (fetching) { again = true; return; }
    fetching = true; again = false; last = Date.now();
    try {
      const res = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (res.redirected && new URL(res.url).pathname === document.body.dataset.base + "/login") { away(); return; }
      if (res.status >= 500) throw new Error(res.status);
      if (res.ok) {
        apply(new DOMParser().parseFromString(await res.text(), "text/html"), false);
        shown = now();
      }
    } catch { again = true; /* the stream tells when the server is away */ } finally {
      fetching = false;
      if (again) soon();
    }
  };
  const soon = () => {
    if (timer) return;
    timer = setTimeout(() => { timer = 0; refresh(); }, Math.max(150, last + every - Date.now()));
  };

  // The stream. It is read by hand because a heartbeat, which an EventSource hides, is what tells a
  // quiet stream from a dead one.
  const stale = el("stale"), silence = 40000;
  let position = document.body.dataset.position, pause = 500; // what moved since the page was rendered comes first
  const live = (ok) => {
    if (ok) { stale.hidden = true; pause = 500; return; }
    write(el("stale-since"), clock.format(new Date(shown)));
    stale.hidden = false;
  };
  const listen = async () => {
    const stop = new AbortController();
    let guard = setTimeout(() => stop.abort(), silence);
    try {
      const headers = position ? { "Last-Event-ID": position } : {};
      const res = await fetch(document.body.dataset.base + "/v1/events", { credentials: "same-origin", headers, signal: stop.signal });
      if (res.status === 401 || res.status === 403) { away(); return; }
      if (!res.ok) throw new Error(res.status);
      const wasStale = !stale.hidden;
      live(true);
      if (wasStale) refresh();
      const reader = res.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(guard);
        guard = setTimeout(() => stop.abort(), silence);
        shown = Math.max(shown, fetching || timer ? shown : now());
        rest += value;
        const frames = rest.split("\n\n");
        rest = frames.pop();
        let moved = false;
        for (const frame of frames) {
          const id = /^id: (.*)$/m.exec(frame);
          if (id) position = id[1];
          moved = moved || /^event: /m.test(frame);
        }
        if (moved) soon();
      }
    } catch { /* told below */ } finally { clearTimeout(guard); }
    live(false);
    setTimeout(listen, pause);
    pause = Math.min(pause * 2, 10000);
  };

  // Sending a file: dropped anywhere on its form, and told before it is sent if it is too large.
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const file = form.querySelector('input[type="file"]');
    const measure = () => file.setCustomValidity(file.files[0]?.size > form.dataset.max ? form.dataset.large : "");
    const files = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files");
    file.addEventListener("change", measure);
    for (const name of ["dragenter", "dragover"]) {
      form.addEventListener(name, (e) => { if (files(e)) { e.preventDefault(); form.classList.add("over"); } });
    }
    form.addEventListener("dragleave", (e) => { if (!form.contains(e.relatedTarget)) form.classList.remove("over"); });
    form.addEventListener("drop", (e) => {
      if (!files(e)) return;
      e.preventDefault();
      form.classList.remove("over");
      file.files = e.dataTransfer.files;
      measure();
      file.reportValidity();
    });
  }

  // Copying.
  if (navigator.clipboard) {
    for (const b of document.querySelectorAll("button.copy")) {
      b.hidden = false;
      b.addEventListener("click", async () => {
        await navigator.clipboard.writeText(b.dataset.copy);
        const was = b.firstChild.textContent;
        b.firstChild.textContent = b.dataset.done;
        setTimeout(() => { b.firstChild.textContent = was; }, 1500);
      });
    }
  }

  tell(document);
  setInterval(() => {
    tell(document);
    if (main.querySelector("[data-poll]")) soon();
  }, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) soon(); });
  addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName) && el("q")) {
      e.preventDefault();
      el("q").focus();
    }
  });
  // A page that answers a form would send it again when fetched: it stays as it is.
  if (!document.body.dataset.static && main.querySelector("[data-live]") && el("q")) listen();
})();
