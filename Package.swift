// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let cSettings: [CSetting] = [
    .treatAllWarnings(as: .error),
    .unsafeFlags([
        "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wstrict-prototypes", "-Wmissing-prototypes",
        "-Wcast-align", "-Wcast-qual", "-Wpointer-arith", "-Wvla", "-Wdouble-promotion", "-Wunused-macros",
        "-Wunreachable-code", "-ffp-contract=off",
    ]),
]

/// Products of other packages, by the short name the targets below use.
enum External {
    static let arguments = product("ArgumentParser", "swift-argument-parser")
    static let database = product("GRDB", "GRDB.swift")
    static let extras = product("NIOExtras", "swift-nio-extras")
    static let histogram = product("Histogram", "hdrhistogram-swift")
    static let httpTypes = product("HTTPTypes", "swift-http-types")
    static let hummingbird = product("Hummingbird", "hummingbird")
    static let hummingbirdCore = product("HummingbirdCore", "hummingbird")
    static let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
    static let logging = product("Logging", "swift-log")
    static let mustache = product("Mustache", "swift-mustache")
    static let nioCore = product("NIOCore", "swift-nio")
    static let nioEmbedded = product("NIOEmbedded", "swift-nio")
    static let nioHTTP1 = product("NIOHTTP1", "swift-nio")
    static let nioHTTPTypes = product("NIOHTTPTypes", "swift-nio-extras")
    static let nioHTTPTypesHTTP1 = product("NIOHTTPTypesHTTP1", "swift-nio-extras")
    static let nioPosix = product("NIOPosix", "swift-nio")
    static let nioWebSocket = product("NIOWebSocket", "swift-nio")
    static let unixSignals = product("UnixSignals", "swift-service-lifecycle")
    static let yaml = product("Yams", "Yams")

    private static func product(_ name: String, _ package: String) -> Target.Dependency {
        .product(name: name, package: package)
    }
}

