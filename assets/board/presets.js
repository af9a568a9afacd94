// Presets live in the visitor's own browser: read once, written whenever the server hands over a new list.

/** @import {Component} from "../shared/types.js" */

/** @param {Component<{bundle: string, presets: unknown[] | null}>} component */
export default function ({ data, setStateValue }) {
  const place = `knobs presets ${data.bundle}`;
  try {
    if (data.presets) localStorage.setItem(place, JSON.stringify(data.presets));
    else setStateValue("presets", JSON.parse(localStorage.getItem(place) ?? "[]"));
  } catch {
    if (!data.presets) setStateValue("presets", []); // storage is off or holds something that is not ours
  }
}
