// Amounts of a dial: how they are kept and written.

/**
 * As the server keeps it: in [-1, 1], in ten-thousandths.
 * @param {number} amount
 */
export function rounded(amount) {
  return Math.round(Math.max(-1, Math.min(1, amount)) * 10_000) / 10_000;
}

/** @param {number} amount */
export function signed(amount) {
  return (amount > 0 ? "+" : amount < 0 ? "−" : "") + Math.abs(amount).toFixed(2);
}
