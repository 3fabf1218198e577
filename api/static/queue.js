// The review page: one entry at a time, one key decides and goes on.

import * as api from "./api.js";
import { factsOf, fill } from "./facts.js";
import { markTab, showCounts } from "./frame.js";
import { listen } from "./keys.js";
import { List } from "./list.js";
import { Pictures } from "./pictures.js";
import { Viewer } from "./viewer.js";

const AHEAD = 3; // pictures fetched before they are asked for
const DWELL = 400; // ms
const by = (id) => document.getElementById(id);
const words = by("words").dataset;
const note = by("note");
const filters = by("filters");
const blurButton = document.querySelector('[data-do="blur"]');
const reasonButtons = [...document.querySelectorAll("[data-reason]")];
const pictures = new Pictures();
const details = new Map();
const viewer = new Viewer((atMark) => document.querySelector('[data-do="zoom"]').setAttribute("aria-pressed", atMark));
const list = new List((id) => inTurn(() => select(id)));

let current = null; // id of what is shown
let page = 0;
let last = null; // the last verdict, for "repeat"
let plain = false; // the blur is off for what is shown
let others = []; // who else looks at what
let why = null; // { many } while the reason of a dismissal is chosen
let busy = Promise.resolve(); // key presses are dealt with one after another

// --- showing -------------------------------------------------------------------------------------------------------

function detail(id) {
  if (!details.has(id)) {
    const fetched = api.get(`/hits/${id}`);
    fetched.catch(() => details.delete(id));
    details.set(id, fetched);
  }
  return details.get(id);
}

function keep(item) {
  details.set(item.id, Promise.resolve(item));
  list.update(item);
}

async function select(id) {
  if (id !== current) note.value = ""; // a note belongs to the picture it was typed on
  current = id;
  plain = false;
  showPlain();
  stopAsking();
  list.select(id);
  viewer.clear();
  history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
  const fetchedBefore = details.has(id);
  let item;
  try {
    item = await detail(id);
  } catch (problem) {
    return toast(problem.message, problem.cure);
  }
  if (current !== id) return;
  if (fetchedBefore) refresh(id, item); // what was fetched ahead may have changed, not least the number of those alike
  page = item.findings[0]?.page ?? 0;
  showFacts(item);
  tellSeen(id);
  if (!list.grid) showPicture(item).then(() => viewer.painted).then(() => current === id && fetchAhead(id)); // no key waits for it
}

// Only what is looked at for a moment counts as seen, not what is passed on the way.
function tellSeen(id) {
  clearTimeout(tellSeen.timer);
  tellSeen.timer = setTimeout(async () => {
    if (current === id) showLooking(await api.post(`/hits/${id}/seen`).catch(() => ({ looking: [] })));
  }, DWELL);
}

function showLooking({ looking }) {
  others = looking;
  list.showLooking(others);
  const place = by("facts").querySelector(".looking");
  if (!place) return;
  const names = others.filter((each) => each.id === current).map((each) => each.reviewer);
  place.textContent = names.length ? fill(words.looking, { name: names.join("、") }) : "";
  place.hidden = names.length === 0;
}

async function refresh(id, shown) {
  const fresh = await api.get(`/hits/${id}`).catch(() => shown);
  if (current !== id || (fresh.version === shown.version && fresh.alike === shown.alike)) return;
  keep(fresh);
  showFacts(fresh);
}

function showFacts(item) {
  const light = (number, polygon) => viewer.light(number === null ? null : onPage(item).indexOf(item.findings[number]), polygon);
  by("facts").replaceChildren(factsOf(item, { light, toPage: (wanted) => wanted !== page && turnTo(item, wanted) }));
  by("facts").scrollTop = 0;
  showLooking({ looking: others });
  by("decide").hidden = false;
}

const onPage = (item) => item.findings.filter((finding) => finding.page === page);

