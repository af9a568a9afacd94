// Where somebody stands on the map with their dials turned, against what Python says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Network, steered, wayOf } from "../map/place.js";
import { golden, near } from "./golden.js";

const file = golden("place"), { up, down, y } = file.person;
const rest = { up, down, y: Float32Array.from(y) };
const network = new Network(Float32Array.from(file.network.weights), y.length, file.network.hidden);

/** @param {{key: string, amount: number}[]} dials */
const turned = (dials) =>
  dials.map(({ key, amount }) => ({ amount, step: Float32Array.from(file.knobs[key].step), depth: file.knobs[key].depth }));

for (const { name, dials, y: wanted, place } of file.cases)
  test(`${name}: embedding and place are Python's`, () => {
    const found = steered(rest, turned(dials));
    near(found, wanted, 1e-5, name);
    near(network.place(found), place, 1e-5, name);
  });

test("a way leads from rest to now in even shares of the dials, and leaves the person as they were", () => {
  const { dials, place } = file.cases[file.cases.length - 1], way = wayOf(network, rest, turned(dials), 8);
  assert.equal(way.length, 9);
  near(way[0], network.place(Float32Array.from(y)), 0);
  near(way[8], place, 1e-5);
  const half = turned(dials).map((dial) => ({ ...dial, amount: dial.amount / 2 }));
  near(way[4], network.place(steered(rest, half)), 1e-6);
  near(rest.y, Float32Array.from(y), 0);
});

test("only the direction of an embedding counts", () => {
  const other = Float32Array.from(y, (value) => 3 * value);
  near(network.place(other), network.place(rest.y), 1e-5);
});
