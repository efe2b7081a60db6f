// SPDX-License-Identifier: Apache-2.0
// `tickrisk keys`: a CURVE key pair.

import ArgumentParser
import RiskFiles
import TickFeed

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes a CURVE key pair for a feed.",
        discussion: """
            The secret key goes to a new file with mode 0600, the public key to standard output. Each end keeps its \
            own secret and is told the public key of the other. With --show, prints the public key of a secret that \
            is there already.
            """)

    @Option(help: "File of the secret key; with --show one that is there, otherwise a new one.")
    var secretKeyFile: String
    @Flag(help: "Print the public key of an existing secret.")
    var show = false

    func run() throws {
        if self.show { return print(try CurveKeyPair(secretFile: self.secretKeyFile).publicKey.text) }
        let keys = try CurveKeyPair.generate()
        try SecretFile.create(self.secretKeyFile, Secret(keys.secretText))
        print(keys.publicKey.text)
    }
}

extension CurveKeyPair {
    init(secretFile path: String) throws {
        guard let pair = CurveKeyPair(secretText: try SecretFile.loadCurveKey(path).text),
            !CurveKeyText.isPublished(pair.publicKey.text)
        else { throw Failure("\(path): holds no usable CURVE secret key") }
        self = pair
    }
}
