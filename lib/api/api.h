/* SPDX-License-Identifier: Apache-2.0 */
/* What the exported functions share: checking arguments and starting the clock of a call. */
#ifndef VCL_API_API_H
#define VCL_API_API_H

#include <libvcluster/instance.h>

#include "base/call.h"
#include "data/json.h"
#include "vcluster/client.h"

/* INVALID_ARGUMENT when a pointer that must be given is NULL: VCL_REQUIRE(error, client, name). */
int vcl_require(vcluster_error **error,
                const char *names,
                size_t count,
                const void *const *pointers);
#define VCL_REQUIRE(error, ...)                                                                    \
    vcl_require(error, #__VA_ARGS__,                                                               \
                sizeof((const void *const[]){ __VA_ARGS__ }) / sizeof(void *),                     \
                (const void *const[]){ __VA_ARGS__ })

/* Copy the caller's options over the defaults in `known` (struct_size set) and start the call:
 * every options struct begins with the members of vcluster_call_options. The client may be NULL. */
int vcl_api_begin(vcl_call *call,
                  const vcluster_client *client,
                  int64_t default_timeout_ms,
                  void *known,
                  size_t known_size,
                  const void *options,
                  const char *type,
                  vcluster_error **error);
/* The same after checking that the client and the further arguments are there:
 * VCL_API_BEGIN(&call, client, 30000, known, options, error, name, out_text). */
#define VCL_API_BEGIN(call, client, default_timeout_ms, known, options, error, ...)                \
    (VCL_REQUIRE(error, client, __VA_ARGS__)                                                       \
         ?: vcl_api_begin(call, client, default_timeout_ms, &(known), sizeof(known), options,      \
                          #known, error))

/* The user's values as a chart gets them: a copy, or an empty object. */
int vcl_api_values(const vcluster_chart *chart,
                   const vcluster_config *config,
                   cJSON **out_values,
                   vcluster_error **error);

/* Check the name of a virtual cluster and the namespace that was given, if any. */
int vcl_api_check_names(const char *name, const char *namespace_name, vcluster_error **error);

/* The request that the options of an ensure stand for; it borrows from them (instance.c). The name
 * is not looked at. */
typedef struct vcl_ensure_request vcl_ensure_request;
int vcl_api_ensure_request(vcluster_client *client,
                           const char *name,
                           const vcluster_config *config,
                           const vcluster_ensure_options *known,
                           vcl_ensure_request *out_request,
                           vcluster_error **error);

#endif
