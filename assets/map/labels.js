// Names of regions, the weightiest first, each only where it covers no other.

/** @import {Region} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Pen} from "./pen.js" */

const MOST_NAMES = 45; // names at once
const LARGE = 8; // of which these are larger
const GAP = 6; // pixels around a name

/**
 * A part of the screen that is taken.
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box
 */

/**
 * A name and the middle of where it goes.
 * @typedef {{name: string, size: number, left: number, top: number}} Label
 */

/**
 * Take a part of the screen, unless something is there already.
 * @param {Box[]} taken
 * @param {Box} box
 */
export function claim(taken, box) {
  const [left, top, right, bottom] = box;
  if (taken.some((other) => left < other[2] && right > other[0] && top < other[3] && bottom > other[1])) return false;
  taken.push(box);
  return true;
}

/**
 * Which names go where. What they take is added to what is taken.
 * @param {Region[]} regions
 * @param {Camera} camera
 * @param {Box[]} taken
 * @param {(name: string, size: number) => number} widthOf
 * @returns {Label[]}
 */
export function labels(regions, camera, taken, widthOf) {
  /** @type {Label[]} */
  const found = [];
  for (const { name, x, y } of regions) {
    if (found.length >= MOST_NAMES) break;
    const [left, top] = camera.screen(x, y), size = found.length < LARGE ? 14 : 12.5;
    if (left < 0 || top < 0 || left > camera.width || top > camera.height) continue;
    const half = widthOf(name, size) / 2 + 2 * GAP, tall = size + 4;
    const middle = Math.max(half - GAP, Math.min(left, camera.width - half + GAP)); // whole, at the edges too
    if (claim(taken, [middle - half, top - tall, middle + half, top + tall])) found.push({ name, size, left: middle, top });
  }
  return found;
}

/**
 * @param {Pen} pen
 * @param {Label[]} names
 */
export function drawLabels(pen, names) {
  for (const { name, size, left, top } of names) {
    pen.font(600, size, "center");
    pen.text(name, left, top);
  }
}

/**
 * Measures names; each but once.
 * @param {Pen} pen
 */
export function measure(pen) {
  /** @type {Map<string, number>} */
  const widths = new Map();
  /**
   * @param {string} name
   * @param {number} size
   */
  return (name, size) => {
    const known = widths.get(name);
    if (known !== undefined) return known;
    pen.font(600, size, "center");
    const { width } = pen.ink.measureText(name);
    widths.set(name, width);
    return width;
  };
}
