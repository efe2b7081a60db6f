// SPDX-License-Identifier: Apache-2.0
// What differs in a daemon that is a unit of a fleet.

import DeskService
import Fleet
import FramePublisher
import FrameRelay
import Logging
import NIOCore
import RiskDomain
import RiskFiles
import RiskKernel
import RiskStore
import ServiceLifecycle
import WebServer

extension Daemon {
    /// `nil` for a node that is alone.
    func fleetLink(_ store: any StoredDesk) async throws -> FleetLink? {
        guard let unit = self.unit else { return nil }
        return try await FleetLink.open(
            unit, store: store, configuration: self.configuration, logger: self.logger)
    }

    /// Says where the port is: to whoever began us, and to the fleet.
    func announce(_ address: SocketAddress, to fleet: FleetLink?, relay: RelayPublisher?, accountCount: Int) {
        guard let fleet, let relay else { return self.log.announcer.notice("ready http=\(address.hostAndPort)") }
        fleet.announce(relay: relay, api: address, accountCount: accountCount)
        self.log.announcer.notice("unit \(fleet.text) http=\(address.hostAndPort)")
    }

    /// What a unit has besides a node that is alone.
    func fleetServices(_ fleet: FleetLink?, store: any StoredDesk) -> [any Service] {
        guard let fleet else { return [] }
        return [StoreWatch(store: store, logger: self.logger), fleet]
    }

    func catalog(of plan: BookPlan) -> ChannelCatalog {
        guard let unit = self.unit else { return ChannelCatalog(plan: plan) }
        return ChannelCatalog(accounts: unit.channelAccounts(own: plan.accounts.map(\.account)))
    }

    /// Units but the house know nobody: gateways say who asks.
    var signIn: SignInSettings {
        SignInSettings(
            isCookieSecure: self.configuration.authentication.isCookieSecure,
            fleet: self.unit.map { unit in
                FleetMembership(
                    isHouse: unit.isHouse, secret: self.configuration.node.secret.map { SharedSecret($0.text) })
            })
    }

    /// The firm is the house's; numbers of orders and alerts say whose they are.
    var alertPart: AlertDesk.Part {
        guard let unit = self.unit else { return .whole }
        return AlertDesk.Part(floor: UnitNumbers.floor(partition: unit.partition), hasFirm: unit.isHouse)
    }
}
