// SPDX-License-Identifier: Apache-2.0
// The sections of the configuration about data files and what is made of the history.

extension Configuration {
    /// Section `data`: paths of the data files. The loader makes relative ones absolute, seen from the directory of the
    /// configuration file, or from the working directory without one.
    public struct Data: Sendable, Equatable {
        public var instruments: String
        public var accounts: String
        public var positions: String
        /// One or more, no symbol in two of them.
        public var history: [String]
        public var scenarios: String
        /// Corporate actions; empty for none.
        public var events: String

        public static let historyMax = 64

        public init(
            instruments: String = "instruments.csv", accounts: String = "accounts.csv",
            positions: String = "positions.csv", history: [String] = ["history.csv"],
            scenarios: String = "scenarios.yaml", events: String = ""
        ) {
            self.instruments = instruments
            self.accounts = accounts
            self.positions = positions
            self.history = history
            self.scenarios = scenarios
            self.events = events
        }
    }

    /// Section `history`; its key `min_returns` is ``RiskConvention/minimumReturns``.
    public struct History: Sendable, Equatable {
        /// The dates of a history of several files.
        public enum Calendar: String, Sendable, CaseIterable {
            /// Every date of any file; closes of the others are blank there.
            case union
            /// The dates that every file has.
            case intersection
        }

        /// Blank days in a row over which a close is carried, 0 to 250; 0 for none.
        public var fillDays: Int
        public var calendar: Calendar

        public init(fillDays: Int = 0, calendar: Calendar = .union) {
            self.fillDays = fillDays
            self.calendar = calendar
        }
    }
}