async function showPicture(item, stay = false) {
  const pages = Math.max(...item.findings.map((finding) => finding.page), 0) + 1;
  by("pages").hidden = pages < 2;
  by("page-number").textContent = ` ${page + 1} / ${pages} `;
  const asked = `${item.id} ${page} ${plain}`;
  const still = () => `${current} ${page} ${plain}` === asked;
  try {
    const both = await pictures.of(item.id, page, plain);
    if (!still()) return;
    viewer.show(both, onPage(item), stay);
    by("kept").hidden = !both.sharp.kept;
  } catch (problem) {
    if (!still()) return;
    viewer.fail(problem);
    by("kept").hidden = true;
  }
}

function turnTo(item, wanted) {
  const pages = Math.max(...item.findings.map((finding) => finding.page), 0) + 1;
  if (wanted < 0 || wanted >= pages) return;
  page = wanted;
  viewer.clear();
  showPicture(item);
}

function fetchAhead(id) {
  const at = list.index(id);
  for (const next of list.items.slice(at + 1, at + 1 + AHEAD)) {
    detail(next.id)
      .then((item) => pictures.of(item.id, item.findings[0]?.page ?? 0))
      .catch(() => {}); // told when it is looked at
  }
}

async function showNothing() {
  current = null;
  viewer.clear();
  by("stage").classList.remove("waiting");
  by("decide").hidden = true;
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  const counts = await api.get("/counts");
  showCounts(counts);
  const empty = document.createElement("p");
  empty.className = "empty";
  const filtered = givenFilters().length > 0;
  const unread = counts.not_fully_read ? fill(words.emptyUnread, { count: counts.not_fully_read }) : "";
  empty.textContent = filtered ? words.noMatch : [words.empty, unread, counts.ending_text].filter(Boolean).join(" ");
  by("facts").replaceChildren(empty);
}

function toast(text, more = "") {
  const box = by("toast");
  box.textContent = more ? `${text} ${more}` : text;
  box.classList.remove("gone");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.add("gone"), 6000);
}

// --- moving --------------------------------------------------------------------------------------------------------

async function move(step, wanted = () => true) {
  let at = list.index(current) + step;
  if (Math.abs(step) > 1) at = Math.max(0, Math.min(at, list.items.length - 1)); // up and down in the grid
  while (true) {
    if (at >= list.items.length && !list.ended) await list.more();
    const item = list.items[at];
    if (!item) break;
    if (wanted(item)) return select(item.id);
    at += step;
  }
  return null;
}

function stillOpen(item) {
  const state = wanted().get("state") ?? "new";
  return state === "all" || state === "decided" || item.state === state;
}

// On to the next entry that still needs somebody; after the end, to one that was passed over.
async function goOn() {
  const state = wanted().get("state") ?? "new";
  if ((await move(1, stillOpen)) !== null) return;
  const passedOver = () => list.items.find((item) => stillOpen(item) && item.id !== current);
  if (!passedOver()) await list.freshen();
  const left = passedOver();
  if (left && state !== "all" && state !== "decided") await select(left.id);
  else if (state === "new" || state === "unsure") await showNothing();
  else toast(words.end);
}

// What a running scan has found since the list was fetched. Where nothing was left to look at, it is shown at once.
let counted = "";
async function takeIn(counts) {
  const { new: waiting, unsure, confirmed, dismissed } = counts;
  const now = [waiting, unsure, confirmed, dismissed].join();
  if (now === counted) return;
  counted = now;
  await list.freshen().catch(() => (counted = "")); // the next look tries again
  const first = () => list.items.find(stillOpen);
  if (!current && first()) await inTurn(() => (current || !first() ? null : select(first().id)));
}

// --- deciding ------------------------------------------------------------------------------------------------------

const DONE = { confirm: words.confirmed, dismiss: words.dismissed, unsure: words.unsure };

