// SPDX-License-Identifier: Apache-2.0
// Credentials, origins and bodies of the access API, as they come over the wire.

import DeskService
import RiskStore
import Testing
import WebServer

@Suite struct CredentialFieldsTests {
    @Test func bearerTokensCountBeforeCookiesAndNothingElseIsOne() {
        func shown(_ authorization: [String], _ cookies: [String]) -> ShownCredential {
            ShownCredential(authorization: authorization, cookies: cookies)
        }
        #expect(shown([], []) == .none)
        #expect(shown([], ["a=b; tickrisk_session=abc; c=d"]) == .cookie("abc"))
        #expect(shown([], ["a=b", "tickrisk_session=abc"]) == .cookie("abc"))
        #expect(shown([], ["xtickrisk_session=abc"]) == .none)
        #expect(shown([], ["tickrisk_session=abc; tickrisk_session=def"]) == .none)
        #expect(shown(["Bearer xyz"], ["tickrisk_session=abc"]) == .bearer("xyz"))
        #expect(shown(["bearer xyz"], []) == .bearer("xyz"))
        #expect(shown(["Basic xyz"], ["tickrisk_session=abc"]) == .malformed)
        #expect(shown(["Bearer"], []) == .malformed)
        #expect(shown(["Bearer a b"], []) == .malformed)
        #expect(shown(["Bearer a", "Bearer b"], []) == .malformed)
    }

    @Test func cookiesAreKeptFromScriptsAndOtherSites() {
        #expect(
            SessionCookie.field(token: "abc", secondsLeft: 60, isSecure: false)
                == "tickrisk_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict")
        #expect(SessionCookie.field(token: "abc", secondsLeft: 60, isSecure: true).hasSuffix("; Secure"))
        #expect(SessionCookie.removal(isSecure: false).contains("tickrisk_session=; Path=/; Max-Age=0;"))
    }

    @Test func onlyOwnAndListedPagesAreOwn() {
        let policy = OriginPolicy(allowedOrigins: ["https://desk.example"])
        func source(_ origin: String?, _ fetchSite: String? = nil) -> OriginPolicy.Source {
            policy.source(origin: origin, host: "risk:8080", fetchSite: fetchSite)
        }
        #expect(source("http://risk:8080") == .own && source("https://risk:8080") == .own)
        #expect(source("https://desk.example") == .own)
        #expect(source("https://desk.example:8443") == .foreign && source("null") == .foreign)
        #expect(source("http://risk") == .foreign && source("http://evil", "same-origin") == .foreign)
        #expect(source(nil) == .unsaid)
        #expect(source(nil, "same-origin") == .own)
        #expect(source(nil, "same-site") == .foreign && source(nil, "none") == .foreign)
        #expect(policy.source(origin: "http://risk", host: nil, fetchSite: nil) == .foreign)
    }
}

@Suite struct RequestJSONTests {
    private func read(_ text: String) -> Result<RequestJSON, RequestJSON.Fault> {
        Result { () throws(RequestJSON.Fault) in try RequestJSON(Array(text.utf8)) }
    }

