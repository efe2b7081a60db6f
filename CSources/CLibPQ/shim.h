// SPDX-License-Identifier: Apache-2.0
// libpq as Swift sees it.
#pragma once
#include <libpq-fe.h>

static inline void tr_pq_ignore_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

/// Notices would go to standard error; a function pointer of another type is made here.
static inline void tr_pq_silence(PGconn *connection) { PQsetNoticeProcessor(connection, tr_pq_ignore_notice, 0); }
