// The arrays that have arrived, and the blend that they allow: of the whole catalogue, or of candidates for the next turn.

/** @import {Dial} from "./blend.js" */
/** @import {BoardData, Knob, Ticks} from "../shared/types.js" */

import { rowsNamed } from "../shared/store.js";
import { Blend } from "./blend.js";
import { unpack } from "./catalogue.js";

export class Arrays {
  /** @type {Blend | null} */
  blend = null;
  of = ""; // what the blend is made of
  /** @type {Map<number, Float32Array>} */
  vectors = new Map();

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
    const rows = rowsNamed(person.blob);
    if (!rows || !knobs.every((knob) => rowsNamed(knob.blob))) {
      this.blend = null;
      return;
    }
    this.vectors = new Map(knobs.flatMap(vectorsOf));
    const of = `person ${person.token}`;
    if (!this.blend || this.of !== of) this.blend = new Blend({ ...person, base: rows[0], floor: rows[1] }, seen);
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
    this.blend = new Blend({ ...person, base: rows[0], floor: rows[1] }, [], pool.columns);
    this.vectors = new Map(pool.neurons.map((j, index) => [j, rows[index + 2]]));
    this.of = of;
  }

  /**
   * Whether the list blended here is the whole catalogue's. Candidates answer for one moved knob and for boosts up to 1.
   * @param {BoardData} data
   * @param {Dial[]} dials as they stand now, in the order of the server's
   */
  certain({ whole, knobs }, dials) {
    if (!this.blend) return false;
    if (whole) return true;
    const moved = dials.filter((dial, index) => dial.amount !== knobs[index].amount).length;
    return moved <= 1 && dials.reduce((sum, dial) => sum + Math.max(dial.amount, 0), 0) <= 1;
  }

  /**
   * The n best items with the dials turned, none without a blend.
   * @param {Dial[]} dials
   * @param {number} n
   */
  best(dials, n) {
    return this.blend ? this.blend.best(dials, this.vectors, n) : [];
  }
}

/**
 * Scores that one unit of each of a knob's neurons adds.
 * @param {Knob} knob
 * @returns {[neuron: number, scores: Float32Array][]}
 */
function vectorsOf({ blob, recipe }) {
  const rows = rowsNamed(blob) ?? [];
  return recipe.map(([j], index) => [j, rows[index]]);
}
