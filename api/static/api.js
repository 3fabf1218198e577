// Speaks the JSON API. Every failure is a Problem with the server's code, message and cure.

export class Problem extends Error {
  constructor(body) {
    super(body.message);
    this.code = body.code;
    this.cure = body.cure;
    this.item = body.item;
  }
}

// What the page asks by itself says so, lest it keep an empty chair signed in.
const PASSIVE = { "x-imgscan-passive": "1" };

// Browsers keep at most 64 KiB alive, all requests under way together (Fetch standard, 4.6).
const KEPT_ALIVE = 10_000;

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, options);
  } catch {
    throw new Problem({ code: "no_answer", message: document.getElementById("words")?.dataset.noAnswer ?? "", cure: "" });
  }
  if (answer.status === 401) {
    location.reload(); // the server then shows that the page is locked
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Problem(await answer.json());
  return answer;
}

export async function get(path, passive = false) {
  return (await ask(path, passive ? { headers: PASSIVE } : {})).json();
}

export async function post(path, body = {}) {
  const text = JSON.stringify(body);
  const answer = await ask(path, {
    method: "POST",
    keepalive: text.length < KEPT_ALIVE, // a decision on its way arrives even where the page is closed behind it
    headers: { "content-type": "application/json" },
    body: text,
  });
  return answer.status === 204 ? null : answer.json();
}

// A part of a picture: `full`, `mark` or `crop`; without the blur where it is `plain`. The server chooses the page of a null.
export async function picture(id, page, view, plain = false) {
  const query = new URLSearchParams({ view, plain });
  if (page !== null) query.set("page", page);
  const answer = await ask(`/hits/${id}/picture?${query}`);
  const numbers = (name) => answer.headers.get(name).split(" ").map(Number);
  const [width, height] = numbers("x-picture-size");
  const [x, y, w, h] = numbers("x-picture-rect");
  const url = URL.createObjectURL(await answer.blob());
  const image = new Image();
  image.src = url;
  await image.decode(); // so that it is painted at once when it is its turn
  const kept = answer.headers.has("x-picture-kept"); // the original is gone, and this is what was kept of the mark
  return { url, width, height, rect: { x, y, width: w, height: h }, kept };
}
