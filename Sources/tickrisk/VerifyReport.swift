// SPDX-License-Identifier: Apache-2.0
// Recomputed results as a table and as JSON.

import Foundation
import FrameCodec

struct VerifyReport {
    let results: [PublishedResult]

    var missCount: Int { self.results.count { !$0.isReproduced } }

    /// One line a result, then the titles of the sources and the count.
    var text: String {
        let head = ["quantity", "source", "computed by", "expected", "got", "tolerance", "verdict"]
        let rows = self.results.map { result in
            [
                result.quantity, result.source.short, result.route,
                String(format: "%.\(result.decimals)f", result.expected),
                result.found.isNaN ? "absent" : String(format: "%.\(max(result.decimals, 1) + 3)f", result.found),
                result.tolerance == 0 ? "exact" : String(format: "%.1e", result.tolerance),
                result.isReproduced ? "ok" : "MISS",
            ]
        }
        var sources: [PublishedSource] = []
        for result in self.results where !sources.contains(result.source) { sources.append(result.source) }
        let titles = TextTable.aligned(sources.map { [$0.short, $0.title] }, leading: 2)
        let summary =
            "\(self.results.count) results, \(self.results.count - self.missCount) reproduced, \(self.missCount) missed"
        return TextTable.aligned([head] + rows, leading: 3) + "\n" + titles + "\n" + summary
    }

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("count", self.results.count)
        json.member("misses", self.missCount)
        json.key("results")
        json.beginArray()
        for result in self.results {
            json.beginObject()
            json.member("quantity", result.quantity)
            json.member("source", result.source.title)
            json.member("computed_by", result.route)
            json.member("expected", result.expected)
            json.member("got", result.found)
            json.member("tolerance", result.tolerance)
            json.member("verdict", result.isReproduced ? "ok" : "miss")
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.text
    }
}
