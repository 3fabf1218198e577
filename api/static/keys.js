// Which key does what, by its place on the keyboard (event.code): an input method changes letters, not places.

export const KEYS = {
  Digit1: "confirm",
  Digit2: "dismiss",
  Digit3: "unsure",
  Numpad1: "confirm",
  Numpad2: "dismiss",
  Numpad3: "unsure",
  KeyJ: "next",
  ArrowDown: "down",
  ArrowRight: "next",
  KeyK: "previous",
  ArrowUp: "up",
  ArrowLeft: "previous",
  KeyU: "undo",
  Period: "repeat",
  NumpadDecimal: "repeat",
  KeyZ: "zoom",
  Equal: "closer",
  NumpadAdd: "closer",
  Minus: "farther",
  NumpadSubtract: "farther",
  BracketLeft: "page-back",
  BracketRight: "page-on",
  KeyB: "blur",
  KeyN: "note",
  KeyR: "retry",
  KeyX: "pick",
  KeyA: "all",
  KeyL: "lookalikes",
  KeyG: "grid",
  Slash: "search",
  Escape: "cancel",
};

const WRITES = "input, select, textarea";

// Calls press(name, { many, digit }) for each key that means something, in the order of the keys.
export function listen(press) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches(WRITES)) {
      if (event.code === "Escape" || (event.code === "Enter" && !event.isComposing && event.target.id === "note")) {
        event.target.blur();
        event.preventDefault();
      }
      return;
    }
    const name = event.key === "?" || (event.code === "Slash" && event.shiftKey) ? "help" : KEYS[event.code];
    const digit = Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? 0);
    // A held key must not decide ten pictures; holding an arrow may move on.
    if ((!name && !digit) || (event.repeat && !["next", "previous", "down", "up", "closer", "farther"].includes(name))) return;
    event.preventDefault();
    press(name, { many: event.shiftKey, digit });
  });
}