async function decide(verdict, many) {
  if (!current) return;
  const id = current;
  const item = await detail(id);
  const picked = list.picked;
  const body = { ...verdict, note: note.value };
  const asked = picked.length
    ? api.post("/verdicts", { ...body, picks: picked.map((each) => ({ id: each.id, version: each.version })) })
    : api.post(`/hits/${id}/verdicts`, { ...body, version: item.version, ...(many ? { alike: item.alike } : {}) });
  asked.catch(() => {}); // dealt with below
  note.value = "";
  // The next picture is shown while the decision is on its way; where it is refused, the eyes are brought back.
  const ahead = picked.length || many ? null : list.items.slice(list.index(id) + 1).find(stillOpen);
  if (ahead) await select(ahead.id);
  try {
    const result = await asked;
    last = verdict;
    list.pickOnly([]);
    showPicked();
    taken(result);
    const what = DONE[verdict.decision];
    toast(result.items.length > 1 ? fill(words.many, { count: result.items.length, what }) : what);
    if (!ahead) await goOn();
  } catch (problem) {
    const back = problem.item?.id ?? id;
    if (problem.item) keep(problem.item);
    if (back !== current) await select(back);
    else if (problem.item) showFacts(problem.item);
    note.value ||= body.note;
    toast(problem.message, problem.cure);
  }
}

// Keeps what came back: each picture that was decided or undone, as it is now.
function taken(result) {
  showCounts(result.counts);
  for (const item of result.items) {
    details.delete(item.id);
    list.update(item);
  }
}

async function undo() {
  try {
    const result = await api.post("/undo");
    taken(result);
    const [first] = result.items;
    if (list.index(first.id) < 0) list.add(first, Math.max(list.index(current), 0));
    toast(result.items.length > 1 ? fill(words.undoneMany, { count: result.items.length }) : words.undone);
    await select(first.id);
  } catch (problem) {
    toast(problem.message, problem.cure);
  }
}

async function askWhy(many) {
  if (!current) return;
  const item = await detail(current);
  const count = list.picked.length || (many ? item.alike + 1 : 1);
  why = { many };
  by("why-many").textContent = count > 1 ? fill(words.forAll, { count }) : "";
  by("choose").hidden = true;
  by("why").hidden = false;
}

function stopAsking() {
  why = null;
  by("choose").hidden = false;
  by("why").hidden = true;
}

function chooseReason(number) {
  const reason = reasonButtons[number - 1]?.dataset.reason;
  if (!reason) return null;
  const { many } = why;
  stopAsking();
  return decide({ decision: "dismiss", reason }, many);
}

// --- acting --------------------------------------------------------------------------------------------------------

function showPicked() {
  const count = list.picked.length;
  by("decide").dataset.picked = count ? fill(words.picked, { count }) : "";
}

const ACTIONS = {
  confirm: ({ many }) => decide({ decision: "confirm" }, many),
  unsure: ({ many }) => decide({ decision: "unsure" }, many),
  dismiss: ({ many }) => askWhy(many),
  repeat: ({ many }) => (last ? decide(last, many) : toast(words.nothingToRepeat)),
  undo,
  next: ({ many }) => (many ? pickAndMove(1) : move(1)),
  previous: ({ many }) => (many ? pickAndMove(-1) : move(-1)),
  up: ({ many }) => (many ? pickAndMove(-1) : move(list.grid ? -list.columns : -1)),
  down: ({ many }) => (many ? pickAndMove(1) : move(list.grid ? list.columns : 1)),
  pick: () => pickAndMove(1),
  all: () => {
    list.pickOnly(list.picked.length ? [] : list.items);
    showPicked();
  },
  lookalikes: async () => {
    if (!current) return;
    const { items } = await api.get(`/hits/${current}/group`);
    list.pickOnly(items.filter((item) => item.id === current || item.state === "new"));
    showPicked();
  },
  grid: () => setGrid(!list.grid),
  zoom: () => viewer.toggle(),
  closer: () => viewer.zoom(1 / 1.4),
  farther: () => viewer.zoom(1.4),
  "page-back": async () => current && turnTo(await detail(current), page - 1),
  "page-on": async () => current && turnTo(await detail(current), page + 1),
  blur: toggleBlur,
  retry: async () => {
    if (!current) return;
    pictures.forget(current);
    viewer.clear();
    showPicture(await detail(current));
  },
  cancel: () => {
    list.pickOnly([]);
    showPicked();
  },
};

// What follows these is typed into a field or read: they cannot wait.
const AT_ONCE = {
  note: () => note.focus(),
  search: () => filters.elements.text.focus(),
  help: () => by("help").showModal(),
};

