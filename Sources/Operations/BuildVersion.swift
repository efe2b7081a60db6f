// SPDX-License-Identifier: Apache-2.0
// The one place that says which version this is.

public enum BuildVersion {
    /// Semantic; packages have the same.
    public static let text = "0.1.0"

    /// The compiler's.
    public static let compiler: String = {
        #if compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }()

    public static let architecture: String = {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }()
}
