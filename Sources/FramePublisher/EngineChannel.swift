// SPDX-License-Identifier: Apache-2.0
// One channel that the engine cuts: where its views come from and what they become.

import FrameCodec
import RiskKernel

package struct EngineChannel: Sendable {
    package private(set) var port: EngineViewPort
    private var builder: any StateBuilder
    private var published: PublishedChannel

    package var index: Int { self.published.index }

    /// - Parameter floor: sequences are above it.
    package init(index: Int, name: String, port: EngineViewPort, builder: any StateBuilder, floor: UInt64 = 0) {
        self.port = port
        self.builder = builder
        self.published = PublishedChannel(index: index, name: name, floor: floor)
    }

    /// Another engine cuts the channel from now on; numbers and recent states go on.
    ///
    /// - Parameter builder: `nil` where the channel's rows are what they were.
    package mutating func follow(_ port: EngineViewPort, builder: (any StateBuilder)?) {
        self.port = port
        if let builder { self.builder = builder }
    }

    /// The next cut, or `nil` when nothing a reader could see has changed.
    package mutating func cut(from view: EngineView, isWanted: Bool, nowNanoseconds: UInt64) -> ChannelCut? {
        let builder = self.builder
        return self.published.cut(
            builder.state(from: view),
            stamps: CutStamps(
                cutNanoseconds: view.cutNanoseconds, newestNanoseconds: view.newestNanoseconds,
                oldestNanoseconds: view.oldestNanoseconds),
            scenarioPnL: { builder.scenarioPnL(of: view) }, basis: builder.basis(of: view), isWanted: isWanted,
            nowNanoseconds: nowNanoseconds)
    }
}
