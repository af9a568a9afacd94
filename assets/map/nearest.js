// Which point is meant.

/**
 * The point nearest to a place on the map, -1 where none is within reach.
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 * @param {[x: number, y: number]} place
 * @param {number} reach
 * @param {(point: number) => boolean} counts whether a point may be meant
 */
export function nearest(xs, ys, [x, y], reach, counts) {
  let best = -1, least = reach ** 2;
  for (let i = 0; i < xs.length; i++) {
    const away = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
    if (away < least && counts(i)) {
      least = away;
      best = i;
    }
  }
  return best;
}
