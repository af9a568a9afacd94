// What the visitor's own browser remembers of them: whose list they had and how their dials stood, as in a link. It is
// theirs: nothing of it is kept anywhere else, and one button clears it.

const OURS = "knobs "; // what the names of all that we keep begin with

/**
 * A link's parameters.
 * @typedef {{link: Record<string, string>}} Memory
 */

/**
 * @param {string} place
 * @param {Memory} memory
 */
export function remember(place, memory) {
  try {
    localStorage.setItem(OURS + place, JSON.stringify(memory));
  } catch {
    // storage is off or full: the address still holds everything
  }
}

/**
 * What is remembered, null where there is nothing or nothing that can be read.
 * @param {string} place
 * @returns {Memory | null}
 */
export function recall(place) {
  try {
    const found = JSON.parse(localStorage.getItem(OURS + place) ?? "null");
    return found?.link && typeof found.link === "object" ? found : null;
  } catch {
    return null;
  }
}

/** Forget all of it, presets included. */
export function forget() {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(OURS)) localStorage.removeItem(name);
  } catch {
    // storage is off, so there is nothing
  }
}
