// What the map works out before it draws: which point is meant, where names and tips go, colours, what moves, finds.

/** @import {Box} from "../map/labels.js" */
/** @import {Sheet} from "../map/sheet.js" */
/** @import {Facts, MapData, Place, Region, Taste} from "../shared/types.js" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera } from "../map/camera.js";
import { tints } from "../map/field.js";
import { Glide } from "../map/glide.js";
import { claim, famous, labels, overlap, short } from "../map/labels.js";
import { fitting } from "../map/pen.js";
import { Lasso } from "../map/lasso.js";
import { ramp, shades } from "../map/legend.js";
import { nearest } from "../map/nearest.js";
import { tipPlace } from "../map/over.js";
import { Person } from "../map/person.js";
import { Pins } from "../map/pins.js";
import { edge, hits } from "../map/search.js";
import { sheetOf } from "../map/sheet.js";
import { tallness } from "../map/stage.js";
import { moveWords, towards } from "../map/words.js";
import { publish, shared } from "../shared/store.js";
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

/**
 * A map with points here and there.
 * @param {number} n
 * @param {Partial<Facts>} facts
 * @returns {Sheet}
 */
function sheetWith(n, facts) {
  const next = random(6), xs = Float32Array.from({ length: n }, () => 1.4 * next() - 0.2);
  const ys = Float32Array.from({ length: n }, () => 1.4 * next() - 0.2), popular = Float32Array.from({ length: n }, (_, i) => (i * 7) % n);
  const names = Array.from({ length: n }, (_, i) => ({ title: `title ${i}`, detail: "" }));
  const all = { modes: [], territories: [], regions: [], event: "item", lasso: true, find: "", dot: 3, columns: [], ...facts };
  return { id: "map", columns: { x: xs, y: ys, popular }, names, facts: all };
}

/** @param {string} name */
const wide = (name) => name.length * 7;

test("territories come first, then titles by their fame, and none covers another or leaves the screen", () => {
  const sheet = sheetWith(300, { territories: [region("drama", 0.5, 0.5), region("off", 3, 3), region("horror", 0.51, 0.5)] });
  const found = labels(sheet, famous(sheet), screen, wide), titles = found.filter(({ kind }) => kind === "title");
  assert.deepEqual(found.filter(({ kind }) => kind === "territory").map(({ name, whose }) => [name, whose]), [["Drama", 0]]);
  assert.ok(titles.length > 10 && titles.length <= 24);
  found.forEach(({ box }, i) => {
    assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= 720 && box[3] <= 512);
    for (const other of found.slice(i + 1)) assert.ok(!overlap(box, other.box));
  });
  const fame = titles.map(({ name }) => sheet.columns.popular[Number(name.split(" ")[1])]);
  assert.deepEqual(fame, [...fame].sort((one, other) => other - one));
  for (const { dot, box } of titles) assert.ok(dot && !(dot[0] > box[0] + 9 && dot[0] < box[2] - 9 && dot[1] > box[1] + 9 && dot[1] < box[3] - 9));
});

test("nearer there are more titles, and smaller regions", () => {
  const sheet = sheetWith(3000, { territories: [region("drama", 0.5, 0.5)], regions: [region("heist", 0.45, 0.45)] });
  const near = Object.assign(new Camera(), { width: 1400, height: 1000 }), first = famous(sheet);
  const kinds = () => labels(sheet, first, near, wide).map(({ kind }) => kind);
  const far = kinds();
  near.zoom(3);
  assert.ok(kinds().filter((kind) => kind === "title").length > far.filter((kind) => kind === "title").length);
  assert.ok(!far.includes("region"));
});

test("a map without territories names its regions, and no more than can be read", () => {
  const regions = Array.from({ length: 900 }, (_, i) => region("x", (i % 30) / 30 + 0.01, Math.floor(i / 30) / 30 + 0.01));
  const far = Object.assign(new Camera(), { width: 9000, height: 9000 });
  assert.equal(labels(sheetWith(0, { regions }), [], far, () => 1).length, 60);
});

test("titles without brackets, and cut", () => {
  assert.equal(short("City of God (Cidade de Deus)"), "City of God");
  assert.equal(short("(500) Days of Summer"), "(500) Days of Summer");
  assert.equal(short("a".repeat(40)), `${"a".repeat(29)}…`);
  assert.equal(short("\u{1f3ac}".repeat(40)), `${"\u{1f3ac}".repeat(29)}…`); // a letter of two places is whole
  assert.equal(fitting("\u{1f3ac}".repeat(40)), "\u{1f3ac}".repeat(40));
  assert.equal(fitting("a".repeat(10_000)), `${"a".repeat(39)}…`);
});

