/* SPDX-License-Identifier: Apache-2.0 */
/* TLS sessions of one client; see tls_sessions.h. */
#include "net/tls_sessions.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct vcl_tls_sessions {
    CURLSH *share;
    pthread_mutex_t locks[CURL_LOCK_DATA_LAST]; /* handles are made and freed on any thread */
};

static void lock(CURL *easy, curl_lock_data what, curl_lock_access access, void *data)
{
    vcl_tls_sessions *sessions = data;

    (void)easy;
    (void)access;
    (void)pthread_mutex_lock(&sessions->locks[what]);
}

static void unlock(CURL *easy, curl_lock_data what, void *data)
{
    vcl_tls_sessions *sessions = data;

    (void)easy;
    (void)pthread_mutex_unlock(&sessions->locks[what]);
}

static bool set_options(vcl_tls_sessions *sessions)
{
    CURLSH *share = sessions->share;

    return curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock) == CURLSHE_OK &&
           curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock) == CURLSHE_OK &&
           curl_share_setopt(share, CURLSHOPT_USERDATA, sessions) == CURLSHE_OK &&
           curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
}

vcl_tls_sessions *vcl_tls_sessions_new(void)
{
    vcl_tls_sessions *sessions = calloc(1, sizeof(*sessions));
    int made = 0;

    while (sessions && made < CURL_LOCK_DATA_LAST &&
           pthread_mutex_init(&sessions->locks[made], NULL) == 0)
        made++;
    if (made == CURL_LOCK_DATA_LAST) {
        sessions->share = curl_share_init();
        if (sessions->share && set_options(sessions))
            return sessions;
        (void)curl_share_cleanup(sessions->share);
    }
    while (made > 0)
        (void)pthread_mutex_destroy(&sessions->locks[--made]);
    free(sessions);
    return NULL;
}

void vcl_tls_sessions_free(vcl_tls_sessions *sessions)
{
    if (!sessions)
        return;
    (void)curl_share_cleanup(sessions->share);
    for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
        (void)pthread_mutex_destroy(&sessions->locks[i]);
    free(sessions);
}

CURLSH *vcl_tls_sessions_share(const vcl_tls_sessions *sessions)
{
    return sessions->share;
}
