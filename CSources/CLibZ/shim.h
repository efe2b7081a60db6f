// SPDX-License-Identifier: Apache-2.0
// zlib as Swift sees it.
#pragma once
#include <zlib.h>

/// deflateInit2 is a macro, which Swift does not import: a raw deflate stream of the largest window.
static inline int tr_raw_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

/// inflateInit2 likewise.
static inline int tr_raw_inflate_init(z_stream *stream) { return inflateInit2(stream, -15); }
