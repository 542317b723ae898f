/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a chart from wherever it is; see fetch.h. */
#include "repo/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"
#include "net/url.h"
#include "repo/reference.h"
#include "repo/source.h"

#define ARCHIVE_TYPES "application/gzip,application/octet-stream,*/*;q=0.1"

/* ---- The cache ---- */

static void remember(vcl_fetch *fetch, const char *key, const char *digest)
{
    if (key)
        vcl_cache_put_name(&fetch->cache, key, digest);
    for (size_t i = 0; i < 2; i++) {
        if (fetch->aliases[i])
            vcl_cache_put_name(&fetch->cache, fetch->aliases[i], digest);
    }
}

int vcl_fetch_cached(vcl_fetch *fetch,
                     const char *digest,
                     vcluster_chart **out_chart,
                     vcluster_error **error)
{
    vcl_auto_free char *data = NULL;
    size_t size = 0;

    if (!vcl_cache_get(&fetch->cache, digest, &data, &size))
        return 0;
    int status = vcl_chart_from_archive(data, size, out_chart, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the cached archive sha256:%s", digest);
    remember(fetch, NULL, digest);
    return 1;
}

int vcl_fetch_cached_name(vcl_fetch *fetch,
                          const char *key,
                          vcluster_chart **out_chart,
                          vcluster_error **error)
{
    char digest[VCL_SHA256_HEX_SIZE];

    return vcl_cache_get_name(&fetch->cache, key, digest)
               ? vcl_fetch_cached(fetch, digest, out_chart, error)
               : 0;
}

int vcl_fetch_finish(vcl_fetch *fetch,
                     const vcl_buf *body,
                     const char *digest,
                     const char *key,
                     const char *what,
                     vcluster_chart **out_chart,
                     vcluster_error **error)
{
    char found[VCL_SHA256_HEX_SIZE];
    const char *data = vcl_buf_text(body);

    int status = vcl_sha256_hex(data, body->size, found, error);
    if (status < 0)
        return status;
    if (digest && !vcl_streq(digest, found))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the %s has not the digest that was announced for it: sha256:%s instead of "
                        "sha256:%s",
                        what, found, digest);
    status = vcl_chart_from_archive(data, body->size, out_chart, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the %s", what);
    /* Without a name or a digest that was announced, nobody would find it again. */
    if (digest || key)
        vcl_cache_put(&fetch->cache, found, data, body->size);
    remember(fetch, key, found);
    return VCLUSTER_OK;
}

/* ---- Archives by URL ---- */

static int get_archive(vcl_fetch *fetch,
                       const char *url,
                       const char *home,
                       vcl_http_response *response,
                       vcluster_error **error)
{
    const vcluster_chart_fetch_options *options = fetch->options;
    vcl_http_url parts = { 0 };
    bool known = !vcl_str_empty(options->username);

    int status = vcl_http_url_parse(url, &parts, error);
    if (status < 0)
        return status;
    char *authorization =
        known ? vcl_basic_authorization(options->username, options->password) : NULL;
    vcl_get get = { .url = url,
                    .accept = ARCHIVE_TYPES,
                    .authorization = authorization,
                    .origin = home ? home : parts.origin,
                    .other_origin = options->pass_credentials ? parts.origin : NULL,
                    .max = VCL_MAX_CHART_TOTAL,
                    .as_stored = true };
    status = known && !authorization
                 ? vcl_no_memory(error)
                 : vcl_transport_get(&fetch->transport, fetch->call, &get, response, error);
    vcl_free_secret(authorization);
    vcl_http_url_done(&parts);
    return status;
}

int vcl_fetch_archive(vcl_fetch *fetch,
                      const char *url,
                      const char *home,
                      const char *digest,
                      const char *key,
                      vcluster_chart **out_chart,
                      vcluster_error **error)
{
    VCL_AUTO_RESPONSE response = { 0 };
    vcl_auto_free char *what = vcl_format("archive '%.*s'", (int)strcspn(url, "?@"), url);
    int status = what ? 0 : vcl_no_memory(error);

    if (status == 0 && digest)
        status = vcl_fetch_cached(fetch, digest, out_chart, error);
    if (status > 0 && key)
        remember(fetch, key, digest);
    if (status == 0)
        status = get_archive(fetch, url, home, &response, error);
    else
        return status < 0 ? status : VCLUSTER_OK;
    if (status < 0)
        return status;
    if (response.status / 100 != 2)
        return vcl_transport_refused(&response, what, NULL, error);
    return vcl_fetch_finish(fetch, &response.body, digest, key, what, out_chart, error);
}

/* ---- The rest ---- */

int vcl_fetch_no_version(const vcl_fetch *fetch,
                         const vcl_candidates *candidates,
                         const char *chart,
                         const char *place,
                         vcluster_error **error)
{
    vcl_auto_free char *near = vcl_candidates_near(candidates, &fetch->wanted);
    const char *text = fetch->wanted.text;

    if (!near)
        return vcl_no_memory(error);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "chart '%s' has no version%s%s%s in '%s'%s%s",
                    chart, text ? " that is '" : " that is no pre-release", vcl_str(text),
                    text ? "'" : "", place, *near ? ": there are " : "", near);
}

