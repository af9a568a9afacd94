// Lists that fill one entry after the other: what is new comes in with a delay of its own, what stays is left alone.

/**
 * Show entries in order, keeping the elements of those that are there.
 * @template {{key: string}} T
 * @param {HTMLElement} place
 * @param {T[]} entries
 * @param {(entry: T) => HTMLElement} draw
 */
export function deal(place, entries, draw) {
  const there = new Map([.../** @type {Iterable<HTMLElement>} */ (place.children)].map((element) => [element.dataset.key, element]));
  let fresh = 0;
  const elements = entries.map((entry) => {
    const known = there.get(entry.key);
    if (known) return known;
    const element = draw(entry);
    element.dataset.key = entry.key;
    element.style.setProperty("--turn", String(fresh++));
    return element;
  });
  const kept = new Set(elements);
  for (const element of there.values()) if (!kept.has(element)) element.remove();
  elements.forEach((element, at) => {
    if (place.children[at] !== element) place.insertBefore(element, place.children[at] ?? null);
  });
}
