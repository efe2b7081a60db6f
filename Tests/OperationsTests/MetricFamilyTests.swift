// SPDX-License-Identifier: Apache-2.0
// Metrics are what Prometheus parses.

import Operations
import Testing

struct MetricFamilyTests {
    @Test func aFamilyHasHelpTypeAndOneLineASample() {
        let family = MetricFamily(
            .counter, "tickrisk_ticks_total", "Ticks accepted.",
            [.init(["feed": "primary"], 12), .init(["feed": "backup"], 0.5)])
        #expect(
            MetricFamily.text([family]) == """
                # HELP tickrisk_ticks_total Ticks accepted.
                # TYPE tickrisk_ticks_total counter
                tickrisk_ticks_total{feed="primary"} 12
                tickrisk_ticks_total{feed="backup"} 0.5

                """)
    }

    @Test func labelValuesAreEscaped() {
        let family = MetricFamily(.gauge, "up", "h", [.init(["name": "a\"b\\c\nd"], 1)])
        #expect(MetricFamily.text([family]).hasSuffix("up{name=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }

    @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e15, "1000000000000000")])
    func specialValuesHaveTheirPrometheusNames(value: Double, text: String) {
        #expect(MetricFamily.text([MetricFamily(.gauge, "m", "h", value)]).hasSuffix("m \(text)\n"))
    }
}
