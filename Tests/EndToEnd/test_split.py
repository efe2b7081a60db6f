# SPDX-License-Identifier: Apache-2.0
"""A split while the daemon runs on a store: the book by hand, the history by its events, and nothing is worth more."""

import pytest

from trading_desk import UNLIMITED, flat_book, quoted_desk
from waiting import wait_until


@pytest.mark.parametrize("ratio", [4.0, 0.5])
def test_a_split_by_hand_changes_no_figure(run, publish, tmp_path, ratio):
    events = tmp_path / "events.csv"
    events.write_text("date,symbol,kind,value\n")
    desk = quoted_desk(
        run, publish(), tmp_path, flat_book(), {"orders": UNLIMITED, "data": {"events": str(events)}})
    desk.account = "OTHER"
    desk.quote(2, 399.9, 410.0)
    before = wait_until(
        lambda: (state := desk.daemon.account("OTHER"))["positions"]["MSFT"]["price"] == 410.0 and state, "the price")
    quantity, cost = before["positions"]["MSFT"]["quantity"], before["positions"]["MSFT"]["avg_cost"]
    # All of the old shares at their cost, and as many new ones for the same money.
    for change, price in ((-quantity, cost), (quantity * ratio, cost / ratio)):
        answer = desk.call("accounts/OTHER/adjustments", "POST", {
            "symbol": "MSFT", "quantity": change, "price": price, "reason": f"split {ratio}"})
        assert answer.status == 201, answer
    desk.until_position("MSFT", quantity * ratio)
    events.write_text(f"date,symbol,kind,value\n2022-01-13,MSFT,split,{ratio}\n")
    assert desk.daemon.reload() == "applied"
    desk.quote(2, 399.9 / ratio, 410.0 / ratio)
    after = wait_until(
        lambda: (state := desk.daemon.account("OTHER"))["positions"]["MSFT"]["price"] == 410.0 / ratio and state,
        "the price of the new shares")
    held = after["positions"].pop("MSFT")
    assert (held["quantity"], held["avg_cost"]) == pytest.approx((quantity * ratio, cost / ratio))
    for name in ("market_value", "unrealised_pnl", "realised_pnl", "day_pnl"):
        assert held[name] == pytest.approx(before["positions"]["MSFT"][name], rel=1e-12, abs=1e-9), name
    before["positions"].clear()
    assert after["margin"].pop("level") == before["margin"].pop("level")
    for table in ("totals", "stress", "margin"):
        assert after[table] == pytest.approx(before[table], rel=1e-12, abs=1e-9), table
    assert after["risk"]["var"] == pytest.approx(before["risk"]["var"], rel=1e-12)
    assert after["risk"]["es"] == pytest.approx(before["risk"]["es"], rel=1e-12)
    report = desk.call("accounts/OTHER/risk").body
    assert report["models"]["historical"]["var_9900"] == pytest.approx(before["risk"]["var"]["9900"], rel=1e-12)
