// Brings entry ticks, and where only candidates travel these, to the board after the list: nobody waits for them.

export default function ({ data }) {
  const shared = (globalThis[Symbol.for("knobs")] ??= { blobs: new Map(), waiting: new Set() });
  if (shared.ticks?.pool && shared.ticks.pool.blob !== data.pool?.blob) shared.blobs.delete(shared.ticks.pool.blob);
  shared.ticks = data;
  for (const arrive of shared.waiting) arrive();
}
