/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a registry; see oci_text.h. Media types are those of Helm 3.21
 * (pkg/registry/constants.go). */
#include "repo/oci_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/server.h"
#include "repo/cache.h"

#define CONFIG_TYPE "application/vnd.cncf.helm.config.v1+json"
#define LAYER_TYPE "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define OLD_LAYER_TYPE "application/tar+gzip"
#define SHA256 "sha256:"

enum { MAX_TAGS = 200000, MAX_TOKEN = 64 << 10 };

/* The digits of "sha256:..." */
static bool copy_digest(const cJSON *descriptor, char digest[VCL_SHA256_HEX_SIZE])
{
    const char *text = vcl_json_find_string(descriptor, "digest", NULL);

    if (!vcl_starts_with(text, SHA256) || !vcl_is_sha256(text + strlen(SHA256)))
        return false;
    memcpy(digest, text + strlen(SHA256), VCL_SHA256_HEX_SIZE);
    return true;
}

/* What may be a chart among the manifests of an index comes first. */
static int read_children(const cJSON *manifests, vcl_oci_manifest *out, vcluster_error **error)
{
    for (int pass = 0; pass < 2; pass++) {
        const cJSON *item = NULL;
        cJSON_ArrayForEach (item, manifests) {
            bool chart = vcl_streq(vcl_json_find_string(item, "artifactType", NULL), CONFIG_TYPE);
            if (chart == (pass == 0) && out->child_count < VCL_MAX_OCI_CHILDREN &&
                copy_digest(item, out->children[out->child_count]))
                out->child_count++;
        }
    }
    if (out->child_count == 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the index of the registry has no manifests");
    return VCLUSTER_OK;
}

static int read_layers(const cJSON *layers, vcl_oci_manifest *out, vcluster_error **error)
{
    const cJSON *item = NULL;
    const cJSON *found = NULL;

    cJSON_ArrayForEach (item, layers) {
        const char *type = vcl_json_find_string(item, "mediaType", NULL);
        if (!found && (vcl_streq(type, LAYER_TYPE) || vcl_streq(type, OLD_LAYER_TYPE)))
            found = item;
    }
    if (!found)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "what the registry has there is no chart: no layer is '%s'", LAYER_TYPE);
    if (!copy_digest(found, out->layer))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the digest of the chart in the manifest is not SHA-256");
    out->layer_size = vcl_json_find_int(found, -1, "size", NULL);
    if (out->layer_size < 0 || out->layer_size > VCL_MAX_CHART_TOTAL)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the manifest has no usable size of the chart: at most %d MiB are fetched",
                        VCL_MAX_CHART_TOTAL >> 20);
    return VCLUSTER_OK;
}

int vcl_oci_manifest_parse(const char *text,
                           size_t size,
                           vcl_oci_manifest *out_manifest,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    vcl_oci_manifest manifest = { 0 };

    int status = vcl_json_parse(text, size, &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the manifest");
    const cJSON *children = vcl_json_get(tree, "manifests");
    const char *type = vcl_json_find_string(tree, "config", "mediaType", NULL);
    if (cJSON_IsArray(children))
        status = read_children(children, &manifest, error);
    else if (!cJSON_IsObject(tree) || !type)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the registry sent no manifest");
    else if (!vcl_streq(type, CONFIG_TYPE))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "what the registry has there is no chart: its config is '%.128s'", type);
    else
        status = read_layers(vcl_json_get(tree, "layers"), &manifest, error);
    if (status < 0)
        return status;
    *out_manifest = manifest;
    return VCLUSTER_OK;
}

int vcl_oci_tags_parse(const char *text, size_t size, cJSON *tags, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;

    int status = vcl_json_parse(text, size, &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the list of tags");
    cJSON *list = vcl_json_get(tree, "tags");
    if (!cJSON_IsObject(tree) || (list && !cJSON_IsArray(list) && !cJSON_IsNull(list)))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the registry sent no list of tags");
    int before = cJSON_GetArraySize(tags);
    for (cJSON *item = list ? list->child : NULL; item;) {
        cJSON *following = item->next;
        if (cJSON_IsString(item))
            (void)cJSON_AddItemToArray(tags, cJSON_DetachItemViaPointer(list, item));
        if (cJSON_IsString(item) && ++before > MAX_TAGS)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the registry has more than %d tags",
                            MAX_TAGS);
        item = following;
    }
    return VCLUSTER_OK;
}

