// Shows a picture with its marks outlined. Everything inside the SVG is in picture pixels, so that boxes always fit;
// what is seen of it is the SVG's viewBox.

const SVG = "http://www.w3.org/2000/svg";
const CLOSEST = 40; // picture pixels across the stage

const points = (polygon) => polygon.map(([x, y]) => `${x},${y}`).join(" ");

function shape(polygon, attributes = {}) {
  const element = document.createElementNS(SVG, "polygon");
  element.setAttribute("points", points(polygon));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function place(image, view) {
  for (const [name, value] of Object.entries(view.rect)) image.setAttribute(name, value);
  image.setAttribute("href", view.url);
}

export class Viewer {
  #stage = document.getElementById("stage");
  #boxes = document.getElementById("boxes");
  #images = ["full", "sharp"].map((id) => document.getElementById(id));
  #trouble = document.getElementById("trouble");
  #whole = { x: 0, y: 0, width: 1, height: 1 };
  #mark = this.#whole;
  #seen = this.#whole;
  #drag = null;
  atMark = true;
  painted = Promise.resolve(); // what is to be shown is on the screen, or takes too long to wait for

  constructor(onZoom) {
    this.onZoom = onZoom;
    this.#stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#zoomAt(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.#at(event));
    }, { passive: false });
    this.#stage.addEventListener("pointerdown", (event) => {
      this.#drag = this.#at(event);
      this.#stage.setPointerCapture(event.pointerId);
    });
    this.#stage.addEventListener("pointermove", (event) => {
      if (!this.#drag) return;
      const now = this.#at(event);
      this.#look({ ...this.#seen, x: this.#seen.x + this.#drag.x - now.x, y: this.#seen.y + this.#drag.y - now.y });
    });
    for (const end of ["pointerup", "pointercancel"]) this.#stage.addEventListener(end, () => (this.#drag = null));
    this.#stage.addEventListener("dblclick", () => this.toggle());
  }

  // Nothing to be seen yet: the former picture goes at once, lest it be decided for the next.
  clear() {
    for (const image of this.#images) image.removeAttribute("href");
    this.#boxes.replaceChildren();
    this.#trouble.hidden = true;
    this.#stage.classList.add("waiting");
  }

  // `stay`: what is shown is the same picture, so the eyes keep their place.
  show({ full, sharp }, findings, stay = false) {
    const [whole, close] = this.#images;
    this.painted = new Promise((done) => {
      close.addEventListener("load", done, { once: true });
      setTimeout(done, 1000);
    });
    place(whole, full);
    place(close, sharp);
    this.#trouble.hidden = true;
    this.#stage.classList.remove("waiting");
    this.#boxes.replaceChildren();
    findings.forEach((finding, number) => {
      for (const polygon of finding.polygons) {
        this.#boxes.append(shape(polygon, { "data-finding": number, class: `box ${finding.severity}` }));
      }
    });
    this.#whole = { x: 0, y: 0, width: full.width, height: full.height };
    this.#mark = sharp.rect;
    if (!stay) this.toMark();
  }

  fail(problem) {
    this.clear();
    this.#stage.classList.remove("waiting");
    this.#trouble.querySelector(".message").textContent = problem.message;
    this.#trouble.querySelector(".cure").textContent = problem.cure;
    this.#trouble.hidden = false;
  }

  // Lights up the outlines of one finding, or one more place; null puts them out.
  light(number, polygon = null) {
    this.#boxes.querySelector(".place")?.remove();
    for (const box of this.#boxes.children) box.classList.toggle("lit", box.dataset.finding === String(number));
    if (polygon) this.#boxes.append(shape(polygon, { class: "box place lit" }));
  }

  toMark() {
    this.atMark = true;
    this.#look(this.#mark);
  }

  toggle() {
    this.atMark = !this.atMark;
    this.#look(this.atMark ? this.#mark : this.#whole);
  }

  zoom(factor) {
    const { x, y, width, height } = this.#seen;
    this.#zoomAt(factor, { x: x + width / 2, y: y + height / 2 });
  }

  #zoomAt(factor, centre) {
    const { x, y, width, height } = this.#seen;
    const limited = Math.min(Math.max(factor, CLOSEST / width), (1.5 * Math.max(this.#whole.width, this.#whole.height)) / width);
    this.#look({
      x: centre.x - (centre.x - x) * limited,
      y: centre.y - (centre.y - y) * limited,
      width: width * limited,
      height: height * limited,
    });
  }

  #look(rect) {
    this.#seen = rect;
    this.#stage.setAttribute("viewBox", `${rect.x} ${rect.y} ${rect.width} ${rect.height}`);
    this.onZoom?.(this.atMark);
  }

  #at(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.#stage.getScreenCTM().inverse());
  }
}
