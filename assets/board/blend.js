// The blend: what a turn of a dial does to every score, in the browser. The same formulas as the Python engine:
//
//   scores = (1 - a) base + up a u_0 - down sum_k b_k u_k / d_k       of one hand: a dial at a, and all that stand at -b_k
//
// u_k is what the direction of dial k does to scores, length n_items, and d_k its depth; up and down are the person's.
// Every dial above 0 makes such a list, and they take turns: the p-th title of a dial at a is due at p / a.

import { topN } from "./ranking.js";

/**
 * A knob's key, how far it is turned, and the depth of what it does.
 * @typedef {{key: string, amount: number, depth: number}} Dial
 */

/**
 * A person: scores at rest, and how far dials at 1 and at -1 move them.
 * @typedef {{base: Float32Array, up: number, down: number}} Person
 */

/**
 * A list: items, best first, and for each the key of the dial that dealt it, "" where dials do not take turns.
 * @typedef {{items: number[], by: string[]}} Dealt
 */

export class Blend {
  /**
   * @param {Person} person
   * @param {number[]} seen columns that are never ranked
   * @param {number[]} [columns] the items that the scores belong to, where only candidates are here
   */
  constructor(person, seen, columns) {
    this.person = person;
    this.seen = seen;
    this.columns = columns;
    this.scores = new Float32Array(person.base.length);
    this.less = new Float32Array(person.base.length);
  }

  /**
   * Scores of one hand, which stay valid until the next call.
   * @param {Dial | undefined} more the dial that brings more
   * @param {Map<string, Float32Array>} vectors u by key; a dial whose vector has not come does nothing
   */
  #hand(more, vectors) {
    const { scores, less } = this, { base } = this.person;
    const unit = more && vectors.get(more.key);
    const up = unit ? this.person.up * more.amount : 0, left = unit ? 1 - more.amount : 1;
    if (unit) for (let i = 0; i < scores.length; i++) scores[i] = left * base[i] + up * unit[i] + less[i];
    else for (let i = 0; i < scores.length; i++) scores[i] = base[i] + less[i];
    for (const i of this.seen) scores[i] = -Infinity;
    return scores;
  }

  /**
   * The hands of a turn: scores of each dial that brings more, in the order in which equals are dealt.
   * @template T
   * @param {Dial[]} dials
   * @param {Map<string, Float32Array>} vectors
   * @param {(scores: Float32Array, more: Dial | undefined) => T} each called with scores that are valid until it returns
   */
  hands(dials, vectors, each) {
    const { less, person } = this;
    less.fill(0);
    for (const { key, amount, depth } of dials) {
      const unit = amount < 0 && vectors.get(key);
      if (!unit) continue;
      const down = (person.down * amount) / depth;
      for (let i = 0; i < less.length; i++) less[i] += down * unit[i];
    }
    /** @type {(Dial | undefined)[]} */
    const more = inTurn(dials.filter(({ amount }) => amount > 0));
    return (more.length ? more : [undefined]).map((one) => each(this.#hand(one, vectors), one));
  }

  /**
   * The n items that a turn deals.
   * @param {Dial[]} dials
   * @param {Map<string, Float32Array>} vectors
   * @param {number} n
   * @returns {Dealt}
   */
  deal(dials, vectors, n) {
    const { columns } = this;
    const lists = this.hands(dials, vectors, (scores, more) => ({ more, items: topN(scores, n) }));
    const due = lists.flatMap(({ more, items }, hand) =>
      items.map((place, index) => ({
        item: columns ? columns[place] : place,
        time: (index + 1) / (more?.amount ?? 1),
        hand,
        by: lists.length > 1 ? (more?.key ?? "") : "",
      })),
    );
    due.sort((one, other) => one.time - other.time || one.hand - other.hand);
    const dealt = new Map();
    for (const { item, by } of due) {
      if (dealt.size === n) break;
      if (!dealt.has(item)) dealt.set(item, by);
    }
    return { items: [...dealt.keys()], by: [...dealt.values()] };
  }
}

/**
 * Dials in the order in which equals are dealt: the larger amount first, then by key.
 * @param {Dial[]} dials
 */
function inTurn(dials) {
  return [...dials].sort((one, other) => other.amount - one.amount || (one.key < other.key ? -1 : 1));
}
