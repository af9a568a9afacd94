// Amounts of a dial: how a hand changes them, and how they are kept and written.

const REACH = 180; // pixels of drag from the middle to either end
const CATCH = 0.015; // a small catch at rest
const LEAP = 0.2; // of the page keys
const FINE = 0.01; // with the shift key
export const STEP = 0.05;

/**
 * As the server keeps it: in [-1, 1], in hundredths.
 * @param {number} amount
 */
export function rounded(amount) {
  return Math.round(Math.max(-1, Math.min(1, amount)) * 100) / 100;
}

/** @param {number} amount */
export function signed(amount) {
  return (amount > 0 ? "+" : amount < 0 ? "−" : "") + Math.abs(amount).toFixed(2);
}

/**
 * Where a drag leads that began at an amount and has gone so many pixels; right and up turn it up.
 * @param {number} start
 * @param {number} right
 * @param {number} down
 */
export function dragged(start, right, down) {
  const amount = start + (right - down) / REACH;
  return Math.abs(amount) < CATCH ? 0 : amount;
}

/**
 * Where a turn of the wheel leads.
 * @param {number} amount
 * @param {number} way how far it was turned, down and right count as less
 * @param {boolean} fine
 */
export function wheeled(amount, way, fine) {
  return amount - Math.sign(way) * (fine ? FINE : STEP);
}

/**
 * Where a key leads, undefined where it is none of a dial's.
 * @param {number} amount
 * @param {string} key
 * @param {boolean} fine
 * @returns {number | undefined}
 */
export function keyed(amount, key, fine) {
  const step = fine ? FINE : STEP;
  /** @type {Record<string, number>} */
  const leads = {
    ArrowRight: amount + step,
    ArrowUp: amount + step,
    ArrowLeft: amount - step,
    ArrowDown: amount - step,
    PageUp: amount + LEAP,
    PageDown: amount - LEAP,
    Home: -1,
    End: 1,
    Delete: 0,
    Backspace: 0,
  };
  return leads[key];
}
