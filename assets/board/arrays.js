// The arrays that have arrived, and the blend that they allow: of the whole catalogue, or of candidates for the next turn.

/** @import {Dealt, Dial} from "./blend.js" */
/** @import {BoardData, Ticks} from "../shared/types.js" */

import { rowsNamed, shared } from "../shared/store.js";
import { Blend } from "./blend.js";
import { unpack } from "./catalogue.js";

export class Arrays {
  /** @type {Blend | null} */
  blend = null;
  of = ""; // what the blend is made of
  /**
   * What each knob does to scores, by key.
   * @type {Map<string, Float32Array>}
   */
  vectors = new Map();
  /**
   * The like that speaks most for each candidate.
   * @type {Map<number, number>}
   */
  because = new Map();

  /**
   * Build the blend for what the server says, once all it needs is here.
   * @param {BoardData} data
   * @param {Ticks} [after] what came after the list
   */
  take(data, after) {
    if (!data.linear) return;
    if (data.whole) this.#takeWhole(data);
    else this.#takePool(data, after);
  }

  /**
   * The whole catalogue is here: its arrays come once a person and once a knob.
   * @param {BoardData & {linear: true}} data
   */
  #takeWhole({ person, knobs, seen }) {
    const rows = rowsNamed(person.blob), vectors = new Map(), never = /** @type {number[] | undefined} */ (shared.blobs.get(seen));
    for (const { key, blob } of knobs) {
      const unit = rowsNamed(blob)?.[0];
      if (unit) vectors.set(key, unit);
    }
    if (!rows || !never || vectors.size < knobs.length) {
      this.blend = null;
      return;
    }
    this.vectors = vectors;
    const of = `person ${person.token}`;
    if (!this.blend || this.of !== of) this.blend = new Blend({ ...person, base: rows[0] }, never);
    this.of = of;
  }

  /**
   * Candidates alone are here: those that can enter the list with the next turn of one knob, new after every release.
   * @param {BoardData & {linear: true}} data
   * @param {Ticks} [after]
   */
  #takePool({ person, state }, after) {
    const pool = after?.state === state ? after.pool : null;
    const rows = pool && unpack(pool.items) && rowsNamed(pool.blob);
    if (!pool || !rows) {
      this.blend = null;
      return;
    }
    const of = `pool ${pool.blob}`;
    if (this.blend && this.of === of) return;
    this.blend = new Blend({ ...person, base: rows[0] }, [], pool.columns);
    this.because = new Map(pool.columns.map((column, index) => [column, pool.because[index]]));
    this.vectors = new Map(pool.keys.map((key, index) => [key, rows[index + 1]]));
    this.of = of;
  }

  /**
   * Whether the list blended here is the whole catalogue's. Candidates answer for one moved knob.
   * @param {BoardData} data
   * @param {Dial[]} dials as they stand now, in the order of the server's
   */
  certain({ whole, knobs }, dials) {
    if (!this.blend) return false;
    if (whole) return true;
    return dials.filter((dial, index) => dial.amount !== knobs[index].amount).length <= 1;
  }

  /**
   * The list of n with the dials turned, empty without a blend.
   * @param {Dial[]} dials
   * @param {number} n
   * @returns {Dealt}
   */
  deal(dials, n) {
    return this.blend ? this.blend.deal(dials, this.vectors, n) : { items: [], by: [] };
  }
}
