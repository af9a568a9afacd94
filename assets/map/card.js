// The graphics card: places, sizes and colours of points travel there once, a camera move is one draw call.

/** @import {Dots, Seen} from "./points.js" */

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

export class Card {
  /**
   * @param {WebGLRenderingContext} gl
   * @param {Dots} dots
   * @param {() => void} again the picture was lost and is to be drawn again
   */
  constructor(gl, dots, again) {
    this.gl = gl;
    this.dots = dots;
    this.program = this.#program();
    gl.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    gl.canvas.addEventListener("webglcontextrestored", () => {
      this.program = this.#program();
      this.place();
      this.colour();
      again();
    });
  }

  /** Programs and buffers; lost with the card's memory. */
  #program() {
    const { gl } = this, program = gl.createProgram();
    this.#attach(program, gl.VERTEX_SHADER, VERTEX);
    this.#attach(program, gl.FRAGMENT_SHADER, FRAGMENT);
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    /** @param {string} name */
    const uniform = (name) => gl.getUniformLocation(program, name);
    /** @param {string} name */
    const attribute = (name) => ({ buffer: gl.createBuffer(), at: gl.getAttribLocation(program, name) });
    return {
      camera: uniform("camera"),
      sheet: uniform("sheet"),
      dot: uniform("dot"),
      place: attribute("place"),
      size: attribute("size"),
      colour: attribute("colour"),
    };
  }

  /**
   * @param {WebGLProgram} program
   * @param {number} kind
   * @param {string} source
   */
  #attach(program, kind, source) {
    const { gl } = this, shader = gl.createShader(kind);
    if (!shader) return; // lost once more, to be restored once more
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }

  /**
   * @param {{buffer: WebGLBuffer | null, at: number}} attribute
   * @param {Float32Array | Uint8Array} values
   * @param {number} width values a point
   */
  #fill({ buffer, at }, values, width) {
    const { gl } = this, whole = values instanceof Uint8Array;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, whole ? gl.UNSIGNED_BYTE : gl.FLOAT, whole, 0, 0);
  }

  /** Take over places and sizes. */
  place() {
    const { x, y, size } = this.dots, places = new Float32Array(2 * x.length);
    for (let i = 0; i < x.length; i++) {
      places[2 * i] = x[i];
      places[2 * i + 1] = y[i];
    }
    this.#fill(this.program.place, places, 2);
    this.#fill(this.program.size, size, 1);
  }

  /** Take over colours. */
  colour() {
    this.#fill(this.program.colour, this.dots.shades, 4);
  }

  /** @param {Seen} seen */
  draw({ x, y, scale, dot }) {
    const { gl, program } = this, { width, height } = gl.canvas;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform3f(program.camera, x, y, scale);
    gl.uniform2f(program.sheet, width, height);
    gl.uniform1f(program.dot, dot);
    gl.drawArrays(gl.POINTS, 0, this.dots.x.length);
  }
}
