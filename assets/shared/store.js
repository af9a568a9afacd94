// What the components of a page share, each of them a module of its own: what has arrived, by name, and who waits for it.

/** @import {Component, Now, Ticks, View} from "./types.js" */

/**
 * By which others drive the board. turn: as if a hand were on the knob; nudge: so many clicks, by the knob's place; amountAt: of
 * a knob so many clicks from rest; release: let go, and tell the server; rest: bring all knobs to rest.
 * @typedef {{
 *   keys: () => string[], turn: (key: string, amount: number) => void, nudge: (index: number, clicks: number) => void,
 *   amountAt: (key: string, clicks: number) => number, release: () => void, rest: () => void,
 * }} Deck
 */

/**
 * blobs: rows of float32, or what was JSON; codes: of components, by name, see ``late.js``; waiting: called when something
 * has arrived; ticks: the last ones; cameras: by map; now, turned: the list, and called when it has changed; deck, deeds: what can be done with the board; frames,
 * streamed: milliseconds a frame and an answer under the hand took, for the benchmarks to read; roots: elements of all
 * components; staged: they are on a stage.
 * @typedef {{
 *   blobs: Map<string, unknown>, codes: Map<string, (component: Component<any>) => () => void>, waiting: Set<() => void>,
 *   ticks?: Ticks, cameras: Record<string, View>,
 *   now?: Now, turned: Set<() => void>, deck?: Deck, deeds: Deeds,
 *   frames?: number[], streamed?: number[], roots: Set<HTMLElement>, staged: boolean,
 * }} Shared
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
  codes: new Map(),
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
 * Say what the board shows now, to whoever else on the page shows it in another way.
 * @param {Now} now
 */
export function publish(now) {
  shared.now = now;
  for (const hear of shared.turned) hear();
}

/**
 * Rows of numbers, undefined until they are here.
 * @param {string | undefined} name
 */
export function rowsNamed(name) {
  return /** @type {Float32Array[] | undefined} */ (shared.blobs.get(name ?? ""));
}
