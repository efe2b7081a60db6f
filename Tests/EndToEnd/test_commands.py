# SPDX-License-Identifier: Apache-2.0
"""The companion's verify and backtest: verdicts, figures recomputed here, files written, exit codes."""

import csv
import json
import math
import subprocess
import xml.etree.ElementTree

import numpy
import pytest

from daemon import DEMO, TOOL

HISTORY = DEMO / "history.csv"
BOOK = (
    "--instruments", DEMO / "instruments.csv", "--accounts", DEMO / "accounts.csv",
    "--positions", DEMO / "positions.csv")
SVG = "{http://www.w3.org/2000/svg}"
WINDOW = 250


def run(*arguments) -> subprocess.CompletedProcess:
    assert TOOL.exists(), f"{TOOL} is not built: swift build -c release"
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def backtest(*arguments) -> subprocess.CompletedProcess:
    return run("backtest", "--history", HISTORY, "--window", WINDOW, *arguments)


def closes() -> tuple[list[str], list[str], numpy.ndarray]:
    """Dates, symbols and a column of closes a symbol."""
    with HISTORY.open() as file:
        header, *rows = list(csv.reader(file))
    return [row[0] for row in rows], header[1:], numpy.array([[float(cell) for cell in row[1:]] for row in rows])


def likelihood_ratio(hits: int, days: int, rate: float) -> float:
    """Kupiec's statistic, written out."""
    def log_likelihood(probability: float) -> float:
        return sum(
            count * math.log(part) for count, part in ((hits, probability), (days - hits, 1 - probability)) if count)

    return 2 * (log_likelihood(hits / days) - log_likelihood(rate))


# verify


