// Knobs that are plugged in, by Web MIDI. A control change (0xB0 + channel, controller, value of 7 bits) turns a dial: the
// first controller that moves is the board's first knob, the next one its second, and so on.
//
//   position   clicks from rest = 36 (value - 64) / 63, so that both point the same way, from the moment on at which it
//              passes the dial: until then nothing jumps
//   steps      clicks = value, as two's complement, as an offset from 64, or with the sign in the seventh bit

/** @import {Deck} from "../shared/store.js" */
/** @import {Now} from "../shared/types.js" */

import { HALF_TURN } from "../shared/scale.js";

const CONTROL = 0xb0;
const MIDDLE = 64;
const MODES_FROM = 120; // controllers from here on are messages about the channel
const CATCH = 0.03; // so near to a dial a controller takes hold of it
const RELEASE = 200; // milliseconds without a message after which the hand has let go

/** @type {Record<string, (value: number) => number>} */
const CLICKS = {
  "two's complement": (value) => (value < MIDDLE ? value : value - 2 * MIDDLE),
  "offset": (value) => value - MIDDLE,
  "sign bit": (value) => (value < MIDDLE ? value : MIDDLE - value),
};
export const POSITION = "position";
export const MODES = [POSITION, ...Object.keys(CLICKS)];

/**
 * Where a controller points, in clicks of a dial from rest.
 * @param {number} value of 7 bits
 */
export function clicksAt(value) {
  return HALF_TURN * Math.max(-1, (value - MIDDLE) / 63);
}

export class Midi {
  mode = POSITION;
  /**
   * Controllers in the order in which they moved. at: where one stands; set: the amount it gave its dial last.
   * @type {Map<string, {at?: number, set?: number}>}
   */
  controllers = new Map();
  /**
   * Controllers that a hand is on.
   * @type {Set<string>}
   */
  hands = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  holding;
  /** @type {MIDIAccess | undefined} */
  access;

  /**
   * @param {() => Deck | undefined} deck
   * @param {() => Now | undefined} now
   * @param {{told: (words: string) => void, touched: () => void}} listener
   */
  constructor(deck, now, listener) {
    this.deck = deck;
    this.now = now;
    this.listener = listener;
  }

  /** Ask the browser for devices, and listen to those that are there or come. */
  async connect() {
    this.controllers.clear();
    try {
      this.access ??= await navigator.requestMIDIAccess();
    } catch {
      this.listener.told("The browser gives no access to MIDI devices.");
      return;
    }
    this.access.onstatechange = () => this.#listen();
    this.#listen();
  }

  #listen() {
    const inputs = [...(this.access?.inputs.values() ?? [])].filter((input) => input.state !== "disconnected");
    for (const input of inputs) input.onmidimessage = ({ data }) => data && this.heard(data, input.id);
    const names = inputs.map((input) => input.name ?? "a device").join(", ");
    this.listener.told(
      names ? `${names}: move its knobs in the order of the board's.` : "No MIDI device yet: plug one in.",
    );
  }

  /**
   * @param {ArrayLike<number>} data
   * @param {string} device
   */
  heard(data, device) {
    const [status = 0, number = 0, value = 0] = Array.from(data);
    if ((status & 0xf0) !== CONTROL || number >= MODES_FROM) return;
    this.listener.touched();
    const deck = this.deck(), name = `${device} ${status} ${number}`;
    const controller = this.controllers.get(name) ?? {};
    this.controllers.set(name, controller);
    const index = [...this.controllers.keys()].indexOf(name), key = deck?.keys()[index];
    if (!deck || key === undefined) return;
    const clicks = CLICKS[this.mode], to = deck.amountAt(key, clicksAt(value));
    if (clicks) deck.nudge(index, clicks(value));
    else if (this.#caught(controller, key, to) || this.hands.has(name)) {
      controller.set = to;
      deck.turn(key, to);
    } else return;
    this.hands.add(name);
    clearTimeout(this.holding);
    this.holding = setTimeout(() => this.#release(deck), RELEASE);
  }

  /** @param {Deck} deck */
  #release(deck) {
    this.hands.clear();
    deck.release();
  }

  /**
   * Whether a controller has hold of its dial at this amount: it gave the dial its amount, stands by it or has passed it.
   * @param {{at?: number, set?: number}} controller
   * @param {string} key
   * @param {number} to
   */
  #caught(controller, key, to) {
    const from = controller.at;
    controller.at = to;
    const amount = this.now()?.dials.find((dial) => dial.key === key)?.amount ?? 0;
    if (controller.set !== undefined && Math.abs(controller.set - amount) < CATCH) return true;
    return Math.abs(to - amount) < CATCH || (from !== undefined && (from - amount) * (to - amount) < 0);
  }

  close() {
    clearTimeout(this.holding);
    for (const input of this.access?.inputs.values() ?? []) input.onmidimessage = null;
    if (this.access) this.access.onstatechange = null;
  }
}
