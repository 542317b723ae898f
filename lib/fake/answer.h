/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs on resources share: the request they answer. With the lock of the fake. */
#ifndef VCL_FAKE_ANSWER_H
#define VCL_FAKE_ANSWER_H

#include "fake/host.h"

typedef struct vcl_fake_asked {
    vcl_fake *fake;
    vcl_world *world;
    const vcl_fake_request *request;
    const vcl_fake_target *target;
    const char *kind;
    vcl_fake_object *stored; /* NULL: none, or the collection is meant */
    vcl_fake_answer *out;
} vcl_fake_asked;

/* answer.c: a Status about the object that is meant: PLURAL "NAME" what. */
void vcl_fake_refuse(const vcl_fake_asked *a, int status, const char *reason, const char *what);
void vcl_fake_no_memory(vcl_fake_answer *out);
/* An object as the answer. */
void vcl_fake_show(const vcl_fake_asked *a, int status, const cJSON *tree);
/* The collection as the answer. */
void vcl_fake_list(const vcl_fake_asked *a);

/* write.c: whatever stores an object; body is an object or an array. */
void vcl_fake_write(const vcl_fake_asked *a, const cJSON *body);

/* remove.c: one object, under the conditions of options (may be NULL); all of a collection. */
void vcl_fake_delete_one(const vcl_fake_asked *a, const cJSON *options);
void vcl_fake_delete_all(const vcl_fake_asked *a);
/* The pod that is meant, as by a drain: no budget stands in its way. */
void vcl_fake_evict(const vcl_fake_asked *a);

#endif
