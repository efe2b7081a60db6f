// SPDX-License-Identifier: Apache-2.0
// Keys of a feed: which belong together, what a secret file must be, and that no secret is ever shown.

import Foundation
import RiskFiles
import Testing

@Suite struct CurveSettingsTests {
    private static let publicKey = "sL1+jl2l(]Tze7t]RhSUnuSF?Wew4a=Tefw!gx@G"
    private static let secretKey = "H#>LI^=dZL+h.m]9McP.yRX#AK#F{0/gZ}=<(z*I"
    private static let testKey = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

    private func secretFile(_ folder: ScratchFolder, _ text: String = secretKey, mode: mode_t = 0o600) throws -> String
    {
        let path = try folder.write("secret.key", text)
        chmod(path, mode)
        return path
    }

    @Test func aFeedThatConnectsPinsTheOtherEnd() throws {
        let folder = try ScratchFolder()
        _ = try self.secretFile(folder, Self.secretKey + "\n", mode: 0o400)
        let file = try folder.write(
            "t.yaml",
            """
            feeds:
              - endpoint: "tcp://192.0.2.1:5556"
                snapshot_endpoint: "tcp://192.0.2.1:5557"
                curve_secret_key_file: secret.key
                curve_server_key: "\(Self.publicKey)"
            """)
        let configuration = try ConfigurationLoader.load(file: file)
        let curve = try #require(configuration.feeds[0].curve)
        #expect(curve.secretKey == Secret(Self.secretKey) && curve.serverKey == Self.publicKey)
        #expect(curve.secretKeyFile == "\(folder.path)/secret.key")
        for shown in [configuration.effectiveYAML, "\(configuration)", String(reflecting: configuration)] {
            #expect(!shown.contains(Self.secretKey))
        }
        let again = try folder.write("again.yaml", configuration.effectiveYAML)
        #expect(try ConfigurationLoader.load(file: again) == configuration)
    }

    @Test(arguments: [
        ("{curve_server_key: KEY}", "curve_server_key"),
        ("{socket: bind, curve_allowed_keys: [KEY]}", "curve_allowed_keys"),
        ("{curve_secret_key_file: FILE}", "curve_server_key"),
        ("{curve_secret_key_file: FILE, curve_server_key: short}", "curve_server_key"),
        ("{curve_secret_key_file: FILE, curve_server_key: TEST}", "curve_server_key"),
        ("{curve_secret_key_file: FILE, curve_server_key: KEY, curve_allowed_keys: [KEY]}", "curve_allowed_keys"),
        ("{socket: bind, curve_secret_key_file: FILE}", "curve_allowed_keys"),
        ("{socket: bind, curve_secret_key_file: FILE, curve_allowed_keys: [TEST]}", "curve_allowed_keys"),
        (
            "{socket: bind, curve_secret_key_file: FILE, curve_allowed_keys: [KEY], curve_server_key: KEY}",
            "curve_server_key"
        ),
        (
            "{socket: bind, curve_secret_key_file: FILE, curve_allowed_keys: [KEY], snapshot_endpoint: 'ipc://s'}",
            "curve_server_key"
        ),
        ("{curve_secret_key_file: /nowhere/at.all, curve_server_key: KEY}", "curve_secret_key_file"),
        ("{curve_secret_key_file: /dev/null, curve_server_key: KEY}", "curve_secret_key_file"),
        ("{endpoint: 'tcp://*:5556', socket: bind}", "endpoint"),
    ])
    func keysThatDoNotBelongTogetherAreRefused(feed: String, key: String) throws {
        let folder = try ScratchFolder()
        let yaml =
            feed.replacingOccurrences(of: "FILE", with: try self.secretFile(folder))
            .replacingOccurrences(of: "TEST", with: "'\(Self.testKey)'")
            .replacingOccurrences(of: "KEY", with: "'\(Self.publicKey)'")
        let error = try #require(try configurationError("feeds: [\(yaml)]"), "\(feed)")
        #expect(error.problems.map(\.name).contains { $0?.hasPrefix("feeds.0.\(key)") == true }, "\(error)")
        #expect(!error.description.contains(Self.secretKey))
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o666, 0o700, 0o2600] as [mode_t])
    func aSecretOthersMayReadIsRefused(mode: mode_t) throws {
        let folder = try ScratchFolder()
        let path = try self.secretFile(folder, mode: mode)
        let error = #expect(throws: SecretFileError.self) { try SecretFile.loadCurveKey(path) }
        #expect(error?.description.contains("0600") == true)
    }

    @Test func aFileWithoutASecretKeyIsRefusedWithoutShowingIt() throws {
        let folder = try ScratchFolder()
        for text in ["", "short", Self.secretKey + "x", Self.testKey, String(repeating: "#", count: 40), "\u{0}\n"] {
            let path = try self.secretFile(folder, text)
            let error = #expect(throws: SecretFileError.self) { try SecretFile.loadCurveKey(path) }
            #expect(text.isEmpty || error?.description.contains(text) == false)
            unlink(path)
        }
        #expect(throws: SecretFileError.self) { try SecretFile.loadCurveKey(folder.path) }
    }

    @Test func aNewSecretIsItsOwnersAlone() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/new.key"
        try SecretFile.create(path, Secret(Self.secretKey))
        var status = stat()
        stat(path, &status)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(try SecretFile.loadCurveKey(path) == Secret(Self.secretKey))
        #expect(throws: SecretFileError.self) { try SecretFile.create(path, Secret(Self.secretKey)) }
    }
}
