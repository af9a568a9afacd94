// The buttons above the map, and the picture that one of them saves.

import { find, make } from "../shared/dom.js";
import { flat } from "./pen.js";

/**
 * What the buttons do.
 * @typedef {{nearer: () => void, farther: () => void, home: () => void, lasso: () => void, save: () => void}} Deeds
 */

/**
 * Put the buttons there; returns the one of the lasso.
 * @param {HTMLElement} root
 * @param {Deeds} deeds
 */
export function tools(root, deeds) {
  const lasso = tool("◌ Lasso", "Draw around a region", deeds.lasso);
  lasso.setAttribute("aria-pressed", "false");
  find(root, ".buttons").append(
    tool("+", "Zoom in", deeds.nearer, "is-large"),
    tool("−", "Zoom out", deeds.farther, "is-large"),
    tool("⤢", "Show the whole map", deeds.home),
    lasso,
    tool("⇩ PNG", "Save this picture", deeds.save, "is-large"),
  );
  return lasso;
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} onclick
 * @param {string} [kind] "is-large": where there is room
 */
function tool(text, title, onclick, kind = "") {
  return make("button", { type: "button", class: `tool ${kind}`, "aria-label": title, title, text, onclick });
}

/**
 * Let the browser save canvases of one size, one over the other, as one picture.
 * @param {HTMLCanvasElement[]} layers
 * @param {string} back the colour behind them
 */
export function save(layers, back) {
  const [{ width, height }] = layers, picture = make("canvas", { width, height }), ink = flat(picture);
  ink.fillStyle = back;
  ink.fillRect(0, 0, width, height);
  for (const layer of layers) ink.drawImage(layer, 0, 0);
  picture.toBlob((blob) => {
    if (!blob) return;
    const link = make("a", { download: "map.png", href: URL.createObjectURL(blob) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
