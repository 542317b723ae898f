/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that come from a source; see login.h. */
#include "net/login.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/server.h"

enum { MOMENT_MS = 10000 };

/* ---- Sources and their answers ---- */

void vcl_login_done(vcl_login *login)
{
    vcl_free_secret(login->token);
    free(login->client_cert_pem);
    vcl_free_secret(login->client_key_pem);
    free(login->ca_pem);
    vcl_tls_parts_unref(login->tls_parts);
    *login = (vcl_login){ 0 };
}

bool vcl_login_copy(const vcl_login *login, vcl_login *out_copy)
{
    vcl_login copy = { .token = vcl_strdup(login->token),
                       .client_cert_pem = vcl_strdup(login->client_cert_pem),
                       .client_key_pem = vcl_strdup(login->client_key_pem),
                       .ca_pem = vcl_strdup(login->ca_pem),
                       .tls_parts = vcl_tls_parts_ref(login->tls_parts),
                       .expires_at = login->expires_at };

    if ((login->token && !copy.token) || (login->client_cert_pem && !copy.client_cert_pem) ||
        (login->client_key_pem && !copy.client_key_pem) || (login->ca_pem && !copy.ca_pem)) {
        vcl_login_done(&copy);
        return false;
    }
    *out_copy = copy;
    return true;
}

vcl_login_source *vcl_login_source_ref(vcl_login_source *source)
{
    if (source)
        atomic_fetch_add(&source->references, 1);
    return source;
}

void vcl_login_source_unref(vcl_login_source *source)
{
    if (!source || atomic_fetch_sub(&source->references, 1) != 1)
        return;
    vcl_login_done(&source->first);
    source->destroy(source);
}

void vcl_identity_unref(vcl_identity *identity)
{
    if (!identity || atomic_fetch_sub(&identity->references, 1) != 1)
        return;
    vcl_login_done(&identity->login);
    free(identity);
}

static vcl_identity *take_reference(vcl_identity *identity)
{
    if (identity)
        atomic_fetch_add(&identity->references, 1);
    return identity;
}

static bool is_same(const vcl_login *a, const vcl_login *b)
{
    return vcl_streq(a->token, b->token) && vcl_streq(a->client_cert_pem, b->client_cert_pem) &&
           vcl_streq(a->client_key_pem, b->client_key_pem) && vcl_streq(a->ca_pem, b->ca_pem);
}

/* ---- One source, many threads ---- */

void vcl_logins_done(vcl_logins *logins)
{
    vcl_identity_unref(logins->current);
    vcl_login_source_unref(logins->source);
    vcl_bell_done(&logins->bell);
    free(logins->failure);
    (void)pthread_mutex_destroy(&logins->lock);
}

static void lock(vcl_logins *logins)
{
    (void)pthread_mutex_lock(&logins->lock);
}

static void unlock(vcl_logins *logins)
{
    (void)pthread_mutex_unlock(&logins->lock);
}

static bool is_old(const vcl_logins *logins)
{
    int64_t age_ms = vcl_monotonic_ms() - logins->fetched_ms;

    return logins->source->reread_ms > 0 && age_ms >= logins->source->reread_ms;
}

/* Whether what is there can be used without asking the source. */
static bool is_good(const vcl_logins *logins)
{
    return logins->current && !logins->refused && !is_old(logins) &&
           logins->expires_at > vcl_wall_seconds();
}

/* Whether it may do for a request that cannot wait for another. A source may give what expires at
 * once: that is good for a moment. */
static bool is_usable(const vcl_logins *logins)
{
    return logins->current && !logins->refused &&
           (logins->expires_at > vcl_wall_seconds() ||
            vcl_monotonic_ms() - logins->fetched_ms < MOMENT_MS);
}

/* With the lock held: make an answer the current one. It is the request's in any case, even where
 * it has expired already. */
static int take_over(vcl_logins *logins, vcl_login *login, vcluster_error **error)
{
    if (!logins->current || !is_same(&logins->current->login, login)) {
        vcl_identity *identity = calloc(1, sizeof(*identity));

        if (!identity)
            return vcl_no_memory(error);
        atomic_init(&identity->references, 1);
        identity->login = *login;
        *login = (vcl_login){ .expires_at = identity->login.expires_at };
        vcl_identity_unref(logins->current);
        logins->current = identity;
    }
    logins->expires_at = login->expires_at;
    logins->fetched_ms = vcl_monotonic_ms();
    logins->refused = false;
    return VCLUSTER_OK;
}

