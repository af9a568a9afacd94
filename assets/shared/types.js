// What the server sends, as types: nothing here runs. Python writes these in knobs_ui: the board, the map and the sheets.

/**
 * A knob. blob: name of what it does to scores, "" where that does not travel; depth: of that, 0 where nothing is blended; added: by the visitor, so that it can be removed; level:
 * how active it is in the person's code, in [0, 1]; theme, members: what its share of the list is told of, and the blob of its items.
 * @typedef {{
 *   key: string, name: string, concept: boolean, amount: number, blob: string, depth: number, added: boolean,
 *   level: number, facts: string, hint: string, theme?: string, members?: string,
 * }} Knob
 */

/**
 * Whom the list is for, as the blend needs them where the decoder is linear. up, down: how far dials at 1 and at -1 move the
 * scores; blob: name of the scores at rest, where the catalogue travels whole.
 * @typedef {{token: string, up: number, down: number, blob?: string}} Person
 */

/**
 * What is shown of an item.
 * @typedef {{title: string, detail: string, initials: string, hue: number, image: string}} Item
 */

/**
 * A blob of items: rows belong to columns.
 * @typedef {{columns: number[], rows: Item[]}} Items
 */

/**
 * A place on a dial where an item enters the list or leaves it.
 * @typedef {{at: number, title: string, enters: boolean}} Tick
 */

/**
 * Candidates for the next turn. blob: name of their scores at rest and a row for each knob; items: blob of what is shown.
 * @typedef {{blob: string, columns: number[], keys: string[], items: string}} Pool
 */

/**
 * What comes after the list. state: of the dials it belongs to; ticks: by knob.
 * @typedef {{state: string, ticks: Record<string, Tick[]>, pool: Pool | null}} Ticks
 */

/**
 * The board. version: the turn that was taken over last; state: short for the whole choice; linear: the decoder is; whole:
 * the catalogue travels whole; items: blob of what is shown; by: key of the knob that brings each item after, where knobs
 * take turns; ranks: of the items after, with all dials at rest.
 * @typedef {{
 *   version: string, state: string, whole: boolean, items: string, reference: string,
 *   before: number[], after: number[], by: string[], ranks: Record<string, number>, seen: number[], knobs: Knob[],
 * } & ({linear: true, person: Person} | {linear: false, person: {token: string}})} BoardData
 */

/**
 * A way to colour points: by concept (names) or along a ramp (the others).
 * @typedef {{name: string, column: string, names: string[]}} Concepts
 * @typedef {{name: string, column: string, names?: undefined, low: number, high: number, from: string, to: string}} Ramp
 */

/**
 * A name on the map and about its radius.
 * @typedef {{name: string, x: number, y: number, reach: number}} Region
 */

/**
 * What lies still on a map. columns: names of the rows of numbers; event: what a click says; dot: size of a point.
 * @typedef {{
 *   modes: (Concepts | Ramp)[], regions: Region[], event: string, lasso: boolean, find: string, dot: number, columns: string[],
 * }} Facts
 */

/**
 * What a point is called. key: what a click names, where that is not its column.
 * @typedef {{title: string, detail: string, key?: string}} Named
 */

/**
 * One person on the map. alphas: steps of their way, none with all dials at rest; nears: items they come nearest to; liked:
 * columns; who: their name.
 * @typedef {{trail: true, alphas: (number | null)[], nears: {item: number, title: string}[], liked: number[], who: string}} Taste
 */

/**
 * A lasso: its corners, and the items inside that are shown.
 * @typedef {{polygon: Place[], shown: number[]}} Roped
 */

/**
 * The map. points, names, facts, crowd: blobs; moving: x, y, x, y, ... of what moves: a person's way, from rest over the
 * steps to now, or everybody of a crowd; token: whose that is.
 * @typedef {{
 *   label: string, points: string, names: string, facts: string, crowd?: string, knobs: Knob[], version: string,
 *   moving: number[], token: string, words: string, lasso: Roped | null,
 * } & (Taste | {trail?: undefined})} MapData
 */

/**
 * A step of a tour. view: what the board is to show, "" for what it shows already.
 * @typedef {{say: string, note: string, view: string}} TourStep
 */

/**
 * An answer to a wish. link: opens the same state; image: its code, "" where it does not fit into one; note: what to do
 * where phones cannot open it.
 * @typedef {{wish: number, link: string, image: string, note: string}} Invited
 */

/**
 * The stage. at: the step, 0 for the opening; focus: name of the knob under the spotlight, "" for none; idle: seconds until
 * it returns to its opening, 0 for never.
 * @typedef {{steps: TourStep[], at: number, focus: string, who: string, idle: number, invitation: Invited | null}} StageData
 */

/**
 * A pair of numbers, on the map or on the screen.
 * @typedef {[x: number, y: number]} Place
 */

/**
 * Where a map's camera stands: the place in the middle, and how near; kept by map for as long as the page is open.
 * @typedef {{x: number, y: number, zoom: number}} View
 */

/**
 * What a component is called with; Streamlit's.
 * @template T
 * @typedef {{
 *   data: T, parentElement: HTMLElement | ShadowRoot,
 *   setStateValue: (name: string, value: unknown) => void, setTriggerValue: (name: string, value: unknown) => void,
 * }} Component
 */
