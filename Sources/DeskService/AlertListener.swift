// SPDX-License-Identifier: Apache-2.0
// Who else is told of alerts, beside the stream.

import RiskStore

/// Told whatever happens to an alert, after it was written down. Callable from any thread; does not wait.
public protocol AlertListener: Sendable {
    func alertChanged(_ record: AlertRecord)
}