    @Test func valuesAreReadAsTheyStand() throws {
        let value = try RequestJSON(
            Array(#" {"a":[1,-0.5e+3,true,false,null],"b\u00e9":"x\"\u0041\ud83d\ude00","":{}} "#.utf8))
        #expect(
            value
                == .object([
                    "a": .array([.number("1"), .number("-0.5e+3"), .flag(true), .flag(false), .null]),
                    "bé": .text("x\"A😀"), "": .object([:]),
                ]))
    }

    @Test func namesThatComeTwiceAreRefused() {
        #expect(self.read(#"{"a":1,"a":1}"#) == .failure(.repeated("a")))
        #expect(self.read(#"{"a":1,"\u0061":2}"#) == .failure(.repeated("a")))
        #expect(self.read(#"[{"b":{"x":1,"y":2,"x":3}}]"#) == .failure(.repeated("x")))
    }

    @Test func whatIsNoJSONIsRefused() {
        for text in [
            "", " ", "{", "}", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{'a':1}", "01", "1.", ".5", "+1", "1e", "--1",
            "nan", "NaN", "tru", "nulll", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\u{1}\"", "1 2", "{\"a\" 1}", "[1 2]",
            "\u{feff}{}", String(repeating: "[", count: 100),
        ] {
            #expect(self.read(text) == .failure(.malformed), "\(text)")
        }
        let deep = String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
        #expect(self.read(deep) != .failure(.malformed))
    }
}

@Suite struct AccessBodiesTests {
    private func errors(_ work: () throws -> some Any) -> [String: String] {
        do { _ = try work() } catch let problem as ProblemResponse { return problem.errors } catch {}
        return [:]
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func usersAreReadFieldByField() throws {
        let form = try NewUserRequest(
            self.bytes(
                #"{"name":"a.b-c_d@e","roles":[{"account":null,"role":"risk"},{"account":"A","role":"view"}]}"#))
        #expect(form.name == "a.b-c_d@e" && form.password == nil)
        #expect(form.roles == [RoleGrant(account: nil, role: .risk), RoleGrant(account: "A", role: .view)])
        let wrong = self.errors {
            try NewUserRequest(
                self.bytes(
                    #"""
                    {"name":"a b","password":"short","extra":1,
                     "roles":[{"role":"view"},{"account":"A","role":"god","x":1},7]}
                    """#))
        }
        #expect(
            wrong.keys.sorted()
                == ["extra", "name", "password", "roles.0.account", "roles.1.role", "roles.1.x", "roles.2"])
    }

    @Test func signInNeedsBothAndNothingElse() throws {
        let form = try SignInRequest(self.bytes(#"{"user":"ann","password":""}"#))
        #expect(form.user == "ann" && form.password.isEmpty)
        #expect(self.errors { try SignInRequest(self.bytes("{}")) }.keys.sorted() == ["password", "user"])
        #expect(self.errors { try SignInRequest(self.bytes(#"{"user":1,"password":"x"}"#)) }.keys.sorted() == ["user"])
        #expect(
            self.errors { try SignInRequest(self.bytes(#"{"user":"a","user":"b","password":"x"}"#)) }
                == ["user": "may come once"])
        #expect(throws: ProblemResponse.self) { try SignInRequest(self.bytes("[]")) }
    }

    @Test func tokensHaveScopesAndAnEndAhead() throws {
        let body = #"{"scopes":["read","trade","read"],"expires_ns":11}"#
        let form = try TokenRequest(self.bytes(body), nowNanoseconds: 10)
        #expect(form.scopes == [.read, .trade] && form.expiresNanoseconds == 11)
        for (body, field) in [
            (#"{"scopes":[]}"#, "scopes"), ("{}", "scopes"), (#"{"scopes":["all"]}"#, "scopes.0"),
            (#"{"scopes":["read"],"expires_ns":10}"#, "expires_ns"),
            (#"{"scopes":["read"],"expires_ns":1e3}"#, "expires_ns"),
            (#"{"scopes":["read"],"expires_ns":18446744073709551616}"#, "expires_ns"),
            (#"{"scopes":["read"],"expires_ns":"1"}"#, "expires_ns"),
        ] {
            let errors = self.errors { try TokenRequest(self.bytes(body), nowNanoseconds: 10) }
            #expect(Array(errors.keys) == [field], "\(body)")
        }
    }

    @Test func changesNeedSomethingToChange() throws {
        #expect(try UserChangeRequest(self.bytes(#"{"disabled":true}"#)).isDisabled == true)
        #expect(self.errors { try UserChangeRequest(self.bytes("{}")) }.keys.sorted() == ["password"])
        #expect(self.errors { try UserChangeRequest(self.bytes(#"{"disabled":"yes"}"#)) }.keys.sorted() == ["disabled"])
        #expect(try RolesRequest.roles(self.bytes(#"{"roles":[]}"#)).isEmpty)
        #expect(self.errors { try RolesRequest.roles(self.bytes("{}")) }.keys.sorted() == ["roles"])
    }
}
