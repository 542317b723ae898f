/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from an OCI registry: tag, manifest, layer. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/url.h"
#include "repo/oci_text.h"
#include "repo/registry.h"
#include "repo/source.h"

#define MANIFEST_TYPES                                                                             \
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "        \
    "application/vnd.docker.distribution.manifest.v2+json, "                                       \
    "application/vnd.docker.distribution.manifest.list.v2+json"
#define SHA256 "sha256:"

enum { MAX_MANIFEST = 4 << 20, MAX_TAG_PAGES = 200, MAX_TAGS_ANSWER = 8 << 20 };

typedef struct source {
    vcl_fetch *fetch;
    vcl_oci_reference reference;
    vcl_registry registry;
    char *name; /* "oci://host/path" */
} source;

static void source_done(source *from)
{
    vcl_registry_done(&from->registry);
    vcl_oci_reference_done(&from->reference);
    free(from->name);
}

static char *cache_key(const source *from, const char *tag)
{
    return vcl_format("oci\n%s/%s\n%s", from->reference.host, from->reference.path, tag);
}

/* ---- Manifests ---- */

/* A digest that somebody announced for a body: "sha256:..." */
static int check_body(const vcl_http_response *response,
                      const char *wanted,
                      const char *what,
                      vcluster_error **error)
{
    char found[VCL_SHA256_HEX_SIZE];
    const char *announced = response->content_digest;

    int status = vcl_sha256_hex(vcl_buf_text(&response->body), response->body.size, found, error);
    if (status < 0)
        return status;
    if (!wanted && vcl_starts_with(announced, SHA256))
        wanted = announced + strlen(SHA256);
    if (wanted && !vcl_streq(wanted, found))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the %s has not the digest that was announced for it: sha256:%s instead of "
                        "sha256:%.64s",
                        what, found, wanted);
    return VCLUSTER_OK;
}

/* Get the manifest of a tag or, with digest, of a digest. NOT_FOUND has HTTP status 404. */
static int get_manifest(source *from,
                        const char *tag,
                        const char *digest,
                        vcl_oci_manifest *out_manifest,
                        vcluster_error **error)
{
    VCL_AUTO_RESPONSE response = { 0 };
    vcl_auto_free char *suffix =
        vcl_format("manifests/%s%s", digest ? SHA256 : "", digest ? digest : tag);
    vcl_auto_free char *what = vcl_format("manifest of '%s%s%s'", from->name,
                                          digest ? "@" SHA256 : ":", digest ? digest : tag);

    if (!suffix || !what)
        return vcl_no_memory(error);
    int status =
        vcl_registry_get(&from->registry, suffix, MANIFEST_TYPES, MAX_MANIFEST, &response, error);
    if (status < 0)
        return status;
    if (response.status / 100 != 2)
        return vcl_registry_refused(&from->registry, &response, what, error);
    status = check_body(&response, digest, what, error);
    return status < 0 ? status
                      : vcl_oci_manifest_parse(vcl_buf_text(&response.body), response.body.size,
                                               out_manifest, error);
}

/* The manifest of the chart in an index: the first that is one. */
static int choose_child(source *from, vcl_oci_manifest *manifest, vcluster_error **error)
{
    vcl_oci_manifest index = *manifest;
    int status = VCLUSTER_OK;

    for (size_t i = 0; i < index.child_count; i++) {
        vcl_error_clear(error);
        status = get_manifest(from, NULL, index.children[i], manifest, error);
        if (status == VCLUSTER_OK && *manifest->layer)
            return VCLUSTER_OK;
        if (status < 0 && status != VCLUSTER_E_CONFIG)
            return status;
    }
    if (status < 0)
        return status;
    return vcl_fail(error, VCLUSTER_E_CONFIG, "the index '%s' of the registry holds no chart",
                    from->name);
}

/* ---- Tags ---- */

