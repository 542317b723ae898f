/* SPDX-License-Identifier: Apache-2.0 */
/* The names and addresses under which the API server may be reached, for its certificate. */
#ifndef RUNTIME_NAMES_H
#define RUNTIME_NAMES_H

#include "settings.h"

/* First address of each range: 10.96.0.0/16 gives 10.96.0.1, as an array of strings. CONFIG for
 * what is no range. */
int rt_first_addresses(const char *cidrs, cJSON **out_addresses, vcluster_error **error);

/* Names that never change, and, when the host's Service is given (may be NULL), its addresses and
 * those of the pod. Without repetition. */
int rt_server_names(const rt_settings *settings,
                    const cJSON *service,
                    cJSON **out_names,
                    vcluster_error **error);

/* The same for an etcd in a pod of its own. */
int rt_etcd_names(const rt_settings *settings, cJSON **out_names, vcluster_error **error);

#endif
