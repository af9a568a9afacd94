// What the map works out before it draws: which point is meant, where names and tips go, colours, what moves, finds.

/** @import {Box} from "../map/labels.js" */
/** @import {MapData, Region} from "../shared/types.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera } from "../map/camera.js";
import { Glide } from "../map/glide.js";
import { claim, labels } from "../map/labels.js";
import { Lasso } from "../map/lasso.js";
import { ramp, shades } from "../map/legend.js";
import { nearest } from "../map/nearest.js";
import { tipPlace } from "../map/over.js";
import { edge, hits } from "../map/search.js";
import { sheetOf } from "../map/sheet.js";
import { shared } from "../shared/store.js";
import { near, random } from "./golden.js";

const screen = Object.assign(new Camera(), { width: 720, height: 512 });

/**
 * @param {string} name
 * @param {number} x
 * @param {number} y
 * @returns {Region}
 */
const region = (name, x, y) => ({ name, x, y, reach: 0.1 });

test("the nearest point within reach is meant, of those that count", () => {
  const xs = Float32Array.of(0.1, 0.5, 0.9), ys = Float32Array.of(0.1, 0.5, 0.9);
  const any = () => true;
  assert.equal(nearest(xs, ys, [0.45, 0.5], 0.1, any), 1);
  assert.equal(nearest(xs, ys, [0.45, 0.5], 0.04, any), -1);
  assert.equal(nearest(xs, ys, [0.45, 0.5], 2, (point) => point !== 1), 0);
  assert.equal(nearest(new Float32Array(0), new Float32Array(0), [0, 0], 9, any), -1);
});

test("of equally near points the first is meant", () => {
  assert.equal(nearest(Float32Array.of(0, 1), Float32Array.of(0, 0), [0.5, 0], 2, () => true), 0);
});

test("a part of the screen is taken once", () => {
  /** @type {Box[]} */
  const taken = [[0, 0, 10, 10]];
  assert.ok(!claim(taken, [9, 9, 20, 20]));
  assert.ok(claim(taken, [10, 0, 20, 10])); // side by side
  assert.equal(taken.length, 2);
});

test("names cover neither each other nor the marker, stay whole at the edges, and the weightiest come first", () => {
  const next = random(6), place = () => 2 * next() - 0.5;
  const regions = Array.from({ length: 200 }, (_, i) => region(`name ${i}`, place(), place()));
  /** @type {Box[]} */
  const taken = [[300, 200, 390, 228]];
  const found = labels(regions, screen, taken, (name, size) => name.length * size * 0.5);
  assert.ok(found.length > 10 && found.length <= 45);
  assert.equal(taken.length, found.length + 1);
  taken.forEach(([left, top, right, bottom], i) => {
    for (const other of taken.slice(i + 1))
      assert.ok(left >= other[2] || right <= other[0] || top >= other[3] || bottom <= other[1]);
  });
  for (const [left, , right] of taken.slice(1)) assert.ok(left >= -6 && right <= 726);
  const order = found.map(({ name }) => regions.findIndex((one) => one.name === name));
  assert.deepEqual(order, [...order].sort((i, j) => i - j));
  assert.deepEqual(found.map(({ size }) => size), found.map((_, i) => (i < 8 ? 14 : 12.5)));
});

test("no more names than can be read", () => {
  const regions = Array.from({ length: 900 }, (_, i) => region("", (i % 30) / 30, Math.floor(i / 30) / 30));
  const far = Object.assign(new Camera(), { width: 9000, height: 9000 });
  assert.equal(labels(regions, far, [], () => 1).length, 45);
});

test("a tip stays on the screen", () => {
  const tip = { width: 100, height: 40 };
  assert.deepEqual(tipPlace([50, 50], screen, tip), [62, 64]);
  assert.deepEqual(tipPlace([700, 500], screen, tip), [616, 446]);
  assert.deepEqual(tipPlace([-50, 50], screen, tip), [4, 64]);
});

