// The map: points that stay where they are, and on top of them in ink what moves: names of regions, a person's trail, a
// crowd, a lasso. The server says where things are; camera, colours and what the mouse is over live here, so that no
// update disturbs them. Places are in [0, 1] on the map but for strays, y downwards.

const shared = (globalThis[Symbol.for("knobs")] ??= { blobs: new Map(), waiting: new Set() });
shared.cameras ??= {};
const maps = new WeakMap();

const COLOURS = ["#3f7fc1", "#e8842c", "#4aa35a", "#d9534f", "#a56cc1", "#35a7a2", "#d9b327", "#e07ba8", "#9a7250", "#7f9c35"];
const OTHER = [140, 132, 122, 120];
const RAMP = [[68, 50, 130], [49, 104, 142], [42, 150, 130], [110, 190, 80], [240, 200, 40]];
const MOVE = 260; // milliseconds in which things glide to their new places
const NEAR = 12; // pixels within which a point is meant
const MOST = 8; // search results

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const ramp = (share) => {
  const at = Math.max(0, Math.min(1, share)) * (RAMP.length - 1), low = Math.min(Math.floor(at), RAMP.length - 2);
  return RAMP[low].map((value, channel) => Math.round(value + (RAMP[low + 1][channel] - value) * (at - low)));
};
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Atlas {
  constructor(root) {
    this.root = root;
    const find = (name) => root.querySelector(name);
    this.sheet = find(".sheet");
    this.ink = find(".ink");
    this.pen = this.ink.getContext("2d");
    this.points = new Points(find(".points"));
    this.points.again = () => this.draw();
    this.tip = find(".tip");
    this.legend = find(".legend");
    this.spoken = find(".spoken");
    this.knobs = find(".knobs");
    this.views = new Map();
    this.places = new Float32Array(0); // of everything that moves: x, y, x, y, ...
    this.frame = this.timer = this.streaming = this.began = 0;
    this.over = this.only = -1;
    this.#tools();
    this.#hands();
    this.watch = new ResizeObserver(() => this.#fit());
    this.watch.observe(this.sheet);
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
  }

  // What the server says.
  update({ data, setStateValue, setTriggerValue }) {
    this.data = data;
    this.say = setStateValue;
    this.send = setTriggerValue;
    this.root.classList.toggle("no-knobs", !data.knobs.length);
    this.ink.setAttribute("aria-label", data.label);
    if (this.asked && data.version === this.last) {
      this.root.dataset.answered = performance.now() - this.asked;
      this.asked = 0;
    }
    this.#show_knobs(data.knobs);
    this.#prepare();
  }

  #show_knobs(knobs) {
    arrange(this.knobs, this.views, knobs, this.timer, {
      moved: () => this.#moved(),
      released: () => this.#released(),
      open: (key) => this.send("card", key),
      remove: (key) => this.send("remove", key),
    });
  }

  // Dials while they move are sent as held, some sixteen times a second; on release once more, and then they count.
  #moved() {
    this.changed = true;
    this.streaming ||= setTimeout(() => {
      this.streaming = 0;
      this.#tell(true);
    }, 60);
  }

  #released() {
    if (!this.changed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.changed = false;
      clearTimeout(this.streaming);
      this.streaming = 0;
      this.#tell(false);
    }, 60); // quick key presses and wheel steps go as one
  }

  #tell(held) {
    const amounts = {};
    for (const knob of this.data.knobs) amounts[knob.key] = this.views.get(knob.key).amount;
    this.last = `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
    this.asked = performance.now();
    this.say("dials", { amounts, held, version: this.last });
  }

  // Take over what has arrived: points once a sheet, what moves every time.
  #prepare() {
    const { data } = this;
    if (!data) return;
    const rows = shared.blobs.get(data.points), names = shared.blobs.get(data.names), facts = shared.blobs.get(data.facts);
    const crowd = data.crowd ? shared.blobs.get(data.crowd) : [];
    clearTimeout(this.patience);
    if (!rows || !names || !facts || !crowd) {
      this.patience = setTimeout(() => this.send("missing", Date.now()), 1500);
      return;
    }
    Object.assign(this, { names: names.rows ?? names, facts, crowd });
    if (this.loaded !== data.points) {
      this.loaded = data.points;
      this.columns = Object.fromEntries(facts.columns.map((name, index) => [name, rows[index]]));
      this.points.show(this.columns);
      this.only = this.over = -1;
      this.tip.hidden = true;
      this.widths = new Map();
      this.camera = shared.cameras[data.points] ??= { x: 0.5, y: 0.5, zoom: 1 };
      this.#modes();
      this.buttons.lasso.hidden = !facts.lasso;
      this.root.querySelector(".find").placeholder = facts.find;
    }
    this.#theme();
    this.#glide();
    this.root.querySelector(".words").textContent = data.words;
    if (!this.root.querySelector(".is-held")) this.spoken.textContent = data.words;
    this.lassoed = data.lasso;
    this.root.dataset.version = data.version;
    this.#fit();
  }

  #modes() {
    const select = this.root.querySelector(".colour");
    select.replaceChildren(...this.facts.modes.map((mode) => make("option", { value: mode.column, text: mode.name })));
    select.onchange = () => {
      this.only = -1;
      this.#theme();
    };
  }

  // Colours of the points and their legend, for the mode chosen and the theme as it is.
  #theme() {
    const style = getComputedStyle(this.root);
    const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.tint = { text: read("text-color"), back: read("background-color"), first: read("primary-color"), font: read("font") };
    const select = this.root.querySelector(".colour");
    const mode = this.facts.modes.find(({ column }) => column === select.value) ?? this.facts.modes[0];
    const dress = [this.loaded, mode.column, this.only].join();
    if (this.dress === dress) return;
    this.dress = dress;
    this.draw(); // points and all
    const values = this.columns[mode.column], shades = new Uint8Array(4 * values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      let shade = OTHER;
      if (mode.names) {
        if (value >= 0) shade = [...rgb(COLOURS[value]), 225];
        if (this.only >= 0 && value !== this.only) shade = [...OTHER.slice(0, 3), 40];
      } else if (!Number.isNaN(value)) shade = [...ramp((value - mode.low) / (mode.high - mode.low || 1)), 215];
      shades.set(shade, 4 * i);
    }
    this.points.colour(shades);
    if (mode.names) {
      this.legend.replaceChildren(
        ...mode.names.map((name, index) =>
          make("button", {
            type: "button", "aria-pressed": String(this.only === index), title: `Show ${name} alone`,
            onclick: () => {
              this.only = this.only === index ? -1 : index;
              this.#theme();
            },
          }, make("span", { class: "swatch", style: `background: ${COLOURS[index]}` }), make("span", { text: name }))),
        make("span", { text: "· grey: anything else" }),
      );
    } else {
      const stops = RAMP.map((colour) => `rgb(${colour.join(" ")})`).join(", ");
      this.legend.replaceChildren(
        make("span", { text: mode.from }), make("span", { class: "ramp", style: `background: linear-gradient(90deg, ${stops})` }), make("span", { text: mode.to }));
    }
  }

  // What moves glides from where it is drawn now to where the server says it is.
  #glide() {
    const { moving, token } = this.data;
    const target = Float32Array.from(moving);
    const same = this.token === token && this.places.length === target.length;
    this.token = token;
    this.from = same && !still() ? this.places.slice() : target;
    this.to = target;
    this.places = this.from.slice();
    this.began = performance.now();
    this.draw(true);
  }

  draw(inkOnly = false) {
    this.whole ||= !inkOnly;
    this.frame ||= requestAnimationFrame((now) => this.#paint(now));
  }

  get ratio() {
    return Math.min(globalThis.devicePixelRatio || 1, 2);
  }

  #fit() {
    if (!this.camera) return;
    const { clientWidth: width, clientHeight: height } = this.sheet;
    if (!width || !height) return;
    const [across, down] = [width, height].map((side) => Math.round(side * this.ratio));
    const same = this.ink.width === across && this.ink.height === down;
    if (same && this.width) return;
    Object.assign(this, { width, height });
    for (const canvas of [this.ink, this.points.canvas]) Object.assign(canvas, { width: across, height: down });
    this.draw();
  }

  get scale() {
    return this.camera.zoom * Math.min(this.width, this.height) * 0.94;
  }

  screen(x, y) {
    return [(x - this.camera.x) * this.scale + this.width / 2, (y - this.camera.y) * this.scale + this.height / 2];
  }

  map_place(left, top) {
    return [(left - this.width / 2) / this.scale + this.camera.x, (top - this.height / 2) / this.scale + this.camera.y];
  }

  #paint(now) {
    this.frame = 0;
    if (!this.camera || !this.width) return;
    const { ratio, pen, camera } = this;
    if (this.whole) {
      this.points.draw({ x: camera.x, y: camera.y, scale: this.scale * ratio }, this.facts.dot * ratio * camera.zoom ** 0.45);
      this.root.dataset.camera = JSON.stringify([camera.x, camera.y, this.scale]);
    }
    this.whole = false;
    const share = Math.min(1, (now - this.began) / MOVE), eased = 1 - (1 - share) ** 3;
    for (let i = 0; i < this.places.length; i++) this.places[i] = this.from[i] + (this.to[i] - this.from[i]) * eased;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (this.crowd.length) this.#draw_crowd();
    this.#draw_lasso();
    this.#draw_liked();
    this.#draw_names();
    if (this.data.trail) this.#draw_trail();
    this.#draw_over();
    this.root.dataset.ready = "true";
    if (share < 1) this.draw(true);
    else this.root.dataset.settled = this.data.version;
  }

  #ring(x, y, radius, colour, width = 2) {
    const { pen } = this;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
  }

  #disc(x, y, radius, colour) {
    const { pen } = this;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = colour;
    pen.fill();
  }

  #text(text, x, y, colour = this.tint.text) {
    const { pen, tint } = this;
    pen.lineWidth = 3.5;
    pen.lineJoin = "round";
    pen.strokeStyle = tint.back;
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  #draw_crowd() {
    const { pen, tint, places } = this, [xs, ys] = this.crowd;
    const heads = [];
    pen.beginPath();
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = this.screen(xs[i], ys[i]), [u, v] = this.screen(places[2 * i], places[2 * i + 1]);
      heads.push([u, v]);
      if (Math.abs(u - x) + Math.abs(v - y) < 2) continue;
      pen.moveTo(x, y);
      pen.lineTo(u, v);
    }
    pen.globalAlpha = 0.3;
    pen.lineWidth = 1;
    pen.strokeStyle = tint.text;
    pen.stroke();
    pen.globalAlpha = 0.85;
    pen.fillStyle = tint.first;
    pen.beginPath();
    for (const [u, v] of heads) {
      pen.moveTo(u + 2.6, v);
      pen.arc(u, v, 2.6, 0, 7);
    }
    pen.fill();
    pen.globalAlpha = 1;
  }

  #draw_liked() {
    const { x, y } = this.columns;
    this.pen.globalAlpha = 0.55;
    for (const item of this.data.liked ?? []) this.#ring(...this.screen(x[item], y[item]), 4, this.tint.text, 1.1);
    this.pen.globalAlpha = 1;
  }

  // Names of regions, the weightiest first, each only where it covers no other.
  #draw_names() {
    const { pen, tint, facts } = this;
    this.taken = [];
    if (this.data.trail) {
      const [x, y] = this.screen(...this.places.slice(-2));
      this.taken.push([x - 30, y - 16, x + 60, y + 12]);
    }
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    let shown = 0;
    for (const { name, x, y } of facts.regions) {
      const size = shown < 8 ? 14 : 12.5;
      const [left, top] = this.screen(x, y);
      if (left < 0 || top < 0 || left > this.width || top > this.height) continue;
      pen.font = `600 ${size}px ${tint.font}`;
      if (!this.widths.has(name)) this.widths.set(name, pen.measureText(name).width);
      const half = this.widths.get(name) / 2 + 12;
      const middle = Math.max(half - 6, Math.min(left, this.width - half + 6)); // whole, at the edges too
      const box = [middle - half, top - size - 4, middle + half, top + size + 4];
      if (this.taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      this.taken.push(box);
      this.#text(name, middle, top);
      if (++shown >= 45) break;
    }
    this.root.dataset.names = shown;
  }

  #draw_trail() {
    const { pen, tint, data } = this, { x, y } = this.columns;
    const steps = [];
    for (let i = 0; i < this.places.length; i += 2) steps.push(this.screen(this.places[i], this.places[i + 1]));
    const now = steps.pop(), rest = steps[0];
    pen.font = `600 12px ${tint.font}`;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const { item, title } of data.nears) {
      const [left, top] = this.screen(x[item], y[item]);
      this.#ring(left, top, 6.5, tint.first, 1.8);
      const box = [left + 4, top - 8, left + 16 + pen.measureText(title).width, top + 8];
      if (this.taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      this.taken.push(box);
      this.#text(title, left + 11, top);
    }
    if (data.alphas.length) {
      pen.beginPath();
      steps.forEach(([u, v], index) => (index ? pen.lineTo(u, v) : pen.moveTo(u, v)));
      pen.lineWidth = 2;
      pen.strokeStyle = tint.first;
      pen.stroke();
      steps.slice(1).forEach(([u, v], index) => {
        pen.globalAlpha = 0.35 + 0.2 * index;
        this.#disc(u, v, 5, tint.first);
        pen.globalAlpha = 1;
        this.#ring(u, v, 5, tint.first, 1.2);
      });
      this.#disc(...rest, 5, tint.back);
      this.#ring(...rest, 5, tint.text, 2);
    }
    this.#disc(...now, 9, tint.back);
    this.#disc(...now, 7, tint.first);
    pen.font = `700 13px ${tint.font}`;
    this.#text(data.who, now[0] + 13, now[1], tint.first);
  }

  #draw_lasso() {
    const { pen, tint } = this, { x, y } = this.columns;
    const polygon = this.drawing ?? this.lassoed?.polygon;
    if (!polygon?.length) return;
    pen.beginPath();
    for (const [u, v] of polygon) pen.lineTo(...this.screen(u, v));
    pen.closePath();
    pen.globalAlpha = 0.12;
    pen.fillStyle = tint.first;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 1.8;
    pen.setLineDash([6, 4]);
    pen.strokeStyle = tint.first;
    pen.stroke();
    pen.setLineDash([]);
    if (!this.drawing) for (const item of this.lassoed.shown) this.#disc(...this.screen(x[item], y[item]), 3, tint.first);
  }

  #draw_over() {
    if (this.over < 0) {
      this.tip.hidden = true;
      return;
    }
    const { x, y } = this.columns, [left, top] = this.screen(x[this.over], y[this.over]);
    this.#ring(left, top, 8, this.tint.text, 2);
    const { title, detail } = this.names[this.over];
    this.tip.replaceChildren(make("b", { text: title }), make("span", { text: detail }));
    this.tip.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = this.tip;
    this.tip.style.left = `${Math.max(4, Math.min(left + 12, this.width - w - 4))}px`;
    this.tip.style.top = `${top + 14 + h > this.height ? top - 14 - h : top + 14}px`;
  }

  // The point nearest to a place on the screen, -1 where none is within reach.
  nearest(left, top, reach) {
    const { x, y } = this.columns, [u, v] = this.map_place(left, top);
    let best = -1, least = (reach / this.scale) ** 2;
    for (let i = 0; i < x.length; i++) {
      const away = (x[i] - u) ** 2 + (y[i] - v) ** 2;
      if (away < least && !(this.only >= 0 && this.columns[this.facts.modes[0].column][i] !== this.only)) {
        least = away;
        best = i;
      }
    }
    return best;
  }

  #point_at(item) {
    if (item === this.over) return;
    this.over = item;
    this.ink.classList.toggle("is-over", item >= 0);
    this.draw(true);
  }

  open(item) {
    if (item >= 0) this.send(this.facts.event, this.names[item].key ?? item);
  }

  zoom(factor, left = this.width / 2, top = this.height / 2) {
    const before = this.map_place(left, top), { camera } = this;
    camera.zoom = Math.max(0.5, Math.min(120, camera.zoom * factor));
    const after = this.map_place(left, top);
    camera.x += before[0] - after[0];
    camera.y += before[1] - after[1];
    this.draw();
  }

  #pan(right, down) {
    this.camera.x = Math.max(-1, Math.min(2, this.camera.x + right / this.scale));
    this.camera.y = Math.max(-1, Math.min(2, this.camera.y + down / this.scale));
    this.draw();
  }

  home() {
    Object.assign(this.camera, { x: 0.5, y: 0.5, zoom: 1 });
    this.draw();
  }

  fly(x, y, zoom) {
    Object.assign(this.camera, { x, y, zoom: Math.max(zoom, this.camera.zoom) });
    this.draw();
  }

  #lasso(on) {
    this.roping = on;
    this.drawing = null;
    this.ink.classList.toggle("is-lasso", on);
    this.buttons.lasso.setAttribute("aria-pressed", String(on));
    this.draw(true);
  }

  #tools() {
    const tool = (name, text, title, onclick) => (this.buttons[name] = make("button", { type: "button", class: "tool", "aria-label": title, title, text, onclick }));
    this.buttons = {};
    this.root.querySelector(".buttons").append(
      tool("in", "+", "Zoom in", () => this.zoom(1.5)),
      tool("out", "−", "Zoom out", () => this.zoom(1 / 1.5)),
      tool("home", "⤢", "Show the whole map", () => this.home()),
      tool("lasso", "◌ Lasso", "Draw around a region", () => this.#lasso(!this.roping)),
      tool("save", "⇩ PNG", "Save this picture", () => this.#save()),
    );
    this.buttons.lasso.setAttribute("aria-pressed", "false");
    const find = this.root.querySelector(".find"), found = this.root.querySelector(".found");
    find.oninput = () => this.#search(find.value.trim().toLowerCase());
    find.onkeydown = (event) => {
      if (event.key === "Escape") this.#search("");
      if (event.key === "Enter") found.querySelector(".go")?.click();
    };
  }

  #search(text) {
    const found = this.root.querySelector(".found");
    found.hidden = !text;
    if (!text || !this.names) return;
    const rows = [];
    for (const region of this.facts.regions) {
      if (rows.length >= MOST / 2) break;
      if (!region.name.toLowerCase().includes(text)) continue;
      const go = () => this.fly(region.x, region.y, Math.min(6, 0.25 / region.reach));
      const circle = Array.from({ length: 24 }, (_, i) => [
        region.x + region.reach * Math.cos((i * Math.PI) / 12), region.y + region.reach * Math.sin((i * Math.PI) / 12)]);
      rows.push([`Region: ${region.name}`, go, this.facts.lasso && "List it", () => this.say("lasso", circle)]);
    }
    for (let i = 0; i < this.names.length && rows.length < MOST; i++) {
      if (!this.names[i].title.toLowerCase().includes(text)) continue;
      const go = () => {
        this.fly(this.columns.x[i], this.columns.y[i], 5);
        this.#point_at(i);
        this.spoken.textContent = `${this.names[i].title}, ${this.names[i].detail}`;
      };
      rows.push([this.names[i].title, go, "Open", () => this.open(i)]);
    }
    found.replaceChildren(
      ...rows.map(([name, go, word, more]) => {
        const close = (act) => () => {
          act();
          found.hidden = true;
        };
        const row = make("li", {}, make("button", { type: "button", class: "go", text: name, title: name, onclick: close(go) }));
        if (word) row.append(make("button", { type: "button", class: "more", text: word, "aria-label": `${word}: ${name}`, onclick: close(more) }));
        return row;
      }),
    );
    if (!rows.length) found.append(make("li", { class: "none", text: "Nothing here is called that" }));
  }

  // Points and ink as one picture.
  #save() {
    const picture = make("canvas", { width: this.ink.width, height: this.ink.height }), pen = picture.getContext("2d");
    this.whole = true;
    this.#paint(performance.now()); // in this very moment, while the graphics card still has its picture
    pen.fillStyle = this.tint.back;
    pen.fillRect(0, 0, picture.width, picture.height);
    pen.drawImage(this.points.canvas, 0, 0);
    pen.drawImage(this.ink, 0, 0);
    picture.toBlob((blob) => {
      const link = make("a", { download: "map.png", href: URL.createObjectURL(blob) });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  #hands() {
    const { ink } = this, fingers = new Map();
    let start = null, spread = 0;
    const at = (event) => {
      const box = ink.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    ink.onpointerdown = (event) => {
      if (event.button || !this.camera) return;
      ink.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, at(event));
      start = fingers.size === 1 ? { at: at(event), moved: false } : null;
      if (this.roping && fingers.size === 1) this.drawing = [this.map_place(...at(event))];
      spread = 0;
    };
    ink.onpointermove = (event) => {
      if (!this.camera) return;
      const [left, top] = at(event), before = fingers.get(event.pointerId);
      if (!before) {
        this.#point_at(this.roping ? -1 : this.nearest(left, top, NEAR));
        return;
      }
      fingers.set(event.pointerId, [left, top]);
      if (fingers.size === 2) {
        const [[a, b], [c, d]] = fingers.values(), now = Math.hypot(a - c, b - d);
        if (spread) this.zoom(now / spread, (a + c) / 2, (b + d) / 2);
        spread = now;
        return;
      }
      if (start && Math.hypot(left - start.at[0], top - start.at[1]) > 4) start.moved = true;
      if (this.drawing) {
        const last = this.screen(...this.drawing.at(-1));
        if (Math.hypot(left - last[0], top - last[1]) > 4 && this.drawing.length < 300) this.drawing.push(this.map_place(left, top));
        this.draw(true);
      } else if (start?.moved) {
        ink.classList.add("is-moving");
        this.#pan(before[0] - left, before[1] - top);
      }
    };
    const up = (event) => {
      if (!fingers.delete(event.pointerId)) return;
      ink.classList.remove("is-moving");
      if (this.drawing) {
        const polygon = this.drawing;
        this.#lasso(false);
        if (polygon.length > 2) this.say("lasso", polygon);
      } else if (start && !start.moved && event.type === "pointerup") {
        this.#point_at(this.nearest(...at(event), event.pointerType === "touch" ? 2 * NEAR : NEAR));
        this.open(this.over);
      }
      start = null;
    };
    ink.onpointerup = ink.onpointercancel = up;
    ink.onpointerleave = () => this.#point_at(-1);
    ink.onwheel = (event) => {
      if (!this.camera) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), ...at(event));
    };
    ink.onkeydown = (event) => {
      const step = 60, act = {
        ArrowLeft: () => this.#pan(-step, 0), ArrowRight: () => this.#pan(step, 0),
        ArrowUp: () => this.#pan(0, -step), ArrowDown: () => this.#pan(0, step),
        "+": () => this.zoom(1.3), "=": () => this.zoom(1.3), "-": () => this.zoom(1 / 1.3), 0: () => this.home(),
        Enter: () => this.open(this.over), Escape: () => (this.#lasso(false), this.#point_at(-1)),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      act();
      if (event.key === "Enter" || event.key === "Escape") return;
      this.#point_at(this.nearest(this.width / 2, this.height / 2, 80)); // what lies in the middle of the view
      if (this.over >= 0) this.spoken.textContent = `${this.names[this.over].title}, ${this.names[this.over].detail}`;
    };
    this.root.onkeydown = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input")) return;
      event.preventDefault();
      this.send(event.shiftKey ? "redo" : "undo", Date.now());
    };
  }

  close() {
    shared.waiting.delete(this.arrive);
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
    for (const timer of [this.timer, this.streaming, this.patience]) clearTimeout(timer);
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".map");
  if (!maps.has(root)) maps.set(root, new Atlas(root));
  const atlas = maps.get(root);
  atlas.update(component);
  return () => {
    atlas.close();
    maps.delete(root);
  };
}
