// The room of a desk: what its readers are shown, how well they are served, and the list of one of them.

/** @import {DeskData, Exposed, Figure, Segment, Served} from "../shared/types.js" */

import { find, make } from "../shared/dom.js";

const ORDERS = { gained: "Gained", reached: "Reached most", lost: "Lost" };

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)}%`;

/**
 * Draw all that is said of the readers.
 * @param {HTMLElement} root
 * @param {DeskData} data
 * @param {(event: string, about: unknown) => void} send
 */
export function drawRoom(root, data, send) {
  find(root, ".crowd").textContent = data.crowd;
  find(root, ".figures").replaceChildren(...data.figures.flatMap(figure));
  const conflicts = find(root, ".conflicts");
  conflicts.hidden = !data.conflicts.length;
  conflicts.replaceChildren(...data.conflicts.map((text) => make("li", { text })));
  drawOrders(find(root, ".orders"), data.order, send);
  find(root, ".bars").replaceChildren(...data.exposure.map(bar));
  find(root, ".who").textContent = data.reader.name;
  find(root, ".about").textContent = data.reader.about;
  find(root, ".rows").replaceChildren(...data.reader.rows.map((row) => {
    const words = make("span", { class: "words" }, make("b", { text: row.title }), make("small", { text: [row.detail, row.note].filter(Boolean).join(" · ") }));
    const said = row.fresh ? "new" : "";
    return make("li", { class: row.fresh ? "is-new" : "" }, words, make("span", { class: "reason", text: row.reason }), make("span", { class: "mark", text: said }));
  }));
  drawServed(find(root, ".served"), data, send);
  drawSegments(find(root, ".segments"), data, send);
}

/** @param {Figure} one */
function figure(one) {
  const value = make("dd", { title: one.hint }, make("b", { text: one.value }), make("small", { text: one.was }));
  return [make("dt", { text: one.name, title: one.hint }), value];
}

/**
 * @param {HTMLElement} place
 * @param {string} order
 * @param {(event: string, about: unknown) => void} send
 */
function drawOrders(place, order, send) {
  if (!place.children.length)
    place.append(...Object.entries(ORDERS).map(([key, text]) => make("button", { type: "button", role: "radio", "data-order": key, text, onclick: () => send("order", key) })));
  for (const button of place.children) {
    const chosen = button instanceof HTMLElement && button.dataset.order === order;
    button.setAttribute("aria-checked", String(chosen));
  }
}

/** @param {Exposed} one */
function bar(one) {
  const said = `${one.title}: shown to ${percent(one.share)} of the readers, was ${percent(one.was)}`;
  const now = make("i", { class: "now" }), was = make("i", { class: "was-share" });
  now.style.width = percent(one.share);
  was.style.width = percent(one.was);
  return make("li", { title: said },
    make("span", { class: "name-of", text: one.title }),
    make("span", { class: "track", "aria-hidden": "true" }, was, now),
    make("span", { class: "share" }, make("b", { text: percent(one.share) }), make("small", { text: `was ${percent(one.was)}` })),
  );
}

/**
 * @param {HTMLElement} place
 * @param {DeskData} data
 * @param {(event: string, about: unknown) => void} send
 */
function drawServed(place, data, send) {
  /** @param {string} title @param {Served[]} served */
  const group = (title, served) => {
    const buttons = served.map((one) => {
      const chosen = one.reader === data.reader.at;
      return make("button", { type: "button", class: "tool", "aria-pressed": String(chosen), title: `${one.name}: ${percent(one.share)} of their own taste is met`, onclick: () => send("reader", one.reader) },
        make("span", { text: one.name }), make("b", { text: percent(one.share) }));
    });
    return [make("h3", { text: title }), make("div", { class: "served-row" }, ...buttons)];
  };
  place.replaceChildren(...group("Served worst", data.worst), ...group("Served best", data.best));
}

/**
 * @param {HTMLElement} place
 * @param {DeskData} data
 * @param {(event: string, about: unknown) => void} send
 */
function drawSegments(place, data, send) {
  /** @param {Segment} one */
  const row = (one) => make("tr", { class: one.name === data.segment ? "is-chosen" : "" },
    make("th", { scope: "row" }, make("button", { type: "button", title: one.hint, text: one.name, onclick: () => send("segment", one.name === data.segment ? "" : one.name) })),
    make("td", { text: one.small ? `${one.n} (few)` : String(one.n) }), make("td", { text: percent(one.own) }), make("td", { text: percent(one.changed) }));
  const head = make("tr", {}, ...["Segment", "Readers", "Taste met", "Lists that change"].map((text) => make("th", { scope: "col", text })));
  place.replaceChildren(make("table", {}, make("caption", { text: "By segment" }), make("thead", {}, head), make("tbody", {}, ...data.segments.map(row))));
}
