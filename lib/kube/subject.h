/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request is about, in words for a person: "create StatefulSet 'dev' in namespace 'x'",
 * told from its method, path and body.
 */
#ifndef VCL_KUBE_SUBJECT_H
#define VCL_KUBE_SUBJECT_H

#include "data/json.h"
#include "net/http.h"

typedef struct vcl_subject {
    char *verb; /* "create" */
    char *kind; /* "StatefulSet", or the plural where the kind is not known; may be NULL */
    char *name; /* may be NULL */
    char *namespace_name; /* may be NULL */
    char *part;           /* sub-resource: "log", "portforward"; may be NULL */
} vcl_subject;

/* details: of the Status that answered; may be NULL. Never fails: what is not known stays NULL. */
void vcl_subject_init(vcl_subject *subject, const vcl_http_request *request, const cJSON *details);
void vcl_subject_done(vcl_subject *subject);

/* "create StatefulSet 'dev' in namespace 'x'"; NULL when memory is short. */
char *vcl_subject_text(const vcl_subject *subject);

#endif
