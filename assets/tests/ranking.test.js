// The first n: against the engine's, with ties in plenty, and against a plain sort.

import assert from "node:assert/strict";
import { test } from "node:test";

import { topN } from "../board/ranking.js";
import { golden, random } from "./golden.js";

test("rankings are the engine's; equal scores keep the order of the items", () => {
  for (const { scores, n, best } of golden("ranking").cases) assert.deepEqual(topN(Float32Array.from(scores), n), best);
});

test("they are those of a stable sort", () => {
  const next = random(2);
  for (let round = 0; round < 100; round++) {
    const scores = Float32Array.from({ length: 1 + Math.floor(next() * 90) }, () => Math.floor(next() * 20) / 4);
    const order = Array.from(scores.keys()).sort((i, j) => scores[j] - scores[i]);
    for (const n of [1, 2, 7, 20]) assert.deepEqual(topN(scores, n), order.slice(0, n));
  }
});

test("what counts as minus infinity is left out, and the list is then shorter", () => {
  assert.deepEqual(topN(Float32Array.of(-Infinity, 1, -Infinity, 2), 3), [3, 1]);
  assert.deepEqual(topN(Float32Array.of(-Infinity, -Infinity), 3), []);
  assert.deepEqual(topN(new Float32Array(0), 3), []);
});
