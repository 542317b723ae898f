/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry says, taken apart: manifests, lists of tags, tokens, headers. No network. */
#ifndef VCL_REPO_OCI_TEXT_H
#define VCL_REPO_OCI_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "data/encoding.h"
#include "data/json.h"

enum { VCL_MAX_OCI_CHILDREN = 16 };

/* A manifest: of a chart, or an index of further manifests. */
typedef struct vcl_oci_manifest {
    char layer[VCL_SHA256_HEX_SIZE]; /* digest of the archive; "" for an index */
    int64_t layer_size;
    char children[VCL_MAX_OCI_CHILDREN][VCL_SHA256_HEX_SIZE];
    size_t child_count;
} vcl_oci_manifest;

/* PROTOCOL: no manifest. CONFIG: one of something that is no chart. */
int vcl_oci_manifest_parse(const char *text,
                           size_t size,
                           vcl_oci_manifest *out_manifest,
                           vcluster_error **error);

/* {"tags": [...]}: strings are moved to the end of the array. */
int vcl_oci_tags_parse(const char *text, size_t size, cJSON *tags, vcluster_error **error);

/* {"token": ...}, freed with vcl_free_secret(). */
int vcl_oci_token_parse(const char *text, size_t size, char **out_token, vcluster_error **error);

/* "CODE: message" of {"errors": [...]}, or NULL. */
char *vcl_oci_error_text(const char *text, size_t size);

/* WWW-Authenticate. */
typedef struct vcl_challenge {
    bool basic;
    bool bearer;
    char *realm; /* of the bearer's; all three may be NULL */
    char *service;
    char *scope;
} vcl_challenge;

/* False: memory is short. What cannot be read is left out. */
bool vcl_challenge_parse(const char *header, vcl_challenge *out_challenge);
void vcl_challenge_done(vcl_challenge *challenge);

/* The target of rel="next" in a Link header, or NULL. */
char *vcl_next_link(const char *header);

#endif
