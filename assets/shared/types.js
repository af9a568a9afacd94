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
 * The board. compact: beside a map; version: the turn that was taken over last; state: short for the whole choice; linear: the decoder is; whole:
 * the catalogue travels whole; items: blob of what is shown; by: key of the knob that brings each item after, where knobs
 * take turns; ranks: of the items after, with all dials at rest.
 * @typedef {{
 *   compact?: boolean, version: string, state: string, whole: boolean, items: string, reference: string,
 *   before: number[], after: number[], by: string[], ranks: Record<string, number>, seen: number[], knobs: Knob[],
 * } & ({linear: true, person: Person} | {linear: false, person: {token: string}})} BoardData
 */

/**
 * A way to colour points: by theme (names) or along a ramp (the others).
 * @typedef {{name: string, column: string, names: string[]}} Themes
 * @typedef {{name: string, column: string, names?: undefined, low: number, high: number, from: string, to: string}} Ramp
 */

/**
 * A name on the map and about its radius.
 * @typedef {{name: string, x: number, y: number, reach: number}} Region
 */

/**
 * The map in square cells, row by row: whose territory each is, -1 for nobody's, and how full, in [0, 1].
 * @typedef {{cells: number[], weights: number[]}} Ground
 */

/**
 * What lies still on a map. columns: names of the rows of numbers; territories: regions in the order of the first mode's
 * names; event: what a click says; dot: size of a point.
 * @typedef {{
 *   modes: (Themes | Ramp)[], territories: Region[], ground?: Ground, regions: Region[], event: string, lasso: boolean,
 *   find: string, dot: number, columns: string[],
 * }} Facts
 */

/**
 * What a point is called. key: what a click names, where that is not its column.
 * @typedef {{title: string, detail: string, key?: string}} Named
 */

/**
 * One person on the map. who: what their marker says, and what a sentence about them begins with; rest, network, step:
 * blobs; up, down: how far dials at 1 and at -1 move them; hidden: width of the network; knobs: what may be turned; liked:
 * columns; dials, items: as the server has them, until a board says more.
 * @typedef {{
 *   who: string, subject: string, rest: string, up: number, down: number, network: string, hidden: number,
 *   knobs: {key: string, step: string, depth: number}[], liked: number[], dials: Amount[], items: number[],
 * }} Taste
 */

/**
 * A knob and how far it is turned.
 * @typedef {{key: string, amount: number}} Amount
 */

/**
 * What a board shows at this moment. state: of the dials that the server knows; held: a hand is on a knob; items: columns,
 * best first.
 * @typedef {{state: string, held: boolean, dials: Amount[], items: number[]}} Now
 */

/**
 * A lasso: its corners, the items inside that are shown, and how many there are.
 * @typedef {{polygon: Place[], shown: number[], count: number}} Roped
 */

/**
 * The map. points, names, facts, crowd: blobs; moving: x, y, x, y, ... of a crowd; words: what is said where nobody's taste
 * is shown; token: whose places these are.
 * @typedef {{
 *   label: string, points: string, names: string, facts: string, crowd?: string, moving: number[], token: string,
 *   words: string, lasso: Roped | null, taste: Taste | null,
 * }} MapData
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
