// Presets live in the visitor's own browser: read once, written whenever the server hands over a new list.

/** @import {Component} from "../shared/types.js" */

/**
 * place: where they lie; former: where earlier versions kept those of this very bundle.
 * @param {Component<{place: string, former: string, presets: unknown[] | null}>} component
 */
export default function ({ data, setStateValue }) {
  try {
    if (data.presets) localStorage.setItem(data.place, JSON.stringify(data.presets));
    else setStateValue("presets", JSON.parse(localStorage.getItem(data.place) ?? localStorage.getItem(data.former) ?? "[]"));
  } catch {
    if (!data.presets) setStateValue("presets", []); // storage is off or holds something that is not ours
  }
}
