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
