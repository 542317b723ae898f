/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials that come from a vcl_login_source (http.h): kept until they expire, are refused or
 * grow old, renewed by one thread at a time while the others wait for it. Safe to use from many
 * threads. Private to lib/net.
 */
#ifndef VCL_NET_LOGIN_H
#define VCL_NET_LOGIN_H

#include <pthread.h>

#include "base/bell.h"
#include "net/http.h"

/* One answer of the source. Never changed after it was made: requests share it while they run. */
typedef struct vcl_identity {
    atomic_int references;
    vcl_login login;
} vcl_identity;

void vcl_identity_unref(vcl_identity *identity);
VCL_DEFINE_CLEANUP(vcl_identity, vcl_identity_unref);

typedef struct vcl_logins {
    pthread_mutex_t lock;
    vcl_login_source *source; /* NULL: the endpoint holds everything itself */
    vcl_identity *current;
    int64_t expires_at; /* of current: seconds since 1970 */
    int64_t fetched_ms; /* monotonic */
    bool refused;       /* the server did not accept current */
    bool fetching;      /* somebody is at it, without the lock */
    vcl_bell bell;      /* rings while nobody is */
    uint64_t failures;
    int failure_status; /* of the last one, for those who waited for it */
    char *failure;
} vcl_logins;

/* Takes a reference to the source, which may be NULL. */
int vcl_logins_init(vcl_logins *logins, vcl_login_source *source, vcluster_error **error);
void vcl_logins_done(vcl_logins *logins);

/* Credentials for a request: *out_identity is NULL where there is no source. With call == NULL (on
 * the I/O thread, which must not wait) those that are known; UNAVAILABLE, for the moment, where
 * they have expired: the next request that may wait renews them. */
int vcl_logins_get(vcl_logins *logins,
                   vcl_call *call,
                   vcl_identity **out_identity,
                   vcluster_error **error);

/* After a 401: ask the source again unless somebody did meanwhile. Whether there are others now
 * than the refused ones. error tells why the source has none; may be NULL. */
bool vcl_logins_renewed(vcl_logins *logins,
                        vcl_call *call,
                        const vcl_identity *refused,
                        vcluster_error **error);

/* The same without waiting: the next request that may wait renews them. Whether one can. */
bool vcl_logins_refuse(vcl_logins *logins, const vcl_identity *refused);

#endif
