// SPDX-License-Identifier: Apache-2.0
// libzmq as Swift sees it.
#pragma once
#include <zmq.h>
