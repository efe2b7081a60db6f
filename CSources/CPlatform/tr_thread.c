// SPDX-License-Identifier: Apache-2.0
// The thread's name: a GNU extension, which Swift's Glibc module does not show.
#define _GNU_SOURCE
#include <pthread.h>
#include "CPlatform.h"

void tr_thread_set_name(const char *name) { pthread_setname_np(pthread_self(), name); }