static int read_tags(source *from, cJSON *tags, vcluster_error **error)
{
    vcl_auto_free char *suffix = vcl_strdup("tags/list?n=1000");
    vcl_auto_free char *what = vcl_format("tags of '%s'", from->name);
    vcl_auto_free char *prefix =
        vcl_format("%s/v2/%s/", from->registry.origin, from->reference.path);

    if (!suffix || !what || !prefix)
        return vcl_no_memory(error);
    for (int page = 0; suffix && page < MAX_TAG_PAGES; page++) {
        VCL_AUTO_RESPONSE response = { 0 };
        int status = vcl_registry_get(&from->registry, suffix, "application/json", MAX_TAGS_ANSWER,
                                      &response, error);
        if (status < 0)
            return status;
        if (response.status / 100 != 2)
            return vcl_registry_refused(&from->registry, &response, what, error);
        status = vcl_oci_tags_parse(vcl_buf_text(&response.body), response.body.size, tags, error);
        if (status < 0)
            return status;

        /* The next page is of the same list, or there is none. */
        vcl_auto_free char *link = vcl_next_link(response.link);
        vcl_auto_free char *url = NULL;
        vcl_http_url parts = { 0 };
        free(vcl_steal(&suffix));
        if (!link || vcl_http_url_resolve(prefix, link, &url, NULL) < 0 ||
            vcl_http_url_parse(url, &parts, NULL) < 0)
            continue;
        if (vcl_starts_with(parts.text, prefix))
            suffix = vcl_strdup(parts.text + strlen(prefix));
        vcl_http_url_done(&parts);
    }
    return VCLUSTER_OK;
}

