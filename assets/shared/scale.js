// The scale of a dial: where a hand stands, in clicks from rest, and the amount that means. Each click exchanges about one
// title of this person's list, so the same angle means the same change on every knob.

export const HALF_TURN = 36; // clicks from rest to as far as a dial can turn
const CLICK = 135 / HALF_TURN; // degrees
const PIXELS = 6; // of drag a click
const LEAP = 5; // clicks of the page keys
const FINE = 0.01; // of an amount, with the shift key

export class Scale {
  /**
   * @param {number[]} up amounts of the clicks above rest, rising
   * @param {number[]} down and below it, falling
   */
  constructor(up = [1], down = [-1]) {
    this.up = [0, ...up];
    this.down = [0, ...down.map((amount) => -amount)];
  }

  /** The last click above rest. */
  get most() {
    return this.up.length - 1;
  }

  /** The last click below it, as a negative number. */
  get least() {
    return 1 - this.down.length;
  }

  /**
   * The amount at a position; between two clicks, between theirs.
   * @param {number} position in clicks
   */
  amount(position) {
    const away = Math.min(Math.abs(position), position < 0 ? -this.least : this.most);
    const stops = position < 0 ? this.down : this.up, below = Math.floor(away), next = stops[below + 1] ?? stops[below];
    return Math.sign(position) * (stops[below] + (next - stops[below]) * (away - below));
  }

  /**
   * The position of an amount.
   * @param {number} amount
   */
  position(amount) {
    const stops = amount < 0 ? this.down : this.up, size = Math.abs(amount);
    const above = stops.findIndex((stop) => stop >= size - 1e-9);
    if (above < 0) return Math.sign(amount) * (stops.length - 1);
    if (above === 0) return 0;
    return Math.sign(amount) * (above - (stops[above] - size) / (stops[above] - stops[above - 1]));
  }

  /**
   * Where the hand points, in degrees from the top, clockwise.
   * @param {number} position
   */
  static degrees(position) {
    return position * CLICK;
  }

  /**
   * Where a drag leads that began at a position and has gone so many pixels; right and up turn it up.
   * @param {number} start
   * @param {number} right
   * @param {number} down
   * @param {boolean} fine whether it may stand between two clicks
   */
  dragged(start, right, down, fine) {
    const position = start + (right - down) / PIXELS;
    return this.amount(fine ? position : Math.round(position));
  }

  /**
   * So many clicks on from an amount; from between two clicks to the next one.
   * @param {number} amount
   * @param {number} clicks
   */
  clicked(amount, clicks) {
    const at = this.position(amount), whole = clicks > 0 ? Math.floor(at + 1e-6) : Math.ceil(at - 1e-6);
    return this.amount(whole + clicks);
  }

  /**
   * Where a key leads, undefined where it is none of a dial's.
   * @param {number} amount
   * @param {string} key
   * @param {boolean} fine
   * @returns {number | undefined}
   */
  keyed(amount, key, fine) {
    /** @param {1 | -1} way */
    const step = (way) => (fine ? amount + way * FINE : this.clicked(amount, way));
    /** @type {Record<string, () => number>} */
    const leads = {
      ArrowRight: () => step(1),
      ArrowUp: () => step(1),
      ArrowLeft: () => step(-1),
      ArrowDown: () => step(-1),
      PageUp: () => this.clicked(amount, LEAP),
      PageDown: () => this.clicked(amount, -LEAP),
      Home: () => -1,
      End: () => 1,
      Delete: () => 0,
      Backspace: () => 0,
    };
    return leads[key]?.();
  }
}
