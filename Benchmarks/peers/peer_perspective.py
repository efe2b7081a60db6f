# SPDX-License-Identifier: Apache-2.0
"""A changed table as bytes for a client: our delta frame beside perspective's row delta."""

import time

import numpy as np

from peer_table import Section

ROWS = 200
COLUMNS = ["price", "market_value", "unrealised", "day"]
UPDATES = 200
NAME = "perspective-python, Arrow of the changed rows"


def table_delta(program, rounds: int) -> Section:
    section = Section("Delta of a table of 200 rows × 4 numbers, every second changed", "µs", False)
    try:
        import perspective
    except ImportError as error:
        section.notes.append(f"missing: perspective-python: {error}")
        perspective = None
    for _ in range(rounds):
        section.add(section.ours, program.ask("time", "delta", 2_000)["ns"] / 1e3)
        if perspective:
            section.add(NAME, perspective_delta(perspective))
    if perspective:
        section.notes.append("perspective applies the update too; its delta has whole rows and is not compressed.")
    return section


def perspective_delta(perspective) -> float:
    """Microseconds from an update to the bytes of its delta."""
    client = perspective.Server().new_local_client()
    schema = {"symbol": "string"} | {column: "float" for column in COLUMNS}
    table = client.table(schema, index="symbol")
    random = np.random.default_rng(1)
    symbols = [f"SYN{i}" for i in range(ROWS)]
    table.update({"symbol": symbols} | {column: random.normal(size=ROWS).tolist() for column in COLUMNS})
    view, deltas = table.view(), []
    view.on_update(lambda port_id, delta: deltas.append(len(delta)), mode="row")
    changes = [{"symbol": symbols[::2]} | {column: random.normal(size=ROWS // 2).tolist() for column in COLUMNS}
               for _ in range(4)]
    begin = time.perf_counter_ns()
    for number in range(UPDATES):
        table.update(changes[number % len(changes)])
        view.num_rows()  # updates wait until somebody asks
    spent = time.perf_counter_ns() - begin
    if len(deltas) < UPDATES or min(deltas) == 0:
        raise SystemExit(f"perspective told {len(deltas)} deltas of {UPDATES}")
    return spent / 1e3 / UPDATES
