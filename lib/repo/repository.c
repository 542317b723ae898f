/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from a repository with an index.yaml. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/url.h"
#include "repo/index.h"
#include "repo/reference.h"
#include "repo/source.h"

typedef struct repository {
    const char *url;  /* as it was named */
    const char *name; /* of the chart */
    vcl_http_url base;
} repository;

/* What a version of a chart is remembered by. */
static char *cache_key(const repository *from, const char *version)
{
    size_t size = strlen(from->base.text);

    while (size > 0 && from->base.text[size - 1] == '/')
        size--;
    return vcl_format("repository\n%.*s\n%s\n%s", (int)size, from->base.text, from->name, version);
}

/* A reference of the index, relative to the repository, whose query it inherits as in Helm. */
static int
resolve(const repository *from, const char *reference, char **out_url, vcluster_error **error)
{
    const char *query = strchr(from->base.text, '?');
    size_t size = query ? (size_t)(query - from->base.text) : strlen(from->base.text);
    bool relative = !strstr(reference, "://");

    while (size > 0 && from->base.text[size - 1] == '/')
        size--;
    vcl_auto_free char *base = vcl_format("%.*s/", (int)size, from->base.text);
    vcl_auto_free char *url = NULL;
    int status = base ? vcl_http_url_resolve(base, reference, &url, error) : vcl_no_memory(error);
    if (status < 0)
        return status;
    if (!relative || !query) {
        *out_url = vcl_steal(&url);
        return VCLUSTER_OK;
    }
    *out_url = vcl_format("%.*s%s", (int)strcspn(url, "?"), url, query);
    return *out_url ? VCLUSTER_OK : vcl_no_memory(error);
}

static int
read_index(vcl_fetch *fetch, const repository *from, vcl_index *index, vcluster_error **error)
{
    const vcluster_chart_fetch_options *options = fetch->options;
    vcl_auto_free char *url = NULL;
    VCL_AUTO_RESPONSE response = { 0 };

    int status = resolve(from, "index.yaml", &url, error);
    if (status < 0)
        return status;
    bool known = !vcl_str_empty(options->username);
    char *authorization =
        known ? vcl_basic_authorization(options->username, options->password) : NULL;
    if (known && !authorization)
        return vcl_no_memory(error);
    vcl_get get = { .url = url,
                    .authorization = authorization,
                    .origin = from->base.origin,
                    .max = VCL_MAX_HTTP_BODY };
    status = vcl_transport_get(&fetch->transport, fetch->call, &get, &response, error);
    vcl_free_secret(authorization);
    if (status < 0)
        return status;
    vcl_auto_free char *what = vcl_format("index.yaml of '%s'", from->url);
    if (!what)
        return vcl_no_memory(error);
    if (response.status / 100 != 2)
        return vcl_transport_refused(&response, what, NULL, error);
    status = vcl_index_read(vcl_buf_text(&response.body), response.body.size, from->name,
                            fetch->call, index, error);
    return status < 0 ? vcl_wrap(error, status, "read the %s", what) : status;
}

static int no_chart(const repository *from, const vcl_index *index, vcluster_error **error)
{
    VCL_AUTO_BUF names = { 0 };

    vcl_buf_init(&names, VCL_MAX_MESSAGE);
    for (size_t i = 0; i < VCL_INDEX_NEAR && index->near[i]; i++)
        vcl_buf_addf(&names, "%s'%.64s'", i ? ", " : ": there are ", index->near[i]);
    if (vcl_buf_failed(&names))
        return vcl_no_memory(error);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "repository '%s' has no chart '%s'%s", from->url,
                    from->name, vcl_buf_text(&names));
}