static int dispatch(vcl_fetch *fetch,
                    const char *reference,
                    vcl_reference_kind kind,
                    vcluster_chart **out_chart,
                    vcluster_error **error)
{
    switch (kind) {
    case VCL_REFERENCE_OCI:
        return vcl_fetch_from_registry(fetch, reference, false, out_chart, error);
    case VCL_REFERENCE_URL:
        return vcl_fetch_archive(fetch, reference, NULL, NULL, NULL, out_chart, error);
    default:
        return vcl_fetch_from_repository(fetch, reference, out_chart, error);
    }
}

static void fetch_done(vcl_fetch *fetch)
{
    vcl_transport_done(&fetch->transport);
    vcl_cache_done(&fetch->cache);
    vcl_wanted_done(&fetch->wanted);
    free(fetch->aliases[0]);
    free(fetch->aliases[1]);
}

static int check_reference(const char *reference, bool in_repository, vcluster_error **error)
{
    if (!*reference)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the reference of a chart is empty");
    for (const unsigned char *c = (const unsigned char *)reference; *c; c++) {
        if (*c < ' ' || *c == 0x7f)
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "the reference of a chart has control characters");
    }
    if (!in_repository && vcl_reference_kind_of(reference, false) == VCL_REFERENCE_NAME)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "there is no file or folder '%s': name a repository to get a chart of that "
                        "name",
                        reference);
    return VCLUSTER_OK;
}

int vcl_chart_fetch_from(const char *reference,
                         const vcluster_chart_fetch_options *options,
                         vcl_call *call,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    __attribute__((cleanup(fetch_done))) vcl_fetch fetch = { .options = options, .call = call };
    bool in_repository = !vcl_str_empty(options->repository);
    vcl_reference_kind kind = vcl_reference_kind_of(reference, in_repository);

    int status = check_reference(reference, in_repository, error);
    if (status < 0)
        return status;
    /* Files have no versions to choose from: as in Helm, options->version is not looked at. */
    if (kind == VCL_REFERENCE_PATH)
        return vcluster_chart_load(reference, out_chart, error);
    status = vcl_call_check(call, error);
    if (status == VCLUSTER_OK)
        status = vcl_wanted_init(&fetch.wanted, options->version, options->prereleases != 0, error);
    if (status == VCLUSTER_OK)
        status = vcl_transport_init(&fetch.transport, options, error);
    if (status == VCLUSTER_OK && !options->no_cache)
        status = vcl_cache_init(&fetch.cache, options->cache_directory, error);
    return status < 0 ? status : dispatch(&fetch, reference, kind, out_chart, error);
}

int vcl_chart_fetch(const char *reference,
                    const vcluster_chart_fetch_options *options,
                    vcl_call *call,
                    vcluster_chart **out_chart,
                    vcluster_error **error)
{
    bool by_name = vcl_streq(reference, "vcluster") && vcl_str_empty(options->repository) &&
                   vcl_reference_kind_of(reference, false) == VCL_REFERENCE_NAME;

    return by_name ? vcl_chart_fetch_upstream(options, call, out_chart, error)
                   : vcl_chart_fetch_from(reference, options, call, out_chart, error);
}
