// SPDX-License-Identifier: Apache-2.0
// Loads the configuration: file, then environment, then `--set`, checked strictly as a whole.

public enum ConfigurationLoader {
    /// Loads and checks a configuration. All problems found are reported together.
    ///
    /// - Parameters:
    ///   - file: YAML of at most 1 MiB, or `nil` for defaults. Relative paths of `data` are seen from its directory,
    ///     whichever source set them.
    ///   - settings: `key=value` as of `--set`, later ones winning, over `environment`.
    ///   - environment: variables that open with `TICKRISK_` must name a key, `TICKRISK_TIER` and the
    ///     companion's `TICKRISK_TOKEN` aside; over the file.
    public static func load(
        file: String? = nil, settings: [String] = [], environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        let log = ProblemLog(limit: ConfigurationError.problemsMax)
        var root: SettingNode? = SettingNode(content: .mapping([]), origin: ProblemOrigin(source: "defaults"))
        if let file {
            root = FileContent.text(of: file, bytesMax: YAMLDocument.bytesMax, log: log)
                .flatMap { YAMLDocument.parse($0, source: file, log: log) }
        }
        if let root {
            var overlay = SettingOverlay(over: root, log: log)
            overlay.apply(environment: environment)
            overlay.apply(settings: settings)
            let configuration = ConfigurationReader(overlay.root, file: file, log: log).read()
            if log.isEmpty { return configuration }
        }
        // By line, as a reader goes through the file; sorting is stable, and what has no line comes last.
        let problems = log.problems.sorted { ($0.line ?? .max) < ($1.line ?? .max) }
        throw ConfigurationError(problems: problems, omittedCount: log.omittedCount)
    }
}
