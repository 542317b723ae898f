/* SPDX-License-Identifier: Apache-2.0 */
/* What names a chart; see reference.h. The grammar of OCI names is that of the distribution
 * specification. */
#include "repo/reference.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/str.h"
#include "repo/cache.h"

#define OCI_SCHEME "oci://"
#define SHA256 "sha256:"

enum { MAX_REFERENCE = 1024, MAX_TAG = 128 };

bool vcl_is_http_url(const char *text)
{
    return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* A file, or a directory with a chart in it: not any folder that happens to have the name. */
static bool is_chart_on_disk(const char *text)
{
    struct stat info;

    if (stat(text, &info) < 0)
        return false;
    if (!S_ISDIR(info.st_mode))
        return true;
    vcl_auto_free char *inside = vcl_format("%s/Chart.yaml", text);
    return inside && stat(inside, &info) == 0;
}

vcl_reference_kind vcl_reference_kind_of(const char *text, bool in_repository)
{
    if (strncasecmp(text, OCI_SCHEME, strlen(OCI_SCHEME)) == 0)
        return VCL_REFERENCE_OCI;
    if (vcl_is_http_url(text))
        return VCL_REFERENCE_URL;
    if (*text == '.' || *text == '/')
        return VCL_REFERENCE_PATH;
    return !in_repository && is_chart_on_disk(text) ? VCL_REFERENCE_PATH : VCL_REFERENCE_NAME;
}

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "name", or parts joined by one '.', one or two '_', or any number of '-'. */
static bool is_component(const char *text, size_t size)
{
    size_t i = 0;

    for (;;) {
        size_t from = i;
        while (i < size && is_lower_alnum(text[i]))
            i++;
        if (i == from)
            return false;
        if (i == size)
            return true;
        if (text[i] == '-')
            i += strspn(text + i, "-");
        else if (text[i] == '_')
            i += text[i + 1] == '_' ? 2 : 1;
        else if (text[i] == '.')
            i++;
        else
            return false;
    }
}

static bool is_path(const char *path)
{
    for (const char *at = path;;) {
        size_t size = strcspn(at, "/");
        if (!is_component(at, size))
            return false;
        if (!at[size])
            return true;
        at += size + 1;
    }
}

static bool is_host(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-:[]";

    return *host && strspn(host, allowed) == strlen(host) && *host != '-' && *host != ':';
}

static bool is_tag(const char *tag)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";
    size_t size = strlen(tag);

    return size > 0 && size <= MAX_TAG && *tag != '.' && *tag != '-' &&
           strspn(tag, allowed) == size;
}

int vcl_oci_tag(const char *version, char **out_tag, vcluster_error **error)
{
    vcl_auto_free char *tag = vcl_strdup(version);

    if (!tag)
        return vcl_no_memory(error);
    for (char *c = tag; *c; c++)
        *c = (char)(*c == '+' ? '_' : *c);
    if (!is_tag(tag))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "version '%s' cannot be the tag of an OCI registry", version);
    *out_tag = vcl_steal(&tag);
    return VCLUSTER_OK;
}

void vcl_oci_reference_done(vcl_oci_reference *reference)
{
    free(reference->host);
    free(reference->path);
    free(reference->tag);
    free(reference->digest);
    *reference = (vcl_oci_reference){ 0 };
}

static int fail(vcluster_error **error, const char *text, const char *why)
{
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "'%s' is not oci://HOST/PATH/CHART[:VERSION]: %s", text, why);
}

static int parse(const char *text, char *rest, vcl_oci_reference *out, vcluster_error **error)
{
    char *slash = strchr(rest, '/');
    char *at = strrchr(rest, '@');

    if (!slash)
        return fail(error, text, "it has no path");
    if (at && at > slash) {
        *at = '\0';
        if (!vcl_starts_with(at + 1, SHA256) || !vcl_is_sha256(at + 1 + strlen(SHA256)))
            return fail(error, text, "its digest is not 'sha256:' and 64 hexadecimal digits");
        if (!(out->digest = vcl_strdup(at + 1 + strlen(SHA256))))
            return vcl_no_memory(error);
    }
    char *colon = strrchr(slash, ':');
    if (colon) {
        *colon = '\0';
        int status = vcl_oci_tag(colon + 1, &out->tag, error);
        if (status < 0)
            return status;
    }
    *slash = '\0';
    if (!is_host(rest))
        return fail(error, text, "its host is none");
    if (!is_path(slash + 1))
        return fail(error, text, "its path must be of lower-case letters, digits, '.', '_', '-'");
    out->host = vcl_strdup(rest);
    out->path = vcl_strdup(slash + 1);
    return out->host && out->path ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_oci_reference_parse(const char *text, vcl_oci_reference *out, vcluster_error **error)
{
    vcl_oci_reference reference = { 0 };

    if (strlen(text) > MAX_REFERENCE || strncasecmp(text, OCI_SCHEME, strlen(OCI_SCHEME)) != 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "this is no reference to a registry");
    vcl_auto_free char *rest = vcl_strdup(text + strlen(OCI_SCHEME));
    if (!rest)
        return vcl_no_memory(error);
    int status = parse(text, rest, &reference, error);
    if (status < 0) {
        vcl_oci_reference_done(&reference);
        return status;
    }
    *out = reference;
    return VCLUSTER_OK;
}
