// The mix: a bar that says whose the places of the list are.

import { make } from "../shared/dom.js";

const TINTS = 4; // colours of dials, as in board.css

/**
 * @param {HTMLElement} place
 * @param {{key: string, name: string, n: number}[]} shares
 */
export function drawMix(place, shares) {
  const total = shares.reduce((sum, { n }) => sum + n, 0);
  const said = shares.map(({ name, n }) => `${name} ${n}`).join(", ");
  if (place.getAttribute("aria-label") === said) return;
  place.setAttribute("aria-label", said);
  let dial = 0;
  const parts = shares.map(({ key, name, n }) => {
    const tint = key === "own" ? "own" : key === "instead" ? "instead" : `dial-${dial++ % TINTS}`;
    const style = `flex-grow: ${n}`;
    return make("span", { class: `part is-${tint}`, style, title: `${name}: ${n} of ${total}` }, make("b", { text: String(n) }), " ", make("bdi", { text: name }));
  });
  place.replaceChildren(...parts);
}
