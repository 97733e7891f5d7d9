/* Only improves pages that work without it. Hooks are data- attributes; docs/look.md lists them. */
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Errors: the summary is read out first; its links bring the field's label into view, not only the field.
  const focusErrors = (from) => from.querySelector("[data-focus]")?.focus();
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".errors a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field, .fieldset") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });

  // Theme: the same form the server takes, without a reload.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-switch]");
    const button = event.submitter;
    if (!form || !button) return;
    event.preventDefault();
    if (button.value) root.dataset.theme = button.value;
    else delete root.dataset.theme;
    document.querySelector("meta[name='color-scheme']")?.setAttribute("content", button.value || "light dark");
    for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual", credentials: "same-origin" }).catch(() => {});
  });

  // Menus: one open at a time; Escape and a click outside close them.
  document.addEventListener("click", (event) => {
    for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details[data-menu][open]")) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  });

  // Dialogs: a button or link names one; focus goes back to it by itself.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement && event.target.matches("[data-light]")) event.target.close();
    if (event.target.closest("[data-print]")) window.print();
  });

  // "None of these" and the rest exclude each other; the server holds the rule too.
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches?.("[data-autosubmit]")) box.form.requestSubmit();
    if (box.type !== "checkbox" || !box.checked || !box.closest(".choices")) return;
    const alone = "exclusive" in box.dataset;
    for (const other of all("input[type=checkbox]", box.closest(".choices")))
      if (other !== box && (alone || "exclusive" in other.dataset)) other.checked = false;
  });

  // A form sent twice by an impatient thumb is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    if (form.hasAttribute("data-keep-scroll")) sessionStorage.setItem("scroll", location.pathname + " " + scrollY);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of all("form[data-sent]")) delete form.dataset.sent;
  });

  // Back to where the reader was after a POST that leads to the same page.
  const restoreScroll = () => {
    const [path, at] = (sessionStorage.getItem("scroll") ?? "").split(" ");
    sessionStorage.removeItem("scroll");
    if (path === location.pathname && !document.querySelector("[data-focus]")) scrollTo(0, Number(at));
  };

  // A kept time: said once two minutes before its end, and once after. The server judges; this only speaks.
  const watch = (bar) => {
    const say = (name) => {
      const words = bar.querySelector(`template[data-hold-${name}]`)?.content.textContent.trim() ?? "";
      bar.querySelector("[data-hold-said]").textContent = words;
      bar.classList.add("is-ending");
      const kept = bar.querySelector("[data-hold-kept]");
      if (name === "over") kept.textContent = words;
    };
    const ends = Date.parse(bar.dataset.expires);
    if (Number.isNaN(ends) || bar.dataset.watched) return;
    bar.dataset.watched = "1";
    const at = (time, name) => setTimeout(() => bar.isConnected && say(name), Math.max(0, time - Date.now()));
    if (ends > Date.now()) at(ends - 120000, "soon");
    at(ends, "over");
  };

  // A time of the clinic on the reader's own clock, where the two differ.
  const own = (line) => {
    const at = new Date(line.dataset.ownTime);
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(line.dataset.ownTime) ?? [];
    if (!sign || -at.getTimezoneOffset() === Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes))) return;
    const shape = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    line.querySelector("[data-own-clock]").textContent = at.toLocaleString(`${root.lang}-u-nu-latn`, shape);
    line.hidden = false;
  };

  // Toasts stay ten seconds, longer while the pointer or focus is on them.
  const fade = (toast) => {
    if (toast.dataset.fading) return;
    toast.dataset.fading = "1";
    const tick = () => (toast.matches(":hover, :focus-within") ? setTimeout(tick, 4000) : toast.remove());
    setTimeout(tick, Number(toast.dataset.stay ?? 10) * 1000);
  };

  const prepare = (from) => {
    all("[data-expires]", from).forEach(watch);
    all("[data-own-time]", from).forEach(own);
    all("[data-toast]", from).forEach(fade);
    all("[data-scroll-end]", from).forEach((list) => (list.scrollTop = list.scrollHeight));
    focusErrors(from);
  };
  // A page that answered a POST with errors becomes an ordinary page of the history: Back comes here without being
  // asked to send the form again, and what the server keeps is shown.
  if (document.querySelector(".errors[data-focus]")) history.replaceState(history.state, "", location.href);
  prepare(document);
  restoreScroll();
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement ?? document));
})();
