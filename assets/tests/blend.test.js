// The blend against the engine: scores of every hand, lists and who deals what, and that it forgets and adds nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Blend } from "../board/blend.js";
import { golden, near, random } from "./golden.js";

const file = golden("blend");
const vectors = new Map(Object.entries(file.vectors).map(([key, row]) => [key, Float32Array.from(row)]));
const person = { ...file.person, base: Float32Array.from(file.person.base) };
const unseen = file.person.base.map((_, i) => i).filter((i) => !file.seen.includes(i));
const fresh = () => new Blend(person, file.seen);

/**
 * @param {Blend} blend
 * @param {{key: string, amount: number, depth: number}[]} dials
 */
const hands = (blend, dials) => blend.hands(dials, vectors, (scores, more) => ({ key: more?.key ?? "", scores: [...scores] }));

for (const { name, dials, hands: wanted, best, by } of file.cases)
  test(`${name}: hands, scores and list are the engine's`, () => {
    const blend = fresh(), found = hands(blend, dials);
    assert.deepEqual(found.map(({ key }) => key), wanted.map(({ key }) => key));
    found.forEach(({ scores }, hand) =>
      near(unseen.map((i) => scores[i]), unseen.map((i) => wanted[hand].scores[i]), 1e-5, "scores"));
    assert.deepEqual(blend.deal(dials, vectors, best.length), { items: best, by });
  });

test("what was seen is never dealt, however much is asked for", () => {
  for (const { dials } of file.cases) {
    const { items } = fresh().deal(dials, vectors, 100);
    assert.equal(items.length, unseen.length);
    assert.deepEqual([...items].sort((i, j) => i - j), unseen);
  }
});

test("turned again and again, one blend stays with the engine", () => {
  const blend = fresh(), next = random(1);
  for (let round = 0; round < 400; round++) {
    const { name, dials, best } = file.cases[Math.floor(next() * file.cases.length)];
    assert.deepEqual(blend.deal(dials, vectors, best.length).items, best, `${name}, round ${round}`);
  }
});

test("back at rest the scores are exactly those of before", () => {
  const blend = fresh(), [rest] = hands(blend, []);
  near(unseen.map((i) => rest.scores[i]), unseen.map((i) => person.base[i]), 0);
  for (const { name, dials } of file.cases) {
    hands(blend, dials);
    const stopped = dials.map((dial) => ({ ...dial, amount: 0 }));
    assert.deepEqual(hands(blend, stopped), [rest], name);
  }
});

test("a knob whose scores have not come counts once they have", () => {
  const { dials, best } = file.cases[1], blend = fresh();
  const rest = blend.deal([], vectors, best.length).items;
  assert.deepEqual(blend.deal(dials, new Map(), best.length).items, rest);
  assert.deepEqual(blend.deal(dials, vectors, best.length).items, best);
});
