// SPDX-License-Identifier: Apache-2.0
// Any text as a configuration with settings over it: problems with their places, or a configuration.

import RiskFiles

private let file = FuzzFile()

/// YAML, then at most eight settings of `--set`, each after a byte 0x1F.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let parts = input.rest().split(separator: 0x1F, omittingEmptySubsequences: false)
    file.write(Array(parts[0]))
    do throws(ConfigurationError) {
        let settings = parts.dropFirst().prefix(8).map { String(decoding: $0, as: UTF8.self) }
        let configuration = try ConfigurationLoader.load(file: file.path, settings: settings)
        require(!configuration.feeds.isEmpty, "no feeds")
    } catch {
        require(!error.problems.isEmpty, "an error without a problem")
        for problem in error.problems { require(!problem.description.isEmpty, "a problem without words") }
    }
    return 0
}
