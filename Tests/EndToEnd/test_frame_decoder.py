# SPDX-License-Identifier: Apache-2.0
"""The page's frame decoder, in a browser, on the golden frames and on damaged ones."""

import base64
import json
import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "Tests" / "Golden"
MODULES = ROOT / "Sources" / "WebServer" / "Resources" / "data"
ORIGIN = "http://frames.invalid"

DECODE = """
async ({ messages }) => {
  const { dataOf, decode, FrameError } = await import("/frame.js");
  const plain = (_, value) => (typeof value === "bigint" ? value.toString() : value);
  let state;
  for (const message of messages) {
    const bytes = Uint8Array.from(atob(message), (letter) => letter.charCodeAt(0));
    try {
      state = await decode(bytes.buffer, state);
    } catch (error) {
      return { refusal: error instanceof FrameError ? error.code : `not a FrameError: ${error}` };
    }
  }
  const { tables, ...head } = state;
  return { state: JSON.stringify({ ...head, data: dataOf(state) }, plain) };  // text keeps a member called __proto__
}
"""


@pytest.fixture(scope="module")
def page():
    """A page that has the decoder's modules and nothing else; no request leaves the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page()

        def serve(route):
            name = route.request.url.removeprefix(ORIGIN).strip("/")
            if name in {"frame.js", "frame-reader.js", "frame-checksum.js"}:
                route.fulfill(body=(MODULES / name).read_text(), content_type="text/javascript")
            else:
                route.fulfill(body="<!doctype html>", content_type="text/html")

        page.route("**/*", serve)
        page.goto(ORIGIN)
        yield page
        browser.close()


def golden(name):
    """Expected head and data; nanoseconds as text, since a Number does not hold them."""
    text = (GOLDEN / f"{name}.json").read_text()
    return json.loads(re.sub(r'"(\w+_ns)":(\d+)', r'"\1":"\2"', text))


def chain(name):
    """The frames from the snapshot that `name` builds on, up to it."""
    after = golden(name).get("after")
    return (chain(after) if after else []) + [(GOLDEN / f"{name}.deflate.bin").read_bytes()]


def decode(page, messages):
    encoded = [base64.b64encode(message).decode() for message in messages]
    return page.evaluate(DECODE, {"messages": encoded})


NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def test_there_are_golden_frames():
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_frame_decodes_to_its_data(page, name):
    expected = golden(name)
    state = json.loads(decode(page, chain(name))["state"])
    assert state["data"] == expected["data"]
    for member in ("kind", "channel", "seq", "base"):
        assert state[member] == expected.get(member), member
    assert state["cutNanoseconds"] == expected["cut_ns"]
    assert state["newestNanoseconds"] == expected.get("newest_ns")
    assert state["oldestNanoseconds"] == expected.get("oldest_ns")


def test_a_delta_without_its_snapshot_is_refused(page):
    assert decode(page, chain("account-delta")[-1:]) == {"refusal": "base_mismatch"}


def test_damaged_frames_are_refused_and_never_crash(page):
    seed = 20200214
    generator = random.Random(seed)
    refused = 0
    for number in range(400):
        messages = chain(generator.choice(NAMES))
        damaged = bytearray(messages[-1])
        for _ in range(generator.randint(1, 4)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        messages[-1] = bytes(damaged[: generator.randint(1, len(damaged))])
        result = decode(page, messages)
        refusal = result.get("refusal")
        assert refusal in {None, "bad_frame", "base_mismatch", "checksum_mismatch"}, (seed, number, refusal)
        refused += refusal is not None
    assert refused > 300