static int choose(vcl_fetch *fetch,
                  const repository *from,
                  const vcl_index *index,
                  const vcl_index_version **out_version,
                  vcluster_error **error)
{
    VCL_AUTO_CANDIDATES candidates = { 0 };
    size_t chosen = 0;

    if (!index->found)
        return no_chart(from, index, error);
    for (size_t i = 0; i < index->count; i++) {
        if (!vcl_candidates_add(&candidates, index->versions[i].version, false, i))
            return vcl_no_memory(error);
    }
    if (!vcl_candidates_choose(&candidates, &fetch->wanted, &chosen))
        return vcl_fetch_no_version(fetch, &candidates, from->name, from->url, error);
    *out_version = &index->versions[chosen];
    return VCLUSTER_OK;
}

/* The digest of an entry: hexadecimal digits, in some indexes with their algorithm. */
static int read_digest(const vcl_index_version *version,
                       const repository *from,
                       const char **out_digest,
                       vcluster_error **error)
{
    const char *digest = version->digest;

    if (vcl_str_empty(digest))
        return VCLUSTER_OK;
    if (vcl_starts_with(digest, "sha256:"))
        digest += strlen("sha256:");
    if (!vcl_is_sha256(digest))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the index of '%s' announces a digest of %s %s that is not SHA-256",
                        from->url, from->name, version->version);
    *out_digest = digest;
    return VCLUSTER_OK;
}

static int fetch_version(vcl_fetch *fetch,
                         const repository *from,
                         const vcl_index_version *version,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    vcl_auto_free char *key = cache_key(from, version->version);
    vcl_auto_free char *url = NULL;
    const char *digest = NULL;

    if (!key)
        return vcl_no_memory(error);
    if (!version->url)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the index of '%s' has no URL of %s %s",
                        from->url, from->name, version->version);
    int status = resolve(from, version->url, &url, error);
    if (status < 0)
        return status;
    if (fetch->wanted.pinned && !vcl_streq(fetch->wanted.text, version->version) &&
        !(fetch->aliases[0] = cache_key(from, fetch->wanted.text)))
        return vcl_no_memory(error);
    if (vcl_reference_kind_of(url, true) == VCL_REFERENCE_OCI) {
        fetch->aliases[1] = vcl_steal(&key); /* a registry has keys and digests of its own */
        return vcl_fetch_from_registry(fetch, url, true, out_chart, error);
    }
    status = read_digest(version, from, &digest, error);
    if (status < 0)
        return status;
    if (!vcl_is_http_url(url))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the index of '%s' has a URL of %s %s that is neither http, https nor oci",
                        from->url, from->name, version->version);
    return vcl_fetch_archive(fetch, url, from->base.origin, digest, key, out_chart, error);
}

static int fetch_chart(vcl_fetch *fetch,
                       const repository *from,
                       vcluster_chart **out_chart,
                       vcluster_error **error)
{
    VCL_AUTO_INDEX index = { 0 };
    const vcl_index_version *version = NULL;

    if (fetch->wanted.pinned) {
        vcl_auto_free char *key = cache_key(from, fetch->wanted.text);
        int status =
            key ? vcl_fetch_cached_name(fetch, key, out_chart, error) : vcl_no_memory(error);
        if (status)
            return status;
    }
    int status = read_index(fetch, from, &index, error);
    if (status == VCLUSTER_OK)
        status = choose(fetch, from, &index, &version, error);
    return status < 0 ? status : fetch_version(fetch, from, version, out_chart, error);
}

int vcl_fetch_from_repository(vcl_fetch *fetch,
                              const char *name,
                              vcluster_chart **out_chart,
                              vcluster_error **error)
{
    repository from = { .url = fetch->options->repository, .name = name };

    if (!vcl_is_http_url(from.url))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "repository '%s' is no http or https URL: a registry is named by an "
                        "'oci://' reference",
                        from.url);
    int status = vcl_http_url_parse(from.url, &from.base, error);
    if (status < 0)
        return status;
    status = fetch_chart(fetch, &from, out_chart, error);
    vcl_http_url_done(&from.base);
    return status < 0 ? status : VCLUSTER_OK;
}
