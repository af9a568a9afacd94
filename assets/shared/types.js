// What the server sends, as types: nothing here runs. Python writes these in knobs_ui: the board, the wall, the map and the sheets.

/** @import {Memory} from "./memory.js" */

/**
 * A knob. kind: concept, decade, neuron, item or mixture; up, down: amounts of the clicks of its scale; half: amounts below and
 * above rest from which less than half of the person's own taste is left, null where it never is; blob: name of what it does to scores, "" where that does not travel;
 * depth: of that, 0 where nothing is blended; added: by the visitor, so that it can be removed; level: how much of it the
 * person's taste has, in [0, 1]; theme, members: what its share of the list is told of, and the blob of its items.
 * @typedef {{
 *   key: string, name: string, kind: string, amount: number, up: number[], down: number[], half?: (number | null)[],
 *   blob: string, depth: number, added: boolean, level: number, facts: string, gloss: string, hint: string,
 *   theme?: string, members?: string,
 * }} Knob
 */

/**
 * Whom the list is for, as the blend needs them where the decoder is linear. up, down: how far dials at 1 and at -1 move the
 * scores; blob: name of the scores at rest, where the catalogue travels whole.
 * @typedef {{token: string, up: number, down: number, blob?: string}} Person
 */

/**
 * What is shown of an item. title: its main title, full: with all that belongs to it; detail: year and genres in one line.
 * @typedef {{
 *   title: string, full: string, year: string, genres: string, detail: string, initials: string, hue: number, image: string,
 * }} Item
 */

/**
 * A knob that can be searched. weight: how much is known of it; finds: titles that it was never told about; weak: hardly any.
 * @typedef {{key: string, names: string[], kind: string, gloss: string, weak: boolean, finds: boolean, weight: number}} Searched
 */

/**
 * Knobs found by meaning for what was typed. items: columns of titles that are typical of them; later: how often
 * it was asked before the server was ready to say, 0 where it has said.
 * @typedef {{text: string, knobs: {key: string, name: string, gloss: string}[], items: number[], later: number}} Sought
 */

/**
 * What a sentence proposes. said: the words it came from; sure: no guess; why: how it was read; others: knobs to take instead.
 * @typedef {{
 *   key: string, name: string, amount: number, said: string, sure: boolean, why: string, others: {key: string, name: string}[],
 * }} Proposed
 */

/**
 * A sentence that was read. nothing: its parts for which no knob was found; problem: why it could not be read, "" where it was.
 * @typedef {{sentence: string, chips: Proposed[], nothing: string[], problem: string}} Reading
 */

/**
 * Which titles may be in the list. first, last: years, null for no bound.
 * @typedef {{first: number | null, last: number | null, only: string[], without: string[], fresh: boolean}} Filters
 */

/**
 * A list that was pinned, and the dials that made it in a few words.
 * @typedef {{name: string, items: number[]}} Pin
 */

/**
 * A group. shares: how well the list after serves each member; blob: what each item adds to that, "" where it does not travel.
 * @typedef {{names: string[], shares: number[], blob: string}} Group
 */

/**
 * The list that one more knob would make.
 * @typedef {{about: string | number, name: string, items: number[]}} Preview
 */

/**
 * A blob of items: rows belong to columns.
 * @typedef {{columns: number[], rows: Item[]}} Items
 */

/**
 * A place on a dial where an item enters the list or leaves it.
 * says: what happens there, where it is something else.
 * @typedef {{at: number, title: string, enters: boolean, says?: string}} Tick
 */

/**
 * Candidates for the next turn. blob: name of their scores at rest and a row for each knob; items: blob of what is shown;
 * because: the like that speaks most for each.
 * @typedef {{blob: string, columns: number[], keys: string[], items: string, because: number[]}} Pool
 */

/**
 * What comes after the list. state: of the dials it belongs to; ticks: by knob.
 * @typedef {{state: string, ticks: Record<string, Tick[]>, pool: Pool | null}} Ticks
 */

/**
 * What a component has said and the server has taken over last, by its number; see ``Saying``.
 * @typedef {{heard: number}} Heard
 */

