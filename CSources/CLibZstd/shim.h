// SPDX-License-Identifier: Apache-2.0
// libzstd as Swift sees it.
#pragma once
#include <zstd.h>
