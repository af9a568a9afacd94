// Names on the map: territories in large letters, then famous titles beside their points, then smaller regions once there
// is room for them. They are laid out once a camera; what moves hides those that it covers.

/** @import {Region} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Pen} from "./pen.js" */
/** @import {Sheet} from "./sheet.js" */

import { fitting } from "./pen.js";

const TITLES = 24; // at the whole map, and so many more with each step nearer
const MORE = 12;
const MOST = 60; // titles at once
const SMALL_FROM = 1.8; // zoom from which smaller regions are named
const SMALL = 14; // of these at once
const GAP = 3; // pixels around a name
const APART = 9; // and between titles, so that they come from all over the map
const OFF_DOT = 7; // from a point to its title
const LONGEST = 30; // letters of a title

/**
 * A part of the screen that is taken.
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box
 */

/**
 * A name and the middle of where it goes. whose: of the territory that it names, -1 for others; dot: the point it belongs to.
 * @typedef {{kind: "territory" | "title" | "region", name: string, left: number, top: number, box: Box, whose: number, dot?: [number, number]}} Label
 */

/** How each kind is written: weight, size. */
const STYLES = { territory: { weight: 700, size: 17 }, title: { weight: 500, size: 12 }, region: { weight: 700, size: 12.5 } };

/** @typedef {(name: string, kind: Label["kind"]) => number} Width */

/**
 * @param {Box} one
 * @param {Box} other
 */
export function overlap(one, other) {
  return one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];
}

/**
 * Take a part of the screen, unless something is there already.
 * @param {Box[]} taken
 * @param {Box} box
 */
export function claim(taken, box) {
  if (taken.some((other) => overlap(box, other))) return false;
  taken.push(box);
  return true;
}

/**
 * Points by how many like them, the most first.
 * @param {Sheet} sheet
 */
export function famous({ columns }) {
  const { popular } = columns;
  return popular ? Array.from(popular.keys()).sort((one, other) => popular[other] - popular[one]) : [];
}

/**
 * A title without what is bracketed behind it, and not too long.
 * @param {string} title
 */
export function short(title) {
  return fitting(title.split(" (")[0] || title, LONGEST);
}

/**
 * Which names go where.
 * @param {Sheet} sheet
 * @param {number[]} first points in the order in which they deserve a name
 * @param {Camera} camera
 * @param {Width} widthOf
 * @returns {Label[]}
 */
export function labels({ facts, columns, names }, first, camera, widthOf) {
  /** @type {Box[]} */
  const taken = [];
  /** @type {Label[]} */
  const found = [];
  /**
   * @param {Region[]} regions
   * @param {"territory" | "region"} kind
   * @param {number} most
   */
  const middle = (regions, kind, most) => {
    let room = most;
    regions.forEach(({ name, x, y }, index) => {
      const [across, top] = camera.screen(x, y), half = widthOf(name, kind) / 2 + 2 * GAP, tall = STYLES[kind].size * 0.7 + GAP;
      if (!room || !inView(camera, across, top)) return;
      const left = Math.max(half, Math.min(across, camera.width - half)); // whole, at the edges too
      const box = /** @type {Box} */ ([left - half, top - tall, left + half, top + tall]);
      if (!claim(taken, box)) return;
      found.push({ kind, name: capital(name), left, top, box, whose: kind === "territory" ? index : -1 });
      room--;
    });
  };
  middle(facts.territories, "territory", facts.territories.length);
  let room = Math.min(MOST, TITLES + MORE * (camera.view.zoom - 1));
  for (const point of first) {
    if (room <= 0) break;
    const [x, y] = camera.screen(columns.x[point], columns.y[point]);
    if (!inView(camera, x, y)) continue;
    const name = short(names[point].title), half = widthOf(name, "title") / 2, tall = 8;
    for (const [left, top] of [[x + OFF_DOT + half, y], [x - OFF_DOT - half, y], [x, y - 13], [x, y + 13]]) {
      const box = /** @type {Box} */ ([left - half - APART, top - tall - APART, left + half + APART, top + tall + APART]);
      if (box[0] < 0 || box[2] > camera.width || box[1] < 0 || box[3] > camera.height || !claim(taken, box)) continue;
      found.push({ kind: "title", name, left, top, box, whose: -1, dot: [x, y] });
      room--;
      break;
    }
  }
  if (camera.view.zoom >= SMALL_FROM || !facts.territories.length) middle(facts.regions, "region", first.length ? SMALL : MOST);
  return found;
}

/** @param {string} name */
const capital = (name) => name.slice(0, 1).toUpperCase() + name.slice(1);

/**
 * @param {Camera} camera
 * @param {number} left
 * @param {number} top
 */
function inView({ width, height }, left, top) {
  return left > 0 && top > 0 && left < width && top < height;
}

/**
 * @param {Pen} pen
 * @param {Label[]} names
 * @param {Box[]} covered by what moves
 * @param {string[]} colours of the territories' names
 */
export function drawLabels(pen, names, covered, colours) {
  for (const { kind, name, left, top, box, whose, dot } of names) {
    if (kind !== "territory" && covered.some((other) => overlap(box, other))) continue;
    const { weight, size } = STYLES[kind];
    pen.font(weight, size, "center");
    if (dot) pen.ring(...dot, 3, pen.tint.text, 1.2);
    pen.text(name, left, top, colours[whose] ?? pen.tint.text);
  }
}

/**
 * Measures names; each but once.
 * @param {Pen} pen
 * @returns {Width}
 */
export function measure(pen) {
  /** @type {Map<string, number>} */
  const widths = new Map();
  return (name, kind) => {
    const key = `${kind} ${name}`, known = widths.get(key);
    if (known !== undefined) return known;
    pen.font(STYLES[kind].weight, STYLES[kind].size, "center");
    const { width } = pen.ink.measureText(fitting(name));
    widths.set(key, width);
    return width;
  };
}
