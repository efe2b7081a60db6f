// SPDX-License-Identifier: Apache-2.0
// Holdings as the engine is told them while it runs.

import CEngine
import RiskDomain

/// Sets a position or an account's money; absolute values.
public struct HoldingCommand: Sendable {
    fileprivate let command: tr_command

    /// - Parameter index: of the position, counted over all accounts in the plan's order.
    public init(position: Position, at index: Int) {
        var command = tr_command()
        command.kind = UInt32(TR_COMMAND_HOLDING)
        command.index = UInt32(index)
        command.holding = tr_holding(position)
        self.command = command
    }

    /// - Parameter index: of the account in the plan's order.
    public init(account: Account, at index: Int) {
        var command = tr_command()
        command.kind = UInt32(TR_COMMAND_MONEY)
        command.index = UInt32(index)
        command.money = tr_money(account)
        self.command = command
    }
}

extension EngineHandle {
    /// Commands that can wait at once.
    public static let commandsMax = Int(TR_COMMANDS_MAX)

    /// Producer: hands all commands over at once, or none when there is no room for them now. A cut shows all or none.
    public func push(_ commands: [HoldingCommand]) -> Bool {
        let commands = commands.map(\.command)
        return commands.withUnsafeBufferPointer { commands in
            guard let first = commands.baseAddress else { return true }
            return tr_engine_push(self.engine, first, commands.count)
        }
    }

    /// Goes on where another engine stopped, which is not run any more: its quotes, clocks, levels and schedule.
    ///
    /// Of another ``scenarioSet`` it makes every account's cut anew.
    ///
    /// - Precondition: accounts, levels and rings are the same; so are instruments, or the other engine is not
    ///   translating and this one's directory follows its.
    public func adopt(_ previous: EngineHandle) {
        tr_engine_adopt(self.engine, previous.engine, self.scenarioSet == previous.scenarioSet)
    }
}

extension tr_holding {
    init(_ position: Position) {
        self.init()
        self.quantity = position.quantity
        self.average_cost = position.averageCost
        self.realised = position.realised
        self.overnight = position.day?.overnightQuantity ?? position.quantity
        self.traded_quantity = position.day?.tradedQuantity ?? 0
        self.traded_cost = position.day?.tradedCost ?? 0
    }
}

extension tr_money {
    init(_ account: Account) {
        self.init(
            cash: account.cash, realised: account.ledger.realised, fees: account.ledger.fees,
            day_fees: account.ledger.dayFees, order_margin: account.ledger.orderMargin)
    }
}
