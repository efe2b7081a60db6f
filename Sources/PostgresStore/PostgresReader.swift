// SPDX-License-Identifier: Apache-2.0
// A store on PostgreSQL seen by a second process: read only, also while the daemon works.

import Dispatch
import RiskStore

/// Reads what the server has; what a daemon acknowledged while the server was away is not in it.
public final class PostgresReader: StoreInspection {
    private static let timeoutMilliseconds = 3_600_000

    private let connection: PostgresConnection
    /// One reading at a time.
    private let turn = DispatchSemaphore(value: 1)

    /// - Throws: for a schema without a store, or of another version.
    public init(_ parameters: ConnectionParameters, schema: SchemaName) throws(StoreError) {
        do {
            let connection = try ReaderPool.connect(
                parameters, SessionSettings(schema: schema, timeoutMilliseconds: Self.timeoutMilliseconds))
            let state = try connection.atOneMoment { try PostgresSchema.state($0) }
            let place = "the schema \(schema.text) of \(parameters.place)"
            switch state {
            case .current: self.connection = connection
            case .none: throw StoreError.unreadable(reason: "\(place) holds no store")
            case .older: throw StoreError.unreadable(reason: "\(place) is of an older version; hint: store migrate")
            case .newer: throw StoreError.newerSchema(path: place)
            }
        } catch {
            throw StoreError(reading: error)
        }
    }

    public func read<Value>(_ body: (any StoreRows) throws -> Value) throws(StoreError) -> Value {
        do {
            self.turn.wait()
            defer { self.turn.signal() }
            return try self.connection.atOneMoment { try body($0) }
        } catch {
            throw StoreError(reading: error)
        }
    }

    /// They are in the daemon's directory, which is not asked: the chains themselves are checked whole.
    public func acknowledgedHeads() throws(StoreError) -> ChainHeads { ChainHeads() }
}