func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "CSources/\(name)", cSettings: cSettings)
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "tickrisk",
    products: [
        .executable(name: "tickriskd", targets: ["tickriskd"]),
        .executable(name: "tickrisk", targets: ["tickrisk"]),
        // What Benchmarks/ measures; no promise to anyone else.
        .library(
            name: "MeasuredModules",
            targets: [
                "CPlatform", "CRing", "CKernels", "CEngine", "RiskDomain", "RiskKernel", "RiskSimulation", "TickFeed",
                "TickIngest", "FrameCodec",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C, bottom first
        core("CPlatform"),
        core("CRing", ["CPlatform"]),
        core("CKernels", ["CPlatform"]),
        core("CEngine", ["CPlatform", "CRing", "CKernels"]),
        .systemLibrary(
            name: "CLibZMQ", path: "CSources/CLibZMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(
            name: "CLibZstd", path: "CSources/CLibZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CLibSodium", path: "CSources/CLibSodium", pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CLibRdKafka", path: "CSources/CLibRdKafka", pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(
            name: "CLibPQ", path: "CSources/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibZ", path: "CSources/CLibZ", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Swift, bottom first
        library("RiskDomain"),
        library("StrictJSON"),
        library("Fleet"),
        library("Operations"),
        library("RiskMath", ["RiskDomain"]),
        library("RiskKernel", ["RiskDomain", "CPlatform", "CRing", "CKernels", "CEngine"]),
        library("RiskSimulation", ["RiskDomain"]),
        library("RiskFiles", ["RiskDomain", External.yaml]),
        library("TickFeed", ["RiskDomain", "StrictJSON", "RiskKernel", "CLibZMQ"]),
        library("FrameCodec", ["RiskDomain", "CLibZstd", "CLibZ"]),
        library("TickIngest", ["RiskDomain", "RiskKernel", "TickFeed", External.logging, External.lifecycle]),
        library("RiskEngine", ["Operations", "RiskDomain", "RiskKernel", External.logging, External.lifecycle]),
        library("RiskReport", ["RiskDomain", "RiskMath", "RiskKernel"]),
        library(
            "FramePublisher",
            [
                "Operations", "RiskDomain", "RiskMath", "RiskKernel", "RiskReport", "FrameCodec", External.logging,
                External.lifecycle,
            ]),
        library(
            "FrameRelay",
            [
                "Fleet", "RiskDomain", "RiskKernel", "RiskStore", "Operations", "StrictJSON", "TickFeed", "FrameCodec",
                "FramePublisher", "DeskService", External.logging, External.lifecycle,
            ]),
        library("TradeDesk", ["RiskDomain", "RiskMath"]),
        library("RiskStore", ["Operations", "RiskDomain", "CLibSodium", External.database]),
        library("PostgresStore", ["Operations", "RiskDomain", "RiskStore", "CLibPQ"]),
        library(
            "DeskService",
            [
                "RiskDomain", "RiskMath", "RiskReport", "RiskKernel", "RiskStore", "TradeDesk", "FrameCodec",
                "FramePublisher", External.logging, External.lifecycle,
            ]),
        library(
            "AlertWebhooks",
            [
                "RiskKernel", "RiskStore", "FrameCodec", "DeskService", External.logging, External.lifecycle,
                External.nioCore, External.nioPosix, External.nioHTTP1,
            ]),
        library(
            "OrderGateway",
            [
                "RiskDomain", "RiskKernel", "StrictJSON", "TickFeed", "FrameCodec", "TradeDesk", "DeskService",
                External.logging,
            ]),
        library(
            "TradeStream",
            [
                "Fleet", "RiskDomain", "StrictJSON", "RiskKernel", "RiskStore", "FrameCodec", "FramePublisher",
                "DeskService",
                "CLibRdKafka", External.logging, External.lifecycle,
            ]),
        library(
            "WebServer",
            [
                "Fleet", "RiskDomain", "StrictJSON", "RiskReport", "RiskKernel", "RiskStore", "TradeDesk",
                "DeskService",
                "FrameCodec", "FramePublisher", "FrameRelay", "Operations", External.hummingbird,
                External.hummingbirdCore, External.httpTypes, External.logging, External.mustache, External.nioCore,
                External.nioPosix,
                External.nioHTTP1, External.nioWebSocket, External.extras, External.nioHTTPTypes,
                External.nioHTTPTypesHTTP1, External.lifecycle,
            ],
            resources: [.embedInCode("Resources")]),
        library(
            "TickriskDaemon",
            [
                "Fleet", "RiskDomain", "RiskMath", "RiskKernel", "RiskReport", "RiskFiles", "RiskStore",
                "PostgresStore",
                "TradeDesk", "DeskService", "AlertWebhooks",
                "OrderGateway", "TradeStream", "TickFeed", "TickIngest",
                "RiskEngine", "FrameCodec", "FramePublisher", "FrameRelay", "Operations", "WebServer", External.logging,
                External.lifecycle, External.nioCore,
                External.nioPosix, External.unixSignals,
            ]),
        program(
            "tickriskd",
            ["RiskFiles", "RiskKernel", "Operations", "TickriskDaemon", External.arguments, External.logging]),
        program(
            "tickrisk",
            [
                "Operations", "RiskDomain", "RiskMath", "RiskKernel", "RiskReport", "RiskFiles", "RiskSimulation",
                "RiskStore", "PostgresStore", "TickFeed", "FrameCodec", "Fleet", "TradeStream", External.arguments,
                External.histogram, External.logging, External.nioCore, External.nioPosix, External.nioHTTP1,
                External.nioWebSocket,
            ]),

        tests("CPlatformTests", ["CPlatform"]),
        tests("CRingTests", ["CRing", "CPlatform"]),
        tests("CKernelsTests", ["CKernels", "CPlatform", "RiskDomain", "RiskMath"]),
        tests("RiskMathTests", ["RiskDomain", "RiskMath", "RiskSimulation"]),
        tests("RiskSimulationTests", ["RiskDomain", "RiskSimulation"]),
        tests("RiskFilesTests", ["RiskDomain", "RiskFiles"]),
        tests("TickFeedTests", ["RiskDomain", "TickFeed"]),
        tests("FrameCodecTests", ["FrameCodec", "CLibZ"]),
        tests(
            "FramePublisherTests",
            [
                "RiskDomain", "RiskMath", "RiskSimulation", "RiskKernel", "RiskEngine", "RiskReport", "FrameCodec",
                "FramePublisher",
            ]),
        tests("RiskReportTests", ["RiskDomain", "RiskMath", "RiskKernel", "RiskReport", "RiskSimulation"]),
        tests("TickIngestTests", ["RiskDomain", "RiskKernel", "RiskSimulation", "TickFeed", "TickIngest"]),
        tests(
            "WebServerTests",
            [
                "FrameCodec", "FramePublisher", "FrameRelay", "RiskStore", "DeskService", "WebServer",
                External.httpTypes, External.nioCore, External.nioEmbedded, External.nioHTTP1, External.nioPosix,
                External.nioWebSocket, External.logging,
            ]),
        tests(
            "FrameRelayTests",
            [
                "Fleet", "Operations", "RiskDomain", "RiskKernel", "RiskSimulation", "RiskStore", "TickFeed",
                "FrameCodec", "FramePublisher", "DeskService", "FrameRelay", "WebServer", External.httpTypes,
                External.lifecycle, External.logging, External.nioCore, External.nioHTTP1, External.nioPosix,
            ]),
        tests(
            "FleetFirmTests",
            [
                "Fleet", "RiskDomain", "RiskSimulation", "RiskKernel", "RiskEngine", "TickFeed", "FrameCodec",
                "FramePublisher", "FrameRelay", "DeskService", "WebServer", External.logging, External.nioPosix,
            ]),
        .executableTarget(
            name: "AutobahnEcho",
            dependencies: [
                "WebServer", External.nioCore, External.nioHTTP1, External.nioPosix, External.nioWebSocket,
            ],
            path: "Tests/AutobahnEcho", swiftSettings: swiftSettings),
        .executableTarget(
            name: "RiskProbe", dependencies: ["RiskDomain", "RiskMath", "RiskKernel", "RiskReport", "CKernels"],
            path: "Tests/RiskProbe", swiftSettings: swiftSettings),
        .executableTarget(
            name: "FanOutServer",
            dependencies: [
                "WebServer", External.nioCore, External.nioHTTP1, External.nioPosix, External.nioWebSocket,
            ],
            path: "Benchmarks/FanOutServer", swiftSettings: swiftSettings),
        tests("RiskEngineTests", ["RiskEngine"]),
        tests(
            "PipelineTests",
            [
                "RiskDomain", "RiskSimulation", "RiskKernel", "TickFeed", "TickIngest", "RiskEngine", "FrameCodec",
                "FramePublisher", External.logging,
            ]),
        .executableTarget(
            name: "StoreWriter", dependencies: ["RiskDomain", "RiskSimulation", "RiskStore", "PostgresStore"],
            path: "Tests/StoreWriter", swiftSettings: swiftSettings),
        tests(
            "DeskServiceTests",
            [
                "RiskDomain", "RiskMath", "RiskSimulation", "RiskStore", "TradeDesk", "FrameCodec", "FramePublisher",
                "DeskService", External.logging, External.lifecycle,
            ]),
        tests(
            "OrderGatewayTests",
            ["RiskDomain", "CLibZMQ", "TickFeed", "TradeDesk", "OrderGateway", External.logging]),
        tests(
            "AlertWebhooksTests",
            ["RiskSimulation", "RiskStore", "AlertWebhooks", External.logging, External.nioPosix]),
        .executableTarget(
            name: "GatewayProbe",
            dependencies: ["RiskDomain", "TickFeed", "FrameCodec", "TradeDesk", "OrderGateway", External.logging],
            path: "Tests/GatewayProbe", swiftSettings: swiftSettings),
        tests(
            "TradeStreamTests",
            ["RiskDomain", "RiskSimulation", "RiskStore", "DeskService", "Fleet", "TradeStream"]),
        .executableTarget(
            name: "KafkaBroker", dependencies: ["CLibRdKafka"], path: "Tests/KafkaBroker", cSettings: cSettings,
            linkerSettings: [.linkedLibrary("rdkafka")]),
        tests("TradeDeskTests", ["RiskDomain", "RiskMath", "RiskSimulation", "TradeDesk"]),
        tests(
            "RiskStoreTests",
            ["RiskDomain", "RiskSimulation", "RiskStore", "PostgresStore", "StoreWriter", External.database]),
        tests("FleetTests", ["Fleet"]),
        tests("OperationsTests", ["Operations"]),
        tests("TidyTests", []),
    ]
)
