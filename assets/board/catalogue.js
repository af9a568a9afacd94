// What is shown of items, and which of them carry a theme, from the blobs that have arrived.

/** @import {Item, Items} from "../shared/types.js" */

import { shared } from "../shared/store.js";

/**
 * By column.
 * @type {Map<number, Item>}
 */
export const catalogue = new Map();
const unpacked = new Set();
/** @type {Map<string, Set<number>>} */
const sets = new Map();

/**
 * Take over what is shown of some items; whether they are there.
 * @param {string} name
 */
export function unpack(name) {
  const items = /** @type {Items | undefined} */ (shared.blobs.get(name));
  if (items && !unpacked.has(name)) {
    items.columns.forEach((column, index) => catalogue.set(column, items.rows[index]));
    unpacked.add(name);
  }
  return unpacked.has(name);
}

/**
 * The items that carry a theme, undefined until they are here; made once a theme.
 * @param {string | undefined} name
 */
export function membersOf(name = "") {
  const members = /** @type {number[] | undefined} */ (shared.blobs.get(name));
  if (members && !sets.has(name)) sets.set(name, new Set(members));
  return sets.get(name);
}
