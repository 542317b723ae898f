/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for deep recursion whose input decides the depth, whatever thread the caller is on: 8 MiB
 * of stack are common, but whoever embeds the library may have made threads with far less.
 */
#ifndef VCL_BASE_STACK_H
#define VCL_BASE_STACK_H

#include <stdbool.h>

/* Run fn(data) on a short-lived thread with VCL_STACK_SIZE bytes of stack and all signals blocked,
 * and return when it has ended. False: there was no memory for it, and fn was not called. */
bool vcl_run_on_deep_stack(void (*fn)(void *data), void *data);

#endif