/* Tags that are versions, '_' being '+'. Strictly read, as Helm does here. */
static int add_candidates(const cJSON *tags, vcl_candidates *candidates, vcluster_error **error)
{
    const cJSON *tag = NULL;
    size_t index = 0;

    cJSON_ArrayForEach (tag, tags) {
        vcl_auto_free char *version = vcl_strdup(tag->valuestring);
        for (char *c = version; c && *c; c++)
            *c = (char)(*c == '_' ? '+' : *c);
        if (!version || !vcl_candidates_add(candidates, version, true, index++))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

static int choose_tag(source *from, char **out_tag, vcluster_error **error)
{
    VCL_AUTO_JSON *tags = cJSON_CreateArray();
    VCL_AUTO_CANDIDATES candidates = { 0 };
    size_t chosen = 0;

    if (!tags)
        return vcl_no_memory(error);
    int status = read_tags(from, tags, error);
    if (status == VCLUSTER_OK)
        status = add_candidates(tags, &candidates, error);
    if (status < 0)
        return status;
    if (!vcl_candidates_choose(&candidates, &from->fetch->wanted, &chosen))
        return vcl_fetch_no_version(from->fetch, &candidates, from->reference.path, from->name,
                                    error);
    const cJSON *tag = tags->child;
    for (size_t i = 0; tag && i < chosen; i++)
        tag = tag->next;
    return vcl_oci_tag(tag->valuestring, out_tag, error);
}

/* ---- The chart ---- */

static int get_layer(source *from,
                     const vcl_oci_manifest *manifest,
                     const char *key,
                     vcluster_chart **out_chart,
                     vcluster_error **error)
{
    VCL_AUTO_RESPONSE response = { 0 };
    vcl_auto_free char *suffix = vcl_format("blobs/" SHA256 "%s", manifest->layer);
    vcl_auto_free char *what = vcl_format("archive of '%s'", from->name);

    if (!suffix || !what)
        return vcl_no_memory(error);
    int status = vcl_registry_get(&from->registry, suffix, "application/octet-stream,*/*;q=0.5",
                                  (size_t)manifest->layer_size + 1, &response, error);
    if (status < 0)
        return status;
    if (response.status / 100 != 2)
        return vcl_registry_refused(&from->registry, &response, what, error);
    return vcl_fetch_finish(from->fetch, &response.body, manifest->layer, key, what, out_chart,
                            error);
}

static int fetch_tag(source *from,
                     const char *tag,
                     const char *key,
                     vcluster_chart **out_chart,
                     vcluster_error **error)
{
    vcl_oci_manifest manifest = { 0 };

    int status = get_manifest(from, tag, from->reference.digest, &manifest, error);
    if (status == VCLUSTER_OK && manifest.child_count > 0)
        status = choose_child(from, &manifest, error);
    if (status < 0)
        return status;
    status = vcl_fetch_cached(from->fetch, manifest.layer, out_chart, error);
    if (status > 0 && key)
        vcl_cache_put_name(&from->fetch->cache, key, manifest.layer);
    if (status)
        return status < 0 ? status : VCLUSTER_OK;
    return get_layer(from, &manifest, key, out_chart, error);
}

/* Whether a tag is a version, which stays what it is, and not a name such as "latest". */
static bool is_version(const char *tag)
{
    vcl_candidates one = { 0 };
    vcl_auto_free char *text = vcl_strdup(tag + (*tag == 'v'));

    for (char *c = text; c && *c; c++)
        *c = (char)(*c == '_' ? '+' : *c);
    bool found = text && vcl_candidates_add(&one, text, true, 0) && one.count == 1;
    vcl_candidates_done(&one);
    return found;
}

/* The tag that reference and options name: NULL when the registry has to be asked. */
static int named_tag(const source *from, bool from_index, char **out_tag, vcluster_error **error)
{
    const vcl_wanted *wanted = &from->fetch->wanted;
    const char *tag = from->reference.tag;
    vcl_auto_free char *version = NULL;

    if (wanted->pinned && !from_index) {
        int status = vcl_oci_tag(wanted->text, &version, error);
        if (status < 0)
            return status;
    }
    if (tag && !from_index && wanted->text && !vcl_streq(tag, version))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the reference '%s:%s' and the version '%s' do not agree", from->name, tag,
                        wanted->text);
    if (!tag && !version)
        return VCLUSTER_OK;
    *out_tag = vcl_strdup(tag ? tag : version);
    return *out_tag ? VCLUSTER_OK : vcl_no_memory(error);
}

/* A tag that is not there: the list of tags says what is, where it can be had. */
static int not_found(source *from, bool from_index, vcluster_error **error)
{
    VCL_AUTO_ERROR *inner = NULL;
    vcl_auto_free char *tag = NULL;

    if (from_index || from->reference.digest || from->reference.tag)
        return VCLUSTER_E_NOT_FOUND;
    int status = choose_tag(from, &tag, &inner);
    if (status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED ||
        (status == VCLUSTER_E_NOT_FOUND && vcluster_error_http_status(inner) == 0)) {
        vcl_error_clear(error);
        return vcl_error_pass(error, &inner, status);
    }
    return VCLUSTER_E_NOT_FOUND;
}

static int
fetch_chart(source *from, bool from_index, vcluster_chart **out_chart, vcluster_error **error)
{
    vcl_auto_free char *tag = NULL;
    vcl_auto_free char *key = NULL;

    int status = named_tag(from, from_index, &tag, error);
    bool named = tag != NULL;
    if (status == VCLUSTER_OK && !tag && !from->reference.digest)
        status = choose_tag(from, &tag, error);
    if (status < 0)
        return status;
    if (from->reference.digest)
        key = cache_key(from, from->reference.digest);
    else if (tag && is_version(tag))
        key = cache_key(from, tag);
    if (key) {
        status = vcl_fetch_cached_name(from->fetch, key, out_chart, error);
        if (status)
            return status;
    }
    status = fetch_tag(from, tag, key, out_chart, error);
    if (status == VCLUSTER_E_NOT_FOUND && named)
        status = not_found(from, from_index, error);
    return status;
}

int vcl_fetch_from_registry(vcl_fetch *fetch,
                            const char *reference,
                            bool from_index,
                            vcluster_chart **out_chart,
                            vcluster_error **error)
{
    __attribute__((cleanup(source_done))) source from = { .fetch = fetch };
    bool own_options = !from_index || fetch->options->pass_credentials;

    int status = vcl_oci_reference_parse(reference, &from.reference, error);
    if (status < 0)
        return status;
    from.name = vcl_format("oci://%s/%s", from.reference.host, from.reference.path);
    if (!from.name)
        return vcl_no_memory(error);
    status = vcl_registry_init(&from.registry, &fetch->transport, fetch->call, &from.reference,
                               own_options, error);
    if (status == VCLUSTER_OK)
        status = fetch_chart(&from, from_index, out_chart, error);
    return status < 0 ? status : VCLUSTER_OK;
}