int vcl_logins_init(vcl_logins *logins, vcl_login_source *source, vcluster_error **error)
{
    *logins = (vcl_logins){ .bell = VCL_BELL_NONE };
    if (pthread_mutex_init(&logins->lock, NULL) != 0)
        return vcl_no_memory(error);
    if (source && !vcl_bell_init(&logins->bell)) {
        int number = errno;

        (void)pthread_mutex_destroy(&logins->lock);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor for logging in: %s",
                        strerror(number));
    }
    logins->source = vcl_login_source_ref(source);
    if (source && (source->first.token || source->first.client_cert_pem)) {
        vcl_login first = { 0 };
        int status = vcl_login_copy(&source->first, &first) ? take_over(logins, &first, error)
                                                            : vcl_no_memory(error);
        vcl_login_done(&first);
        if (status < 0)
            vcl_logins_done(logins);
        return status;
    }
    return VCLUSTER_OK;
}

/* Remember why, for those who wait; what ended only this caller's call is none of their concern. */
static void remember_failure(vcl_logins *logins, int status, const vcluster_error *why)
{
    if (status == VCLUSTER_E_CANCELLED || status == VCLUSTER_E_TIMEOUT)
        return;
    logins->failures++;
    logins->failure_status = status;
    (void)vcl_str_replace(&logins->failure, vcluster_error_message(why));
}

/* With the lock held, which is given up meanwhile. Nobody else is fetching. */
static int fetch(vcl_logins *logins, vcl_call *call, vcluster_error **error)
{
    vcl_login login = { .expires_at = INT64_MAX };
    VCL_AUTO_ERROR *why = NULL;

    logins->fetching = true;
    vcl_bell_quiet(&logins->bell);
    unlock(logins);
    int status = logins->source->fetch(logins->source, call, &login, &why);
    if (status == VCLUSTER_OK && login.token && !vcl_is_header_token(login.token))
        status = vcl_fail(&why, VCLUSTER_E_UNAUTHENTICATED,
                          "the token has white space or control characters");
    lock(logins);

    if (status == VCLUSTER_OK)
        status = take_over(logins, &login, &why);
    if (status < 0)
        remember_failure(logins, status, why);
    logins->fetching = false;
    vcl_bell_ring(&logins->bell);
    vcl_login_done(&login);
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

/* With the lock held: wait until nobody is fetching. Fails with the failure that was waited for. */
static int wait_for_others(vcl_logins *logins, vcl_call *call, vcluster_error **error)
{
    uint64_t failures = logins->failures;

    while (logins->fetching) {
        unlock(logins);
        int status = vcl_call_poll(call, logins->bell.read_fd, -1, error);
        lock(logins);
        if (status < 0)
            return status;
    }
    if (logins->failures != failures)
        return vcl_fail(error, logins->failure_status, "%s", vcl_str(logins->failure));
    return VCLUSTER_OK;
}

static int refresh(vcl_logins *logins, vcl_call *call, vcluster_error **error)
{
    bool optional = logins->source->reread_ms > 0 && logins->current;
    VCL_AUTO_ERROR *why = NULL;
    int status = wait_for_others(logins, call, &why);

    if (status == VCLUSTER_OK && !is_good(logins))
        status = fetch(logins, call, &why);
    if (status < 0 && optional && status != VCLUSTER_E_CANCELLED && status != VCLUSTER_E_TIMEOUT) {
        /* A file that is being replaced: what it held is good for another while. */
        logins->fetched_ms = vcl_monotonic_ms();
        return VCLUSTER_OK;
    }
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

int vcl_logins_get(vcl_logins *logins,
                   vcl_call *call,
                   vcl_identity **out_identity,
                   vcluster_error **error)
{
    int status = VCLUSTER_OK;

    if (!logins->source) {
        *out_identity = NULL;
        return VCLUSTER_OK;
    }
    lock(logins);
    if (call && !is_good(logins))
        status = refresh(logins, call, error);
    bool usable = call ? status == VCLUSTER_OK : is_usable(logins);
    vcl_identity *identity = usable ? take_reference(logins->current) : NULL;
    unlock(logins);

    if (status < 0)
        return status;
    if (!identity) {
        status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                          "the credentials have to be renewed before the next connection");
        vcl_error_set_retryable(error, true);
        return status;
    }
    *out_identity = identity;
    return VCLUSTER_OK;
}

bool vcl_logins_renewed(vcl_logins *logins,
                        vcl_call *call,
                        const vcl_identity *refused,
                        vcluster_error **error)
{
    if (!logins->source || !refused)
        return false;

    lock(logins);
    int status = wait_for_others(logins, call, error);
    if (status == VCLUSTER_OK && logins->current == refused) {
        logins->refused = true;
        status = fetch(logins, call, error);
    }
    bool renewed = status == VCLUSTER_OK && logins->current != refused;
    unlock(logins);
    return renewed;
}

bool vcl_logins_refuse(vcl_logins *logins, const vcl_identity *refused)
{
    if (!logins->source || !refused)
        return false;
    lock(logins);
    if (logins->current == refused)
        logins->refused = true;
    unlock(logins);
    return true;
}
