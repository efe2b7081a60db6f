// SPDX-License-Identifier: Apache-2.0
// The smallest move of everything, or of one underlying, that reaches each limit, or that costs a loss asked for.

import { ask, part } from "../data/api.js";
import { show } from "../data/format.js";
import { limitLabel } from "../data/limits.js";
import { place } from "../data/place.js";
import { store } from "../data/store.js";
import { html, keyed, write } from "./drawing.js";

const askMilliseconds = 5_000;
const percents = ["margin_utilisation", "concentration", "drawdown"];

class ReverseStress extends HTMLElement {
  #isAsking = false;

  connectedCallback() {
    this.body = this.querySelector("tbody");
    this.select = this.querySelector("select");
    this.loss = this.querySelector("input");
    this.emptyNode = this.querySelector(".empty");
    for (const field of [this.select, this.loss]) field.addEventListener("change", () => this.read());
    place.addEventListener("change", ({ detail }) => {
      if (detail.isNewAccount) {
        this.select.value = "";
        this.body.replaceChildren();
      }
      this.read();
    });
    setInterval(() => this.read(), askMilliseconds);
    store.attach({
      role: "account", isIdle: false, paint: (_channel, changes) => changes.isWhole && this.#offer() && this.read(),
    });
  }

  /** What is asked for, as one text: an answer to another question is not shown. */
  get question() {
    return [place.account, this.select.value, this.loss.value].join("\n");
  }

  /** Asks, unless nobody looks. */
  async read() {
    if (place.view !== "risk" || document.hidden || this.#isAsking || !store.channel("account")) return;
    this.hidden = place.isFirm;
    if (place.isFirm) return;
    this.#offer();
    const { question } = this;
    this.#isAsking = true;
    try {
      const answers = await this.#ask();
      if (question === this.question) this.#show(answers);
    } catch (refusal) {
      // One refused for coming too fast is asked again at the next turn.
      if (question === this.question && refusal.status !== 429) this.#say(`Not searched: ${refusal.message}`);
    }
    this.#isAsking = false;
    if (question !== this.question) this.read();
  }

  /** Of the limits, and of a loss where one is asked for. */
  async #ask() {
    const underlying = this.select.value ? `underlying=${part(this.select.value)}` : "";
    const path = `${place.path}/reverse-stress`;
    const limits = await ask("GET", `${path}?${underlying}`);
    const loss = Number(this.loss.value.trim().replaceAll(",", ""));
    if (!(loss > 0)) return limits;
    const found = await ask("GET", `${path}?${underlying}&loss=${loss}`);
    return { ...limits, limits: [{ metric: "loss", threshold: loss, ...found }, ...limits.limits] };
  }

  /** What is held. Returns whether that is another list now. */
  #offer() {
    const symbols = store.table("account", "positions")?.keys ?? [];
    if ([...this.select.options].slice(1).map(({ value }) => value).join() === symbols.join()) return false;
    const chosen = this.select.value;
    this.select.replaceChildren(html("option", { value: "" }, "everything"),
      ...symbols.map((symbol) => html("option", { value: symbol }, symbol)));
    this.select.value = symbols.includes(chosen) ? chosen : "";
    return true;
  }

  #say(reason) {
    this.toggleAttribute("data-empty", reason !== "");
    write(this.emptyNode, reason);
  }

  #show({ limits, currency, convention }) {
    if (limits.length === 0) return this.#say("No limit is set that prices reach; ask for a loss.");
    this.#say("");
    const byKey = new Map(limits.map((limit) => [`${limit.metric}/${limit.part ?? ""}`, limit]));
    keyed(this.body, [...byKey.keys()], row, (node, key) => {
      const { metric, part: name, threshold, move_pct: move, pnl } = byKey.get(key);
      const unit = percents.includes(metric) ? "%" : currency;
      write(node.cells[0], limitLabel({ metric, part: name }), { note: `${convention}; level in ${unit}` });
      const none = "no move from \u2212100 % to 100 % reaches it";
      [[threshold, unit === "%" ? "percent" : "money"], [move, "signed"], [pnl, "signed"]].forEach(
        ([value, format], index) => {
          const shown = show(value, format, undefined, none);
          write(node.cells[index + 1], shown.text, { tone: shown.tone, note: shown.note });
        });
    });
  }
}

function row(key) {
  const cells = ["threshold", "move", "pnl"].map((name) => html("td", { "data-reverse": `${key}/${name}` }));
  return html("tr", {}, html("th", { scope: "row" }), ...cells);
}

customElements.define("reverse-stress", ReverseStress);
