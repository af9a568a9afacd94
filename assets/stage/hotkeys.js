// Keys of the stage: one table of key, deed and words, from which keys act and the help is written.

/** @import {Deeds} from "../shared/store.js" */

/**
 * Keys that do one thing. keys: as ``named`` has them; shown: on the help; deed: what is done, by name; it is told the key.
 * @typedef {{keys: string[], shown: string, deed: string, words: string}} Hotkey
 */

const FIELDS = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true], [role=textbox]";

/** @type {Hotkey[]} */
export const HOTKEYS = [
  { keys: ["f"], shown: "F", deed: "stage", words: "the stage, on and off" },
  { keys: ["ArrowRight", "PageDown"], shown: "→", deed: "next", words: "next step of the tour, as on a clicker" },
  { keys: ["ArrowLeft", "PageUp"], shown: "←", deed: "back", words: "one step back" },
  { keys: ["n"], shown: "N", deed: "note", words: "the speaker's note" },
  { keys: ["r"], shown: "R", deed: "reset", words: "back to the opening: person, dials and pins" },
  { keys: ["1", "2", "3", "4", "5", "6"], shown: "1 – 6", deed: "focus", words: "a knob, which ↑ ↓ or the wheel then turn" },
  { keys: ["0"], shown: "0", deed: "rest", words: "all knobs to rest" },
  { keys: ["z"], shown: "Z", deed: "undo", words: "undo" },
  { keys: ["shift+z"], shown: "Shift Z", deed: "redo", words: "redo" },
  { keys: ["v"], shown: "V", deed: "view", words: "themes or neurons" },
  { keys: ["m"], shown: "M", deed: "map", words: "the map" },
  { keys: ["l"], shown: "L", deed: "before", words: "the list before" },
  { keys: ["p"], shown: "P", deed: "pin", words: "pin this list to compare with" },
  { keys: ["a"], shown: "A", deed: "ask", words: "ask for a title" },
  { keys: ["/"], shown: "/", deed: "search", words: "search for a knob" },
  { keys: ["k"], shown: "K", deed: "keep", words: "keep: presets, links, files" },
  { keys: ["q"], shown: "Q", deed: "invite", words: "a code that opens this on phones" },
  { keys: ["d"], shown: "D", deed: "devices", words: "knobs that are plugged in (MIDI)" },
  { keys: ["?"], shown: "?", deed: "help", words: "these keys" },
  { keys: ["Escape"], shown: "Esc", deed: "leave", words: "leave the stage" },
];

const EVERYWHERE = ["stage", "view", "search"]; // deeds whose keys are heard off the stage, too

/**
 * What a press may be called in the table, the best name first: the character itself, then what the key bears on a
 * keyboard of Latin letters, so that other alphabets and AZERTY's digits work too.
 * @param {{key: string, code: string, shiftKey: boolean}} press
 */
export function named({ key, code, shiftKey }) {
  const letter = code.match(/^(?:Key|Digit|Numpad)([A-Z\d])$/)?.[1] ?? "";
  const names = [key, letter].map((name) => name.length === 1 ? name.toLowerCase() : name);
  return names.map((name) => (shiftKey && /^[a-z]$/.test(name) ? `shift+${name}` : name));
}

/**
 * The keys that do something now.
 * @param {Deeds} deeds
 */
export function listed(deeds) {
  return HOTKEYS.filter(({ deed }) => deeds[deed]);
}

/**
 * The deed and the key that were meant by a press, undefined where it is none of ours.
 * @param {{key: string, code: string, shiftKey: boolean}} press
 * @param {Deeds} deeds
 */
export function meant(press, deeds) {
  const keys = listed(deeds);
  for (const name of named(press)) {
    const found = keys.find((one) => one.keys.includes(name));
    if (found) return { deed: found.deed, name };
  }
  return undefined;
}

/**
 * Whether a press belongs to somebody else: to a field where text is typed, to a dialog of the page, or to the browser.
 * @param {KeyboardEvent} event
 */
function elsewhere(event) {
  const [target] = event.composedPath();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  return (target instanceof Element && target.matches(FIELDS)) || document.querySelector("[role=dialog]") !== null;
}

/**
 * Listen for keys. Before anybody else hears of it a press is taken, or kept from the page: its own single letters (R runs
 * it again, C clears what it keeps) have no place on a stage.
 * @param {() => Deeds} deeds what can be done now
 * @param {() => boolean} staged most keys are for the stage alone
 * @returns {() => void} stops listening
 */
export function listen(deeds, staged) {
  /** @param {KeyboardEvent} event */
  const heard = (event) => {
    if (elsewhere(event)) return;
    const now = deeds(), found = meant(event, now);
    if (!staged() && !EVERYWHERE.includes(found?.deed ?? "")) return;
    if (found || /^[a-z]$/i.test(event.key)) event.stopImmediatePropagation();
    if (!found) return;
    event.preventDefault();
    now[found.deed]?.(found.name);
  };
  window.addEventListener("keydown", heard, true);
  return () => window.removeEventListener("keydown", heard, true);
}