int vcl_oci_token_parse(const char *text, size_t size, char **out_token, vcluster_error **error)
{
    cJSON *tree = NULL;
    VCL_AUTO_ERROR *inner = NULL; /* may repeat a part of the text */

    int status = vcl_json_parse(text, size, &tree, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    const char *token = vcl_json_find_string(tree, "token", NULL);
    if (vcl_str_empty(token))
        token = vcl_json_find_string(tree, "access_token", NULL);
    bool usable = !vcl_str_empty(token) && strlen(token) <= MAX_TOKEN && vcl_is_header_token(token);
    char *copy = usable ? vcl_strdup(token) : NULL;
    vcl_json_free_secret(tree);
    if (!usable)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the token server sent no token");
    if (!copy)
        return vcl_no_memory(error);
    *out_token = copy;
    return VCLUSTER_OK;
}

char *vcl_oci_error_text(const char *text, size_t size)
{
    VCL_AUTO_JSON *tree = NULL;

    if (vcl_json_parse(text, size, &tree, NULL) < 0)
        return NULL;
    const cJSON *errors = vcl_json_get(tree, "errors");
    const cJSON *first = cJSON_IsArray(errors) ? errors->child : NULL;
    const char *code = vcl_json_find_string(first, "code", NULL);
    if (!code)
        return NULL;
    const char *message = vcl_str(vcl_json_find_string(first, "message", NULL));
    char *result = vcl_format("(%.64s%s%.512s)", code, *message ? ": " : "", message);
    if (result)
        vcl_sanitize(result);
    return result;
}

/* ---- Headers ---- */

void vcl_challenge_done(vcl_challenge *challenge)
{
    free(challenge->realm);
    free(challenge->service);
    free(challenge->scope);
    *challenge = (vcl_challenge){ 0 };
}

/* Read a token or a quoted text into value; gives what follows. */
static const char *read_value(const char *at, vcl_buf *value)
{
    if (*at != '"') {
        size_t size = strcspn(at, " \t,");
        vcl_buf_append(value, at, size);
        return at + size;
    }
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        vcl_buf_add_char(value, *at);
    }
    return at + (*at == '"');
}

static bool keep_parameter(vcl_challenge *challenge, const char *name, size_t size, vcl_buf *value)
{
    char **slot = NULL;

    if (size == 5 && strncasecmp(name, "realm", size) == 0)
        slot = &challenge->realm;
    else if (size == 7 && strncasecmp(name, "service", size) == 0)
        slot = &challenge->service;
    else if (size == 5 && strncasecmp(name, "scope", size) == 0)
        slot = &challenge->scope;
    if (!slot || *slot)
        return true;
    *slot = vcl_buf_steal(value);
    return *slot != NULL;
}

/* Schemes and parameters follow each other, told apart by the '=' behind a parameter's name. */
static bool read_challenges(const char *at, vcl_challenge *challenge)
{
    bool bearer = false; /* parameters are the bearer's */

    for (;;) {
        VCL_AUTO_BUF value = { 0 };
        at += strspn(at, " \t,");
        const char *name = at;
        size_t size = strcspn(at, " \t,=\"");
        if (!*at)
            return true;
        at += size;
        const char *behind = at + strspn(at, " \t");
        if (*behind == '=') {
            vcl_buf_init(&value, VCL_MAX_MESSAGE);
            at = read_value(behind + 1 + strspn(behind + 1, " \t"), &value);
            bool good = value.state != VCL_BUF_NO_MEMORY;
            if (good && bearer && !vcl_buf_failed(&value))
                good = keep_parameter(challenge, name, size, &value);
            if (!good)
                return false;
        } else {
            bearer = size == 6 && strncasecmp(name, "bearer", size) == 0;
            challenge->bearer |= bearer;
            challenge->basic |= size == 5 && strncasecmp(name, "basic", size) == 0;
            at += size == 0; /* a stray quote */
        }
    }
}

bool vcl_challenge_parse(const char *header, vcl_challenge *out_challenge)
{
    vcl_challenge challenge = { 0 };

    if (!read_challenges(vcl_str(header), &challenge)) {
        vcl_challenge_done(&challenge);
        return false;
    }
    *out_challenge = challenge;
    return true;
}

char *vcl_next_link(const char *header)
{
    for (const char *at = strchr(vcl_str(header), '<'); at; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        if (!end)
            return NULL;
        size_t rest = strcspn(end, "<");
        vcl_auto_free char *parameters = vcl_strndup(end + 1, rest - 1);
        if (parameters &&
            (strcasestr(parameters, "rel=\"next\"") || strcasestr(parameters, "rel=next")))
            return vcl_strndup(at + 1, (size_t)(end - at - 1));
    }
    return NULL;
}
