// SPDX-License-Identifier: Apache-2.0
// Who may see which channel.

import FramePublisher
import RiskDomain
import RiskStore

extension ChannelCatalog {
    /// Whether somebody may see a channel: the market everybody who is signed in, an account's those with a role on it,
    /// the firm's those with one on the house.
    public func isVisible(channel: Int, to identity: Identity) -> Bool {
        if channel == Self.market { return true }
        if channel == Self.firm || channel == self.firmRisk { return identity.may(.view, account: nil) }
        let number = channel < self.firmRisk ? channel - self.index(ofAccountNumber: 0) : channel - self.firmRisk - 1
        return identity.may(.view, account: self.accounts[number].id)
    }
}