test("colours by concept, alone or all, and along the ramp", () => {
  const concept = { name: "", column: "", names: ["a", "b"] }, values = Float32Array.of(0, 1, -1);
  assert.deepEqual([...shades(values, concept, -1)], [63, 127, 193, 225, 232, 132, 44, 225, 140, 132, 122, 120]);
  assert.deepEqual([...shades(values, concept, 1)].filter((_, i) => i % 4 === 3), [40, 225, 40]);
  const year = { name: "", column: "", low: 1950, high: 2000, from: "", to: "" };
  const found = shades(Float32Array.of(1900, 2000, NaN), year, -1);
  assert.deepEqual([...found], [68, 50, 130, 215, 240, 200, 40, 215, 140, 132, 122, 120]);
  assert.deepEqual(ramp(0.25), [49, 104, 142]);
  assert.deepEqual(ramp(0.125), [59, 77, 136]);
  assert.deepEqual(ramp(9), ramp(1));
});

test("what moves glides from where it is, unless it is somebody else's or nothing is to move", () => {
  const glide = new Glide();
  glide.aim([0, 0, 1, 1], "a", false, 1000);
  assert.ok(glide.step(1000) === false);
  near(glide.places, [0, 0, 1, 1], 0); // there from the first
  glide.aim([1, 0, 1, 0], "a", false, 2000);
  assert.equal(glide.step(2130), false);
  near(glide.places, [0.875, 0, 1, 0.125], 1e-6);
  glide.aim([0, 0, 0, 0], "a", false, 2130); // another way from there
  near(glide.places, [0.875, 0, 1, 0.125], 1e-6);
  assert.equal(glide.step(2390), true);
  near(glide.places, [0, 0, 0, 0], 0);
  glide.aim([5, 5, 5, 5], "b", false, 3000);
  near(glide.places, [5, 5, 5, 5], 0);
  glide.aim([6, 6], "b", false, 3000);
  near(glide.places, [6, 6], 0);
  glide.aim([7, 7], "b", true, 3000);
  near(glide.places, [7, 7], 0);
});

test("regions are found before points, by any part of a name", () => {
  const regions = Array.from({ length: 6 }, (_, i) => region(`Anime ${i}`, 0, 0));
  const names = Array.from({ length: 20 }, (_, i) => ({ title: i % 2 ? `Animal ${i}` : "Heat", detail: "" }));
  const found = hits("ani", regions, names);
  assert.deepEqual(found.map(({ name }) => name), [
    "Region: Anime 0", "Region: Anime 1", "Region: Anime 2", "Region: Anime 3", "Animal 1", "Animal 3", "Animal 5", "Animal 7",
  ]);
  assert.deepEqual(hits("eat", regions, names).map((hit) => "point" in hit && hit.point), [0, 2, 4, 6, 8, 10, 12, 14]);
  assert.deepEqual(hits("zzz", regions, names), []);
});

test("a region's edge is a circle around it", () => {
  const corners = edge({ name: "", x: 0.3, y: 0.7, reach: 0.2 });
  assert.equal(corners.length, 24);
  for (const [x, y] of corners) near([Math.hypot(x - 0.3, y - 0.7)], [0.2], 1e-12);
});

test("a lasso grows by steps that can be seen, and only in hand", () => {
  const idle = new Lasso(), lasso = new Lasso();
  idle.begin([0.5, 0.5]);
  assert.equal(idle.drawing, null);
  lasso.take(true);
  lasso.begin(screen.place(100, 100));
  lasso.reach(screen, 103, 100);
  const { drawing } = lasso;
  assert.equal(drawing?.length, 1);
  for (let step = 0; step < 500; step++) lasso.reach(screen, 110 + 10 * step, 100);
  assert.equal(drawing.length, 300);
  near(screen.screen(...drawing[1]), [110, 100], 1e-9);
  lasso.take(false);
  assert.equal(lasso.drawing, null);
});

test("a sheet is there once all of it is", () => {
  const data = /** @type {MapData} */ ({ points: "points", names: "json names", facts: "json facts" });
  shared.blobs.set("points", [Float32Array.of(1), Float32Array.of(2)]);
  shared.blobs.set("json names", { columns: [0], rows: [{ title: "Heat" }] });
  assert.equal(sheetOf(data), undefined);
  shared.blobs.set("json facts", { columns: ["x", "y"] });
  const sheet = sheetOf(data);
  assert.deepEqual(sheet?.columns, { x: Float32Array.of(1), y: Float32Array.of(2) });
  assert.equal(sheet?.names[0].title, "Heat");
  shared.blobs.set("json names", [{ title: "heist", key: "#1" }]);
  assert.equal(sheetOf(data)?.names[0].key, "#1");
});
