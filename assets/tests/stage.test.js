// The stage without a page: which key does what, where a tour stands, when it has been left alone, what MIDI knobs turn.

/** @import {Deck} from "../shared/store.js" */
/** @import {Now} from "../shared/types.js" */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { HOTKEYS, listed, meant, named } from "../stage/hotkeys.js";
import { Idle } from "../stage/idle.js";
import { clicksAt, Midi, MODES } from "../stage/midi.js";
import { Tour } from "../stage/tour.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/**
 * @param {string} key
 * @param {string} [code]
 */
const press = (key, code = "", shiftKey = false) => ({ key, code, shiftKey });
const every = Object.fromEntries(HOTKEYS.map(({ deed }) => [deed, () => {}]));

test("a key means one deed, and every key of the table is found", () => {
  const keys = HOTKEYS.flatMap((one) => one.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const { keys: own, deed } of HOTKEYS)
    for (const name of own) {
      const [, letter = name] = name.match(/^shift\+(.)$/) ?? [];
      assert.deepEqual(meant(press(letter, "", name !== letter), every), { deed, name });
    }
});

test("keys are found on other keyboards: capitals, another alphabet, digits that need the shift key", () => {
  assert.equal(meant(press("F", "KeyF"), every)?.deed, "stage"); // caps lock
  assert.equal(meant(press("а", "KeyF"), every)?.deed, "stage");
  assert.deepEqual(meant(press("&", "Digit1"), every), { deed: "focus", name: "1" });
  assert.equal(meant(press("/", "Digit7", true), every)?.deed, "search"); // where the slash is on the seven
  assert.equal(meant(press("Z", "KeyZ", true), every)?.deed, "redo");
  assert.deepEqual(named(press("ArrowUp", "ArrowUp")), ["ArrowUp", ""]);
  assert.equal(meant(press("ArrowUp", "ArrowUp"), every), undefined);
  assert.equal(meant(press("c", "KeyC"), every), undefined);
});

test("a key without a deed is neither listed nor acts", () => {
  const few = { stage: () => {}, help: () => {} };
  assert.deepEqual(listed(few).map(({ deed }) => deed), ["stage", "help"]);
  assert.equal(meant(press("r", "KeyR"), few), undefined);
});

test("a tour goes from its opening to its last step and no further", () => {
  const tour = new Tour(), step = (/** @type {string} */ say, view = "") => ({ say, note: "", view });
  const said = () => tour.say;
  assert.ok(!tour.go(1)); // there is none
  tour.show([step("a"), step("b")], 0);
  assert.equal(said(), "Turn a knob. The list follows.");
  assert.ok(!tour.go(-1));
  assert.deepEqual([tour.go(1), said(), tour.words], [true, "a", "Step 1 of 2"]);
  assert.deepEqual([tour.go(1), tour.go(1), said()], [true, false, "b"]);
  tour.show([step("a"), step("b", "map"), step("c"), step("d", "list")], 0);
  assert.deepEqual([0, 1, 2, 3, 4].map((at) => (tour.show(tour.steps, at), tour.view)), ["", "", "map", "map", "list"]);
  tour.show(tour.steps, 1); // the server knows better
  assert.equal(said(), "a");
});

test("the stage counts as left alone after its time without a touch, once", () => {
  /** @type {Map<string, () => void>} */
  const heard = new Map();
  const listeners = {
    addEventListener: (/** @type {string} */ name, /** @type {() => void} */ listener) => heard.set(name, listener),
    removeEventListener: (/** @type {string} */ name) => heard.delete(name),
  };
  Object.assign(globalThis, { window: listeners });
  const rested = mock.fn(), idle = new Idle(rested);
  idle.start(0);
  assert.equal(heard.size, 0); // never
  idle.start(60);
  mock.timers.tick(59_000);
  heard.get("pointermove")?.();
  mock.timers.tick(59_000);
  assert.equal(rested.mock.callCount(), 0);
  mock.timers.tick(1_000);
  mock.timers.tick(600_000);
  assert.equal(rested.mock.callCount(), 1);
  heard.get("keydown")?.();
  mock.timers.tick(60_000);
  assert.equal(rested.mock.callCount(), 2);
  idle.stop();
  idle.touch();
  mock.timers.tick(600_000);
  assert.equal(rested.mock.callCount(), 2);
  assert.equal(heard.size, 0);
});

const amountAt = (/** @type {number} */ value) => clicksAt(value) / 36;

/** A board of two knobs without a page, and MIDI that turns it. */
function desk() {
  /** @type {Record<string, number>} */
  const amounts = { a: 0, b: 0.5 };
  const log = /** @type {unknown[]} */ ([]);
  /** @type {Deck} */
  const deck = {
    keys: () => Object.keys(amounts),
    turn: (key, amount) => {
      amounts[key] = amount;
      log.push(["turn", key, amount]);
    },
    nudge: (index, clicks) => log.push(["nudge", index, clicks]),
    amountAt: (key, clicks) => clicks / 36,
    release: () => log.push("release"),
    rest: () => {},
  };
  /** @returns {Now} */
  const now = () => {
    return { state: "", held: false, items: [], dials: Object.entries(amounts).map(([key, amount]) => ({ key, amount })) };
  };
  const told = mock.fn(), touched = mock.fn();
  return { amounts, log, deck, told, touched, midi: new Midi(() => deck, now, { told, touched }) };
}

