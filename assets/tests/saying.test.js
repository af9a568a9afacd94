// What was done is told one at a time, and nothing of it is lost.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Saying } from "../shared/saying.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 });
});

function listening() {
  /** @type {[string, unknown][]} */
  const told = [];
  const saying = new Saying(() => ({ setTriggerValue: (name, about) => told.push([name, about]) }));
  const events = () => told.filter(([name]) => name !== "told");
  const answer = () => saying.heard(Number(told.filter(([name]) => name === "told").at(-1)?.[1]));
  return { saying, told, events, answer };
}

test("each waits until the one before it was taken over, and has a number of its own", () => {
  const { saying, told, events, answer } = listening();
  for (const n of [1, 2, 3]) saying.say("undo", n);
  assert.deepEqual(told, [["undo", 1], ["told", 1000]]);
  saying.heard(0); // an answer to something else
  assert.equal(events().length, 1);
  answer();
  assert.deepEqual(told.slice(2), [["undo", 2], ["told", 1001]]);
  answer();
  answer();
  assert.deepEqual(events(), [["undo", 1], ["undo", 2], ["undo", 3]]);
});

test("what passes never stands in for what was done", () => {
  const { saying, events, answer } = listening();
  saying.say("rest", 1);
  saying.say("ask", 2);
  saying.say("preview", 3);
  saying.say("preview", 4);
  assert.deepEqual(events(), [["rest", 1], ["ask", 2]]);
  answer();
  assert.deepEqual(events().slice(2), [["preview", 4]]);
});

test("what nobody answers is said again under its number, later each time, and is given up at last", () => {
  const { saying, told, events, answer } = listening();
  saying.say("enter", 0);
  for (const n of [1, 2, 3]) saying.say("step", n, true); // of steps that wait the last one counts
  const once = [["enter", 0], ["told", 1000]];
  mock.timers.tick(2_999);
  assert.deepEqual(told, once);
  mock.timers.tick(1);
  assert.deepEqual(told, [...once, ...once]);
  mock.timers.tick(6_000);
  assert.deepEqual(told, [...once, ...once, ...once]);
  mock.timers.tick(12_000);
  assert.deepEqual(events().slice(3), [["step", 3]]);
  mock.timers.tick(3_000);
  answer();
  mock.timers.tick(60_000);
  assert.deepEqual(events().slice(3), [["step", 3], ["step", 3]]);
  assert.ok(saying.quiet);
});
