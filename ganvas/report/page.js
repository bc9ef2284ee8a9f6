"use strict";

// the slider through time
for (const figure of document.querySelectorAll(".time")) {
  const slider = figure.querySelector("input");
  const frames = [...figure.querySelectorAll("[data-step]")];
  slider?.addEventListener("input", () => {
    frames.forEach((frame, i) => { frame.hidden = i !== Number(slider.value); });
    const step = frames[slider.value].dataset.step;
    figure.querySelector("output").textContent = step;
    slider.setAttribute("aria-valuetext", `step ${step}`);
  });
}

// a link to a run opens its part of the page
function openLinked() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (part instanceof HTMLDetailsElement) part.open = true;
}
addEventListener("hashchange", openLinked);
openLinked();

// values under the pointer, or under the arrow keys
const SVG = "http://www.w3.org/2000/svg";
const [TOP, BOTTOM, WIDTH] = [10, 206, 440];

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function nearest(points, x) {
  return points.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
}

for (const chart of document.querySelectorAll("svg[data-told]")) {
  const { across, series } = JSON.parse(chart.dataset.told);
  const cursor = chart.querySelector(".cursor");
  const tip = chart.parentElement.querySelector(".tip");
  const places = [...new Set(series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => a - b);
  let at = null;

  function hide() {
    cursor.replaceChildren();
    tip.hidden = true;
    at = null;
  }

  function show(x) {
    at = x;
    const found = series.map((one) => ({ ...one, point: nearest(one.points, x) }));
    const shown = found.filter((one) => Math.abs(one.point[0] - x) < 12);
    cursor.replaceChildren(
      shape("line", { x1: x, x2: x, y1: TOP, y2: BOTTOM }),
      ...shown.map((one) => shape("circle", { cx: one.point[0], cy: one.point[1], r: 3.5, class: one.colour })),
    );
    const here = shown.find((one) => one.point[0] === x);
    const head = document.createElement("div");
    head.textContent = `${across} ${here.point[2]}`;
    tip.replaceChildren(head, ...shown.map((one) => {
      const row = document.createElement("div");
      row.className = one.colour;
      row.textContent = `${one.name} ${one.point[3]}`;
      return row;
    }));
    tip.hidden = false;
    const share = x / WIDTH;
    tip.style.left = share < 0.5 ? `${100 * share + 3}%` : "auto";
    tip.style.right = share < 0.5 ? "auto" : `${100 * (1 - share) + 3}%`;
  }

  function follow(event) {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    show(places.reduce((best, place) => (Math.abs(place - x) < Math.abs(best - x) ? place : best)));
  }

  chart.addEventListener("pointermove", follow);
  chart.addEventListener("pointerdown", follow);
  chart.addEventListener("pointerleave", hide);
  chart.addEventListener("blur", hide);
  chart.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") hide();
    if (!move) return;
    event.preventDefault();
    const next = at === null ? (move > 0 ? 0 : places.length - 1) : places.indexOf(at) + move;
    show(places[Math.min(Math.max(next, 0), places.length - 1)]);
  });
}

// maps: one layout and one colouring at a time, one kind alone if asked, and the sample under the pointer
for (const map of document.querySelectorAll(".map")) {
  const { layouts, kinds, told, columns, cell } = JSON.parse(map.dataset.map);
  const colourings = Object.entries(kinds);
  const [svg, mark, tip] = ["svg", ".mark", ".tip"].map((name) => map.querySelector(name));
  const [sprite, canvas] = ["img.sprite", "canvas"].map((name) => map.querySelector(name));
  const [width, height] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const chosen = { layout: 0, colouring: 0 };
  let [at, alone] = [null, null];

  const belongs = (i) => alone === null || colourings[chosen.colouring][1].of[i] === alone;

  function hide() {
    mark.setAttribute("visibility", "hidden");
    tip.hidden = true;
    at = null;
  }

  function draw() {
    for (const part of map.querySelectorAll("[data-colouring]")) {
      const { layout, colouring } = part.dataset;
      const shown = Number(colouring) === chosen.colouring && Number(layout ?? chosen.layout) === chosen.layout;
      part.toggleAttribute("hidden", !shown);
    }
    for (const part of map.querySelectorAll("[data-kind]")) {
      const own = Number(part.dataset.kind) === alone;
      part.classList.toggle("faint", alone !== null && !own);
      part.matches("button") && part.setAttribute("aria-pressed", own);
    }
    hide();
  }

  function show(i) {
    at = i;
    const [x, y] = layouts[chosen.layout][i];
    for (const [key, value] of Object.entries({ cx: x, cy: y, visibility: "visible" })) mark.setAttribute(key, value);
    const rows = [told[i], ...colourings.map(([name, { of, names }]) => `${name} ${names[of[i]]}`)];
    tip.lastElementChild.replaceChildren(...rows.map((text) => {
      const row = document.createElement("div");
      row.textContent = text;
      return row;
    }));
    if (canvas && sprite.complete) {
      [canvas.width, canvas.height] = cell;
      canvas.getContext("2d").drawImage(
        sprite, (i % columns) * cell[0], Math.floor(i / columns) * cell[1], ...cell, 0, 0, ...cell,
      );
    }
    tip.hidden = false;
    const [across, down] = [x / width, y / height];
    tip.style.left = across < 0.5 ? `${100 * across + 3}%` : "auto";
    tip.style.right = across < 0.5 ? "auto" : `${100 * (1 - across) + 3}%`;
    tip.style.top = down < 0.5 ? `${100 * down}%` : "auto";
    tip.style.bottom = down < 0.5 ? "auto" : `${100 * (1 - down)}%`;
  }

  // the nearest sample to a place that belongs and passes, within so far
  function nearest(x, y, far, passes = () => true) {
    let [best, least] = [null, far * far];
    layouts[chosen.layout].forEach(([a, b], i) => {
      const away = (a - x) ** 2 + (b - y) ** 2;
      if (away < least && belongs(i) && passes(a - x, b - y)) [best, least] = [i, away];
    });
    return best;
  }

  function follow(event) {
    const box = svg.getBoundingClientRect();
    const scale = width / box.width;
    const i = nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale, 24);
    if (i === null) hide(); else show(i);
  }

  svg.addEventListener("pointermove", follow);
  svg.addEventListener("pointerdown", follow);
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") hide();
    if (!way) return;
    event.preventDefault();
    const [x, y] = at === null ? [width / 2, height / 2] : layouts[chosen.layout][at];
    const thatWay = (right, down) => {
      const along = right * way[0] + down * way[1];
      return along > 0 && along >= Math.abs(right * way[1] + down * way[0]);
    };
    const next = at === null ? nearest(x, y, Infinity) : nearest(x, y, Infinity, thatWay);
    if (next !== null) show(next);
  });
  for (const input of map.querySelectorAll("[data-choice]")) {
    input.addEventListener("change", () => {
      chosen[input.dataset.choice] = Number(input.value);
      if (input.dataset.choice === "colouring") alone = null;
      draw();
    });
  }
  for (const key of map.querySelectorAll("button.key")) {
    key.addEventListener("click", () => {
      alone = alone === Number(key.dataset.kind) ? null : Number(key.dataset.kind);
      draw();
    });
  }
}
