// What every page has: live counts, the current tab, the language link, and the lock.

import * as api from "./api.js";

const EVERY = 20_000; // ms between looks at the counts
const session = document.getElementById("session");
const idle = Number(session.dataset.idle) * 1000;
let lastKey = Date.now();
let lastWord = Date.now();

export function showCounts(counts) {
  const shown = {
    new: counts.new,
    unsure: counts.unsure,
    decided: counts.confirmed + counts.dismissed,
    all: counts.new + counts.unsure + counts.confirmed + counts.dismissed,
    unread: counts.not_fully_read,
  };
  for (const [name, count] of Object.entries(shown)) {
    const place = document.querySelector(`[data-count="${name}"]`);
    if (place && count !== undefined) place.textContent = count;
  }
  if (!("ending" in counts)) return;
  for (const badge of document.querySelectorAll("[data-ending]")) {
    badge.hidden = badge.dataset.ending !== counts.ending;
    badge.title = counts.ending_text;
  }
  showLost(counts.lost);
}

function showLost(lost) {
  const notice = document.getElementById("lost");
  notice.hidden = !lost;
  const text = lost?.text ?? "";
  if (notice.firstElementChild.textContent !== text) notice.firstElementChild.textContent = text; // said once aloud
  notice.querySelector("button").dataset.lost = lost?.row ?? "";
}

export function markTab(name) {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.dataset.tab === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

export async function lock() {
  await api.post("/sign-out");
  location.reload();
}

async function tick() {
  const now = Date.now();
  if (now - lastKey > idle) return lock();
  const somebodyThere = lastKey > lastWord;
  lastWord = now;
  try {
    const counts = await api.get("/counts", !somebodyThere);
    showCounts(counts);
    dispatchEvent(new CustomEvent("imgscan-tick", { detail: counts }));
  } catch {
    // The server is gone; the next key press says so.
  }
}

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  addEventListener(kind, () => (lastKey = Date.now()), { passive: true, capture: true });
}
document.addEventListener("click", async (event) => {
  const name = event.target.closest("[data-become]")?.dataset.become;
  if (name === undefined) return;
  await api.post("/who", { reviewer: name });
  location.reload();
});
document.querySelector("[data-lost]").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  try {
    showCounts(await api.post("/lost/seen-to", { row: Number(button.dataset.lost) }));
  } catch {
    location.reload(); // somebody else took it away, or a newer one stands
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.code === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});
setInterval(tick, Math.min(EVERY, Math.max(1000, idle / 4)));
document.querySelector('[data-do="lock"]').addEventListener("click", lock);
document.querySelector("[data-language]").addEventListener("click", (event) => {
  const here = new URL(location.href);
  here.searchParams.set("lang", new URL(event.currentTarget.href).searchParams.get("lang"));
  event.currentTarget.href = here.href;
});
const address = new URL(location.href);
address.searchParams.delete("lang"); // it is in a cookie by now
history.replaceState(null, "", address);
markTab(location.pathname === "/" ? address.searchParams.get("state") ?? "new" : location.pathname.slice(1));
