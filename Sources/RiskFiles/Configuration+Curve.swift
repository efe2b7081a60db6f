// SPDX-License-Identifier: Apache-2.0
// The keys of a feed, and which of them its sockets need.

extension Configuration {
    /// Keys `curve_…` of a feed.
    public struct Curve: Sendable, Equatable {
        /// Key `curve_secret_key_file`: path of the file ``secretKey`` is from.
        public var secretKeyFile: String
        /// Who we are.
        public var secretKey: Secret
        /// Key `curve_server_key`: the public key at the other end where we connect; `nil` where we do not.
        public var serverKey: String?
        /// Key `curve_allowed_keys`: public keys that may come in where we bind.
        public var allowedKeys: [String]

        public static let allowedKeysMax = 256

        public init(secretKeyFile: String, secretKey: Secret, serverKey: String?, allowedKeys: [String]) {
            self.secretKeyFile = secretKeyFile
            self.secretKey = secretKey
            self.serverKey = serverKey
            self.allowedKeys = allowedKeys
        }
    }
}

/// Reads the keys of one feed, or of whatever else has sockets.
struct CurveReader {
    let section: SettingReader
    let node: SettingNode
    /// The configuration file; a relative path is seen from its directory.
    let file: String?

    /// `nil` without keys, or when something was logged.
    ///
    /// - Parameters:
    ///   - connects: whether a socket with these keys connects.
    ///   - binds: whether one binds and admits peers.
    func read(connects: Bool, binds: Bool) -> Configuration.Curve? {
        let form = "a public key: 40 characters of Z85, as `tickrisk keys` prints"
        let path = self.section.text("curve_secret_key_file", default: "", allowed: "the path of a file, or \"\"") {
            !$0.utf8.contains(0)
        }
        let serverKey = self.section.text("curve_server_key", default: "", allowed: "\(form); or \"\"") {
            $0.isEmpty || CurveKeyText.isValid($0)
        }
        let allowedKeys = self.section.texts(
            "curve_allowed_keys", default: [], countMax: Configuration.Curve.allowedKeysMax, allowed: form,
            CurveKeyText.isValid)
        self.refusePublished("curve_server_key", [serverKey])
        self.refusePublished("curve_allowed_keys", allowedKeys)
        guard !path.isEmpty else {
            if !serverKey.isEmpty { self.refuse("curve_server_key", serverKey, "needs curve_secret_key_file") }
            if !allowedKeys.isEmpty { self.refuse("curve_allowed_keys", "set", "needs curve_secret_key_file") }
            return nil
        }
        if connects, serverKey.isEmpty {
            self.refuse("curve_server_key", serverKey, "a socket that connects must know the key at the other end")
        }
        if !connects, !serverKey.isEmpty {
            self.refuse("curve_server_key", serverKey, "nothing connects; who may come in is curve_allowed_keys")
        }
        if binds, allowedKeys.isEmpty {
            self.refuse("curve_allowed_keys", "empty", "a socket that binds with keys must know whose may come in")
        }
        if !binds, !allowedKeys.isEmpty {
            self.refuse("curve_allowed_keys", "set", "nothing binds; the other end's key is curve_server_key")
        }
        let resolved = FileContent.resolve(path, besideFile: self.file)
        do throws(SecretFileError) {
            return Configuration.Curve(
                secretKeyFile: resolved, secretKey: try SecretFile.loadCurveKey(resolved),
                serverKey: serverKey.isEmpty ? nil : serverKey, allowedKeys: allowedKeys)
        } catch {
            self.refuse("curve_secret_key_file", path, "the file \(error.reason)")
            return nil
        }
    }

    /// Of a socket that only connects and has no key `curve_allowed_keys`.
    func readConnecting() -> Configuration.Curve? { self.read(connects: true, binds: false) }

    func read(for feed: Configuration.Feed) -> Configuration.Curve? {
        self.read(
            connects: feed.socket == .connect || !feed.snapshotEndpoint.isEmpty, binds: feed.socket == .bind)
    }

    private func refusePublished(_ key: String, _ values: [String]) {
        guard let known = values.first(where: CurveKeyText.isPublished) else { return }
        self.refuse(key, known, "that is the test key of the ZeroMQ manual, which everybody knows")
    }

    private func refuse(_ key: String, _ value: String, _ reason: String) {
        self.section.refuse(key, value: value, reason, orAt: self.node.origin)
    }
}
