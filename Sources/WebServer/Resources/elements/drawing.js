// SPDX-License-Identifier: Apache-2.0
// Small drawings of a panel's own: SVG nodes, and text in the page, built without a template.

const namespace = "http://www.w3.org/2000/svg";

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** @param {string} name @param {Record<string, string>} attributes @param {...(Node | string)} children */
export function html(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/**
 * Nodes of a list by key, kept where they are already there, so that focus and hover stay.
 * @param {HTMLElement} parent of nodes with data-key @param {string[]} keys
 * @param {(key: string) => HTMLElement} make @param {(node: HTMLElement, key: string) => void} update
 */
export function keyed(parent, keys, make, update) {
  const held = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = keys.map((key) => {
    const node = held.get(key) ?? make(key);
    node.dataset.key = key;
    update(node, key);
    return node;
  });
  const isSame = nodes.length === parent.children.length && nodes.every((node, at) => parent.children[at] === node);
  if (!isSame) parent.replaceChildren(...nodes);
}

/** A bar of how much of a limit is used: its length ends at the edge, its label says the true percentage. */
export function useBar(node, percent, level) {
  const fill = node.firstElementChild ?? node.appendChild(document.createElement("i"));
  fill.style.width = `${Math.min(100, Math.max(0, percent ?? 0))}%`;
  node.dataset.level = level;
  node.setAttribute("role", "meter");
  node.setAttribute("aria-valuemin", "0");
  node.setAttribute("aria-valuemax", String(Math.max(100, percent ?? 0)));
  if (percent === undefined) node.removeAttribute("aria-valuenow");
  else node.setAttribute("aria-valuenow", percent.toFixed(1));
}

/** Writes a text where it differs. */
export function write(node, text, { tone, note } = {}) {
  if (node.textContent !== text) node.textContent = text;
  if (tone !== undefined && (node.dataset.tone ?? "") !== tone) node.dataset.tone = tone;
  if (note !== undefined && node.title !== note) node.title = note;
}
