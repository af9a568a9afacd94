// The wall: what is picked, what is found, arrow keys on its grid, and what the browser remembers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { rank } from "../shared/find.js";
import { forget, recall, remember } from "../shared/memory.js";
import { Picks } from "../wall/picks.js";
import { led } from "../wall/roving.js";
import { namesIn, titlesOf } from "../wall/titles.js";

test("a pick shows at once, and the server's answer to an older one does not undo it", () => {
  const picks = new Picks("", []);
  picks.toggle(7);
  const first = picks.tell();
  assert.deepEqual(first.items, [7]);
  picks.toggle(9);
  const second = picks.tell();
  assert.notEqual(first.version, second.version);
  picks.adopt(first.version, [7]);
  assert.deepEqual(picks.items, [7, 9]);
  picks.adopt(second.version, [7, 9, 11]);
  assert.deepEqual(picks.items, [7, 9, 11]);
  picks.toggle(7);
  picks.add(9);
  assert.deepEqual(picks.items, [9, 11]); // one is there once
});

test("a page that is opened again begins with what the server has", () => {
  const picks = new Picks("3.1", [5]);
  picks.adopt("3.1", [5, 6]);
  assert.deepEqual(picks.items, [5, 6]);
});

test("a title is found by each of its names", () => {
  const seven = namesIn("Seven (a.k.a. Se7en)");
  assert.deepEqual(seven, ["seven a k a se7en", "seven", "se7en"]);
  assert.deepEqual(namesIn("(500) Days of Summer"), ["500 days of summer", "500", "days of summer"]);
  const row = { year: "", genres: "", initials: "", hue: 0, image: "", detail: "" };
  const rows = [{ ...row, title: "Hate", full: "Hate (Haine, La)" }, { ...row, title: "La Haine II", full: "La Haine II" }];
  const titles = titlesOf({ columns: [4, 2], rows }, [0, 0, 50, 0, 9]);
  assert.deepEqual(rank("la haine", titles).map(({ item, title }) => [item, title]), [[2, "La Haine II"], [4, "Hate"]]);
  assert.deepEqual(titles.map(({ weight }) => weight), [9, 50]);
});

test("arrow keys stay on the grid", () => {
  assert.equal(led("ArrowRight", 0, 24, 8), 1);
  assert.equal(led("ArrowDown", 2, 24, 8), 10);
  assert.equal(led("ArrowUp", 2, 24, 8), 2);
  assert.equal(led("ArrowDown", 20, 24, 8), 20);
  assert.equal(led("End", 3, 24, 8), 23);
  assert.equal(led("Home", 3, 24, 8), 0);
  assert.equal(led("a", 3, 24, 8), undefined);
});

test("a browser remembers, hands back only what it understands, and forgets all that is ours", () => {
  /** @type {Record<string, unknown>} */
  const storage = Object.create({
    getItem(/** @type {string} */ name) { return storage[name] ?? null; },
    setItem(/** @type {string} */ name, /** @type {string} */ value) { storage[name] = value; },
    removeItem(/** @type {string} */ name) { delete storage[name]; },
  });
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  const memory = { bundle: "abc", link: { items: "1,2" } };
  remember("visitor demo", memory);
  assert.deepEqual(recall("visitor demo"), memory);
  assert.equal(recall("visitor other"), null);
  for (const broken of ["{", "7", "null", '{"bundle": 3}', '{"link": null}', '{"link": "x"}']) {
    storage["knobs visitor demo"] = broken;
    assert.equal(recall("visitor demo"), null, broken);
  }
  storage["knobs presets abc"] = "[]";
  storage["somebody else's"] = "stays";
  forget();
  assert.deepEqual(Object.keys(storage), ["somebody else's"]);
  Object.defineProperty(globalThis, "localStorage", { get() { throw new Error("storage is off"); }, configurable: true });
  remember("visitor demo", memory);
  assert.equal(recall("visitor demo"), null);
  forget();
  Reflect.deleteProperty(globalThis, "localStorage");
});
