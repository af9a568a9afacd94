// What the components of a page share, each of them a module of its own: what has arrived, by name, and who waits for it.

/** @import {Ticks, View} from "./types.js" */

/**
 * blobs: rows of float32, or what was JSON; waiting: called when something has arrived; ticks: the last ones; cameras: by
 * map; frames, streamed: milliseconds a frame and an answer under the hand took, for the benchmarks to read; roots: elements
 * of all components; staged: they are on a stage; now, turned: what the board shows, and who is told when that changes.
 * @typedef {{
 *   blobs: Map<string, unknown>, waiting: Set<() => void>, ticks?: Ticks, cameras: Record<string, View>,
 *   frames?: number[], streamed?: number[], roots: Set<HTMLElement>, staged: boolean,
 *   now?: Now, turned: Set<() => void>, deck?: Deck, deeds: Deeds,
 * }} Shared
 */

/**
 * What the board shows, also under the hand. items: columns, best first.
 * @typedef {{state: string, held: boolean, dials: {key: string, amount: number}[], items: number[]}} Now
 */

/**
 * How others turn the board's dials, in the order of keys. turn, nudge: live, as if a hand were on it; release: tells the
 * server; rest: all of them.
 * @typedef {{
 *   keys: () => string[], turn: (key: string, amount: number) => void, nudge: (index: number, clicks: number) => void,
 *   release: () => void, rest: () => void,
 * }} Deck
 */

/**
 * What can be done on the page, by name, for keys and tours. about: the key, or a tour's view.
 * @typedef {Record<string, ((about: string) => void) | undefined>} Deeds
 */

const KEY = Symbol.for("knobs");
const world = /** @type {{[KEY]?: Shared}} */ (globalThis);

/** @type {Shared} */
export const shared = (world[KEY] ??= {
  blobs: new Map(),
  waiting: new Set(),
  cameras: {},
  roots: new Set(),
  staged: false,
  turned: new Set(),
  deeds: {},
});

/**
 * Bring all components onto a stage, or back.
 * @param {boolean} staged
 */
export function setStaged(staged) {
  shared.staged = staged;
  for (const root of shared.roots) root.classList.toggle("on-stage", staged);
}

/** Tell all who wait that something has arrived. */
export function announce() {
  for (const arrive of shared.waiting) arrive();
}

/**
 * Rows of numbers, undefined until they are here.
 * @param {string | undefined} name
 */
export function rowsNamed(name) {
  return /** @type {Float32Array[] | undefined} */ (shared.blobs.get(name ?? ""));
}