function pickAndMove(step) {
  const item = list.items[list.index(current)];
  if (item) list.pick(item);
  showPicked();
  return move(step);
}

// Taking the blur off is on record before anything is shown. It is on again with the next picture.
async function toggleBlur() {
  if (!current || !blurButton) return;
  const item = await detail(current);
  if (!plain) await api.post(`/hits/${current}/reveal`);
  plain = !plain;
  showPlain();
  await showPicture(item, true);
}

function showPlain() {
  blurButton?.setAttribute("aria-pressed", plain);
}

// One picture, or the marks of many side by side; it stands in the address.
async function setGrid(on) {
  by("work").classList.toggle("grid", on);
  document.querySelector('[data-do="grid"]').setAttribute("aria-pressed", on);
  list.setGrid(on);
  const here = new URL(location.href);
  if (on) here.searchParams.set("view", "grid");
  else here.searchParams.delete("view");
  history.replaceState(null, "", here);
  if (!current) return;
  list.select(current);
  if (on) return;
  viewer.clear();
  showPicture(await detail(current)).then(() => fetchAhead(current));
}

function inTurn(action) {
  busy = busy.then(action).catch((problem) => toast(problem.message, problem.cure));
  return busy;
}

// A key means what it means when its turn comes: a fast "2 1" is a dismissal with its first reason, never a
// confirmation of the next picture.
function act(name, { many = false, digit = 0 } = {}) {
  if (AT_ONCE[name] && !why) return AT_ONCE[name]();
  return inTurn(() => {
    if (!why) return ACTIONS[name]?.({ many });
    if (name === "cancel") return stopAsking();
    return digit ? chooseReason(digit) : null;
  });
}

// --- filters, which live in the address ----------------------------------------------------------------------------

function wanted() {
  const given = new URL(location.href).searchParams;
  return new URLSearchParams([...given].filter(([, value]) => value));
}

const givenFilters = () => [...wanted().keys()].filter((name) => !["state", "view"].includes(name));

async function load(asked) {
  const given = wanted();
  for (const field of filters.elements) {
    if (field.type === "checkbox") field.checked = given.get(field.name) === field.value;
    else if (field.name) field.value = given.get(field.name) ?? "";
  }
  const names = givenFilters();
  document.querySelector('[data-do="clear"]').hidden = names.length === 0;
  const inside = names.filter((name) => by("more").contains(filters.elements[name])).length;
  by("more-count").textContent = inside;
  by("more-count").hidden = inside === 0;
  if ((given.get("view") === "grid") !== list.grid) await setGrid(!list.grid);
  markTab(given.get("state") ?? "new");
  await list.reset(given);
  const first = asked || list.items[0]?.id;
  if (!first) return showNothing();
  await select(first);
}

function narrow() {
  const query = new URLSearchParams({ state: wanted().get("state") ?? "new" });
  if (list.grid) query.set("view", "grid");
  for (const [name, value] of new FormData(filters)) if (value.trim()) query.set(name, value.trim());
  history.pushState(null, "", `/?${query}`);
  details.clear();
  return inTurn(() => load(""));
}

filters.addEventListener("change", narrow);
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  document.activeElement.blur(); // the next keys are decisions again
  narrow();
});
filters.addEventListener("reset", () => setTimeout(narrow));
addEventListener("popstate", () => {
  const asked = location.hash.slice(1);
  inTurn(() => load(asked));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) act(button.dataset.do, { many: event.shiftKey });
});
reasonButtons.forEach((button, at) => button.addEventListener("click", () => inTurn(() => why && chooseReason(at + 1))));
by("more").addEventListener("toggle", async () => {
  if (!by("more").open || by("folders").children.length) return;
  const { folders } = await api.get("/folders");
  by("folders").replaceChildren(...folders.map((folder) => new Option(folder, folder)));
});
addEventListener("imgscan-tick", async (event) => {
  showLooking(await api.get("/looking", true).catch(() => ({ looking: [] })));
  await takeIn(event.detail);
});
listen(act);
const linked = location.hash.slice(1);
inTurn(() => load(linked));
