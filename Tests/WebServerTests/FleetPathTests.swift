// SPDX-License-Identifier: Apache-2.0
// Whose a request of a fleet is, by its path, and which there is nobody for.

import HTTPTypes
import Testing
import WebServer

struct FleetPathTests {
    @Test(arguments: [
        ("/api/v1/accounts/A", "A"), ("/api/v1/accounts/A/orders", "A"), ("/api/v1/accounts/A/orders/7", "A"),
        ("//api/v1//accounts/A/", "A"), ("/api/v1/accounts/A%20B", "A%20B"), ("/api/v1/accounts", nil),
        ("/api/v1/accounts/", nil), ("/api/v2/accounts/A", nil), ("/accounts/A", nil), ("/", nil),
        ("/api/v1/firm/risk", nil), ("/API/v1/accounts/A", nil), ("", nil),
    ])
    func theAccountIsThatOfTheRoutes(path: String, account: String?) {
        #expect(FleetPath(path).account == account)
    }

    @Test(arguments: [
        ("/api/v1/orders/7", true), ("/api/v1/accounts/A/orders/7", false), ("/api/v1/alerts/7/acknowledge", true),
        ("/api/v1/alerts/7/reset", true), ("/api/v1/accounts/A/alerts/7/reset", false),
        ("/api/v1/kill-switch", false), ("/api/v1/orders", false), ("/", false),
    ])
    func whatEachUnitNumbersByItselfIsRefused(path: String, isRefused: Bool) {
        let refusal = FleetPath(path).refusal
        #expect((refusal != nil) == isRefused)
        if let refusal { #expect(refusal.status == .notImplemented && refusal.code == "not_in_a_fleet") }
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", UpstreamAddress(host: "127.0.0.1", port: 8080)),
        ("http://[2001:db8::2]:80", UpstreamAddress(host: "2001:db8::2", port: 80)),
        ("http://engine-1:65535", UpstreamAddress(host: "engine-1", port: 65_535)),
        ("https://127.0.0.1:8080", nil), ("http://127.0.0.1", nil), ("http://127.0.0.1:0", nil),
        ("http://:8080", nil), ("http://2001:db8::2:80", nil), ("http://a/b:80", nil), ("http://u@a:80", nil),
        ("http://a:80/", nil), ("http://a:65536", nil), ("", nil),
    ])
    func anAnnouncedAddressIsAHostAndAPort(text: String, address: UpstreamAddress?) {
        #expect(UpstreamAddress(url: text) == address)
    }
}