test("positions cover the dial, with the middle at rest", () => {
  assert.deepEqual([0, 1, 64, 127].map(clicksAt), [-36, -36, 0, 36]);
});

test("controllers turn the board's knobs in the order in which they moved", () => {
  const { midi, log, touched } = desk();
  midi.heard([0xb0, 7, 64], "x");
  midi.heard([0xb0, 7, 80], "x");
  midi.heard([0xb3, 7, 96], "x"); // the same number on another channel: the second knob, which stands at 0.5
  midi.heard([0xb0, 9, 64], "x"); // a third one has no knob
  midi.heard([0x90, 60, 100], "x"); // a note
  midi.heard([0xb0, 123, 0], "x"); // "all notes off"
  const turns = [["turn", "a", 0], ["turn", "a", amountAt(80)], ["turn", "b", amountAt(96)]];
  assert.deepEqual(log, turns);
  assert.equal(touched.mock.callCount(), 4);
  mock.timers.tick(1_000);
  assert.deepEqual(log, [...turns, "release"]);
});

test("a controller takes hold of a dial where it stands or passes it, so that nothing jumps", () => {
  const { midi, log, amounts } = desk();
  midi.heard([0xb0, 1, 64], "x"); // the first knob's
  log.length = 0;
  midi.heard([0xb0, 2, 10], "x");
  midi.heard([0xb0, 2, 60], "x");
  assert.deepEqual(log, []); // the dial waits at 0.5
  midi.heard([0xb0, 2, 110], "x"); // passed it
  midi.heard([0xb0, 2, 20], "x"); // in hand, however far it goes
  assert.deepEqual(log, [["turn", "b", amountAt(110)], ["turn", "b", amountAt(20)]]);
  mock.timers.tick(1_000);
  amounts["b"] = 0.9; // a tour's step turns the dial, and the controller has lost it
  log.length = 0;
  midi.heard([0xb0, 2, 25], "x");
  assert.deepEqual(log, []);
});

test("a hand keeps its dial while what the board shows is late", () => {
  const { midi, log, deck } = desk();
  deck.turn = (key, amount) => void log.push([key, amount]); // and the amounts stay as they are
  for (const value of [64, 90, 115]) midi.heard([0xb0, 1, value], "x");
  assert.deepEqual(log, [["a", 0], ["a", amountAt(90)], ["a", 0.8095238095238095]]);
});

test("encoders send clicks, in any of three ways", () => {
  const { midi, log } = desk();
  const sent = { "two's complement": [1, 127, 5], offset: [65, 63, 69], "sign bit": [1, 65, 5] };
  for (const mode of MODES.slice(1)) {
    midi.mode = mode;
    log.length = 0;
    for (const value of sent[/** @type {keyof typeof sent} */ (mode)]) midi.heard([0xb0, 7, value], "x");
    assert.deepEqual(log, [["nudge", 0, 1], ["nudge", 0, -1], ["nudge", 0, 5]], mode);
  }
});

/**
 * The browser's side: devices by name.
 * @param {string[]} names
 */
function simulated(...names) {
  const inputs = names.map((name) => ({ id: name, name, state: "connected", onmidimessage: null }));
  const access = { inputs: new Map(inputs.map((input) => [input.id, input])), onstatechange: null };
  return { inputs, access: /** @type {any} */ (access) };
}

test("devices are named, heard when they come later, and let go of", async () => {
  const { midi, log, told } = desk(), { inputs, access } = simulated("nanoKONTROL2");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { requestMIDIAccess: async () => access } });
  await midi.connect();
  assert.match(told.mock.calls.at(-1)?.arguments[0], /^nanoKONTROL2: move its knobs/);
  const [input] = /** @type {any[]} */ (inputs);
  input.onmidimessage({ data: Uint8Array.of(0xb0, 7, 64) });
  assert.equal(log.length, 1);
  const later = simulated("Faderfox").inputs[0];
  access.inputs.set("Faderfox", later);
  access.onstatechange();
  assert.match(told.mock.calls.at(-1)?.arguments[0], /^nanoKONTROL2, Faderfox/);
  midi.close();
  assert.equal(input.onmidimessage, null);
});

test("a browser that refuses is said so", async () => {
  const { midi, told } = desk();
  const requestMIDIAccess = () => Promise.reject(new Error("no"));
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { requestMIDIAccess } });
  await midi.connect();
  assert.match(told.mock.calls[0]?.arguments[0], /gives no access/);
});
