// The blend against the engine: coefficients, scores and lists, and that it forgets nothing and adds nothing up twice.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Blend } from "../board/blend.js";
import { golden, near, random } from "./golden.js";

const file = golden("blend");
const vectors = new Map(file.vectors.map((row, j) => [j, Float32Array.from(row)]));
const person = { ...file.person, base: Float32Array.from(file.person.base), floor: Float32Array.from(file.person.floor) };
const unseen = file.person.base.map((_, i) => i).filter((i) => !file.seen.includes(i));
const fresh = () => new Blend(person, file.seen);

/** @param {Map<number, number>} part */
const sorted = (part) => [...part].filter(([, value]) => value).sort(([i], [j]) => i - j);

/**
 * @param {Map<number, number>} found
 * @param {Record<string, number>} wanted
 * @param {string} where
 */
function same(found, wanted, where) {
  assert.deepEqual(sorted(found).map(([j]) => String(j)), Object.keys(wanted), where);
  near(sorted(found).map(([, value]) => value), Object.values(wanted), 1e-5, where);
}

for (const { name, dials, a, repelled, boosted, scores, best } of file.cases)
  test(`${name}: coefficients, scores and list are the engine's`, () => {
    const blend = fresh(), found = blend.coefficients(dials);
    near([found.a], [a], 1e-6, "a");
    same(found.less, repelled, "repelled");
    same(found.more, boosted, "boosted");
    const turned = blend.turn(dials, vectors);
    near(unseen.map((i) => turned[i]), unseen.map((i) => scores[i]), 1e-5, "scores");
    assert.deepEqual(blend.best(dials, vectors, best.length), best);
  });

test("what was seen is never ranked, however much is asked for", () => {
  for (const { dials } of file.cases) assert.equal(fresh().best(dials, vectors, 100).length, unseen.length);
});

test("turned again and again, one blend stays with the engine", () => {
  const blend = fresh(), next = random(1);
  for (let round = 0; round < 400; round++) {
    const { name, dials, scores, best } = file.cases[Math.floor(next() * file.cases.length)];
    const turned = blend.turn(dials, vectors);
    near(unseen.map((i) => turned[i]), unseen.map((i) => scores[i]), 2e-5, `${name}, round ${round}`);
    assert.deepEqual(blend.best(dials, vectors, best.length), best, `${name}, round ${round}`);
  }
});

test("a slow turn by small steps leads where one turn from rest does", () => {
  const slow = fresh();
  for (let step = -100; step <= 100; step++) {
    const dials = file.cases[8].dials.map((dial, i) => ({ ...dial, amount: (i ? 1 : -1) * (step / 100) }));
    near(slow.turn(dials, vectors), fresh().turn(dials, vectors), 2e-5, `step ${step}`);
  }
});

test("back at rest the scores are exactly those of before", () => {
  const blend = fresh(), rest = Float32Array.from(blend.turn([], vectors));
  near(unseen.map((i) => rest[i]), unseen.map((i) => person.base[i]), 0);
  for (const { name, dials } of file.cases) {
    blend.turn(dials, vectors);
    const stopped = dials.map((dial) => ({ ...dial, amount: 0 }));
    assert.deepEqual(blend.turn(stopped, vectors), rest, name);
  }
});

test("what is repelled, back at rest, is exact too, while a boost goes on", () => {
  const blend = fresh(), boost = file.cases[1].dials, wanted = Float32Array.from(blend.turn(boost, vectors));
  for (let round = 1; round < 30; round++)
    blend.turn([...boost, { amount: -round / 30, recipe: [[2, 0.6], [14, 0.4]] }], vectors);
  assert.deepEqual(blend.turn(boost, vectors), wanted);
});

test("a neuron whose scores have not come counts once they have", () => {
  const { dials, best } = file.cases[1], blend = fresh();
  blend.turn(dials, new Map());
  assert.deepEqual(blend.best(dials, vectors, best.length), best);
});
