// SPDX-License-Identifier: Apache-2.0
// A button for what is dangerous: it must be held, by pointer, Enter or Space, until its bar is full. Tells "held".

export const holdMilliseconds = 800;

class HoldButton extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("pointerdown", (event) => event.button === 0 && this.#begin());
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (!event.repeat) this.#begin();
    });
    for (const type of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) {
      this.button.addEventListener(type, () => this.#end());
    }
    // A long touch asks for a menu otherwise.
    this.button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  disconnectedCallback() {
    this.#end();
  }

  /** @param {string} text what it does, with its numbers @param {string} [reason] why it cannot be used */
  say(text, reason = "") {
    if (this.button.textContent !== text) this.button.textContent = text;
    this.button.disabled = reason !== "";
    this.button.title = reason || "hold to confirm";
    if (reason) this.#end();
  }

  #begin() {
    if (this.button.disabled || this.#timer) return;
    this.dataset.holding = "";
    this.#timer = setTimeout(() => {
      this.#end();
      this.dispatchEvent(new CustomEvent("held", { bubbles: true }));
    }, holdMilliseconds);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    delete this.dataset.holding;
  }
}

customElements.define("hold-button", HoldButton);
