// SPDX-License-Identifier: Apache-2.0
// libsodium as Swift sees it.
#pragma once
#include <sodium.h>
