// What the board shows of a change, and the arrays as they arrive.

import assert from "node:assert/strict";
import { test } from "node:test";

import blob from "../board/blob.js";
import { catalogue, membersOf, unpack } from "../board/catalogue.js";
import { arrivals, departures, sentence, shares, why } from "../board/changes.js";
import { servedShares } from "../board/members.js";
import { inWords } from "../board/sieve.js";
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
  assert.deepEqual(mark(7, 1), { kind: "same", sign: "", was: "", note: "" });
  assert.deepEqual(mark(9, 1), { kind: "up", sign: "▲ 2", was: "3", note: "was at 3" });
  assert.deepEqual(mark(7, 2), { kind: "down", sign: "▼ 1", was: "1", note: "was at 1" });
  assert.deepEqual(mark(5, 3), { kind: "new", sign: "new", was: "30", note: "was at 30" });
  assert.equal(mark(6, 3).note, "was further down");
  assert.deepEqual([7, 8].map((item) => departures([7])(item).kind), ["same", "left"]);
});

/**
 * @param {string} key
 * @param {number} amount
 * @param {number[]} [members]
 */
const knob = (key, amount, members) => ({ key, name: key, amount, theme: key, members: members && new Set(members) });
/** @param {number} item */
const titleOf = (item) => `T${item}`;

test("the change in one sentence, the knob under the hand first", () => {
  const heist = knob("Heist", 0.3, [1, 8, 9]), other = knob("Noir", -0.2, [1, 3]), neuron = knob("Neuron 3", 0.1);
  const said = sentence([1, 2, 3, 4], [1, 7, 9, 8], [heist, other], titleOf);
  assert.equal(said.head, "Heist: 1 → 3 of 4. In: T9, T8 and 1 more."); // its own before others
  assert.equal(said.more, "You keep 25% of your list. Noir: 2 → 1 of 4.");
  assert.deepEqual(sentence([1, 2], [2, 1], [neuron], titleOf), { head: "", more: "You keep 100% of your list." });
  assert.deepEqual(sentence([1, 2], [2, 3], [neuron], titleOf), { head: "In: T3.", more: "You keep 50% of your list." });
  assert.deepEqual(sentence([1, 2], [1, 2], [], titleOf), { head: "Turn a knob. The list follows.", more: "" });
});

test("whose the places of the list are", () => {
  const [heist, noir, less] = [knob("Heist", 0.3), knob("Noir", 0.2), knob("War", -0.2)];
  const own = { key: "own", name: "Your own list", n: 2 };
  assert.deepEqual(shares([1, 2], [2, 1], ["", ""], []), [own]);
  assert.deepEqual(shares([1, 2, 3], [1, 2, 9], ["", "", ""], [heist, less]), [own, { key: "Heist", name: "Heist", n: 1 }]);
  const two = shares([1, 2], [9, 1, 8, 2], ["Noir", "Heist", "Heist", "Noir"], [heist, noir]);
  assert.deepEqual(two.map(({ name, n }) => [name, n]), [["Your own list", 2], ["Heist", 1], ["Noir", 1]]);
  assert.deepEqual(shares([1, 2], [1, 9], ["", ""], [less]).map(({ name, n }) => [name, n]), [["Your own list", 1], ["Moved up", 1]]);
});

test("the first line of why a title is here", () => {
  const [heist, noir] = [knob("Heist", 0.3, [5]), knob("Noir", 0.3, [5, 6])];
  assert.equal(why(1, "", [], "Heat", false), "Because you like Heat");
  assert.equal(why(5, "", [heist, noir], "Heat", true), "Heist and Noir · near Heat");
  assert.equal(why(7, "Noir", [heist, noir], "Heat", true), "Brought by Noir · near Heat");
  assert.equal(why(7, "", [heist], "", true), "Brought by Heist");
  assert.equal(why(7, "Noir", [heist, noir], "Heat", false), "Because you like Heat");
  assert.equal(why(5, "", [knob("Heist", -0.3, [5])], "", true), "");
});

test("how well a list serves each member, from what each item adds, else as the server says", () => {
  const group = { names: ["a", "b"], shares: [0.5, 0.6], blob: "group" };
  assert.deepEqual(servedShares(group, [0, 2]), [0.5, 0.6]);
  shared.blobs.set("group", [Float32Array.of(0.25, 0, 0.5), Float32Array.of(0.75, 0, 0.75)]);
  assert.deepEqual(servedShares(group, [0, 2]), [0.75, 1]);
});

test("filters in a few words", () => {
  const none = { first: null, last: null, only: [], without: [], fresh: false };
  assert.equal(inWords(none), "");
  assert.equal(inWords({ ...none, first: 1980, only: ["Drama"], without: ["Western"], fresh: true }), "from 1980, Drama, no Western, not what I know");
  assert.equal(inWords({ ...none, first: -480, last: 1999 }), "-480 to 1999");
  assert.equal(inWords({ ...none, last: 1999 }), "to 1999");
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
  ticks(component({ state: "a", ticks: {}, pool: { blob: "rows", columns: [], keys: [], items: "", because: [] } }));
  ticks(component({ state: "b", ticks: {}, pool: { blob: "rows", columns: [], keys: [], items: "", because: [] } }));
  assert.ok(rowsNamed("rows"));
  ticks(component({ state: "c", ticks: {}, pool: null }));
  assert.equal(rowsNamed("rows"), undefined); // old candidates are let go
  assert.equal(shared.ticks?.state, "c");
  assert.equal(told, 4);
  shared.waiting.delete(arrive);
});

test("items are taken over by column, and themes as sets", () => {
  assert.equal(unpack("json items"), false);
  const item = { title: "Heat", full: "Heat", year: "1995", genres: "", detail: "1995", initials: "H", hue: 3, image: "" };
  shared.blobs.set("json items", { columns: [41], rows: [item] });
  assert.equal(unpack("json items"), true);
  assert.deepEqual(catalogue.get(41), item);
  assert.equal(membersOf("json members"), undefined);
  assert.equal(membersOf(undefined), undefined);
  shared.blobs.set("json members", [4, 5]);
  assert.deepEqual(membersOf("json members"), new Set([4, 5]));
  assert.equal(membersOf("json members"), membersOf("json members"));
});
