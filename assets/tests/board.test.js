// What the board shows of a change, and the arrays as they arrive.

import assert from "node:assert/strict";
import { test } from "node:test";

import blob from "../board/blob.js";
import { catalogue, membersOf, unpack } from "../board/catalogue.js";
import { arrivals, departures, summary } from "../board/changes.js";
import ticks from "../board/ticks.js";
import { unwrap } from "../shared/blob.js";
import { rowsNamed, shared } from "../shared/store.js";

/**
 * Bytes as Python packs them.
 * @param {string} name
 * @param {Uint8Array} content
 */
function packed(name, content) {
  const label = new TextEncoder().encode(name), padded = 4 + Math.ceil(label.length / 4) * 4;
  const bytes = new Uint8Array(padded + content.length);
  new DataView(bytes.buffer).setUint32(0, label.length, true);
  bytes.set(label, 4);
  bytes.set(content, padded);
  return bytes;
}

/** @param {number[][]} rows */
const asRows = (rows) => new Uint8Array([...bytesOf(Uint32Array.of(rows.length)), ...bytesOf(Float32Array.from(rows.flat()))]);

/** @param {Uint32Array | Float32Array} numbers */
const bytesOf = (numbers) => new Uint8Array(numbers.buffer);

/** @param {unknown} content */
const asJson = (content) => new TextEncoder().encode(JSON.stringify(content));

/** @template T @param {T} data */
const component = (data) => ({
  data,
  parentElement: /** @type {HTMLElement} */ (/** @type {unknown} */ (null)),
  setStateValue: () => {},
  setTriggerValue: () => {},
});

test("each row says how it came to its rank", () => {
  const mark = arrivals([7, 8, 9], { 5: 30 });
  assert.deepEqual(mark(7, 1), { kind: "same", sign: "", note: "" });
  assert.deepEqual(mark(9, 1), { kind: "up", sign: "▲ 2", note: "was at 3" });
  assert.deepEqual(mark(7, 2), { kind: "down", sign: "▼ 1", note: "was at 1" });
  assert.deepEqual(mark(5, 3), { kind: "new", sign: "new", note: "was at 30" });
  assert.equal(mark(6, 3).note, "was further down");
  assert.deepEqual([7, 8].map((item) => departures([7])(item).kind), ["same", "left"]);
});

test("the change in one line", () => {
  const themes = [{ theme: "heist", members: new Set([1, 2, 9]) }];
  assert.equal(summary([1, 2, 3, 4], [1, 9, 2, 8], themes), "2 in, 2 out, 2 kept · heist 50% → 75%");
  assert.equal(summary([1, 2], [2, 1], []), "0 in, 0 out, 2 kept");
  assert.equal(summary([1, 2], [1, 2], themes), "Turn a knob and watch the list.");
  const line = summary([1, 2, 3], [4, 5, 6], [], ["noir", "western", "noir"]);
  assert.equal(line, "3 in, 3 out, 0 kept · taking turns: noir 2, western 1");
  assert.equal(summary([1, 2], [2, 1], [], ["noir", "noir"]), "0 in, 0 out, 2 kept");
});

test("rows and texts arrive whole, whatever the length of their names", () => {
  for (const name of ["a", "ab", "abc", "abcd", "neurons [1, 2] é"]) {
    const { name: found, content } = unwrap(packed(name, asRows([[1, 2, 3], [4, 5, 6.5]])));
    assert.equal(found, name);
    assert.deepEqual(content(), [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6.5)]);
  }
  const shifted = new Uint8Array([0, ...packed("odd", asRows([[1]]))]).subarray(1); // begins at an odd address
  assert.deepEqual(unwrap(shifted).content(), [Float32Array.of(1)]);
  assert.deepEqual(unwrap(packed("none", asRows([]))).content(), []);
  assert.deepEqual(unwrap(packed("json é", asJson({ title: "Amélie" }))).content(), { title: "Amélie" });
});

test("a blob is kept under its name, once, and those who wait are told", () => {
  let told = 0;
  const arrive = () => (told += 1);
  shared.waiting.add(arrive);
  blob(component(packed("rows", asRows([[1]]))));
  blob(component(packed("rows", asRows([[2]]))));
  blob(component(null));
  assert.deepEqual(rowsNamed("rows"), [Float32Array.of(1)]);
  assert.equal(told, 1);
  ticks(component({ state: "a", ticks: {}, pool: { blob: "rows", columns: [], keys: [], items: "" } }));
  ticks(component({ state: "b", ticks: {}, pool: { blob: "rows", columns: [], keys: [], items: "" } }));
  assert.ok(rowsNamed("rows"));
  ticks(component({ state: "c", ticks: {}, pool: null }));
  assert.equal(rowsNamed("rows"), undefined); // old candidates are let go
  assert.equal(shared.ticks?.state, "c");
  assert.equal(told, 4);
  shared.waiting.delete(arrive);
});

test("items are taken over by column, and themes as sets", () => {
  assert.equal(unpack("json items"), false);
  const item = { title: "Heat", detail: "1995", initials: "H", hue: 3, image: "" };
  shared.blobs.set("json items", { columns: [41], rows: [item] });
  assert.equal(unpack("json items"), true);
  assert.deepEqual(catalogue.get(41), item);
  assert.equal(membersOf("json members"), undefined);
  assert.equal(membersOf(undefined), undefined);
  shared.blobs.set("json members", [4, 5]);
  assert.deepEqual(membersOf("json members"), new Set([4, 5]));
  assert.equal(membersOf("json members"), membersOf("json members"));
});
