// SPDX-License-Identifier: Apache-2.0
// Which instruction-set tier this machine can run, and the choice of one by name.
#include "CPlatform.h"

#include <string.h>

static const char *const tier_names[TR_TIER_COUNT] = {
    [TR_TIER_SCALAR] = "scalar",
    [TR_TIER_AVX2] = "avx2",
    [TR_TIER_AVX512] = "avx512",
    [TR_TIER_NEON] = "neon",
};

tr_tier tr_tier_detect(void) {
    tr_tier best = TR_TIER_SCALAR;
    for (size_t index = 0; index < TR_TIER_COUNT; index += 1) {
        if (tr_tier_supported((tr_tier)index)) best = (tr_tier)index;
    }
    return best;
}

bool tr_tier_supported(tr_tier tier) {
    // The builtin asks both CPUID and XGETBV: an operating system that does not save the wide registers says no.
    switch (tier) {
    case TR_TIER_SCALAR:
        return true;
#if defined(__x86_64__)
    case TR_TIER_AVX2:
        return __builtin_cpu_supports("avx2");
    case TR_TIER_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#elif defined(__aarch64__)
    case TR_TIER_NEON:
        return true;
#endif
    default:
        return false;
    }
}

const char *tr_tier_name(tr_tier tier) {
    return (size_t)tier < TR_TIER_COUNT ? tier_names[tier] : "unknown";
}

tr_tier_result tr_tier_choose(const char *name, tr_tier *tier) {
    if (name == NULL || name[0] == '\0') {
        *tier = tr_tier_detect();
        return TR_TIER_OK;
    }
    for (size_t index = 0; index < TR_TIER_COUNT; index += 1) {
        if (strcmp(name, tier_names[index]) != 0) continue;
        if (!tr_tier_supported((tr_tier)index)) return TR_TIER_NOT_SUPPORTED;
        *tier = (tr_tier)index;
        return TR_TIER_OK;
    }
    return TR_TIER_UNKNOWN_NAME;
}
