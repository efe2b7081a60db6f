// SPDX-License-Identifier: Apache-2.0
// Any bytes as the bodies that sign in and change users: a refusal, or what the desk may be asked for.

import DeskService
import RiskStore
import WebServer

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAccess(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let bytes = input.rest()
    _ = try? SignInRequest(bytes)
    if let form = try? NewUserRequest(bytes) {
        require(AccessChange.isName(form.name), "\(form.name)")
        require(form.roles.count <= RolesRequest.rolesMax, "\(form.roles.count) roles")
        require(form.password.map { (8...PasswordHash.passwordBytesMax).contains($0.utf8.count) } ?? true, "a password")
    }
    if let form = try? UserChangeRequest(bytes) {
        require(form.password != nil || form.isDisabled != nil, "a change of nothing")
    }
    if let roles = try? RolesRequest.roles(bytes) {
        require(roles.count <= RolesRequest.rolesMax, "\(roles.count) roles")
    }
    if let form = try? TokenRequest(bytes, nowNanoseconds: 1_000) {
        require(!form.scopes.isEmpty && form.expiresNanoseconds.map { $0 > 1_000 } ?? true, "\(form)")
    }
    return 0
}
