// SPDX-License-Identifier: Apache-2.0
// Reads one broadcast with many WebSocket clients: fanout_client PORT PATH CLIENTS PAYLOAD SECONDS [PUBLISH-PATH]
//
// Every client opens PATH. A control connection asks for the next broadcast with the text message `next` (or, given a
// PUBLISH-PATH, by an HTTP POST of the payload); DEPTH of them are under way at a time, so the server always has work.
// Prints messages a second, then their number, after a warm-up of WARM_UP broadcasts.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH = 4, WARM_UP = 20, BUFFER = 1 << 16, EVENTS = 512, TIMEOUT_MS = 10000 };

typedef struct client {
    int socket;
    uint64_t skip;         // payload bytes of the frame under way
    uint64_t messages;
    size_t held;           // header bytes kept from the last read
    unsigned char head[16];
} client;

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int made = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return made;
}

static void upgrade(int socket, const char *path) {
    char text[4096];
    int length = snprintf(
        text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        path);
    if (write(socket, text, (size_t)length) != length) fail("upgrade");
    // A byte at a time, so that nothing after the answer is taken.
    for (size_t held = 0; held + 1 < sizeof text;) {
        if (read(socket, text + held, 1) != 1) fail("upgrade");
        text[++held] = 0;
        if (held >= 4 && memcmp(text + held - 4, "\r\n\r\n", 4) == 0) {
            if (strncmp(text, "HTTP/1.1 101", 12) != 0) errno = EPROTO, fail(text);
            return;
        }
    }
    fail("upgrade");
}

/// Bytes of the header in front, 0 while it is not whole; the payload's length into `payload`.
static size_t header(const unsigned char *bytes, size_t count, uint64_t *payload) {
    if (count < 2) return 0;
    size_t length = bytes[1] & 0x7f, extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (count < 2 + extra) return 0;
    *payload = extra == 0 ? length : 0;
    for (size_t i = 0; i < extra; i++) *payload = *payload << 8 | bytes[2 + i];
    return 2 + extra;
}

/// Counts the data frames that end in what was read.
static void take(client *to, const unsigned char *bytes, size_t count) {
    while (count > 0) {
        if (to->skip > 0) {
            size_t skipped = to->skip < count ? to->skip : count;
            to->skip -= skipped, bytes += skipped, count -= skipped;
            if (to->skip == 0) to->messages++;
            continue;
        }
        to->head[to->held++] = *bytes++, count--;
        uint64_t payload;
        if (header(to->head, to->held, &payload) == 0) continue;
        unsigned opcode = to->head[0] & 0x0f;
        if (opcode != 1 && opcode != 2) errno = EPROTO, fail("a frame that is no data");
        to->held = 0;
        to->skip = payload;
    }
}

static void ask_next(int control, const char *publish_path, size_t payload) {
    static char text[BUFFER];
    size_t length;
    if (publish_path == NULL) {
        // Masked with zeros, which leaves the text as it is.
        static const unsigned char next[] = {0x81, 0x84, 0, 0, 0, 0, 'n', 'e', 'x', 't'};
        memcpy(text, next, length = sizeof next);
    } else {
        length = (size_t)snprintf(
            text, sizeof text, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n", publish_path,
            payload);
        memset(text + length, 'x', payload);
        length += payload;
    }
    if (write(control, text, length) != (ssize_t)length) fail("next");
}

/// Reads until every client has `wanted` messages.
static void read_until(int poll, size_t count, uint64_t *total, uint64_t wanted, int control) {
    static unsigned char bytes[BUFFER];
    struct epoll_event events[EVENTS];
    while (*total < wanted * count) {
        int ready = epoll_wait(poll, events, EVENTS, TIMEOUT_MS);
        if (ready <= 0) errno = ETIMEDOUT, fail("waiting for messages");
        for (int i = 0; i < ready; i++) {
            client *from = events[i].data.ptr;
            ssize_t got = read(from == NULL ? control : from->socket, bytes, sizeof bytes);
            if (got <= 0) fail("a connection ended");
            if (from == NULL) continue;  // answers to what was published
            uint64_t before = from->messages;
            take(from, bytes, (size_t)got);
            *total += from->messages - before;
        }
    }
}

static void watch(int poll, int socket, client *of) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = of};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
}

int main(int argument_count, char **words) {
    if (argument_count != 6 && argument_count != 7) return 2;
    int port = atoi(words[1]), poll = epoll_create1(0);
    size_t count = strtoul(words[3], NULL, 10), payload = strtoul(words[4], NULL, 10);
    double duration = strtod(words[5], NULL);
    const char *publish_path = argument_count == 7 ? words[6] : NULL;
    if (payload == 0 || payload > BUFFER / 2) return 2;
    client *clients = calloc(count, sizeof *clients);
    for (size_t i = 0; i < count; i++) {
        clients[i].socket = open_socket(port);
        upgrade(clients[i].socket, words[2]);
        watch(poll, clients[i].socket, &clients[i]);
    }
    // The first client's connection also asks, unless broadcasts are published over HTTP.
    int control = publish_path == NULL ? clients[0].socket : open_socket(port);
    if (publish_path != NULL) watch(poll, control, NULL);
    uint64_t total = 0, asked = 0, done = 0;
    for (; asked < DEPTH; asked++) ask_next(control, publish_path, payload);
    double begin = 0;
    for (;; done++) {
        if (done == WARM_UP) begin = seconds();
        if (done > WARM_UP && seconds() - begin >= duration) break;
        read_until(poll, count, &total, done + 1, control);
        ask_next(control, publish_path, payload);
        asked++;
    }
    double took = seconds() - begin;
    printf("%.1f %llu\n", (double)((done - WARM_UP) * count) / took, (unsigned long long)((done - WARM_UP) * count));
    return 0;
}
