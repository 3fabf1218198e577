// The list on the left: entries worst first, fetched page by page as they are needed.

import * as api from "./api.js";
import { fill } from "./facts.js";

const PAGE = 50;
const words = document.getElementById("words").dataset;
const STATES = { new: ["new"], unsure: ["unsure"], decided: ["confirmed", "dismissed"], all: [] };

export class List {
  #box = document.getElementById("list");
  #row = document.getElementById("t-row").content;
  #cursor = null;
  #ended = false;
  #loading = null;
  #turn = 0;
  #picks = new Map(); // id -> item, also of what is not listed
  #crops = new IntersectionObserver((seen) => seen.forEach((each) => each.isIntersecting && this.#crop(each.target)), {
    rootMargin: "300px",
  });
  items = [];
  grid = false;

  constructor(onClick) {
    this.onClick = onClick;
    new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.items.length && this.more(), {
      rootMargin: "400px",
    }).observe(document.getElementById("list-end"));
  }

  // Starts anew with other filters (a URLSearchParams).
  async reset(filters) {
    this.#turn += 1;
    this.#query = new URLSearchParams();
    for (const [name, value] of filters) if (!["state", "view"].includes(name) && value) this.#query.append(name, value);
    for (const state of STATES[filters.get("state") ?? "new"] ?? []) this.#query.append("state", state);
    this.#query.set("limit", PAGE);
    this.items = [];
    this.#picks.clear();
    this.#crops.disconnect();
    for (const image of this.#box.querySelectorAll("img[src]")) URL.revokeObjectURL(image.src);
    this.#cursor = null;
    this.#ended = false;
    this.#loading = null;
    this.#box.replaceChildren();
    await this.more();
  }
  #query = new URLSearchParams();

  // Fetches the next page; at the end nothing happens.
  more() {
    if (this.#ended) return Promise.resolve();
    this.#loading ??= this.#fetch().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #fetch() {
    const turn = this.#turn;
    const query = new URLSearchParams(this.#query);
    if (this.#cursor) query.set("cursor", this.#cursor);
    const page = await api.get(`/hits?${query}`);
    if (turn !== this.#turn) return;
    this.#cursor = page.next;
    this.#ended = page.next === null;
    for (const item of page.items) this.add(item);
  }

  // Puts in what a scan has found since, each where it belongs; what is passed by lies behind the first page.
  async freshen() {
    const turn = this.#turn;
    const page = await api.get(`/hits?${this.#query}`, true);
    if (turn !== this.#turn) return;
    let at = 0;
    for (const item of page.items) {
      if (this.index(item.id) < 0) this.add(item, at);
      at = this.index(item.id) + 1;
    }
  }

  get ended() {
    return this.#ended;
  }

  index(id) {
    return this.items.findIndex((item) => item.id === id);
  }

  add(item, at = this.items.length) {
    const known = this.index(item.id);
    if (known >= 0) return this.update(item);
    const row = this.#row.cloneNode(true).firstElementChild;
    row.querySelector("button").addEventListener("click", () => this.onClick(item.id));
    this.#box.insertBefore(row, this.#box.children[at] ?? null);
    this.items.splice(at, 0, item);
    this.#paint(row, item);
    if (this.grid) this.#crops.observe(row);
  }

  update(item) {
    const at = this.index(item.id);
    if (at < 0) return;
    this.items[at] = item;
    if (this.#picks.has(item.id)) this.#picks.set(item.id, item);
    this.#paint(this.#box.children[at], item);
  }

  select(id) {
    this.#box.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
    const row = this.#box.children[this.index(id)]?.firstElementChild;
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
  }

  // Picks an entry or, picked before, lets it go.
  pick(item) {
    if (!this.#picks.delete(item.id)) this.#picks.set(item.id, item);
    this.#markPicks();
  }

  // Picks these and no others.
  pickOnly(items) {
    this.#picks = new Map(items.map((item) => [item.id, item]));
    this.#markPicks();
  }

  get picked() {
    return [...this.#picks.values()];
  }

  #markPicks() {
    for (const row of this.#box.children) {
      const picked = this.#picks.has(row.dataset.id);
      row.classList.toggle("picked", picked);
      row.firstElementChild.setAttribute("aria-pressed", picked);
    }
  }

  // How many entries stand side by side.
  get columns() {
    const rows = [...this.#box.children];
    const below = rows.findIndex((row) => row.offsetTop > rows[0].offsetTop);
    return below < 0 ? Math.max(rows.length, 1) : below;
  }

  // Tiles with a crop of the mark instead of lines.
  setGrid(on) {
    this.grid = on;
    for (const row of this.#box.children) {
      if (on) this.#crops.observe(row);
      else this.#crops.unobserve(row);
    }
  }

  // Who else looks at what: [{ id, reviewer }].
  showLooking(others) {
    for (const row of this.#box.children) {
      const names = others.filter((each) => each.id === row.dataset.id).map((each) => each.reviewer);
      row.querySelector(".looking").textContent = names.join("、");
    }
  }

  async #crop(row) {
    this.#crops.unobserve(row);
    const image = row.querySelector("img");
    if (image.src) return;
    try {
      image.src = (await api.picture(row.dataset.id, null, "crop")).url;
      image.hidden = false;
    } catch {
      row.classList.add("no-crop"); // the picture itself says why, when it is looked at
    }
  }

  #paint(row, item) {
    row.dataset.id = item.id;
    row.dataset.state = item.state;
    row.querySelector(".dot").className = `dot ${item.severity}`;
    row.querySelector(".dot").title = item.severity_text;
    row.querySelector(".title").textContent = item.title;
    row.querySelector(".state").textContent = item.state === "new" ? "" : item.state_text;
    row.querySelector(".name").textContent = item.name;
    row.querySelector(".gone").textContent = item.gone_text;
    row.querySelector(".copies").textContent = item.group_size > 1 ? fill(words.times, { count: item.group_size }) : "";
  }
}