/**
 * The board. compact: beside a map; version: the turn that was taken over last; state: short for the whole choice; linear: the decoder is; whole:
 * the catalogue travels whole; items: blob of what is shown; by: key of the knob that brings each item after, where knobs
 * take turns; ranks: of the items after, with all dials at rest; seen: blob of columns that are never ranked, "" where that
 * does not travel; because: blob of the like that speaks most for every item, or those of the items here; way: themes or
 * neurons; more: how many neurons there are, and whether all are shown; facets: what can be filtered by; n: length of the
 * list; marked: how many titles are marked as seen; undo, redo: whether there is such a step; catalogue: blob of all knobs; words: what one item and several are called.
 * @typedef {{
 *   compact?: boolean, version: string, state: string, whole: boolean, items: string, before: number[], after: number[], by: string[],
 *   ranks: Record<string, number>, seen: string, because: string | Record<string, number>, knobs: Knob[], way: string,
 *   more: {n: number, shown: boolean}, pins: Pin[], filters: Filters, facets: {years: number[], genres: string[]}, n: number,
 *   words: {one: string, many: string}, marked: number, undo: boolean, redo: boolean, catalogue: string, group: Group | null,
 *   preview?: Preview, reading: Reading | null, sought: Sought | null,
 * } & Heard & ({linear: true, person: Person} | {linear: false, person: {token: string}})} BoardData
 */

/**
 * An item on the wall or in its list. item: column; full: with other titles; kind, hue: number and colour of what kind of
 * thing it is, -1 for none.
 * @typedef {{item: number, title: string, full: string, detail: string, kind: number, hue: number}} Cover
 */

/**
 * The wall. version: of the picks that were taken over last; place: name of what the browser remembers, memory: what that
 * is to be, null where nothing is; ask: whether to say what is remembered; returned: the visitor was here before; note: a
 * quiet line on that, or ""; items, likes: blobs of all titles that can be searched; search: words in the field; who: name
 * and taste of somebody else whose list this is, "" for one's own.
 * @typedef {{
 *   version: string, place: string, memory: Memory | null, ask: boolean, returned: boolean, note: string,
 *   items: string, likes: string, search: string, sought: Sought | null, covers: Cover[], picked: Cover[], who: string, line: string,
 *   themes: {key: string, name: string, because: string}[], list: Cover[], people: {id: string, line: string}[],
 * }} WallData
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
 * } & Heard & {sought: Sought | null}} MapData
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
 * @typedef {{steps: TourStep[], at: number, focus: string, who: string, idle: number, invitation: Invited | null} & Heard} StageData
 */

/**
 * A figure of the audience as text, with what it was; an item with the share of readers to whom it is shown, and to whom it
 * was; a reader by number with how much of their own taste is met; a row of a reader's list.
 * @typedef {{name: string, value: string, was: string, hint: string}} Figure
 * @typedef {{title: string, share: number, was: number}} Exposed
 * @typedef {{reader: number, name: string, share: number}} Served
 * @typedef {{title: string, detail: string, reason: string, note: string, fresh: boolean}} RecipeRow
 */

/**
 * Readers that have something in common. own: how much of their taste is met; changed: share of their lists that change;
 * small: so few that the shares say little.
 * @typedef {{name: string, n: number, own: number, changed: number, small: boolean, hint: string}} Segment
 */

/**
 * The desk of a recipe. items, catalogue: blobs, as for the board; crowd: who the readers are; said: the figures in a
 * sentence; order: of the exposure; segment: that is looked at, "" for all.
 * @typedef {{
 *   version: string, knobs: Knob[], items: string, whole: boolean, catalogue: string, reading: Reading | null, sought: Sought | null, crowd: string, said: string, figures: Figure[], conflicts: string[], order: string,
 *   exposure: Exposed[], reader: {at: number, name: string, about: string, rows: RecipeRow[]}, worst: Served[],
 *   best: Served[], segment: string, segments: Segment[],
 * } & Heard} DeskData
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
