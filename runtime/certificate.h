/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 by OpenSSL: keys (EC P-256), certificate authorities, certificates signed by one. All
 * inputs and outputs are PEM text. Times are seconds since 1970 and come from the caller.
 */
#ifndef RUNTIME_CERTIFICATE_H
#define RUNTIME_CERTIFICATE_H

#include <cjson/cJSON.h>

#include "base/error.h"

enum { RT_DAY = 24 * 3600 };

/* A certificate with its private key. */
typedef struct rt_pair {
    char *certificate;
    char *key;
} rt_pair;
void rt_pair_done(rt_pair *pair);
#define RT_AUTO_PAIR __attribute__((cleanup(rt_pair_done))) rt_pair

/* What a certificate is for. */
typedef enum rt_usage { RT_USAGE_SERVER = 1, RT_USAGE_CLIENT = 2 } rt_usage;

typedef struct rt_request {
    const char *common_name;
    const char *organization; /* the group of a client; may be NULL */
    unsigned usages;          /* of rt_usage */
    const cJSON *names;       /* array of strings, addresses and DNS names; may be NULL */
    int64_t now;
} rt_request;

/* A new authority, valid for ten years. */
int rt_authority_new(const char *common_name,
                     int64_t now,
                     rt_pair *out_pair,
                     vcluster_error **error);
/* A new key and its certificate, signed by an authority, valid for one year but never longer than
 * the authority. */
int rt_certificate_new(const rt_pair *authority,
                       const rt_request *request,
                       rt_pair *out_pair,
                       vcluster_error **error);
/* A key pair without certificate: for tokens of service accounts. */
int rt_key_new(char **out_private, char **out_public, vcluster_error **error);

/* Whether the pair can go on being used: both parts belong together, it is signed by the authority
 * (PEM), and it has more than `days` left. Anything unreadable is no. */
bool rt_certificate_usable(const rt_pair *pair, const char *authority, int days, int64_t now);

#endif
