// The blend: what a turn of a dial does to every score, in the browser. The same formula as the Python engine:
//
//   scores = (1 - a) base + a floor + sum_j less_j v_j + sum_j more_j v_j
//
//   a        all boosts together, at most 1                  more_j   std s sum_k a_k r_kj, s the mass of the code
//   v_j      scores of decoder row j, length n_items         less_j   -REPEL std s sum_k b_k r_kj, dials that stand at -b_k
//
// Only the neurons whose coefficient changed since the last call cost a pass over the items.

const REPEL = 1.25; // how much harder a dial pushes away than it pulls, as in knobs_core/steering/dials.py

/** @import {Recipe} from "../shared/types.js" */

import { topN } from "./ranking.js";

/**
 * A recipe with an amount.
 * @typedef {{amount: number, recipe: Recipe}} Dial
 */

/**
 * A person: scores at rest, what is left of them when the code is empty, and how much a unit of it counts.
 * @typedef {{base: Float32Array, floor: Float32Array, std: number, mass: number}} Code
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
    this.less = { sum: new Float32Array(n), done: new Map() };
    /** @type {Part} */
    this.more = { sum: new Float32Array(n), done: new Map() };
  }

  /** @param {Dial[]} dials */
  coefficients(dials) {
    const unit = this.person.std * this.person.mass;
    const total = dials.reduce((sum, dial) => sum + Math.max(dial.amount, 0), 0);
    const scale = 1 / Math.max(1, total);
    const less = new Map(), more = new Map();
    for (const { amount, recipe } of dials.filter((dial) => dial.amount)) {
      const part = amount > 0 ? more : less, strength = unit * amount * (amount > 0 ? scale : REPEL);
      for (const [j, weight] of recipe) part.set(j, (part.get(j) ?? 0) + strength * weight);
    }
    return { a: Math.min(total, 1), less, more };
  }

  /**
   * The scores, which stay valid until the next call.
   * @param {Dial[]} dials
   * @param {Map<number, Float32Array>} vectors by neuron
   */
  turn(dials, vectors) {
    const { a, less: repelled, more: boosted } = this.coefficients(dials);
    update(this.less, repelled, vectors);
    update(this.more, boosted, vectors);
    const { scores, person } = this, { base, floor } = person;
    const less = this.less.sum, more = this.more.sum, rest = 1 - a;
    for (let i = 0; i < scores.length; i++) scores[i] = rest * base[i] + a * floor[i] + less[i] + more[i];
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