test("the ground is tinted by whose it is and how full", () => {
  const found = tints({ cells: [0, -1], weights: [0.5, 1] }, [[1, 2, 3]]);
  assert.deepEqual([...found], [1, 2, 3, 26, 0, 0, 0, 0]);
});

test("a map is as tall as its points", () => {
  assert.equal(tallness(Float32Array.of(0.5, 0.25, 0.625)), 0.5);
  assert.equal(tallness(Float32Array.of(0.5)), 0.4);
});

test("pins stay with their titles, and those that lost theirs fly to new ones", () => {
  const pins = new Pins(), xs = Float32Array.of(0, 1, 2, 3), ys = new Float32Array(4);
  pins.aim([0, 1, 2], xs, ys, false, 0);
  assert.deepEqual([pins.items, pins.ranks], [[0, 1, 2], [1, 2, 3]]);
  pins.aim([3, 2, 0], xs, ys, false, 1000);
  assert.deepEqual([pins.items, pins.ranks], [[0, 3, 2], [3, 1, 2]]);
  pins.glide.step(1000);
  near(pins.glide.places, [0, 0, 1, 0, 2, 0], 0); // from where title 1 was
  pins.glide.step(1260);
  near(pins.glide.places, [0, 0, 3, 0, 2, 0], 0);
  pins.aim([1], xs, ys, false, 2000);
  assert.deepEqual([pins.items, pins.ranks], [[1], [1]]);
});

test("a move in words", () => {
  const regions = [region("far north", 0.5, 0), region("north", 0.5, 0.3), region("south", 0.5, 0.9)];
  /** @type {Place} */
  const from = [0.5, 0.6];
  assert.equal(towards(regions, from, [0.5, 0.4]), "north");
  assert.equal(moveWords("You", regions, from, [0.5, 0.48], true), "You moved 12% of the way across the map, towards north.");
  assert.equal(moveWords("User 5", [], from, [0.5, 0.4], true), "User 5 moved 20% of the way across the map.");
  assert.equal(moveWords("You", regions, from, [0.5, 0.605], true), "You hardly moved.");
  assert.match(moveWords("You", regions, from, from, false), /^Turn a knob/);
});

test("a person stands where the board says, once it has said something", () => {
  const heard = { times: 0 }, person = new Person(() => heard.times++);
  /** @type {Taste} */
  const taste = {
    who: "You", subject: "You", rest: "rest", up: 1, down: 1, network: "network", hidden: 1, liked: [],
    knobs: [{ key: "a", step: "step", depth: 1 }], dials: [{ key: "a", amount: 0.5 }], items: [4],
  };
  assert.equal(person.way(taste), undefined); // nothing has arrived
  shared.blobs.set("rest", [Float32Array.of(1, 0)]);
  shared.blobs.set("step", [Float32Array.of(0, 1)]);
  shared.blobs.set("network", [Float32Array.of(1, 0, 1, 1, 0, 1, 0, 0, 0)]); // place = (first coordinate + 1, 0)
  const first = () => person.way(taste)?.at(-1)?.[0];
  near([first() ?? 0], [2], 1e-6); // (.5, .5) points halfway
  publish({ state: "", held: true, dials: [{ key: "a", amount: 0 }, { key: "none", amount: 1 }], items: [7] });
  near([first() ?? 0], [Math.SQRT2 + 1], 1e-6);
  assert.deepEqual([heard.times, person.now(taste).items], [1, [7]]);
  person.close();
  publish({ state: "", held: false, dials: [], items: [] });
  assert.equal(heard.times, 1);
});

test("a tip stays on the screen", () => {
  const tip = { width: 100, height: 40 };
  assert.deepEqual(tipPlace([50, 50], screen, tip), [62, 64]);
  assert.deepEqual(tipPlace([700, 500], screen, tip), [616, 446]);
  assert.deepEqual(tipPlace([-50, 50], screen, tip), [4, 64]);
});

test("colours by theme, alone or all, and along the ramp", () => {
  const theme = { name: "", column: "", names: ["a", "b"] }, values = Float32Array.of(0, 1, -1);
  assert.deepEqual([...shades(values, theme, -1)], [63, 127, 193, 215, 74, 163, 90, 215, 140, 132, 122, 120]);
  assert.deepEqual([...shades(values, theme, 1)].filter((_, i) => i % 4 === 3), [40, 215, 40]);
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

test("a region is found by what is meant, behind those that are called so", () => {
  const regions = [{ name: "Horror", x: 0, y: 0, reach: 1 }, { name: "Scary Movie", x: 1, y: 1, reach: 1 }, { name: "War", x: 2, y: 2, reach: 1 }];
  const found = hits("scary", regions, [], ["horror", "scary movie"]).map(({ name }) => name);
  assert.deepEqual(found, ["Region: Scary Movie", "Region: Horror"]);
});
