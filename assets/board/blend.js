// The blend: what a turn of a dial does to every score, in the browser. The same formula as the Python engine:
//
//   scores = (1 - a) (base + sum_j supp_j v_j) + a floor + sum_j boost_j v_j
//
//   a        all boosts together, at most 1                  supp_j   std (z_s_j - z_j), z_s the code after suppression
//   v_j      scores of decoder row j, length n_items         boost_j  std s sum_k a_k r_kj, s the mass of the code
//
// Only the neurons whose coefficient changed since the last call cost a pass over the items.

/** @import {Recipe} from "../shared/types.js" */

import { topN } from "./ranking.js";

/**
 * A recipe with an amount.
 * @typedef {{amount: number, recipe: Recipe}} Dial
 */

/**
 * A person: scores at rest, what is left of them when the code is empty, and the code itself.
 * @typedef {{base: Float32Array, floor: Float32Array, std: number, mass: number, z: Record<string, number>}} Code
 */

/**
 * What has been added up so far: the sum, and the coefficient of each neuron in it.
 * @typedef {{sum: Float32Array, done: Map<number, number>}} Part
 */

export class Blend {
  /**
   * @param {Code} person
   * @param {number[]} seen columns that are never ranked
   * @param {number[]} [columns] the items that the scores belong to, where only candidates are here
   */
  constructor(person, seen, columns) {
    this.person = person;
    this.seen = seen;
    this.columns = columns;
    const n = person.base.length;
    this.scores = new Float32Array(n);
    /** @type {Part} */
    this.supp = { sum: new Float32Array(n), done: new Map() };
    /** @type {Part} */
    this.boost = { sum: new Float32Array(n), done: new Map() };
  }

  /** @param {Dial[]} dials */
  coefficients(dials) {
    const { std, mass, z } = this.person;
    const boosts = dials.filter((dial) => dial.amount > 0);
    const total = boosts.reduce((sum, dial) => sum + dial.amount, 0);
    const scale = 1 / Math.max(1, total);
    const boost = new Map();
    for (const { amount, recipe } of boosts)
      for (const [j, weight] of recipe) boost.set(j, (boost.get(j) ?? 0) + std * mass * scale * amount * weight);
    const keep = new Map();
    for (const { amount, recipe } of dials.filter((dial) => dial.amount < 0)) {
      const largest = Math.max(...recipe.map(([, weight]) => weight));
      for (const [j, weight] of recipe) keep.set(j, (keep.get(j) ?? 1) * (1 + (amount * weight) / largest));
    }
    const supp = new Map();
    for (const [j, share] of keep) if (z[j]) supp.set(j, std * (share - 1) * z[j]);
    return { a: Math.min(total, 1), supp, boost };
  }

  /**
   * The scores, which stay valid until the next call.
   * @param {Dial[]} dials
   * @param {Map<number, Float32Array>} vectors by neuron
   */
  turn(dials, vectors) {
    const { a, supp, boost } = this.coefficients(dials);
    update(this.supp, supp, vectors);
    update(this.boost, boost, vectors);
    const { scores, person } = this, { base, floor } = person;
    const less = this.supp.sum, more = this.boost.sum, rest = 1 - a;
    for (let i = 0; i < scores.length; i++) scores[i] = rest * (base[i] + less[i]) + a * floor[i] + more[i];
    for (const i of this.seen) scores[i] = -Infinity;
    return scores;
  }

  /**
   * The n best items of a turn.
   * @param {Dial[]} dials
   * @param {Map<number, Float32Array>} vectors
   * @param {number} n
   */
  best(dials, vectors, n) {
    const places = topN(this.turn(dials, vectors), n), { columns } = this;
    return columns ? places.map((place) => columns[place]) : places;
  }
}

/**
 * Bring a sum to the coefficients that are wanted.
 * @param {Part} part
 * @param {Map<number, number>} wanted
 * @param {Map<number, Float32Array>} vectors
 */
function update({ sum, done }, wanted, vectors) {
  if (wanted.size === 0) {
    if (done.size) sum.fill(0); // at rest the sums are exactly zero again, whatever was added and taken away before
    done.clear();
    return;
  }
  for (const j of new Set([...done.keys(), ...wanted.keys()])) {
    const amount = wanted.get(j), change = (amount ?? 0) - (done.get(j) ?? 0);
    const vector = vectors.get(j);
    if (change === 0 || !vector) continue;
    for (let i = 0; i < sum.length; i++) sum[i] += change * vector[i];
    if (amount === undefined) done.delete(j);
    else done.set(j, amount);
  }
}
