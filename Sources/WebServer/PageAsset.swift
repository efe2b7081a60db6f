// SPDX-License-Identifier: Apache-2.0
// A file of the dashboard, embedded in the binary.

import HTTPTypes
import Hummingbird
import NIOCore

struct PageAsset: Sendable {
    let name: String
    private let type: String
    private let body: ByteBuffer
    private let entityTag: String

    init(_ name: String, _ type: String, _ bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.body = ByteBuffer(bytes: bytes)
        self.entityTag = "\"\(String(Self.fingerprint(of: bytes), radix: 16))\""
    }

    private static let script = "text/javascript; charset=utf-8"
    static let icon = PageAsset("icon.svg", "image/svg+xml", PackageResources.icon_svg)
    static let all = [
        icon,
        PageAsset("style.css", "text/css; charset=utf-8", PackageResources.style_css),
        PageAsset("app.js", script, PackageResources.app_js),
        PageAsset("cell.js", script, PackageResources.cell_js),
        PageAsset("connection-light.js", script, PackageResources.connection_light_js),
        PageAsset("format.js", script, PackageResources.format_js),
        PageAsset("frame.js", script, PackageResources.frame_js),
        PageAsset("frame-checksum.js", script, PackageResources.frame_checksum_js),
        PageAsset("frame-reader.js", script, PackageResources.frame_reader_js),
        PageAsset("live-panel.js", script, PackageResources.live_panel_js),
        PageAsset("margin-gauge.js", script, PackageResources.margin_gauge_js),
        PageAsset("position-table.js", script, PackageResources.position_table_js),
        PageAsset("risk-panel.js", script, PackageResources.risk_panel_js),
        PageAsset("sign-in.css", "text/css; charset=utf-8", PackageResources.sign_in_css),
        PageAsset("sign-in.js", script, PackageResources.sign_in_js),
        PageAsset("store.js", script, PackageResources.store_js),
        PageAsset("stream.js", script, PackageResources.stream_js),
        PageAsset("watch-table.js", script, PackageResources.watch_table_js),
    ]

    /// FNV-1a, 64 bits: tells versions of a file apart, no more.
    private static func fingerprint(of bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Fresh on every load, but sent only when it changed.
    func response(to request: Request) -> Response {
        let headers: HTTPFields = [
            .contentType: self.type, .eTag: self.entityTag, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
        ]
        if request.headers[.ifNoneMatch] == self.entityTag { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: self.body))
    }
}
