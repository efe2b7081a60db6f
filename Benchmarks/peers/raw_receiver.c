// SPDX-License-Identifier: Apache-2.0
// What libzmq alone can take: raw_receiver ENDPOINT MESSAGES
//
// Receives so many messages into one message object and looks at nothing but their lengths; prints the sum of those.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum { HIGH_WATER_MARK = 1000 };

int main(int count, char **words) {
    if (count != 3) return 2;
    uint64_t messages = strtoull(words[2], NULL, 10), bytes = 0;
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_SUB);
    int limit = HIGH_WATER_MARK;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &limit, sizeof limit);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    if (zmq_connect(socket, words[1]) != 0) return 1;
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (uint64_t received = 0; received < messages; received++) {
        int size = zmq_msg_recv(&message, socket, 0);
        if (size < 0) return 1;
        bytes += (uint64_t)size;
    }
    printf("%llu\n", (unsigned long long)bytes);
    zmq_msg_close(&message);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
