// SPDX-License-Identifier: Apache-2.0
// The dashboard's templates and assets: built in, or read from a folder at every request by those who change them.

import Foundation
import Mustache

struct PageFiles: Sendable {
    /// Those built in, made ready once; `nil` while a folder is read.
    private let builtIn: Loaded?
    private let folder: URL?

    /// - Parameter folder: laid out as `Sources/WebServer/Resources`; empty for the files built in.
    init(folder: String) throws {
        self.folder = folder.isEmpty ? nil : URL(fileURLWithPath: folder, isDirectory: true)
        self.builtIn = folder.isEmpty ? try Loaded(PageFile.all) : nil
        // What cannot be read is told at the start.
        do { _ = try self.loaded() } catch { throw PageFolderError(folder: folder, reason: "\(error)") }
    }

    private struct Loaded: Sendable {
        var assets: [String: PageAsset] = [:]
        var library: MustacheLibrary
        var version: String

        init(_ files: [PageFile]) throws {
            var templates: [String: MustacheTemplate] = [:]
            var all: [UInt8] = []
            for file in files {
                if let type = file.type {
                    self.assets[file.path] = try PageAsset(type: type, bytes: file.bytes)
                    all += file.bytes
                } else if file.isTemplate {
                    templates[file.templateName] = try MustacheTemplate(
                        string: String(decoding: file.bytes, as: UTF8.self))
                }
            }
            self.library = MustacheLibrary(templates: templates)
            self.version = Fingerprint.of(all)
        }
    }

    private func loaded() throws -> Loaded {
        if let builtIn { return builtIn }
        guard let folder else { preconditionFailure("neither built in nor from a folder") }
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        return try Loaded(
            paths.map { PageFile($0, []) }.filter { $0.type != nil || $0.isTemplate }.map { file in
                PageFile(file.path, [UInt8](try Data(contentsOf: folder.appendingPathComponent(file.path))))
            })
    }

    /// - Returns: the asset, and whether `version` is the one that the pages name now.
    func asset(at path: String, version: String) throws -> (asset: PageAsset, isCurrent: Bool)? {
        let loaded = try self.loaded()
        guard let asset = loaded.assets[path] else { return nil }
        return (asset, self.folder == nil && version == loaded.version)
    }

    /// A page, filled; `assets` is where it finds what it loads.
    func page(_ template: String, _ values: [String: Any]) throws -> String {
        let loaded = try self.loaded()
        let values = values.merging(["assets": "/assets/\(loaded.version)"]) { $1 }
        return loaded.library.render(values, withTemplate: template) ?? ""
    }
}

/// Why the dashboard's files cannot be had from a folder.
struct PageFolderError: Error, CustomStringConvertible {
    let folder: String
    let reason: String

    var description: String { "http.page_folder: the page cannot be read from \(self.folder): \(self.reason)" }
}
