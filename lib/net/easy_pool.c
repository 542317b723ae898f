/* SPDX-License-Identifier: Apache-2.0 */
/* Handles for ordinary requests; see easy_pool.h. */
#include "net/easy_pool.h"

#include "net/easy.h"

bool vcl_easy_pool_init(vcl_easy_pool *pool)
{
    pool->count = 0;
    return pthread_mutex_init(&pool->lock, NULL) == 0;
}

void vcl_easy_pool_done(vcl_easy_pool *pool)
{
    while (pool->count > 0)
        curl_easy_cleanup(pool->idle[--pool->count]);
    (void)pthread_mutex_destroy(&pool->lock);
}

CURL *vcl_easy_pool_take(vcl_easy_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    CURL *easy = pool->count > 0 ? pool->idle[--pool->count] : NULL;
    (void)pthread_mutex_unlock(&pool->lock);
    return easy;
}

/* Undo what belongs to one request. */
static bool reset(CURL *easy)
{
    CURLcode first = CURLE_OK;

    VCL_SET(&first, easy, CURLOPT_CUSTOMREQUEST, (char *)NULL);
    VCL_SET(&first, easy, CURLOPT_POSTFIELDS, (char *)NULL);
    VCL_SET(&first, easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
    VCL_SET(&first, easy, CURLOPT_NOBODY, 0L);
    VCL_SET(&first, easy, CURLOPT_HTTPGET, 1L);
    VCL_SET(&first, easy, CURLOPT_ACCEPT_ENCODING, (char *)NULL);
    VCL_SET(&first, easy, CURLOPT_HTTPHEADER, (struct curl_slist *)NULL);
    VCL_SET(&first, easy, CURLOPT_CONNECT_TO, (struct curl_slist *)NULL);
    VCL_SET(&first, easy, CURLOPT_PRIVATE, (void *)NULL);
    VCL_SET(&first, easy, CURLOPT_ERRORBUFFER, (char *)NULL);
    VCL_SET(&first, easy, CURLOPT_HEADERDATA, (void *)NULL);
    VCL_SET(&first, easy, CURLOPT_WRITEDATA, (void *)NULL);
    VCL_SET(&first, easy, CURLOPT_PREREQDATA, (void *)NULL);
    return first == CURLE_OK;
}

void vcl_easy_pool_give(vcl_easy_pool *pool, CURL *easy)
{
    bool usable = easy && reset(easy);

    (void)pthread_mutex_lock(&pool->lock);
    bool kept = usable && pool->count < VCL_EASY_POOL_SIZE;
    if (kept)
        pool->idle[pool->count++] = easy;
    (void)pthread_mutex_unlock(&pool->lock);
    if (!kept)
        curl_easy_cleanup(easy);
}
