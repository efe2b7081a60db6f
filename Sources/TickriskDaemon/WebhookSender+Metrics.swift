// SPDX-License-Identifier: Apache-2.0
// What the sender of alerts counts, as metrics.

import AlertWebhooks
import Operations

extension WebhookSender {
    var families: [MetricFamily] {
        let counts = self.counts
        return [
            MetricFamily(
                .gauge, "tickrisk_webhook_waiting", "Alerts that wait for a receiver.", Double(counts.waiting)),
            MetricFamily(
                .counter, "tickrisk_webhook_attempts_total", "Attempts to post an alert.", Double(counts.attempts)),
            MetricFamily(
                .counter, "tickrisk_webhook_delivered_total", "Alerts a receiver took.", Double(counts.delivered)),
            MetricFamily(
                .counter, "tickrisk_webhook_dead_total", "Alerts a receiver will never get.", Double(counts.dead)),
        ]
    }
}
