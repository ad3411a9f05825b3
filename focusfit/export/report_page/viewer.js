// Turnable faces without a library: one WebGL canvas draws every face, each card keeps a copy of its picture.
"use strict";
(() => {
  const bytes = (id) => {
    const element = document.getElementById(id);
    return element ? Uint8Array.from(atob(element.textContent.trim()), (c) => c.charCodeAt(0)) : null;
  };

  const VERTEX = `
    attribute vec3 position; attribute vec3 normal; attribute vec3 colour;
    uniform mat3 turn; uniform float scale; uniform float clay;
    varying vec3 n; varying vec3 c;
    void main() {
      vec3 p = turn * position * scale;
      n = turn * normal;
      c = mix(colour, vec3(0.72, 0.70, 0.67), clay);
      gl_Position = vec4(p.xy, -p.z * 0.3, 1.0 - p.z * 0.12);
    }`;
  const FRAGMENT = `
    precision mediump float;
    varying vec3 n; varying vec3 c;
    void main() {
      vec3 u = normalize(n);
      float key = max(dot(u, normalize(vec3(0.4, 0.5, 0.8))), 0.0);
      float fill = max(dot(u, normalize(vec3(-0.7, 0.1, 0.5))), 0.0);
      float front = gl_FrontFacing ? 1.0 : 0.35;
      gl_FragColor = vec4(c * (0.42 + 0.55 * key + 0.18 * fill) * front, 1.0);
    }`;

  const SIDE = 640;
  const stage = document.createElement("canvas");
  stage.width = stage.height = SIDE;
  const gl = stage.getContext("webgl", { antialias: true, preserveDrawingBuffer: true, alpha: true });
  const cards = [...document.querySelectorAll("canvas[data-mesh]")];
  if (!gl) {
    for (const canvas of cards) canvas.replaceWith(Object.assign(document.createElement("p"),
      { className: "no3d", textContent: "This browser offers no WebGL: open mesh.obj instead." }));
    return;
  }

  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  const at = (name) => gl.getUniformLocation(program, name);
  const uniforms = { turn: at("turn"), scale: at("scale"), clay: at("clay") };

  const indexBytes = bytes("triangles");
  const wide = document.getElementById("triangles").dataset.bits === "32";
  if (wide) gl.getExtension("OES_element_index_uint");
  const triangles = wide ? new Uint32Array(indexBytes.buffer) : new Uint16Array(indexBytes.buffer);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, triangles, gl.STATIC_DRAW);

  const normalsOf = (p) => {
    const n = new Float32Array(p.length);
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
      const ux = p[b] - p[a], uy = p[b + 1] - p[a + 1], uz = p[b + 2] - p[a + 2];
      const vx = p[c] - p[a], vy = p[c + 1] - p[a + 1], vz = p[c + 2] - p[a + 2];
      const x = uy * vz - uz * vy, y = uz * vx - ux * vz, z = ux * vy - uy * vx;
      for (const i of [a, b, c]) { n[i] += x; n[i + 1] += y; n[i + 2] += z; }
    }
    return n;
  };

  const attribute = (name, data, size, type, normalised) => {
    const location = gl.getAttribLocation(program, name);
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    return () => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, type, normalised, 0, 0);
    };
  };

  const load = (canvas) => {
    const quantised = new Int16Array(bytes(canvas.dataset.mesh + "-positions").buffer);
    const positions = Float32Array.from(quantised, (q) => q / 32767);
    return [
      attribute("position", positions, 3, gl.FLOAT, false),
      attribute("normal", normalsOf(positions), 3, gl.FLOAT, false),
      attribute("colour", bytes(canvas.dataset.mesh + "-colours"), 3, gl.UNSIGNED_BYTE, true),
    ];
  };

  const rotation = (yaw, pitch) => {
    const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
    return [cy, sp * sy, -cp * sy, 0, cp, sp, sy, -sp * cy, cp * cy]; // columns of Rx(pitch) Ry(yaw)
  };

  const draw = (view) => {
    view.queued = false;
    if (!view.buffers) view.buffers = load(view.canvas);
    for (const bind of view.buffers) bind();
    gl.viewport(0, 0, SIDE, SIDE);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix3fv(uniforms.turn, false, rotation(view.yaw, view.pitch));
    gl.uniform1f(uniforms.scale, 0.8 * view.zoom);
    gl.uniform1f(uniforms.clay, view.clay ? 1 : 0);
    gl.drawElements(gl.TRIANGLES, triangles.length, wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT, 0);
    const picture = view.canvas.getContext("2d");
    picture.clearRect(0, 0, view.canvas.width, view.canvas.height);
    picture.drawImage(stage, 0, 0, view.canvas.width, view.canvas.height);
    view.canvas.dataset.drawn = "yes";
  };

  const setUp = (canvas) => {
    canvas.width = canvas.height = SIDE;
    const view = { canvas, yaw: 0, pitch: 0, zoom: 1, clay: false, queued: false, buffers: null };
    const redraw = () => {
      if (view.queued) return;
      view.queued = true;
      requestAnimationFrame(() => draw(view));
    };
    const turn = (yaw, pitch) => {
      view.yaw += yaw;
      view.pitch = Math.max(-1.4, Math.min(1.4, view.pitch + pitch));
      redraw();
    };
    canvas.addEventListener("pointerdown", (e) => canvas.setPointerCapture(e.pointerId));
    canvas.addEventListener("pointermove", (e) => {
      if (e.buttons) turn(e.movementX * 0.01, e.movementY * 0.01);
    });
    canvas.addEventListener("wheel", (e) => {
      if (!e.ctrlKey && !e.shiftKey) return; // plain scrolling stays the page's
      e.preventDefault();
      view.zoom = Math.max(0.5, Math.min(4, view.zoom * Math.exp(-0.002 * (e.deltaY || e.deltaX))));
      redraw();
    }, { passive: false });
    canvas.addEventListener("dblclick", () => { Object.assign(view, { yaw: 0, pitch: 0, zoom: 1 }); redraw(); });
    canvas.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[e.key];
      if (step) { e.preventDefault(); turn(...step); }
    });
    const button = canvas.parentElement.querySelector("button");
    button.addEventListener("click", () => {
      view.clay = !view.clay;
      button.textContent = view.clay ? "show skin" : "show shape only";
      redraw();
    });
    const start = new URLSearchParams(location.hash.slice(1));
    turn(Number(start.get("yaw")) || 0, Number(start.get("pitch")) || 0);
  };

  // Only faces that come into view are decoded.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      watcher.unobserve(entry.target);
      setUp(entry.target);
    }
  }, { rootMargin: "300px" });
  cards.forEach((canvas) => watcher.observe(canvas));
})();
