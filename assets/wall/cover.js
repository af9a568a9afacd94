// Covers that are drawn: a title set in type over a motif. Colour and motif stand for the kind of thing a title is, and
// the title's number moves the motif about, so that no two covers are alike.

/** @import {Cover} from "../shared/types.js" */

import { make, makeSvg } from "../shared/dom.js";

const WIDE = 60; // of a motif's own square

/** @param {number} n */
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/**
 * Motifs on a square of 60: shapes from two numbers in [0, 1) that are the title's own.
 * @type {((u: number, v: number) => SVGElement[])[]}
 */
const MOTIFS = [
  (u, v) => upTo(5).map((i) => makeSvg("circle", { cx: 12 + 36 * u, cy: 40 + 14 * v, r: 6 + 9 * i, class: "line" })), // rings
  (u, v) => upTo(9).map((i) => makeSvg("rect", { x: 2 + 6.4 * i, y: 58 - 40 * Math.abs(Math.sin(i * (0.6 + u) + 6 * v)), width: 4, height: 60 })), // bars
  (u, v) => upTo(12).map((i) => makeSvg("path", { d: "M30 60 L26.5 -10 L33.5 -10 Z", transform: `rotate(${i * 15 - 82 + 12 * u} 30 60) translate(0 ${4 * v})` })), // rays
  (u, v) => upTo(25).map((i) => makeSvg("circle", { cx: 6 + 12 * (i % 5), cy: 6 + 12 * Math.floor(i / 5), r: 1 + 4.4 * Math.abs(Math.sin(i * (1 + u) + 9 * v)) })), // dots
  (u, v) => upTo(5).map((i) => makeSvg("path", { d: `M-4 ${18 + 9 * i} q 8.5 ${-8 - 8 * u} 17 0 t 17 0 t 17 0 t 17 0`, class: "line", transform: `translate(${-12 * v * (i % 2)} 0)` })), // waves
  (u, v) => upTo(3).map((i) => makeSvg("path", { d: `M${-20 + 24 * i + 10 * u} 62 l ${20 + 4 * i} ${-34 - 10 * v + 8 * i} l ${22 - 3 * i} 50 Z`, opacity: 1 - 0.28 * i })), // mountains
  (u, v) => [makeSvg("circle", { cx: 18 + 24 * u, cy: 34, r: 19 }), makeSvg("circle", { cx: 26 + 24 * u, cy: 28 + 8 * v, r: 15, class: "hole" })], // moon
  (u, v) => upTo(6).map((i) => makeSvg("rect", { x: 30 - 5 * (i + 1), y: 34 - 5 * (i + 1), width: 10 * (i + 1), height: 10 * (i + 1), class: "line", transform: `rotate(${(8 + 10 * u) * i + 45 * v} 30 34)` })), // squares
];

/**
 * A number in [0, 1) that is an item's own.
 * @param {number} item
 * @param {number} step
 */
const own = (item, step) => (item * step) % 1;

/**
 * The colour of a kind, for elements that draw with ``--hue`` and ``--tint``.
 * @param {number} hue -1 for none
 */
export const coloured = (hue) => (hue < 0 ? "--hue: 70; --tint: 0" : `--hue: ${hue}; --tint: 1`);

/**
 * A cover as a button that is pressed while its title is picked.
 * @param {Cover} cover
 * @param {() => void} toggle
 */
export function drawn({ item, title, full, detail, kind, hue }, toggle) {
  const motif = MOTIFS[Math.max(kind, 0) % MOTIFS.length](own(item, 0.618034), own(item, 0.414214));
  return make(
    "button",
    { type: "button", class: "cover", title: `${full} · ${detail}`, "aria-pressed": "false", tabindex: "-1", style: coloured(hue), onclick: toggle },
    makeSvg("svg", { viewBox: `0 0 ${WIDE} ${WIDE}`, "aria-hidden": "true", preserveAspectRatio: "xMidYMax slice" }, ...motif),
    make("b", { text: title }),
    make("small", { text: detail.split(" · ")[0] }),
  );
}
