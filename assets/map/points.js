// The points of the map, drawn by WebGL: places and sizes travel to the graphics card once, a camera move is one draw
// call. Where a browser has no WebGL the same points are drawn on a plain canvas.

const VERTEX = `
  attribute vec2 place; attribute float size; attribute vec4 colour;
  uniform vec3 camera; uniform vec2 sheet; uniform float dot;
  varying vec4 shade;
  void main() {
    vec2 clip = (place - camera.xy) * camera.z / sheet * 2.0;
    gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
    gl_PointSize = max(size * dot, 1.5);
    shade = colour;
  }`;
const FRAGMENT = `
  precision mediump float;
  varying vec4 shade;
  void main() {
    float edge = 1.0 - smoothstep(0.7, 1.0, length(gl_PointCoord - 0.5) * 2.0);
    gl_FragColor = vec4(shade.rgb * shade.a * edge, shade.a * edge);
  }`;

class Points {
  constructor(canvas) {
    this.canvas = canvas;
    this.n = 0;
    this.gl = canvas.getContext("webgl", { antialias: false });
    if (!this.gl) this.flat = canvas.getContext("2d");
    else {
      this.#set_up();
      canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      canvas.addEventListener("webglcontextrestored", () => {
        this.#set_up();
        if (this.n) this.show(this);
        if (this.shades) this.colour(this.shades);
        this.again?.();
      });
    }
  }

  #set_up() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.uniform = Object.fromEntries(["camera", "sheet", "dot"].map((name) => [name, gl.getUniformLocation(program, name)]));
    this.buffers = {};
    for (const name of ["place", "size", "colour"])
      this.buffers[name] = { buffer: gl.createBuffer(), at: gl.getAttribLocation(program, name) };
  }

  #fill(name, values, width, type, whole) {
    const { gl } = this, { buffer, at } = this.buffers[name];
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, whole, 0, 0);
  }

  // x, y: Float32Array(n) places; size: Float32Array(n) relative
  show({ x, y, size }) {
    Object.assign(this, { x, y, size, n: x.length });
    if (this.flat) return;
    const places = new Float32Array(2 * this.n);
    for (let i = 0; i < this.n; i++) {
      places[2 * i] = x[i];
      places[2 * i + 1] = y[i];
    }
    this.#fill("place", places, 2, this.gl.FLOAT, false);
    this.#fill("size", size, 1, this.gl.FLOAT, false);
  }

  // shades: Uint8Array(4 n), red, green, blue and opacity
  colour(shades) {
    this.shades = shades;
    if (this.gl) this.#fill("colour", shades, 4, this.gl.UNSIGNED_BYTE, true);
  }

  // camera: {x, y, scale}, in pixels of the canvas a unit of the map
  draw({ x, y, scale }, dot) {
    const { width, height } = this.canvas;
    if (this.flat) return this.#plain(x, y, scale, dot);
    const { gl, uniform } = this;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform3f(uniform.camera, x, y, scale);
    gl.uniform2f(uniform.sheet, width, height);
    gl.uniform1f(uniform.dot, dot);
    gl.drawArrays(gl.POINTS, 0, this.n);
  }

  #plain(x, y, scale, dot) {
    const { flat, shades } = this, { width, height } = this.canvas;
    flat.clearRect(0, 0, width, height);
    for (let i = 0; i < this.n; i++) {
      const left = (this.x[i] - x) * scale + width / 2, top = (this.y[i] - y) * scale + height / 2;
      if (left < 0 || top < 0 || left > width || top > height) continue;
      const side = Math.max(this.size[i] * dot * 0.85, 1.5);
      flat.fillStyle = `rgba(${shades[4 * i]},${shades[4 * i + 1]},${shades[4 * i + 2]},${shades[4 * i + 3] / 255})`;
      flat.fillRect(left - side / 2, top - side / 2, side, side);
    }
  }
}
