// SPDX-License-Identifier: Apache-2.0
// librdkafka as Swift sees it.
#pragma once
#include <librdkafka/rdkafka.h>

/// Bytes that are copied; a null pointer is no key or no value, which is something else than an empty one.
struct tr_kafka_bytes {
    const void *_Nullable base;
    size_t size;
};

/// Puts a message into the producer's queue; its bytes are copied. Here because rd_kafka_producev is variadic and
/// rd_kafka_vu_t holds a union of structures.
///
/// The headers are consumed in any case. The token comes back with the delivery report.
static inline rd_kafka_resp_err_t tr_kafka_produce(
    rd_kafka_t *_Nonnull client, const char *_Nonnull topic, struct tr_kafka_bytes key, struct tr_kafka_bytes value,
    rd_kafka_headers_t *_Nullable headers, uintptr_t token)
{
    rd_kafka_vu_t parts[6] = {0};
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = topic;
    parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[1].u.i = RD_KAFKA_MSG_F_COPY;
    parts[2].vtype = RD_KAFKA_VTYPE_KEY;
    parts[2].u.mem.ptr = (void *)key.base;
    parts[2].u.mem.size = key.size;
    parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[3].u.mem.ptr = (void *)value.base;
    parts[3].u.mem.size = value.size;
    parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[4].u.ptr = (void *)token;
    size_t count = 5;
    if (headers) {
        parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[5].u.headers = headers;
        count = 6;
    }
    rd_kafka_error_t *error = rd_kafka_produceva(client, parts, count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers) rd_kafka_headers_destroy(headers);
    return code;
}

/// The token a message was put into the queue with.
static inline uintptr_t tr_kafka_token(const rd_kafka_message_t *_Nonnull message)
{
    return (uintptr_t)message->_private;
}