def test_every_published_result_is_reproduced():
    done = run("verify", "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["misses"] == 0 and report["count"] == len(report["results"]) > 150
    for result in report["results"]:
        assert abs(result["got"] - result["expected"]) <= result["tolerance"] + 1e-12 * abs(result["expected"]), result
        assert result["verdict"] == "ok" and result["source"]
    routes = {result["computed_by"].split()[0] for result in report["results"]}
    assert routes == {"RiskMath", "RiskReport", "kernel"}


def test_the_table_has_a_line_for_each_result():
    count = json.loads(run("verify", "--json").stdout)["count"]
    lines = run("verify").stdout.splitlines()
    assert sum(line.endswith("  ok") for line in lines) == count
    assert lines[-1] == f"{count} results, {count} reproduced, 0 missed"
    columns = {line.rindex("  ok") for line in lines if line.endswith("  ok")}
    assert len(columns) == 1, "verdicts are aligned"


def test_the_kernels_of_a_tier_are_asked_for_by_name():
    done = subprocess.run(
        [TOOL, "verify", "--json"], capture_output=True, text=True, timeout=60, env={"TICKRISK_TIER": "scalar"})
    assert done.returncode == 0 and "kernel scalar" in done.stdout


# backtest


@pytest.mark.parametrize("side", ["long", "short", "neutral"])
def test_historical_figures_are_those_recomputed_here(tmp_path, side):
    report_file = tmp_path / "report.json"
    done = backtest("--book", side, "--model", "historical", "--confidence", 9500, "--json", report_file)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no progress bar in a pipe"
    dates, symbols, prices = closes()
    order = numpy.argsort(symbols)
    count = len(symbols)
    weights = numpy.empty(count)
    if side == "neutral":
        weights[order] = [0.5 / ((count + 1) // 2) if place % 2 == 0 else -0.5 / (count // 2) for place in range(count)]
    else:
        weights[:] = (1 if side == "long" else -1) / count
    pnl = (prices[1:] / prices[:-1] - 1) @ (weights * 1e6)
    rank = math.ceil(WINDOW * 0.05)
    losses = [-numpy.sort(pnl[day - WINDOW:day])[rank - 1] for day in range(WINDOW, len(pnl))]
    exceptions = [dates[day + 1] for day in range(WINDOW, len(pnl)) if -pnl[day] > losses[day - WINDOW]]
    report = json.loads(report_file.read_text())
    (figures,) = report["models"][0]["confidences"]
    assert report["days"] == len(losses) and report["gross"] == pytest.approx(1e6)
    assert exceptions and figures["exception_dates"] == exceptions
    assert figures["mean_var"] == pytest.approx(numpy.mean(losses), rel=1e-9)
    assert figures["kupiec"]["statistic"] == pytest.approx(
        likelihood_ratio(len(exceptions), len(losses), 0.05), rel=1e-9)
    assert sum(year["exceptions"] for year in figures["years"]) == len(exceptions)


def test_every_model_has_a_table_and_csv_rows(tmp_path):
    rows_file = tmp_path / "rows.csv"
    done = backtest("--csv", rows_file)
    assert done.returncode == 0, done.stderr
    models = ["historical", "age_weighted", "volatility_scaled", "parametric", "parametric_ewma"]
    assert [line for line in done.stdout.splitlines() if line in models] == models
    with rows_file.open() as file:
        rows = list(csv.DictReader(file))
    days = len(closes()[0]) - 1 - WINDOW
    assert len(rows) == days * len(models) * 3
    for row in rows:
        assert float(row["es"]) >= float(row["var"]) - 1e-6
        assert (row["exception"] == "1") == (-float(row["pnl"]) > float(row["var"]))


def test_an_account_is_tested_with_its_signed_positions(tmp_path):
    report_file, rows_file = tmp_path / "report.json", tmp_path / "rows.csv"
    done = backtest(
        *BOOK, "--account", "BETA", "--model", "parametric", "--json", report_file, "--csv", rows_file)
    assert done.returncode == 0, done.stderr
    _, symbols, prices = closes()
    with (DEMO / "positions.csv").open() as file:
        held = {row["symbol"]: float(row["quantity"]) for row in csv.DictReader(file) if row["account"] == "BETA"}
    values = numpy.array([held.get(symbol, 0) for symbol in symbols]) * prices[-1]
    pnl = ((prices[1:] / prices[:-1] - 1) @ values)[WINDOW:]
    with rows_file.open() as file:
        rows = [row for row in csv.DictReader(file) if row["confidence_bp"] == "9900"]
    assert [float(row["pnl"]) for row in rows] == pytest.approx(list(pnl), rel=1e-9, abs=1e-6)
    report = json.loads(report_file.read_text())
    assert report["currency"] == "USD" and report["gross"] == pytest.approx(numpy.abs(values).sum())


def test_dates_bound_the_forecasts(tmp_path):
    report_file = tmp_path / "report.json"
    dates = closes()[0]
    first, last = dates[-60], dates[-20]
    done = backtest("--from", first, "--to", last, "--model", "historical", "--json", report_file)
    assert done.returncode == 0, done.stderr
    report = json.loads(report_file.read_text())
    assert (report["from"], report["to"], report["days"]) == (first, last, 41)


def test_the_plot_marks_every_exception_and_runs_nothing(tmp_path):
    report_file, plot = tmp_path / "report.json", tmp_path / "plot.svg"
    done = backtest("--model", "historical", "--model", "parametric", "--json", report_file, "--plot", plot)
    assert done.returncode == 0, done.stderr
    root = xml.etree.ElementTree.parse(plot).getroot()
    assert root.tag == f"{SVG}svg" and not list(root.iter(f"{SVG}script"))
    marked = [circle.find(f"{SVG}title").text[:10] for circle in root.iter(f"{SVG}circle") if len(circle)]
    models = json.loads(report_file.read_text())["models"]
    greatest = [model["confidences"][-1]["exception_dates"] for model in models]
    assert marked == greatest[0] + greatest[1] and marked
    width, height = float(root.get("width")), float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= width and 0 <= float(text.get("y", 0)) <= height
    assert "prefers-color-scheme:dark" in plot.read_text()


@pytest.mark.parametrize("arguments", [
    [], ["--history", HISTORY, "--model", "crystal_ball"], ["--history", HISTORY, "--confidence", "99"],
    ["--history", HISTORY, "--window", "5"], ["--history", HISTORY, "--from", "2018-02-30"],
    ["--history", HISTORY, "--positions", DEMO / "positions.csv"], ["--history", HISTORY, "--account", "ALPHA"],
    ["--history", HISTORY, *BOOK, "--book", "long"], ["--history", HISTORY, "--book", "sideways"],
])
def test_wrong_usage_is_exit_code_two(arguments):
    done = run("backtest", *arguments)
    assert done.returncode == 2 and "Usage" in done.stderr, done


@pytest.mark.parametrize("arguments", [
    ["--window", "5000"], ["--from", "2035-01-01"], ["--to", "1990-01-01"], [*BOOK, "--account", "NOBODY"], [*BOOK],
])
def test_what_the_files_do_not_hold_is_exit_code_one(arguments):
    done = run("backtest", "--history", HISTORY, *arguments)
    assert done.returncode == 1 and done.stderr.startswith("Error: "), done


def test_a_file_that_is_no_history_is_named(tmp_path):
    file = tmp_path / "broken.csv"
    file.write_text("date,AAA\n2020-01-02,1\n2020-01-02,2\n")
    done = run("backtest", "--history", file)
    assert done.returncode == 1 and "broken.csv:3" in done.stderr, done


@pytest.mark.parametrize("command", ["verify", "backtest"])
def test_help_gives_an_example(command):
    done = run(command, "--help")
    assert done.returncode == 0 and f"tickrisk {command}" in done.stdout and "Exit status" in done.stdout
