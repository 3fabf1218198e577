// The scan page: folders by opaque id, live counts, pause and go on.

import * as api from "./api.js";
import { showCounts } from "./frame.js";

const SOON = 1000; // ms between looks while a scan runs
const LATER = 5000;
const at = (name) => document.querySelector(`[data-scan="${name}"]`);
const told = document.getElementById("scan-words").dataset;
const words = document.getElementById("words").dataset;
const form = document.getElementById("start");
let chosen = null;
let timer = 0;
let wasBusy = false;
let counted = null;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function copyOf(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function show(scan) {
  const busy = ["running", "pausing", "elsewhere"].includes(scan.state);
  const panel = document.getElementById("running");
  if ("onlyBusy" in panel.dataset && wasBusy && !busy) return location.reload(); // the counts around it are final now
  wasBusy = busy;
  panel.hidden = !busy && ("onlyBusy" in panel.dataset || (scan.state === "idle" && !scan.done));
  at("state").textContent = scan.state_text;
  at("folder").textContent = scan.folder_text;
  at("done").textContent = scan.done;
  at("total").textContent = !busy ? told.files : scan.total === null ? told.counting : fill(told.of, { count: scan.total });
  at("rate").textContent = busy && scan.rate !== null ? `· ${fill(told.rate, { rate: scan.rate.toFixed(1) })}` : "";
  at("left").textContent = busy && scan.left_text ? `· ${scan.left_text}` : "";
  at("hits").textContent = scan.hits;
  at("unread").textContent = scan.not_fully_read;
  const bar = at("bar");
  bar.hidden = !busy;
  if (scan.total) {
    bar.max = scan.total;
    bar.value = scan.done;
  } else if (busy) bar.removeAttribute("value");
  at("files").hidden = at("found").hidden = !scan.began; // nothing of it is in the store yet
  at("ours").hidden = !scan.ours_text;
  at("ours").textContent = scan.ours_text;
  const said = at("said");
  said.hidden = !scan.said;
  said.textContent = scan.said;
  document.querySelector('[data-scan-do="pause"]').hidden = scan.state !== "running";
  document.querySelector('[data-scan-do="go-on"]').hidden = scan.state !== "paused" && scan.state !== "failed";
  if (form) form.querySelector("fieldset").disabled = busy;
  if (form) form.querySelector('[type="submit"]').disabled = busy || !chosen;
  showFirst(scan.first);
  followCounts(`${scan.hits} ${scan.not_fully_read}`);
  clearTimeout(timer);
  timer = setTimeout(look, busy ? SOON : LATER);
}

// The numbers in the tabs go with those of the scan, lest they contradict them until their next look.
async function followCounts(now) {
  const before = counted;
  counted = now;
  if (before === null || before === now) return;
  const counts = await api.get("/counts", true).catch(() => null); // the next look tells them
  if (counts) showCounts(counts);
}

function showFirst(hits) {
  at("first-part").hidden = !hits.length;
  const list = at("first");
  list.replaceChildren(
    ...hits.map((hit) => {
      const row = copyOf("t-first");
      row.querySelector("a").href = `/#${hit.id}`;
      row.querySelector(".severity").textContent = hit.severity_text;
      row.querySelector(".severity").classList.add(hit.severity);
      row.querySelector(".mark").textContent = hit.text;
      row.querySelector(".level").textContent = hit.level_text;
      return row;
    }),
  );
}

async function look() {
  try {
    show(await api.get("/scan", true));
  } catch (problem) {
    at("state").textContent = problem.message;
    timer = setTimeout(look, LATER);
  }
}

async function act(path, body) {
  const trouble = document.getElementById("trouble") ?? at("said");
  try {
    trouble.hidden = true;
    show(await api.post(path, body));
  } catch (problem) {
    trouble.hidden = false;
    trouble.textContent = `${problem.message} ${problem.cure}`;
  }
}

for (const button of document.querySelectorAll("[data-scan-do]")) {
  button.addEventListener("click", () => act(`/scan/${button.dataset.scanDo}`));
}

async function open(id) {
  let listing;
  try {
    listing = await api.get(id ? `/scan/folders?inside=${id}` : "/scan/folders");
  } catch (problem) {
    const trouble = document.getElementById("trouble");
    trouble.hidden = false;
    trouble.textContent = `${problem.message} ${problem.cure}`;
    if (id) open(null);
    return;
  }
  chosen = listing.inside;
  const way = [{ id: null, name: words.roots }, ...listing.above, ...(listing.inside ? [listing.inside] : [])];
  document.getElementById("crumbs").replaceChildren(...way.map((step, n) => crumb(step, n === way.length - 1)));
  document.getElementById("folders").replaceChildren(...listing.folders.map(row));
  document.getElementById("no-folders").hidden = listing.folders.length > 0;
  const more = document.getElementById("more-folders");
  more.hidden = !listing.more;
  more.textContent = fill(words.more, { count: listing.more });
  const button = form.querySelector('[type="submit"]');
  button.disabled = !chosen;
  if (chosen) button.textContent = fill(button.dataset.label, { folder: chosen.name });
}

function crumb(step, last) {
  const button = copyOf("t-crumb");
  button.textContent = step.name;
  if (last) button.setAttribute("aria-current", "location");
  button.addEventListener("click", () => open(step.id));
  return button;
}

function row(folder) {
  const line = copyOf("t-folder");
  const button = line.querySelector("button");
  button.textContent = folder.name;
  button.addEventListener("click", () => open(folder.id));
  return line;
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!chosen) return;
    const given = Object.fromEntries(new FormData(form));
    act("/scan", { folder: chosen.id, ...given });
  });
  open(null);
}
look();
