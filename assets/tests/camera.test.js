// The camera against affine maps worked out in Python, and what must hold wherever it stands.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera, whole } from "../map/camera.js";
import { golden, near, random } from "./golden.js";

const file = golden("camera");

/** @param {[number, number]} size */
function camera([width, height]) {
  return Object.assign(new Camera(), { width, height });
}

/**
 * @param {Camera} moved
 * @param {"zoom" | "pan" | "fly" | "home"} what
 * @param {number[]} how
 */
function move(moved, what, [a, b, c]) {
  if (what === "zoom") moved.zoom(a, b, c);
  if (what === "pan") moved.pan(a, b);
  if (what === "fly") moved.fly(a, b, c);
  if (what === "home") moved.home();
}

for (const name of /** @type {const} */ (["wide", "tall"]))
  test(`on a ${name} screen every move leads where the affine map says`, () => {
    const moved = camera(file.sizes[name]);
    file[name].forEach((step, index) => {
      const where = `step ${index}, ${step.do} ${step.how}`;
      move(moved, step.do, step.how);
      near([moved.view.x, moved.view.y, moved.view.zoom], [step.view.x, step.view.y, step.view.zoom], 2e-6, where);
      near([moved.scale], [step.scale], 1e-3, where);
      step.places.forEach((place, i) => near(moved.screen(...place), step.screen[i], 0.02, where));
    });
  });

test("from the screen to the map and back", () => {
  const moved = camera([720, 512]), next = random(3);
  for (let round = 0; round < 200; round++) {
    moved.zoom(0.5 + 1.2 * next(), 720 * next(), 512 * next());
    moved.pan(200 * next() - 100, 200 * next() - 100);
    const left = 720 * next(), top = 512 * next();
    near(moved.screen(...moved.place(left, top)), [left, top], 1e-6, `round ${round}`);
  }
});

test("a zoom keeps the place it is about", () => {
  const moved = camera([720, 512]), next = random(4);
  for (let round = 0; round < 200; round++) {
    const left = 720 * next(), top = 512 * next(), before = moved.place(left, top);
    moved.zoom(Math.exp(3 * next() - 1.5), left, top);
    near(moved.place(left, top), before, 1e-9, `round ${round}`);
  }
});

test("a pan moves what is on the screen by so many pixels", () => {
  const moved = camera([720, 512]), before = moved.screen(0.4, 0.6);
  moved.pan(30, -20);
  near(moved.screen(0.4, 0.6), [before[0] - 30, before[1] + 20], 1e-9);
});

test("it stays near the map and within what can be told apart", () => {
  const moved = camera([720, 512]);
  moved.pan(1e9, -1e9);
  assert.deepEqual([moved.view.x, moved.view.y], [2, -1]);
  moved.zoom(1e9);
  assert.equal(moved.view.zoom, 120);
  moved.zoom(1e-9);
  assert.equal(moved.view.zoom, 0.5);
});

test("home is the whole map, and the kept view is the one that moves", () => {
  const moved = camera([720, 512]), kept = whole();
  moved.view = kept;
  moved.fly(0.1, 0.2, 5);
  assert.deepEqual(kept, { x: 0.1, y: 0.2, zoom: 5 });
  moved.fly(0.3, 0.3, 2); // does not go farther away
  assert.deepEqual(kept, { x: 0.3, y: 0.3, zoom: 5 });
  moved.home();
  assert.deepEqual(kept, { x: 0.5, y: 0.5, zoom: 1 });
  for (const corner of [moved.screen(0, 0), moved.screen(1, 1)])
    assert.ok(corner[0] > 0 && corner[0] < 720 && corner[1] > 0 && corner[1] < 512);
});
