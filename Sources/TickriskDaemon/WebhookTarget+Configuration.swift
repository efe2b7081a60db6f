// SPDX-License-Identifier: Apache-2.0
// Webhooks from the configuration's words to the sender's values.

import AlertWebhooks
import RiskFiles

extension WebhookTarget {
    /// - Throws: ``DaemonError/unusableWebhook(url:)``.
    init(_ webhook: Configuration.Webhook) throws(DaemonError) {
        guard let target = WebhookTarget(url: webhook.url) else { throw .unusableWebhook(url: webhook.url) }
        self = target
        self.secret = webhook.secret.map { Array($0.text.utf8) }
        self.levels = Set(webhook.levels.map(\.rawValue))
        self.attemptsMax = webhook.attempts
        self.timeoutNanoseconds = webhook.timeoutNanoseconds
    }
}
