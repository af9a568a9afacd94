// What lies still on a map, from the arrays that have arrived.

/** @import {Facts, Items, MapData, Named} from "../shared/types.js" */

import { rowsNamed, shared } from "../shared/store.js";

/**
 * id: of the map; columns: numbers of its points by name, x, y and size among them; names: what the points are called.
 * @typedef {{id: string, columns: Record<string, Float32Array>, names: Named[], facts: Facts}} Sheet
 */

/**
 * The sheet that the server means; undefined until all of it is here.
 * @param {MapData} data
 * @returns {Sheet | undefined}
 */
export function sheetOf(data) {
  const rows = rowsNamed(data.points);
  const names = /** @type {Named[] | Items | undefined} */ (shared.blobs.get(data.names));
  const facts = /** @type {Facts | undefined} */ (shared.blobs.get(data.facts));
  if (!rows || !names || !facts) return undefined;
  const columns = Object.fromEntries(facts.columns.map((name, index) => [name, rows[index]]));
  return { id: data.points, columns, names: "rows" in names ? names.rows : names, facts };
}
