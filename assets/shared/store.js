// What the components of a page share, each of them a module of its own: what has arrived, by name, and who waits for it.

/** @import {Now, Ticks, View} from "./types.js" */

/**
 * blobs: rows of float32, or what was JSON; waiting: called when something has arrived; ticks: the last ones; cameras: by
 * map; now: what the board shows, and turned: called when that has changed; frames, streamed: milliseconds a frame and an answer under the hand took, for the benchmarks to read.
 * @typedef {{
 *   blobs: Map<string, unknown>, waiting: Set<() => void>, ticks?: Ticks, cameras: Record<string, View>,
 *   now?: Now, turned: Set<() => void>,
 *   frames?: number[], streamed?: number[],
 * }} Shared
 */

const KEY = Symbol.for("knobs");
const world = /** @type {{[KEY]?: Shared}} */ (globalThis);

/** @type {Shared} */
export const shared = (world[KEY] ??= { blobs: new Map(), waiting: new Set(), cameras: {}, turned: new Set() });

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
