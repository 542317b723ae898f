/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a registry says, and as a reference to one; the first byte selects which. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "fuzz.h"
#include "net/url.h"
#include "repo/cache.h"
#include "repo/credentials.h"
#include "repo/oci_text.h"
#include "repo/reference.h"

static void manifest(const char *text, size_t size)
{
    vcl_oci_manifest found = { 0 };

    if (vcl_oci_manifest_parse(text, size, &found, NULL) < 0)
        return;
    FUZZ_CHECK(found.child_count > 0 || vcl_is_sha256(found.layer));
    FUZZ_CHECK(found.child_count <= VCL_MAX_OCI_CHILDREN);
    FUZZ_CHECK(found.layer_size >= 0 && found.layer_size <= VCL_MAX_CHART_TOTAL);
    for (size_t i = 0; i < found.child_count; i++)
        FUZZ_CHECK(vcl_is_sha256(found.children[i]));
}

static void documents(const char *text, size_t size)
{
    VCL_AUTO_JSON *tags = cJSON_CreateArray();
    const cJSON *tag = NULL;
    char *token = NULL;

    (void)vcl_oci_tags_parse(text, size, tags, NULL);
    cJSON_ArrayForEach (tag, tags)
        FUZZ_CHECK(cJSON_IsString(tag));
    if (vcl_oci_token_parse(text, size, &token, NULL) == VCLUSTER_OK)
        FUZZ_CHECK(!strpbrk(token, " \r\n\t"));
    vcl_free_secret(token);
    char *message = vcl_oci_error_text(text, size);
    FUZZ_CHECK(!message || !strpbrk(message, "\r\n"));
    free(message);
}

static void credentials(const char *text, size_t size)
{
    VCL_AUTO_JSON *tree = NULL;
    vcl_credentials found = { 0 };

    if (vcl_json_parse(text, size, &tree, NULL) == VCLUSTER_OK)
        (void)vcl_credentials_read(tree, "ghcr.io", &found, NULL);
    vcl_credentials_done(&found);
}

static void headers(const char *text)
{
    vcl_challenge challenge = { 0 };
    char *link = vcl_next_link(text);

    FUZZ_CHECK(vcl_challenge_parse(text, &challenge));
    vcl_challenge_done(&challenge);
    free(link);
}

static void references(const char *text)
{
    vcl_oci_reference found = { 0 };
    vcl_http_url url = { 0 };
    char *resolved = NULL;

    (void)vcl_reference_kind_of(text, true);
    if (vcl_oci_reference_parse(text, &found, NULL) == VCLUSTER_OK) {
        FUZZ_CHECK(*found.host && *found.path && !strstr(found.path, ".."));
        FUZZ_CHECK(!found.digest || vcl_is_sha256(found.digest));
    }
    vcl_oci_reference_done(&found);
    if (vcl_http_url_parse(text, &url, NULL) == VCLUSTER_OK) {
        FUZZ_CHECK(*url.target == '/' && strstr(url.origin, "://") && !strchr(url.origin, '@'));
        vcl_http_url_done(&url);
    }
    if (vcl_http_url_resolve("https://example.com/a/b?c", text, &resolved, NULL) == VCLUSTER_OK &&
        vcl_http_url_parse(resolved, &url, NULL) == VCLUSTER_OK)
        vcl_http_url_done(&url);
    free(resolved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = calloc(1, size);
    FUZZ_CHECK(text);
    memcpy(text, data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        manifest(text, size - 1);
        break;
    case 1:
        documents(text, size - 1);
        break;
    case 2:
        credentials(text, size - 1);
        break;
    case 3:
        headers(text);
        break;
    default:
        references(text);
        break;
    }
    free(text);
    return 0;
}
