// swift-tools-version: 6.1; SPDX-License-Identifier: Apache-2.0
// Benchmarks of the hot path: a package of its own, so that who uses or tests tickrisk never resolves what they need.
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let modules = Target.Dependency.product(name: "MeasuredModules", package: "tickrisk")

let package = Package(
    name: "Benchmarks",
    products: [.executable(name: "CutBenchmark", targets: ["CutBenchmark"])],
    dependencies: [
        .package(name: "tickrisk", path: ".."),
        // Without traits: its malloc interposer cannot be had from Debian; AllocationCounter counts instead.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "AllocationCounter", path: "AllocationCounter"),
        .target(name: "BenchmarkBooks", dependencies: [modules], path: "BenchmarkBooks", swiftSettings: swiftSettings),
        .executableTarget(
            name: "CutBenchmark", dependencies: ["BenchmarkBooks", modules], path: "CutBenchmark",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "HotPath",
            dependencies: [
                "AllocationCounter", "BenchmarkBooks", modules, .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "HotPath",
            swiftSettings: swiftSettings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
