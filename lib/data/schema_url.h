/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as far as schemas need them: taken apart by the rules of Go's net/url, which Helm's
 * validator uses, and put together with a base.
 */
#ifndef VCL_DATA_SCHEMA_URL_H
#define VCL_DATA_SCHEMA_URL_H

#include <stdbool.h>
#include <stddef.h>

/* Part of a text. */
typedef struct vcl_schema_span {
    const char *at; /* NULL: there is no such part */
    size_t size;
} vcl_schema_span;

typedef struct vcl_schema_url {
    vcl_schema_span scheme;
    vcl_schema_span opaque; /* of urn:... and the like, which have no path */
    vcl_schema_span authority;
    vcl_schema_span path;
    vcl_schema_span query;
    vcl_schema_span fragment;
} vcl_schema_url;

/* False when the text is no URL and no reference to one. The parts are borrowed. */
bool vcl_schema_url_parse(const char *text, vcl_schema_url *out);

/* What a reference without a fragment means where base is the address; NULL when memory is short or
 * the reference is no URL (then errno is EINVAL). */
char *vcl_schema_url_join(const char *base, const char *reference, size_t size);

/* Replace %XX; false when they are none. In place. */
bool vcl_schema_url_decode(char *text);

#endif
