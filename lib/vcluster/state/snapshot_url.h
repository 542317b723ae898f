/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where upstream's control plane keeps a snapshot: a URL in the form of its CLI. What is secret in
 * it (keys, passwords) goes into the settings only, never into the URL that is shown.
 */
#ifndef VCL_VCLUSTER_STATE_SNAPSHOT_URL_H
#define VCL_VCLUSTER_STATE_SNAPSHOT_URL_H

#include "data/json.h"

typedef struct vcl_snapshot_place {
    char *url;       /* as it may be shown and stored: without parameters and credentials */
    cJSON *settings; /* what the control plane reads; freed with vcl_json_free_secret() */
} vcl_snapshot_place;

void vcl_snapshot_place_done(vcl_snapshot_place *place);

/* container:///PATH, s3://BUCKET/KEY?..., oci://[USER:PASSWORD@]REGISTRY/REPOSITORY?... No error
 * repeats the value of a parameter. INVALID_ARGUMENT; UNSUPPORTED for https. */
int vcl_snapshot_url_parse(const char *url, vcl_snapshot_place *out_place, vcluster_error **error);

#endif
