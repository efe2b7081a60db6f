// SPDX-License-Identifier: Apache-2.0
// The books, papers and manuals whose numbers are recomputed.

extension PublishedSource {
    static let haug = Self(
        short: "Haug ch. 1-2",
        title: "Haug, The Complete Guide to Option Pricing Formulas, 2nd ed. 2007, examples of chapters 1 and 2")
    static let haugAmerican = Self(
        short: "Haug ch. 3",
        title: "Haug, The Complete Guide to Option Pricing Formulas, 2nd ed. 2007, table of American options on "
            + "futures after Barone-Adesi & Whaley; his critical prices are coarse, hence 0.003")
    static let hullBlackScholes = Self(
        short: "Hull, BSM",
        title: "Hull, Options, Futures, and Other Derivatives, chapter on the Black-Scholes-Merton model")
    static let hullIndex = Self(
        short: "Hull, index", title: "Hull, Options, Futures, and Other Derivatives, chapter on indices and currencies")
    static let hullFutures = Self(
        short: "Hull, futures", title: "Hull, Options, Futures, and Other Derivatives, chapter on options on futures")
    static let hullGreeks = Self(
        short: "Hull, greeks", title: "Hull, Options, Futures, and Other Derivatives, chapter on the greek letters")
    static let tables = Self(
        short: "A&S 26.1",
        title: "Abramowitz & Stegun, Handbook of Mathematical Functions, 1964, table 26.1 (through Bachelier's formula)"
    )
    static let hyndmanFan = Self(
        short: "Hyndman-Fan",
        title: "Hyndman & Fan, Sample Quantiles in Statistical Packages, The American Statistician 50, 1996, by hand")
    static let spreadsheet = Self(
        short: "Excel", title: "Microsoft Excel, reference of PERCENTILE and QUARTILE.EXC")
    static let hybrid = Self(
        short: "ABS ch. 2",
        title: "Allen, Boudoukh & Saunders, Understanding Market, Credit, and Operational Risk, 2004, chapter 2")
    static let hullRisk = Self(
        short: "Hull RM ch. 13",
        title: "Hull, Risk Management and Financial Institutions, chapter on historical simulation, four indices")
    static let jorion = Self(
        short: "Jorion ch. 7", title: "Jorion, Value at Risk, 3rd ed. 2007, chapter 7, two currencies")
    static let normalShortfall = Self(
        short: "normal ES", title: "Expected shortfall of the standard normal, phi(z)/(1 - c)")
    static let varBacktest = Self(
        short: "MATLAB", title: "MATLAB Risk Management Toolbox, varbacktest: 57 exceptions in 1,043 days at 95 %")
    static let kupiec = Self(
        short: "Kupiec 1995",
        title:
            "Kupiec, Techniques for Verifying the Accuracy of Risk Measurement Models, 1995, regions of non-rejection")
    static let basel = Self(
        short: "Basel 1996", title: "Basel Committee, Supervisory Framework for Backtesting, January 1996, tables 1, 2")
    static let averageCost = Self(short: "IAS 2", title: "IAS 2, paragraphs 25 to 27: weighted average cost, by hand")
    static let byHand = Self(short: "by hand", title: "Worked by hand from the formulas of docs/method.md")
}
