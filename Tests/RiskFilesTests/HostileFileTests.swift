// SPDX-License-Identifier: Apache-2.0
// Damaged and malicious files end in an error or a value, never in a trap or an endless run.

import RiskDomain
import RiskFiles
import Testing

/// SplitMix64: a seed gives the same mutations everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct HostileFileTests {
    private static let pieces: [String] = [
        "\"", "'", ",", "\n", "\r", "\r\n", ":", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "#", "!", "!!int ", "|\n",
        ">", "%", "@", "?", "? ", "~", "<<: ", "---\n", "...\n", "\t", "\0", "\u{FEFF}", "\u{2028}", "1e999", "-", "0",
        "é", "\\U", "99999999999999999999", "\u{1F468}\u{200D}\u{1F469}", "\"\\uD800\"", "=",
    ]

    /// A few random edits: bytes overwritten, removed, doubled, or pieces of syntax put in.
    private func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var copy = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !copy.isEmpty {
            let index = Int.random(in: 0..<copy.count, using: &random)
            let end = min(copy.count, index + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: copy[index] = UInt8.random(in: 0...255, using: &random)
            case 1: copy.removeSubrange(index..<end)
            case 2: copy.insert(contentsOf: copy[index..<end], at: index)
            case 3: copy.removeSubrange(index...)
            default:
                let piece = Self.pieces.randomElement(using: &random) ?? ""
                copy.insert(contentsOf: Array(piece.utf8), at: index)
            }
        }
        return copy
    }

    @Test func damagedConfigurationsLoadOrAreRefused() throws {
        let folder = try ScratchFolder()
        let sound = Array(Configuration(feeds: [.init(), .init(name: "b")]).effectiveYAML.utf8)
        var refused = 0
        for seed in 0..<3_000 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            let file = try folder.write("t.yaml", self.mutate(sound, &random))
            do {
                let configuration = try ConfigurationLoader.load(file: file)
                let again = try folder.write("again.yaml", configuration.effectiveYAML)
                #expect((try? ConfigurationLoader.load(file: again)) == configuration, "seed \(seed)")
            } catch let error as ConfigurationError {
                #expect(!error.problems.isEmpty && !error.description.contains("\0"), "seed \(seed)")
                refused += 1
            }
        }
        #expect(refused > 1_000)
    }

    /// One file of each kind with every column and key.
    private static let dataFiles = [
        (
            "instruments.csv",
            """
            id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,kind,base_currency,option_right,strike,\
            expiry,style,underlying,implied_volatility,rate,dividend_yield,tags
            7,AAA,Alpha,Technology,USD,1,0.01,0.25,,,,,,,,,,,us;big
            9,BBB,"Beta, Inc.",Energy,EUR,10,0.5,1,,,,,,,,,,,
            3,EURUSD,Euro,FX,USD,1,0.5,1,fx,EUR,,,,,,,,,
            4,OPT,Option,Tech,USD,1,0.5,1,option,,put,95.5,2021-06-18,american,AAA,0.2,0.01,0.02,
            """
        ),
        (
            "accounts.csv",
            "account,name,currency,cash,margin_limit,group\nX,First,USD,-5.5,100,Long/Short\nA,Second,EUR,0,,\n"
        ),
        (
            "positions.csv",
            """
            account,symbol,quantity,avg_cost,strategy,as_of
            X,AAA,10,5,momentum,2020-02-27
            X,OPT,-2.5,0,,2020-02-27
            A,AAA,0,1e2,,

            """
        ),
        ("history.csv", "date,BBB,AAA\n2020-02-28,1,2\n2020-02-29,,1.5e-3\n2020-03-02,1,\n"),
        ("more.csv", "date,EURUSD,OPT\n2020-02-28,1,2\n2020-03-02,1.1,\n"),
        ("events.csv", "date,symbol,kind,value\n2020-02-28,AAA,split,2\n2020-02-29,AAA,dividend,0.25\n"),
        (
            "scenarios.yaml",
            """
            s: {shocks: [{tag: us, price_abs: -0.1}, {sector: Tech, vol_points: 5}], fx: {EUR: 0.1}}
            r: {replay: {from: 2020-02-28, to: 2020-03-02}}
            """
        ),
    ]

    @Test func damagedDataFilesLoadOrAreRefused() throws {
        let folder = try ScratchFolder()
        let soundPaths = try Self.dataFiles.map { try folder.write($0.0, $0.1) }
        var refused = 0
        for seed in 0..<3_500 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            let target = Int(seed) % soundPaths.count
            var paths = soundPaths
            paths[target] = try folder.write("damaged", self.mutate(Array(Self.dataFiles[target].1.utf8), &random))
            // The first round is of the sound files.
            if seed < soundPaths.count { paths = soundPaths }
            let data = Configuration.Data(
                instruments: paths[0], accounts: paths[1], positions: paths[2], history: [paths[3], paths[4]],
                scenarios: paths[6], events: paths[5])
            do throws(DataFileError) {
                let loaded = try DataFiles.load(Configuration(data: data, history: .init(fillDays: 1)))
                #expect(!loaded.inputs.instruments.isEmpty && !loaded.historyReport.lines.isEmpty, "seed \(seed)")
            } catch {
                #expect((1...DataFileError.problemsMax).contains(error.problems.count), "seed \(seed)")
                #expect(seed >= soundPaths.count, "\(error)")
                refused += 1
            }
        }
        #expect(refused > 1_000)
    }

    /// YAML that tries to exhaust time, memory or the stack.
    enum Attack: String, CaseIterable, Sendable {
        case billionLaughs, aliasedKeys, deepFlowLists, deepFlowMappings, deepBlockLists, deepBlockMappings
        case longNumber, longKey, tooLongText, mappingAsKey, selfReference, manyQuestionMarks, manyAnchors, manyKeys

        var yaml: String {
            switch self {
            case .billionLaughs:
                let levels = (1..<40).map { "a\($0): &a\($0) [*a\($0 - 1),*a\($0 - 1),*a\($0 - 1)]" }
                return (["a0: &a0 [x]"] + levels + ["? *a39\n: 1"]).joined(separator: "\n")
            case .aliasedKeys: return "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n? *c\n: 1\n? [*c]\n: 1\n"
            case .deepFlowLists: return String(repeating: "[", count: 1 << 20)
            case .deepFlowMappings: return String(repeating: "{a: ", count: 200_000)
            case .deepBlockLists: return String(repeating: "- ", count: 500_000)
            case .deepBlockMappings: return (0..<1_400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
            case .longNumber: return "risk: {window: " + String(repeating: "9", count: 1 << 19) + "}"
            case .longKey: return String(repeating: "k", count: 900) + ": 1"
            case .tooLongText: return String(repeating: "x", count: (1 << 20) + 1)
            case .mappingAsKey: return "? {a: b}\n: c"
            case .selfReference: return "a: &a [*a]"
            case .manyQuestionMarks: return String(repeating: "? ", count: 500_000)
            case .manyAnchors: return (0..<50_000).map { "- &a\($0) x\n" }.joined()
            case .manyKeys: return (0..<80_000).map { "k\($0): 1\n" }.joined()
            }
        }
    }

    @Test(arguments: Attack.allCases) func maliciousYAMLIsRefused(attack: Attack) throws {
        #expect(try configurationError(attack.yaml) != nil)
    }

    @Test func textThatIsNotUnicodeIsRefusedWithItsLine() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("t.yaml", Array("risk: {}\nlog: ".utf8) + [0xC3, 0x28])
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader.load(file: file)
            Issue.record("it was accepted")
        } catch {
            #expect(error.problems.map(\.line) == [2])
            #expect(error.problems.map(\.kind) == [.syntax])
        }
    }
}
