// Candidates instead of the whole catalogue: which settings they answer for, and that they then answer right.

/** @import {BoardData, Item, Knob, Ticks} from "../shared/types.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Arrays } from "../board/arrays.js";
import { shared } from "../shared/store.js";
import { golden } from "./golden.js";

const file = golden("candidates");

/** @type {Knob[]} */
const knobs = file.now.map(({ key, amount, depth }) => {
  const words = { name: key, facts: "", gloss: "", hint: "" };
  return { key, kind: "neuron", amount, up: [1], down: [-1], depth, blob: "", added: true, level: 0, ...words };
});
/** @type {Ticks} */
const after = {
  state: "now",
  ticks: {},
  pool: { blob: "pool", columns: file.columns, keys: file.now.map(({ key }) => key), items: "json pool", because: file.columns },
};

/**
 * @param {Partial<BoardData>} more
 * @returns {BoardData}
 */
const said = (more = {}) =>
  /** @type {BoardData} */ ({
    version: "", state: "now", linear: true, whole: false, items: "", before: [], after: [], ranks: {}, seen: "seen", because: {},
    by: [], knobs, way: "themes", more: { n: 0, shown: false }, pins: [], facets: { years: [], genres: [] }, n: 20, marked: 0,
    filters: { first: null, last: null, only: [], without: [], fresh: false }, undo: false, redo: false, catalogue: "", group: null, words: { one: "title", many: "titles" },
    person: { token: "somebody", ...file.person }, ...more,
  });

/** @param {number[]} amounts */
const turned = (amounts) => knobs.map((knob, i) => ({ ...knob, amount: amounts[i] }));

function arrive() {
  shared.blobs.set("pool", file.rows.map((row) => Float32Array.from(row)));
  shared.blobs.set("json pool", { columns: [], rows: /** @type {Item[]} */ ([]) });
}

function taken() {
  arrive();
  const arrays = new Arrays();
  arrays.take(said(), after);
  return arrays;
}

for (const { amounts, certain, best } of file.turns)
  test(`at ${amounts}, ${certain ? "certain" : "not certain"}`, () => {
    const arrays = taken(), dials = turned(amounts);
    assert.equal(arrays.certain(said(), dials), certain);
    if (certain) assert.deepEqual(arrays.deal(dials, best.length).items, best);
  });

test("where they do not answer, they would answer wrong", () => {
  const wrong = file.turns.filter(({ amounts, best }) => taken().deal(turned(amounts), best.length).items.join() !== best.join());
  assert.ok(wrong.length >= 3);
  for (const { missing, certain } of wrong) assert.ok(missing.length && !certain);
});

test("the whole catalogue answers for every setting, and nothing answers before it is here", () => {
  const arrays = taken(), far = turned([1, 1, -1]);
  assert.equal(arrays.certain(said({ whole: true }), far), true);
  assert.equal(new Arrays().certain(said({ whole: true }), far), false);
  assert.deepEqual(new Arrays().deal(far, 10), { items: [], by: [] });
});

test("candidates of another state, or that have not come, are not used", () => {
  const arrays = taken();
  arrays.take(said({ state: "later" }), after);
  assert.equal(arrays.blend, null);
  arrays.take(said(), after);
  assert.ok(arrays.blend);
  shared.blobs.delete("pool");
  arrays.take(said(), after);
  assert.equal(arrays.blend, null);
  arrays.take(said(), undefined);
  assert.equal(arrays.blend, null);
});

test("the whole catalogue is taken once person and knobs are here, and kept for as long as the person stays", () => {
  const arrays = new Arrays(), named = knobs.map((knob) => ({ ...knob, blob: `knob ${knob.key}` }));
  const whole = said({ whole: true, knobs: named });
  if (whole.linear) whole.person.blob = "person";
  shared.blobs.set("person", [Float32Array.of(1, 2, 3)]);
  shared.blobs.set("seen", []);
  arrays.take(whole);
  assert.equal(arrays.blend, null);
  for (const knob of whole.knobs) shared.blobs.set(knob.blob, [Float32Array.of(0, 0, 1)]);
  arrays.take(whole);
  const { blend } = arrays;
  assert.deepEqual(arrays.deal(turned([0, 0, 0]), 2).items, [2, 1]);
  assert.deepEqual([...arrays.vectors.keys()], file.now.map(({ key }) => key));
  arrays.take(said({ ...whole, version: "next" }));
  assert.equal(arrays.blend, blend);
  arrays.take(said({ ...whole, linear: true, person: { ...file.person, token: "somebody else", blob: "person" } }));
  assert.notEqual(arrays.blend, blend);
});
