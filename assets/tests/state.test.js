// What is told to the server and when: amounts, versions, a hand that is still on the knob, and one question at a time.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Telling } from "../board/telling.js";
import { rounded, signed } from "../shared/amounts.js";
import { Scale } from "../shared/scale.js";
import { Turns } from "../shared/turns.js";
import { golden, random } from "./golden.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("amounts are kept as the server keeps them", () => {
  for (const { hand, kept } of golden("state").amounts) assert.ok(rounded(hand) === kept, `${hand}: ${kept} expected`);
});

test("amounts however they come are in ten-thousandths, within the ends, and stay when they come back", () => {
  const next = random(5);
  for (let round = 0; round < 500; round++) {
    const amount = rounded(4 * next() - 2);
    assert.ok(Math.abs(amount) <= 1);
    assert.equal(Number(amount.toFixed(4)), amount + 0);
    assert.equal(rounded(amount), amount);
  }
});

test("positions on a scale mean the amounts that they should, and back", () => {
  for (const { up, down, at } of golden("state").scales) {
    const scale = new Scale(up, down);
    assert.deepEqual([scale.most, scale.least], [up.length, -down.length]);
    for (const { position, amount } of at) {
      assert.ok(Math.abs(scale.amount(position) - amount) < 1e-9, `${position}: ${amount} expected`);
      const inside = Math.max(scale.least, Math.min(scale.most, position));
      assert.ok(Math.abs(scale.position(amount) - inside) < 1e-6, `${amount}: ${inside} expected`);
    }
  }
});

test("a hand turns click by click, by dragging and by keys, and freely where it is told to", () => {
  const scale = new Scale([0.1, 0.15, 0.4, 1], [-0.3, -1]);
  assert.equal(scale.dragged(0, 12, 0, false), 0.15); // six pixels a click
  assert.equal(scale.dragged(0, 8, 0, false), 0.1);
  assert.equal(scale.dragged(0, 2, 0, false), 0);
  assert.equal(scale.dragged(0, 0, 6, false), -0.3);
  assert.equal(scale.dragged(2, 0, 600, false), -1);
  assert.equal(scale.dragged(0, 3, 0, true), 0.05);
  const leads = ["ArrowRight", "ArrowUp", "ArrowLeft", "PageUp", "PageDown", "Home", "End", "Delete"];
  assert.deepEqual(leads.map((key) => scale.keyed(0.15, key, false)), [0.4, 0.4, 0.1, 1, -1, -1, 1, 0]);
  assert.deepEqual([scale.keyed(0.12, "ArrowRight", false), scale.keyed(0.12, "ArrowLeft", false)], [0.15, 0.1]);
  assert.equal(rounded(scale.keyed(0.3, "ArrowDown", true) ?? NaN), 0.29);
  assert.equal(scale.keyed(0.3, "a", false), undefined);
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
