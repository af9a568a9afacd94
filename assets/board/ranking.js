// The first of many, without sorting all.

/**
 * Columns of the n highest scores, best first; equal scores keep the order of the items.
 * @param {Float32Array} scores
 * @param {number} n
 * @returns {number[]}
 */
export function topN(scores, n) {
  const items = new Int32Array(n).fill(-1), values = new Float32Array(n).fill(-Infinity);
  let least = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const value = scores[i];
    if (!(value > least)) continue;
    let place = n - 1;
    while (place > 0 && values[place - 1] < value) {
      values[place] = values[place - 1];
      items[place] = items[place - 1];
      place--;
    }
    values[place] = value;
    items[place] = i;
    least = values[n - 1];
  }
  return Array.from(items).filter((item) => item >= 0);
}
