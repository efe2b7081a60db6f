// SPDX-License-Identifier: Apache-2.0
// The page's keys: one registry that panels add to, and the dialog made from it.
//
//   keys.add("b", "Buy what the row shows", (event) => …, { when: () => panel.isShown })
//
// A key is a character, or two after one another ("g t"). None acts while one types, nor with Ctrl, Alt or Meta; none
// may trade by itself. What a key does may return false: then the key was not meant for it.

const sequenceMilliseconds = 1_200;

/** @typedef {{keys: string, label: string, group: string, act: Function, when: () => boolean}} Binding */

class Keys {
  /** @type {Binding[]} */
  #bindings = [];
  #first = "";
  #firstAt = -Infinity;

  start() {
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @param {string} keys @param {string} label what it does, for the dialog @returns a function that removes it */
  add(keys, label, act, { group = "Everywhere", when = () => true } = {}) {
    const binding = { keys, label, group, act, when };
    this.#bindings.push(binding);
    return () => (this.#bindings = this.#bindings.filter((each) => each !== binding));
  }

  /** All, those that nothing but the dialog speaks of among them. @returns {Map<string, Binding[]>} by group */
  get groups() {
    return Map.groupBy(this.#bindings, ({ group }) => group);
  }

  #press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector("dialog:modal")) return;
    const isSecond = performance.now() - this.#firstAt < sequenceMilliseconds;
    const candidates = isSecond ? [`${this.#first} ${event.key}`, event.key] : [event.key];
    this.#firstAt = -Infinity;
    for (const keys of candidates) {
      const binding = this.#bindings.find((each) => each.keys === keys && each.act && each.when());
      if (!binding || binding.act(event) === false) continue;
      return event.preventDefault();
    }
    if (this.#bindings.some(({ keys }) => keys.startsWith(`${event.key} `))) {
      this.#first = event.key;
      this.#firstAt = performance.now();
    }
  }
}

function isTyping(node) {
  return node.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(node.tagName);
}

export const keys = new Keys();

/**
 * Adds keys of a panel, which act while the focus is in it.
 * @param {Array<{keys: string, label: string, scope: HTMLElement, run: Function}>} list
 * @returns a function that removes them
 */
export function addKeys(list) {
  const removers = list.map(({ keys: name, label, scope, run }) =>
    keys.add(name, label, run, { group: scope.ariaLabel ?? "", when: () => scope.contains(document.activeElement) }));
  return () => removers.forEach((remove) => remove());
}
