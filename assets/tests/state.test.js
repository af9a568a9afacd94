// What is told to the server and when: amounts, versions, a hand that is still on the knob, and one question at a time.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Telling } from "../board/telling.js";
import { dragged, keyed, rounded, signed, wheeled } from "../shared/amounts.js";
import { Turns } from "../shared/turns.js";
import { golden, random } from "./golden.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("amounts are kept as the server keeps them", () => {
  for (const { hand, kept } of golden("state").amounts) assert.ok(rounded(hand) === kept, `${hand}: ${kept} expected`);
});

test("amounts however they come are in hundredths, within the ends, and stay when they come back", () => {
  const next = random(5);
  for (let round = 0; round < 500; round++) {
    const amount = rounded(4 * next() - 2);
    assert.ok(Math.abs(amount) <= 1);
    assert.equal(Number(amount.toFixed(2)), amount + 0);
    assert.equal(rounded(amount), amount);
  }
});

test("a hand turns by dragging, by the wheel and by keys", () => {
  assert.equal(dragged(0, 90, 0), 0.5);
  assert.equal(dragged(0, 0, 90), -0.5);
  assert.equal(dragged(0.5, -89, 0), 0); // caught at rest
  assert.equal(rounded(wheeled(0.1, 120, false)), 0.05);
  assert.equal(rounded(wheeled(0.1, -3, true)), 0.11);
  const leads = ["ArrowRight", "ArrowUp", "ArrowLeft", "PageUp", "PageDown", "Home", "End", "Delete"];
  assert.deepEqual(leads.map((key) => rounded(keyed(0.3, key, false) ?? NaN)), [0.35, 0.35, 0.25, 0.5, 0.1, -1, 1, 0]);
  assert.equal(rounded(keyed(0.3, "ArrowDown", true) ?? NaN), 0.29);
  assert.equal(keyed(0.3, "a", false), undefined);
  assert.deepEqual([0.3, -0.25, 0].map(signed), ["+0.30", "−0.25", "0.00"]);
});

test("every turn has a version of its own, and only the last one's answer counts, once", () => {
  const turns = new Turns();
  const first = turns.tell({ a: 0.1 }, true), second = turns.tell({ a: 0.2 }, false);
  assert.deepEqual([first.amounts, first.held, second.amounts, second.held], [{ a: 0.1 }, true, { a: 0.2 }, false]);
  assert.notEqual(first.version, second.version);
  assert.equal(turns.answered(first.version), undefined);
  assert.ok(turns.waiting(1e6));
  assert.ok(Number(turns.answered(second.version)) >= 0);
  assert.equal(turns.answered(second.version), undefined);
  assert.ok(!turns.waiting(1e6));
  assert.equal(new Turns().answered(""), undefined);
});

/** A teller that notes what it says; the hand is on the knob for as long as on is true. */
function teller() {
  const said = /** @type {boolean[]} */ ([]), hand = { on: true };
  const telling = new Telling(
    () => hand.on,
    (held) => {
      said.push(held);
      telling.turns.tell({}, held);
    },
  );
  return { telling, said, hand };
}

test("the board tells of a release at once, and of quick keys together", () => {
  const { telling, said, hand } = teller();
  telling.released();
  mock.timers.tick(1000);
  assert.deepEqual(said, []); // nothing was turned
  hand.on = false;
  for (let key = 0; key < 5; key++) {
    telling.changed = true;
    telling.released();
    assert.ok(telling.untold);
    mock.timers.tick(80);
  }
  assert.deepEqual(said, []);
  mock.timers.tick(10);
  assert.deepEqual(said, [false]);
  assert.ok(!telling.untold && !telling.changed);
});

test("the board asks one question at a time while a hand is on the knob", () => {
  const { telling, said } = teller();
  telling.stream();
  telling.stream();
  mock.timers.tick(20);
  assert.deepEqual(said, [true]);
  for (let moment = 0; moment < 10; moment++) {
    telling.stream();
    mock.timers.tick(20);
  }
  assert.deepEqual(said, [true]); // it waits for the answer
  assert.ok(telling.behind);
  telling.answered("of something else");
  mock.timers.tick(20);
  assert.deepEqual(said, [true]);
  telling.answered(telling.turns.last);
  mock.timers.tick(20);
  assert.deepEqual(said, [true, true]);
});

test("what a hand has let go of is not asked as held", () => {
  const { telling, said, hand } = teller();
  telling.changed = true;
  telling.stream();
  hand.on = false;
  telling.released();
  mock.timers.tick(1000);
  assert.deepEqual(said, [false]);
  telling.stream();
  telling.changed = true;
  telling.released();
  telling.close();
  mock.timers.tick(1000);
  assert.deepEqual(said, [false]);
});
