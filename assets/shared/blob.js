// How large arrays travel. The bytes begin with their name (uint32 length, UTF-8, padded to four), then either JSON (names
// that begin with "json ") or rows of float32, their number first.

/**
 * What came: its name, and its content for whoever does not have it yet.
 * @param {Uint8Array} data
 * @returns {{name: string, content: () => unknown}}
 */
export function unwrap(data) {
  const bytes = data.slice(); // a copy begins at an address that float32 can be read from
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const name = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const start = 4 + Math.ceil(length / 4) * 4;
  return { name, content: () => (name.startsWith("json ") ? parsed(bytes.subarray(start)) : rowsOf(bytes.buffer, start)) };
}

/** @param {Uint8Array} bytes */
function parsed(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * @param {ArrayBufferLike} buffer
 * @param {number} start
 */
function rowsOf(buffer, start) {
  const rows = new DataView(buffer).getUint32(start, true);
  const numbers = new Float32Array(buffer, start + 4);
  const width = numbers.length / Math.max(rows, 1);
  return Array.from({ length: rows }, (_, row) => numbers.subarray(row * width, (row + 1) * width));
}
