// Keeps the pictures of the few entries around the one looked at, each fetched once: whole, and sharp at its marks.

import * as api from "./api.js";

const KEPT = 10;

export class Pictures {
  #kept = new Map();

  // A promise of { full, sharp }, `plain` or with all but the marks blurred; a failed one is forgotten, so that it can be
  // tried again.
  of(id, page, plain = false) {
    const key = `${id} ${page} ${plain}`;
    let both = this.#kept.get(key);
    if (both) {
      this.#kept.delete(key);
    } else {
      both = this.#fetch(id, page, plain);
      both.catch(() => this.#kept.get(key) === both && this.#kept.delete(key));
    }
    this.#kept.set(key, both);
    while (this.#kept.size > KEPT) this.#drop(this.#kept.keys().next().value);
    return both;
  }

  forget(id) {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(`${id} `)) this.#drop(key);
  }

  async #fetch(id, page, plain) {
    const sharp = await api.picture(id, page, "mark", plain);
    return { sharp, full: await api.picture(id, page, "full", plain) };
  }

  #drop(key) {
    const both = this.#kept.get(key);
    this.#kept.delete(key);
    both.then(({ full, sharp }) => [full, sharp].forEach((view) => URL.revokeObjectURL(view.url)), () => {});
  }
}
