// Where somebody stands on the map with their dials as they are: the network of knobs_core/maps/network.py and the steered
// embedding of knobs_core/steering/spread.py once more, so that the marker follows a hand without the server.
//
//   y'    = (1 - a) y + up a s_0 - down sum_k b_k s_k / d_k       of one hand: a dial at a, and all that stand at -b_k
//   place = W_3 relu(W_2 relu(W_1 x + b_1) + b_2) + b_3           x = sqrt(d) y' / |y'|, y' the mean over hands by amount
//
// s_k is what dial k stands for over its sigma, length d, and d_k its depth; up and down are the person's.

/** @import {Place} from "../shared/types.js" */

/**
 * A dial: how far it is turned, s, and its depth.
 * @typedef {{amount: number, step: Float32Array, depth: number}} Turned
 */

/**
 * A person: their embedding at rest, and how far dials at 1 and at -1 move them.
 * @typedef {{y: Float32Array, up: number, down: number}} Rest
 */

export class Network {
  /**
   * @param {Float32Array} weights all layers, one after the other: w1, b1, w2, b2, w3, b3
   * @param {number} width length of an embedding
   * @param {number} hidden
   */
  constructor(weights, width, hidden) {
    let at = 0;
    this.layers = [[hidden, width], [hidden, hidden], [2, hidden]].map(([rows, columns]) => {
      const weight = weights.subarray(at, at + rows * columns), bias = weights.subarray(at + rows * columns, at + rows * columns + rows);
      at += rows * columns + rows;
      return { weight, bias, columns };
    });
  }

  /**
   * @param {Float32Array} y
   * @returns {Place}
   */
  place(y) {
    const length = Math.max(Math.hypot(...y), 1e-12), root = Math.sqrt(y.length);
    let values = y.map((value) => (value * root) / length);
    this.layers.forEach(({ weight, bias, columns }, index) => {
      const last = index === this.layers.length - 1, found = new Float32Array(bias.length);
      for (let row = 0; row < bias.length; row++) {
        let sum = bias[row];
        for (let column = 0; column < columns; column++) sum += weight[row * columns + column] * values[column];
        found[row] = last ? sum : Math.max(sum, 0);
      }
      values = found;
    });
    return [values[0], values[1]];
  }
}

/**
 * A person's embedding with dials turned.
 * @param {Rest} rest
 * @param {Turned[]} dials
 */
export function steered({ y, up, down }, dials) {
  const less = dials.filter(({ amount }) => amount < 0), more = dials.filter(({ amount }) => amount > 0);
  const total = more.reduce((sum, { amount }) => sum + amount, 0), found = y.slice();
  for (const { amount, step } of more) {
    const share = amount / total;
    for (let i = 0; i < found.length; i++) found[i] += share * amount * (up * step[i] - y[i]);
  }
  for (const { amount, step, depth } of less) for (let i = 0; i < found.length; i++) found[i] += (down * amount * step[i]) / depth;
  return found;
}

/**
 * The way from rest to where the dials are, in even steps: all of them turned by the same share of what they are.
 * @param {Network} network
 * @param {Rest} rest
 * @param {Turned[]} dials
 * @param {number} steps
 * @returns {Place[]} steps + 1, the first at rest, the last now
 */
export function wayOf(network, rest, dials, steps) {
  return Array.from({ length: steps + 1 }, (_, step) => {
    const part = dials.map((dial) => ({ ...dial, amount: (dial.amount * step) / steps }));
    return network.place(steered(rest, part));
  });
}
