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

    @Test func damagedDataFilesLoadOrAreRefused() throws {
        let folder = try ScratchFolder()
        let set = DataSet()
        let names = ["instruments.csv", "accounts.csv", "positions.csv", "history.csv", "scenarios.yaml"]
        let sound = [set.instruments, set.accounts, set.positions, set.history, set.scenarios].map { Array($0.utf8) }
        let soundPaths = try zip(names, sound).map { try folder.write($0, $1) }
        var refused = 0
        for seed in 0..<3_000 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            let target = Int(seed) % names.count
            var paths = soundPaths
            paths[target] = try folder.write("damaged", self.mutate(sound[target], &random))
            let data = Configuration.Data(
                instruments: paths[0], accounts: paths[1], positions: paths[2], history: paths[3], scenarios: paths[4])
            do throws(DataFileError) {
                let inputs = try DataFiles.load(data, convention: RiskConvention())
                #expect(!inputs.instruments.isEmpty, "seed \(seed)")
            } catch {
                #expect((1...DataFileError.problemsMax).contains(error.problems.count), "seed \(seed)")
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
