// SPDX-License-Identifier: Apache-2.0
// Sends ticks as fast as the receiver takes them: tick_flood ENDPOINT MESSAGES TICKS INSTRUMENTS
//
// Binds, waits for a subscriber, and sends messages of the binary tick wire (docs/tick-wire.md) that are never dropped:
// a full queue waits. Prints the seconds until all but the last high-water mark were taken, and ends with its input.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { HEADER_BYTES = 32, RECORD_BYTES = 32, TICKS_MAX = 4096, HIGH_WATER_MARK = 1000, ALL_FIELDS = 7 };

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void write_ticks(unsigned char *message, uint16_t ticks, uint32_t instruments, uint64_t sequence) {
    for (uint16_t i = 0; i < ticks; i++) {
        unsigned char *record = message + HEADER_BYTES + RECORD_BYTES * i;
        uint32_t id = (uint32_t)((sequence * ticks + i) % instruments) + 1;
        double last = 100.0 + (double)(sequence % 7) / 100.0, bid = last - 0.01, ask = last + 0.01;
        memcpy(record, &id, 4);
        record[4] = ALL_FIELDS;
        record[5] = record[6] = record[7] = 0;
        memcpy(record + 8, &bid, 8);
        memcpy(record + 16, &ask, 8);
        memcpy(record + 24, &last, 8);
    }
}

int main(int count, char **words) {
    if (count != 5) return 2;
    uint64_t messages = strtoull(words[2], NULL, 10);
    uint16_t ticks = (uint16_t)strtoul(words[3], NULL, 10);
    uint32_t instruments = (uint32_t)strtoul(words[4], NULL, 10);
    static unsigned char message[HEADER_BYTES + RECORD_BYTES * TICKS_MAX];
    if (ticks == 0 || ticks > TICKS_MAX || instruments == 0) return 2;
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_XPUB);
    int limit = HIGH_WATER_MARK, yes = 1, linger = 10000;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &yes, sizeof yes);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_bind(socket, words[1]) != 0) return fprintf(stderr, "%s: %s\n", words[1], zmq_strerror(zmq_errno())), 1;
    unsigned char subscription[16];
    if (zmq_recv(socket, subscription, sizeof subscription, 0) < 1) return 1;
    uint64_t epoch = nanoseconds();
    size_t bytes = HEADER_BYTES + (size_t)RECORD_BYTES * ticks;
    memcpy(message, "TKR1", 4);
    memcpy(message + 6, &ticks, 2);
    memcpy(message + 8, &epoch, 8);
    double begin = seconds();
    for (uint64_t sequence = 0; sequence < messages; sequence++) {
        // One clock a hundred messages: the sender is not what is measured.
        if (sequence % 100 == 0) {
            uint64_t now = nanoseconds();
            memcpy(message + 24, &now, 8);
        }
        memcpy(message + 16, &sequence, 8);
        write_ticks(message, ticks, instruments, sequence);
        if (zmq_send(socket, message, bytes, 0) < 0) return fprintf(stderr, "%s\n", zmq_strerror(zmq_errno())), 1;
    }
    printf("%.6f\n", seconds() - begin);
    fflush(stdout);
    // A subscriber that loses its peer drops what it has queued: stay until the input ends.
    while (getchar() != EOF) {}
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
