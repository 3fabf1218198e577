// Words beside the picture: what was found, why, in which files, and what was decided before.

const clone = (id) => document.getElementById(id).content.cloneNode(true);
const MOST_FILES = 8;
const words = document.getElementById("words").dataset;

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function chip(text, onLight, onClick) {
  const part = clone("t-chip");
  const button = part.querySelector("button");
  button.textContent = text;
  for (const on of ["mouseenter", "focus"]) button.addEventListener(on, () => onLight(true));
  for (const off of ["mouseleave", "blur"]) button.addEventListener(off, () => onLight(false));
  button.addEventListener("click", onClick);
  return part;
}

function findingPart(finding, number, { light, toPage }) {
  const part = clone("t-finding");
  const mark = part.querySelector(".mark");
  mark.textContent = finding.text;
  part.querySelector(".finding").classList.add(finding.severity);
  const facts = [finding.rule_text, finding.level ? finding.level_text : finding.class_text, fill(words.confidence, { percent: Math.min(99, Math.round(finding.confidence * 100)) })];
  if (finding.page) facts.push(fill(words.page, { page: finding.page + 1 }));
  part.querySelector(".what").textContent = facts.join(" · ");
  mark.addEventListener("mouseenter", () => light(number));
  mark.addEventListener("mouseleave", () => light(null));
  mark.addEventListener("click", () => { toPage(finding.page); light(number); });
  const chips = part.querySelector(".chips");
  for (const reason of finding.reasons) {
    chips.append(chip(reason.text, (on) => light(on ? number : null, on ? reason.polygon : null), () => { toPage(finding.page); light(number, reason.polygon); }));
    chips.lastElementChild.classList.toggle("against", reason.weight < 0);
  }
  return part;
}

export function factsOf(item, actions) {
  const part = clone("t-facts");
  const put = (selector, text) => (part.querySelector(selector).textContent = text);
  put("h1.title", item.title);
  put(".badge.severity", item.severity_text);
  part.querySelector(".badge.severity").classList.add(item.severity);
  put(".badge.level", item.level_text);
  put(".badge.class", item.class_text);
  put(".badge.state", item.state_text);
  part.querySelector(".badge.state").classList.add(item.state);
  if (item.group_size > 1) {
    const group = part.querySelector(".lookalikes");
    group.firstElementChild.textContent = fill(words.lookalikes, { count: item.group_size });
    group.hidden = false;
  }
  if (item.files > 1) {
    put("p.copies", fill(words.copies, { count: item.files }));
    part.querySelector("p.copies").hidden = false;
  }
  part.querySelector("p.gone").hidden = !item.gone;
  if (item.alike) {
    const alike = part.querySelector(".alike");
    alike.textContent = fill(words.alike, { count: item.alike, all: item.alike + 1 });
    alike.hidden = false;
  }
  part.querySelector(".findings").append(...item.findings.map((finding, number) => findingPart(finding, number, actions)));
  for (const file of item.occurrences.slice(0, MOST_FILES)) {
    const row = clone("t-file");
    row.querySelector(".path bdi").textContent = file.path;
    row.querySelector(".path").href = `/?${new URLSearchParams({ state: "all", folder: file.folder })}`;
    row.querySelector(".gone").hidden = file.there;
    row.querySelector(".owner").textContent = [file.department, file.owner, file.device].filter(Boolean).join(" · ");
    part.querySelector(".files").append(row);
  }
  if (item.occurrences.length > MOST_FILES) {
    put(".more-files", fill(words.moreFiles, { count: item.occurrences.length - MOST_FILES }));
    part.querySelector(".more-files").hidden = false;
  }
  const past = part.querySelector(".past");
  past.hidden = item.history.length === 0;
  for (const entry of [...item.history].reverse()) {
    const row = clone("t-history");
    row.querySelector(".what").textContent = entry.text;
    row.querySelector(".who").textContent = `${entry.reviewer} · ${new Date(entry.at).toLocaleString(document.documentElement.lang)}`;
    row.querySelector(".note").textContent = entry.note;
    past.querySelector(".history").append(row);
  }
  return part;
}
