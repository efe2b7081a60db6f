// SPDX-License-Identifier: Apache-2.0
// How a socket knows its peers.

import CLibZMQ

/// What both ends of a connection prove to each other. The roles are those of CURVE: here whoever binds is the server.
public enum SocketSecurity: Sendable {
    /// Nothing: for this machine only.
    case none
    /// We prove to be `keys`, and talk to the owner of `serverKey` only.
    case client(CurveKeyPair, serverKey: CurveKey)
    /// We prove to be `keys`, and talk to those whom the context's ``AccessGate`` admits to `domain`, not empty.
    case server(CurveKeyPair, domain: String)
}

/// `ZMQ_ZAP_ENFORCE_DOMAIN`.
private let zapEnforceDomain: CInt = 93

extension ZMQSocket {
    func apply(_ security: SocketSecurity) throws(ZMQError) {
        switch security {
        case .none: break
        case .client(let keys, let serverKey):
            try self.set(ZMQ_CURVE_SERVERKEY, "ZMQ_CURVE_SERVERKEY", to: serverKey.text)
            try self.set(ZMQ_CURVE_PUBLICKEY, "ZMQ_CURVE_PUBLICKEY", to: keys.publicKey.text)
            try self.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", to: keys.secretText)
        case .server(let keys, let domain):
            try self.set(ZMQ_CURVE_SERVER, "ZMQ_CURVE_SERVER", to: 1)
            try self.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", to: keys.secretText)
            try self.set(ZMQ_ZAP_DOMAIN, "ZMQ_ZAP_DOMAIN", to: domain)
            // Where nobody answers, libzmq admits everybody. The gate's life prevents that, and this option does where
            // the library knows it: its name is in the draft part of the header.
            var enforces: CInt = 1
            _ = zmq_setsockopt(self.handle, zapEnforceDomain, &enforces, MemoryLayout<CInt>.size)
        }
    }

    private func set(_ option: CInt, _ name: String, to text: String) throws(ZMQError) {
        // Keys as text count their terminating zero byte, names do not.
        let isKey = option != ZMQ_ZAP_DOMAIN
        try self.check(name, zmq_setsockopt(self.handle, option, text, text.utf8.count + (isKey ? 1 : 0)))
    }
}
