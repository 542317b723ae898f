/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of the upstream distribution: from where, and which version. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/yaml.h"
#include "repo/fetch.h"
#include "repo/file.h"
#include "repo/reference.h"
#include "repo/source.h"

#define REPOSITORY "https://charts.loft.sh"
#define CHART "vcluster"

typedef struct settings {
    char *source;
    char *version;
} settings;

static void settings_done(settings *found)
{
    free(found->source);
    free(found->version);
}

static int read_key(
    const cJSON *upstream, const char *key, const char *path, char **slot, vcluster_error **error)
{
    const cJSON *value = vcl_json_get(upstream, key);

    if (!value || cJSON_IsNull(value))
        return VCLUSTER_OK;
    if (!cJSON_IsString(value) || !*value->valuestring) {
        int status =
            vcl_fail(error, VCLUSTER_E_CONFIG,
                     "'%s': charts.upstream.%s is not a text: put it into quotes", path, key);
        vcl_error_set_field(error, key);
        return status;
    }
    *slot = vcl_strdup(value->valuestring);
    return *slot ? VCLUSTER_OK : vcl_no_memory(error);
}

static int read_settings(const char *path, settings *found, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    vcl_auto_free char *text = NULL;
    size_t size = 0;
    int number = vcl_repo_read_file(path, VCL_MAX_DOCUMENT, &text, &size);

    if (number == ENOENT || number == ENOTDIR)
        return VCLUSTER_OK;
    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "cannot read '%s': %s", path,
                        vcl_repo_file_reason(number));
    int status = vcl_yaml_parse(text, size, &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "read '%s'", path);
    const cJSON *upstream = vcl_json_find(tree, "charts", "upstream", NULL);
    status = read_key(upstream, "source", path, &found->source, error);
    return status < 0 ? status : read_key(upstream, "version", path, &found->version, error);
}

/* A repository, unless the source names one chart by itself. */
static bool is_repository(const char *source)
{
    size_t size = strcspn(source, "?#");

    return vcl_is_http_url(source) && !(size > 4 && strncasecmp(source + size - 4, ".tgz", 4) == 0);
}

static int check_source(const char *source, vcluster_error **error)
{
    if (*source == '/' || vcl_is_http_url(source) ||
        vcl_reference_kind_of(source, true) == VCL_REFERENCE_OCI)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_CONFIG,
                    "charts.upstream.source '%s' is neither the URL of a repository or archive, "
                    "nor 'oci://...', nor a path that begins with '/'",
                    source);
}

/* Whether an OCI reference names its version itself. */
static bool has_version(const char *source)
{
    vcl_oci_reference parts = { 0 };

    if (vcl_oci_reference_parse(source, &parts, NULL) < 0)
        return false;
    bool found = parts.tag || parts.digest;
    vcl_oci_reference_done(&parts);
    return found;
}

int vcl_chart_fetch_upstream(const vcluster_chart_fetch_options *options,
                             vcl_call *call,
                             vcluster_chart **out_chart,
                             vcluster_error **error)
{
    __attribute__((cleanup(settings_done))) settings found = { 0 };
    vcluster_chart_fetch_options known = *options;
    vcl_auto_free char *path =
        vcl_repo_user_path("XDG_CONFIG_HOME", ".config", "libvcluster/config.yaml");

    int status = path ? read_settings(path, &found, error) : VCLUSTER_OK;
    if (status == VCLUSTER_OK && found.source)
        status = check_source(found.source, error);
    if (status < 0)
        return status;
    const char *source = vcl_str_empty(options->repository) ? found.source : options->repository;
    if (!source)
        source = REPOSITORY;
    if (vcl_str_empty(known.version))
        known.version = found.version;
    if (vcl_str_empty(known.version) && !has_version(source))
        known.version = VCLUSTER_UPSTREAM_CHART_VERSION;
    known.repository = is_repository(source) ? source : NULL;
    return vcl_chart_fetch_from(known.repository ? CHART : source, &known, call, out_chart, error);
}
