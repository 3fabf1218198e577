// The list on the left: entries worst first, fetched page by page as they are needed.

import * as api from "./api.js";

const PAGE = 50;
const STATES = { new: ["new"], unsure: ["unsure"], decided: ["confirmed", "dismissed"], all: [] };

export class List {
  #box = document.getElementById("list");
  #row = document.getElementById("t-row").content;
  #cursor = null;
  #ended = false;
  #loading = null;
  #turn = 0;
  items = [];

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
    for (const [name, value] of filters) if (name !== "state" && value) this.#query.append(name, value);
    for (const state of STATES[filters.get("state") ?? "new"] ?? []) this.#query.append("state", state);
    this.#query.set("limit", PAGE);
    this.items = [];
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
  }

  update(item) {
    const at = this.index(item.id);
    if (at < 0) return;
    this.items[at] = item;
    this.#paint(this.#box.children[at], item);
  }

  select(id) {
    this.#box.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
    const row = this.#box.children[this.index(id)]?.firstElementChild;
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
  }

  pick(id) {
    const row = this.#box.children[this.index(id)];
    return row ? row.classList.toggle("picked") : false;
  }

  get picked() {
    return this.items.filter((_item, at) => this.#box.children[at].classList.contains("picked"));
  }

  unpick() {
    for (const row of this.#box.querySelectorAll(".picked")) row.classList.remove("picked");
  }

  #paint(row, item) {
    row.dataset.id = item.id;
    row.dataset.state = item.state;
    row.querySelector(".dot").className = `dot ${item.severity}`;
    row.querySelector(".dot").title = item.severity_text;
    row.querySelector(".title").textContent = item.title;
    row.querySelector(".state").textContent = item.state === "new" ? "" : item.state_text;
    row.querySelector(".name").textContent = item.name;
    row.querySelector(".level").textContent = item.level ? item.level_text : item.class_text;
  }
}
