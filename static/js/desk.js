/* The desk's keys, its side panel, and the day kept fresh. Every page works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 1024px)");
  const panel = document.getElementById("panel");
  const saved = (name, value) => {
    try {
      return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value);
    } catch {
      return null;
    }
  };
  root.dataset.scripts = "on";

  // Refusals carry a page part that says what to do: show it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    // Signed out meanwhile: the whole page has to say so, not a part of it.
    if (event.detail.xhr.responseURL.includes("/staff/sign-in/")) {
      event.detail.shouldSwap = false;
      location.reload();
    } else if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // A visit opens beside the day where there is room for both.
  let opener = null;
  let opening = false;
  const open = (link) => {
    [opener, opening] = [link.id, true];
    htmx.ajax("GET", link.href, { target: "#panel", swap: "innerHTML" });
  };
  // The focus comes only when the panel's own buttons work; one that was replaced under the focus gets it back.
  document.addEventListener("htmx:afterSettle", (event) => {
    const visit = document.getElementById("visit");
    const opened = opening && event.detail.target === panel;
    if (!visit || (!opened && document.activeElement !== document.body)) return;
    if (opened) opening = false;
    const first = opened ? null : visit.querySelector("[data-focus], [autofocus]");
    (first ?? document.getElementById("visit-title"))?.focus({ preventScroll: true });
  });
  const close = () => {
    if (!panel?.firstElementChild) return false;
    panel.replaceChildren();
    document.getElementById(opener)?.focus({ preventScroll: true });
    return true;
  };
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-panel]");
    if (link && panel && wide.matches) {
      event.preventDefault();
      open(link);
    }
    if (event.target.closest("[data-panel-close]") && panel?.firstElementChild) {
      event.preventDefault();
      close();
    }
    const gap = event.target.closest(".gap a");
    if (gap && event.detail) quarter(event, gap);
  });

  // A click in the lower half of a free half hour means its second quarter.
  const quarter = (event, gap) => {
    const box = gap.getBoundingClientRect();
    const url = new URL(gap.href);
    const [hour, minute] = url.searchParams.get("time").split(":").map(Number);
    if (box.height < 40 || event.clientY - box.top < box.height / 2 || minute % 30) return;
    url.searchParams.set("time", `${String(hour).padStart(2, "0")}:${String(minute + 15).padStart(2, "0")}`);
    event.preventDefault();
    location.assign(url);
  };

  // The drop-down under the search field.
  const found = document.getElementById("desk-found");
  document.addEventListener("click", (event) => {
    if (found && !event.target.closest(".desk-search")) found.replaceChildren();
  });
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const box = event.target.closest(".desk-search, #who");
    const rows = box ? [...box.querySelectorAll(":is(a, button).found-row")] : [];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (rows[at] ?? (at < 0 ? box.querySelector("input[type=search]") : rows.at(-1)))?.focus();
  });

  // Keys: a control says its own in data-key. Off while typing, and by the switch in the list of keys.
  const keysOn = () => saved("desk-keys") !== "off";
  const typing = (el) => el.isContentEditable || el.matches("input:not([type=checkbox], [type=radio]), textarea, select");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return escape(event);
    if (!keysOn() || typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const wanted = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("[type=radio]")) wanted.click();
    if (wanted.matches("input")) wanted.focus();
    else wanted.click();
  });
  const escape = (event) => {
    if (document.querySelector("dialog[open], details[data-menu][open]")) return;
    if (found?.firstElementChild) {
      found.replaceChildren();
      document.getElementById("desk-q")?.focus();
      return event.preventDefault();
    }
    if (close()) event.preventDefault();
    else if (typing(document.activeElement)) document.activeElement.blur();
  };
  const keySwitch = document.querySelector("[data-keys-switch]");
  if (keySwitch) {
    keySwitch.checked = keysOn();
    keySwitch.addEventListener("change", () => saved("desk-keys", keySwitch.checked ? "on" : "off"));
  }

  // One toast at a time: what an older one would take back is no longer the last thing done.
  document.addEventListener("htmx:oobAfterSwap", () => {
    for (const old of [...document.querySelectorAll(".toast")].slice(0, -1)) old.remove();
  });

  // The day stays where it was looked at; it begins at the present.
  const spot = () => document.querySelector(".day-scroll");
  const toNow = () => {
    const line = document.querySelector(".day-col .now");
    if (spot() && line) spot().scrollTop = Math.max(0, line.offsetTop - spot().clientHeight / 3);
  };
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "board" && spot()) kept = [spot().scrollTop, spot().scrollLeft];
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (kept && spot()) [spot().scrollTop, spot().scrollLeft] = kept;
    kept = null;
  });
  toNow();

  // When nothing comes any more, say so once; and once when it does again.
  let stopped = false;
  const live = document.getElementById("live");
  const say = (name) => {
    const board = document.getElementById("board");
    if (live && board) live.textContent = board.dataset[name] ?? "";
  };
  for (const name of ["htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, (event) => {
      if (event.detail.elt?.id !== "board" || stopped) return;
      stopped = true;
      say("stopped");
    });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!stopped || event.detail.elt?.id !== "board" || !event.detail.successful) return;
    stopped = false;
    say("back");
  });
})();
