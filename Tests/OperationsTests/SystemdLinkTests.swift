// SPDX-License-Identifier: Apache-2.0
// What systemd's variables mean for this process, and when its watchdog is fed.

import Glibc
import Operations
import Testing

struct SystemdLinkTests {
    @Test func withoutSystemdNothingIsExpectedAndNothingIsSaid() {
        let manager = SystemdLink(environment: [:], processID: 7)
        #expect(!manager.isPresent && manager.watchdogNanoseconds == nil && manager.inheritedDescriptors.isEmpty)
        #expect(!manager.notify(["READY=1"]))
    }

    @Test func whatIsMeantForAnotherProcessIsNotTaken() {
        let environment = ["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "8", "LISTEN_FDS": "2", "LISTEN_PID": "8"]
        let other = SystemdLink(environment: environment, processID: 7)
        #expect(other.watchdogNanoseconds == nil && other.inheritedDescriptors.isEmpty)
        let meant = SystemdLink(environment: environment, processID: 8)
        #expect(meant.watchdogNanoseconds == 1_000_000 && meant.inheritedDescriptors == [3, 4])
    }

    @Test(arguments: ["0", "-1", "soon", "18446744073709551615", ""])
    func aTimeThatIsNoneWatchesNobody(text: String) {
        #expect(SystemdLink(environment: ["WATCHDOG_USEC": text], processID: 7).watchdogNanoseconds == nil)
    }

    @Test(arguments: ["relative", "", "/" + String(repeating: "x", count: 120)])
    func aPathThatIsNoneIsNotUsed(path: String) {
        #expect(!SystemdLink(environment: ["NOTIFY_SOCKET": path], processID: 7).isPresent)
    }

    @Test func aParentThatWatchesHearsWhatSystemdWould() {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let child = SystemdLink(environment: ["NOTIFY_SOCKET": "/nobody"], lifeline: ends[0])
        #expect(child.isPresent && child.notify(["READY=1", "STATUS=well"]))
        var bytes = [UInt8](repeating: 0, count: 64)
        #expect(recv(ends[1], &bytes, bytes.count, Int32(MSG_DONTWAIT)) == 19)
        #expect(String(decoding: bytes[..<19], as: UTF8.self) == "READY=1\nSTATUS=well")
        close(ends[0])
        #expect(!child.notify(["WATCHDOG=1"]))
    }

    @Test func theWatchdogIsFedOnlyWhereEveryLoopMoved() {
        var gate = ProgressGate()
        // What moved before does not have to move again while the other catches up.
        let looks: [[UInt64]] = [[5, 9], [6, 9], [7, 9], [7, 10], [7, 10], [0, 0]]
        let fed = looks.map { gate.haveAllMoved($0) }
        #expect(fed == [true, false, false, true, false, true])
    }

    @Test func aDescriptorThatDoesNotListenIsNoPort() throws {
        let manager = SystemdLink(environment: ["LISTEN_FDS": "2", "LISTEN_PID": "\(getpid())"])
        #expect(throws: InheritedListenerError.tooMany(count: 2)) { try InheritedListener(manager) }
        #expect(try InheritedListener(SystemdLink(environment: [:])) == nil)
    }
}
