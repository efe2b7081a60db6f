// SPDX-License-Identifier: Apache-2.0
// The layout of a view's panels: gaps of its grid that move by pointer or arrow keys, panels that collapse; both saved.

import { settings } from "../data/settings.js";

const narrow = matchMedia("(max-width: 720px)");
const trackMinimum = 96;
const keyStep = 24;
const axes = [
  { name: "columns", template: "gridTemplateColumns", gap: "columnGap", size: "width", start: "left",
    pad: "paddingLeft", client: "clientX", less: "ArrowLeft", more: "ArrowRight", orientation: "vertical" },
  { name: "rows", template: "gridTemplateRows", gap: "rowGap", size: "height", start: "top",
    pad: "paddingTop", client: "clientY", less: "ArrowUp", more: "ArrowDown", orientation: "horizontal" },
];

export class ViewLayout {
  #handles = new Map(axes.map(({ name }) => [name, []]));

  /** @param {HTMLElement} view a grid of panels */
  constructor(view) {
    this.view = view;
    this.name = view.dataset.view;
    for (const panel of this.#panels) this.#addToggle(panel);
    new ResizeObserver(() => this.#place()).observe(view);
    narrow.addEventListener("change", () => this.apply());
    settings.addEventListener("change", ({ detail }) => detail.name === "layout" && this.apply());
    this.apply();
  }

  /** Puts the saved layout on; on a narrow screen there is none. */
  apply() {
    const saved = settings.get("layout")[this.name] ?? {};
    for (const axis of axes) {
      this.view.style[axis.template] = "";
      const sizes = saved[axis.name];
      if (narrow.matches || !isSizes(sizes) || sizes.length !== this.#tracks(axis).length) continue;
      this.view.style[axis.template] = template(sizes);
    }
    const collapsed = Array.isArray(saved.collapsed) ? saved.collapsed : [];
    for (const panel of this.#panels) this.#collapse(panel, collapsed.includes(nameOf(panel)));
    this.#place();
  }

  reset() {
    const { [this.name]: _, ...others } = settings.get("layout");
    settings.set("layout", others);
  }

  get #panels() {
    return [...this.view.querySelectorAll(":scope > .panel")].filter((panel) => panel.querySelector(":scope > h2"));
  }

  /** Sizes of the grid's tracks in pixels; none while the view is hidden. */
  #tracks(axis) {
    if (this.view.hidden) return settings.get("layout")[this.name]?.[axis.name] ?? [];
    return getComputedStyle(this.view)[axis.template].split(" ").map(parseFloat).filter((size) => size >= 0);
  }

  /** Handles stand in the gaps. */
  #place() {
    if (this.view.hidden) return;
    const style = getComputedStyle(this.view);
    for (const axis of axes) {
      const tracks = narrow.matches ? [] : this.#tracks(axis);
      const handles = this.#handles.get(axis.name);
      while (handles.length < tracks.length - 1) handles.push(this.#addHandle(axis, handles.length));
      let end = parseFloat(style[axis.pad]);
      handles.forEach((handle, index) => {
        handle.hidden = index >= tracks.length - 1;
        if (handle.hidden) return;
        end += tracks[index];
        handle.style[axis.start] = `${end}px`;
        handle.style[axis.size] = style[axis.gap];
        end += parseFloat(style[axis.gap]);
        const share = (100 * tracks[index]) / (tracks[index] + tracks[index + 1] || 1);
        handle.setAttribute("aria-valuenow", Math.round(share));
      });
    }
  }

  #addHandle(axis, index) {
    const handle = document.createElement("div");
    handle.className = `divider ${axis.name}`;
    handle.tabIndex = 0;
    for (const [name, value] of Object.entries({ role: "separator", "aria-orientation": axis.orientation,
      "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `Size of ${axis.name} ${index + 1} and ${index + 2}` })) {
      handle.setAttribute(name, value);
    }
    handle.addEventListener("pointerdown", (event) => this.#drag(handle, axis, index, event));
    handle.addEventListener("dblclick", () => this.#save({ [axis.name]: undefined }));
    handle.addEventListener("keydown", (event) => {
      if (event.key === "Home") this.#save({ [axis.name]: undefined });
      else if (event.key === axis.less) this.#move(axis, index, this.#tracks(axis), -keyStep, true);
      else if (event.key === axis.more) this.#move(axis, index, this.#tracks(axis), keyStep, true);
      else return;
      event.preventDefault();
    });
    this.view.append(handle);
    return handle;
  }

  #drag(handle, axis, index, down) {
    const tracks = this.#tracks(axis);
    const move = (event, isLast) => this.#move(axis, index, tracks, event[axis.client] - down[axis.client], isLast);
    const drag = (event) => move(event, false);
    handle.setPointerCapture(down.pointerId);
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("lostpointercapture", (event) => {
      handle.removeEventListener("pointermove", drag);
      if (event[axis.client] !== down[axis.client]) move(event, true);
    }, { once: true });
  }

  #move(axis, index, tracks, distance, isLast) {
    const room = tracks[index] + tracks[index + 1];
    if (room < 2 * trackMinimum) return;
    const first = Math.min(room - trackMinimum, Math.max(trackMinimum, tracks[index] + distance));
    const sizes = tracks.with(index, Math.round(first)).with(index + 1, Math.round(room - first));
    this.view.style[axis.template] = template(sizes);
    this.#place();
    if (isLast) this.#save({ [axis.name]: sizes });
  }

  #save(part) {
    const layout = settings.get("layout");
    settings.set("layout", { ...layout, [this.name]: { ...layout[this.name], ...part } });
  }

  #addToggle(panel) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "collapse";
    button.addEventListener("click", () => {
      this.#collapse(panel, panel.dataset.collapsed === undefined);
      const collapsed = this.#panels.filter(({ dataset }) => dataset.collapsed !== undefined).map(nameOf);
      this.#save({ collapsed });
    });
    panel.querySelector(":scope > h2").append(button);
  }

  #collapse(panel, isCollapsed) {
    if (isCollapsed) panel.dataset.collapsed = "";
    else delete panel.dataset.collapsed;
    const button = panel.querySelector(":scope > h2 > .collapse");
    button.textContent = isCollapsed ? "\u25B8" : "\u25BE";
    button.setAttribute("aria-expanded", String(!isCollapsed));
    button.setAttribute("aria-label", `${nameOf(panel)} ${isCollapsed ? "collapsed" : "shown"}`);
  }
}

function nameOf(panel) {
  return panel.getAttribute("aria-label") ?? panel.className;
}

function isSizes(sizes) {
  return Array.isArray(sizes) && sizes.every((size) => Number.isFinite(size) && size > 0);
}

/** Shares rather than pixels, so that the layout fits another window. */
function template(sizes) {
  return sizes.map((size) => `minmax(0, ${size}fr)`).join(" ");
}
