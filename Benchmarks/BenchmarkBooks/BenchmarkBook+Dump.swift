// SPDX-License-Identifier: Apache-2.0
// The book as arrays for numpy.

import RiskDomain

extension BenchmarkBook {
    /// Writes into the folder, by name (A accounts, P positions each, I instruments that are no options, N scenarios):
    ///
    ///     returns     I × N     scenario returns
    ///     prices      sets × I
    ///     instrument  A × P     index into the I, of an option book into the options
    ///     quantity    A × P     signed, times multiplier
    ///     ticks_S               which of the I tick in the case of S percent
    ///     dirty_S               accounts they make dirty
    ///     options     O × 7     underlying, 1 for a put, strike, rate, yield, volatility, years
    package func dump(to folder: String) throws(CommandError) {
        let priced = self.prices[0].count
        let returns = self.inputs.scenarios.rows.prefix(priced).flatMap { $0! }
        try NumpyFile.write(returns, shape: [priced, self.inputs.scenarios.count], to: "\(folder)/returns.npy")
        try NumpyFile.write(
            self.prices.flatMap { $0 }, shape: [self.prices.count, priced], to: "\(folder)/prices.npy")
        try self.dumpPositions(to: folder, firstIndex: self.kind.hasOptions ? priced : 0)
        for (percent, ticks) in self.ticking {
            try NumpyFile.write(ticks, shape: [ticks.count], to: "\(folder)/ticks_\(percent).npy")
            let moved = Set(ticks.map(Int.init))
            let dirty = self.plan.accounts.indices.filter {
                !moved.isDisjoint(with: self.plan.accounts[$0].dependencies)
            }
            try NumpyFile.write(dirty.map(UInt32.init), shape: [dirty.count], to: "\(folder)/dirty_\(percent).npy")
        }
        if self.kind.hasOptions { try self.dumpOptions(to: folder) }
    }

    private func dumpPositions(to folder: String, firstIndex: Int) throws(CommandError) {
        var instrument: [UInt32] = []
        var quantity: [Double] = []
        for account in self.plan.accounts {
            for (index, position) in zip(account.instruments, account.positions) {
                instrument.append(UInt32(index - firstIndex))
                quantity.append(position.quantity * self.inputs.instruments[index].multiplier)
            }
        }
        let shape = [self.plan.accounts.count, instrument.count / self.plan.accounts.count]
        try NumpyFile.write(instrument, shape: shape, to: "\(folder)/instrument.npy")
        try NumpyFile.write(quantity, shape: shape, to: "\(folder)/quantity.npy")
    }

    private func dumpOptions(to folder: String) throws(CommandError) {
        let now = self.inputs.convention.valuationNanoseconds(atCut: 0)
        var table: [Double] = []
        for (index, instrument) in self.inputs.instruments.enumerated() {
            guard let terms = instrument.option, let underlying = self.inputs.underlying(of: index) else { continue }
            table += [
                Double(underlying), terms.right == .put ? 1 : 0, terms.strike, terms.rate, terms.yield,
                terms.volatility!, terms.yearsToExpiry(atNanoseconds: now),
            ]
        }
        try NumpyFile.write(table, shape: [table.count / 7, 7], to: "\(folder)/options.npy")
    }
}
