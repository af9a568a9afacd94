// The blend: what a turn of a dial does to every score, in the browser. The same formula as knobs_core/engine.py:
//
//   scores = (1 - a) (base + sum_j supp_j v_j) + a floor + sum_j boost_j v_j
//
//   a        all boosts together, at most 1                  supp_j   std (z_s_j - z_j), z_s the code after suppression
//   v_j      scores of decoder row j, length n_items         boost_j  std s sum_k a_k r_kj, s the mass of the code
//
// Only the neurons whose coefficient changed since the last call cost a pass over the items.

class Blend {
  // person: {base, floor: Float32Array(n), std, mass, z: {neuron: activation}}; seen: columns never ranked;
  // columns: the items that the n scores belong to, where only candidates are here
  constructor(person, seen, columns) {
    Object.assign(this, person, { seen, columns });
    const n = person.base.length;
    this.scores = new Float32Array(n);
    this.parts = { supp: new Float32Array(n), boost: new Float32Array(n) };
    this.done = { supp: new Map(), boost: new Map() };
  }

  // dials: [{amount, recipe: [[neuron, weight], ...]}]
  coefficients(dials) {
    const boosts = dials.filter((dial) => dial.amount > 0);
    const total = boosts.reduce((sum, dial) => sum + dial.amount, 0);
    const scale = 1 / Math.max(1, total);
    const boost = new Map();
    for (const { amount, recipe } of boosts)
      for (const [j, weight] of recipe)
        boost.set(j, (boost.get(j) ?? 0) + this.std * this.mass * scale * amount * weight);
    const keep = new Map();
    for (const { amount, recipe } of dials.filter((dial) => dial.amount < 0)) {
      const largest = Math.max(...recipe.map(([, weight]) => weight));
      for (const [j, weight] of recipe) keep.set(j, (keep.get(j) ?? 1) * (1 + (amount * weight) / largest));
    }
    const supp = new Map();
    for (const [j, share] of keep) if (this.z[j]) supp.set(j, this.std * (share - 1) * this.z[j]);
    return { a: Math.min(total, 1), supp, boost };
  }

  // vectors: neuron -> Float32Array(n). Returns the scores, which stay valid until the next call.
  turn(dials, vectors) {
    const { a, supp, boost } = this.coefficients(dials);
    this.#update("supp", supp, vectors);
    this.#update("boost", boost, vectors);
    const { base, floor, scores } = this;
    const less = this.parts.supp, more = this.parts.boost, rest = 1 - a;
    for (let i = 0; i < scores.length; i++) scores[i] = rest * (base[i] + less[i]) + a * floor[i] + more[i];
    for (const i of this.seen) scores[i] = -Infinity;
    return scores;
  }

  // The n best items of a turn.
  best(dials, vectors, n) {
    const places = topN(this.turn(dials, vectors), n);
    return this.columns ? places.map((place) => this.columns[place]) : places;
  }

  #update(part, wanted, vectors) {
    const sum = this.parts[part], done = this.done[part];
    if (wanted.size === 0) {
      if (done.size) sum.fill(0); // at rest the sums are exactly zero again, whatever was added and taken away before
      done.clear();
      return;
    }
    for (const j of new Set([...done.keys(), ...wanted.keys()])) {
      const change = (wanted.get(j) ?? 0) - (done.get(j) ?? 0);
      const vector = vectors.get(j);
      if (change === 0 || !vector) continue;
      for (let i = 0; i < sum.length; i++) sum[i] += change * vector[i];
      wanted.has(j) ? done.set(j, wanted.get(j)) : done.delete(j);
    }
  }
}

// Columns of the n highest scores, best first; equal scores keep the order of the items.
function topN(scores, n) {
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
