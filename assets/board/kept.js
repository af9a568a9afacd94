// Rows that a visitor's own browser keeps: read once, written whenever the server hands over new ones.

/** @import {Component} from "../shared/types.js" */

/**
 * place: where they lie; former: where earlier versions kept them; rows: null asks for them.
 * @param {Component<{place: string, former: string, rows: unknown[] | null}>} component
 */
export default function ({ data, setStateValue }) {
  try {
    if (data.rows) localStorage.setItem(data.place, JSON.stringify(data.rows));
    else setStateValue("rows", JSON.parse(localStorage.getItem(data.place) ?? localStorage.getItem(data.former) ?? "[]"));
  } catch {
    if (!data.rows) setStateValue("rows", []); // storage is off or holds something that is not ours
  }
}
