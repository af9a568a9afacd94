// What is meant by a text in a search field: when the server is asked, and what counts of its answers.

import assert from "node:assert/strict";
import test from "node:test";

import { Meaning } from "../shared/meaning.js";

/** @param {import("node:test").TestContext} context @param {string} value */
function field(context, value) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const asked = [];
  const input = /** @type {HTMLInputElement} */ ({ value });
  return { asked, input, meaning: new Meaning(input, (text) => asked.push(text)) };
}

/** @param {string} text @param {number} [later] */
const said = (text, later = 0) => ({ text, later, knobs: [{ key: "horror", name: "Horror", gloss: "" }], items: [7] });

test("the server is asked once, when nobody has typed for a moment", (context) => {
  const { asked, input, meaning } = field(context, "sca");
  meaning.typed();
  context.mock.timers.tick(200);
  input.value = "scary";
  meaning.typed();
  context.mock.timers.tick(200);
  assert.deepEqual(asked, []);
  context.mock.timers.tick(100);
  assert.deepEqual(asked, ["scary"]);
});

test("two letters mean nothing, and whoever has left asks nothing", (context) => {
  const { asked, input, meaning } = field(context, " sc ");
  meaning.typed();
  context.mock.timers.tick(1_000);
  input.value = "scary";
  meaning.typed();
  meaning.close();
  context.mock.timers.tick(1_000);
  assert.deepEqual(asked, []);
});

test("a server that is not ready is asked until it is", (context) => {
  const { asked, meaning } = field(context, "scary");
  for (const tries of [1, 2, 3]) {
    assert.equal(meaning.take(said("scary", tries)), true);
    assert.match(meaning.none("none"), /being looked for/);
    context.mock.timers.tick(1_500);
    assert.equal(asked.length, tries);
  }
  assert.equal(meaning.take(said("scary")), true);
  assert.equal(meaning.none("none"), "none");
  context.mock.timers.tick(10_000);
  assert.equal(asked.length, 3);
});

test("an answer counts once, and only for the text that stands there", (context) => {
  const { input, meaning } = field(context, "scary");
  assert.equal(meaning.here, null);
  assert.equal(meaning.take(said("funny", 1)), false);
  assert.equal(meaning.here, null);
  assert.equal(meaning.none("none"), "none");
  assert.equal(meaning.take(said("scary")), true);
  assert.equal(meaning.take(said("scary")), false);
  assert.deepEqual(meaning.told?.items, [7]);
  input.value = "scary t";
  assert.equal(meaning.here, null);
  assert.equal(meaning.take(null), false);
});
