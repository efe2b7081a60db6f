// SPDX-License-Identifier: Apache-2.0
// Metrics that a node and a gateway have in common: the stream, and the process.

import FrameCodec
import Operations
import Synchronization
import WebServer

extension StreamCounters {
    /// - Parameter clientCount: clients connected now.
    func families(clientCount: Int) -> [MetricFamily] {
        return [
            MetricFamily(.gauge, "tickrisk_clients", "Stream clients connected.", Double(clientCount)),
            MetricFamily(
                .counter, "tickrisk_clients_refused_total", "Clients refused because there were too many.",
                Double(self.clientsRefused.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_slow_clients_closed_total", "Clients closed because they took nothing.",
                Double(self.slowClientsClosed.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_stream_closes_total", "Streams ended, by close code; 1006 where there was none.",
                self.closes.samples.map { .init(["code": $0.label], Double($0.count)) }),
            MetricFamily(
                .counter, "tickrisk_cuts_published_total", "Channel cuts that changed something.",
                Double(self.cuts.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_frames_sent_total", "Data frames written to clients, by encoding.",
                self.sentByEncoding.map { .init(["encoding": $0.encoding.rawValue], Double($0.frames)) }),
            MetricFamily(
                .counter, "tickrisk_frame_bytes_sent_total", "Bytes of data frames written to clients, by encoding.",
                self.sentByEncoding.map { .init(["encoding": $0.encoding.rawValue], Double($0.bytes)) }),
            MetricFamily(
                "tickrisk_cut_to_send_seconds", "From a cut to its frames at the sockets of an event loop.",
                self.sendDelays),
            MetricFamily(
                "tickrisk_tick_age_at_send_seconds",
                "Age of the oldest tick a cut is made of, when its frames are at the sockets.", self.sentAges),
            MetricFamily(
                .counter, "tickrisk_frames_skipped_total", "Frames a client could not take; it is resynchronised.",
                Double(self.framesSkipped.load(ordering: .relaxed))),
        ]
    }
}

extension ProcessMetrics {
    /// What runs, whether it is ready, and what it takes.
    static func families(readiness: Readiness, kernels: String) -> [MetricFamily] {
        return [
            MetricFamily(
                .gauge, "tickrisk_build_info", "1 for the version that runs.",
                [
                    .init(
                        [
                            "version": BuildVersion.text, "swift": BuildVersion.compiler,
                            "architecture": BuildVersion.architecture, "kernels": kernels,
                        ], 1)
                ]),
            MetricFamily(.gauge, "tickrisk_ready", "1 while /readyz answers 200.", readiness.isReady ? 1 : 0),
        ] + self.families()
    }
}
