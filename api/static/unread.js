// The files that were not fully read: asks that the next scan reads one, or all of the page, again.

import * as api from "./api.js";
import "./frame.js";

const words = document.getElementById("words").dataset;
const all = document.querySelector("[data-retry-all]");
const waiting = () => [...document.querySelectorAll("[data-retry]")];

async function retry(buttons) {
  try {
    if (buttons.length) await api.post("/unread/retry", { files: buttons.map((button) => Number(button.dataset.retry)) });
  } catch (problem) {
    document.getElementById("toast").textContent = `${problem.message} ${problem.cure}`;
    return;
  }
  for (const button of buttons) {
    const said = document.createElement("span");
    said.className = "faint";
    said.textContent = words.waits;
    button.replaceWith(said);
  }
  if (all) all.hidden = waiting().length === 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-retry], [data-retry-all]");
  if (button) retry(button === all ? waiting() : [button]);
});
if (all) all.hidden = waiting().length === 0;
