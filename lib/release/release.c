/* SPDX-License-Identifier: Apache-2.0 */
/* Releases as their reader has them; see release.h. The getters are exported. */
#include "release/release.h"

#include "base/clock.h"
#include "base/str.h"
#include "chart/hook.h"
#include "data/yaml.h"

void vcluster_release_free(vcluster_release *release)
{
    if (!release)
        return;
    vcl_json_free_secret(release->tree);
    vcl_free_secret(release->hooks);
    vcl_free_secret(release->values);
    free(release);
}

void vcluster_release_list_free(vcluster_release_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        vcluster_release_free(list->items[i]);
    free(list->items);
    free(list);
}

size_t vcluster_release_list_size(const vcluster_release_list *list)
{
    return list ? list->count : 0;
}

const vcluster_release *vcluster_release_list_at(const vcluster_release_list *list, size_t index)
{
    return list && index < list->count ? list->items[index] : NULL;
}

static int64_t time_of(const cJSON *tree, const char *key)
{
    int64_t seconds = 0;

    /* Go's zero time is in the year 1: unknown. */
    if (!vcl_parse_rfc3339(vcl_json_find_string(tree, "info", key, NULL), &seconds) || seconds < 0)
        return 0;
    return seconds;
}

static int print_hooks(vcluster_release *release, vcluster_error **error)
{
    vcl_hooks hooks = { 0 };

    int status = vcl_hooks_from_json(vcl_json_get(release->tree, "hooks"), &hooks, error);
    if (status < 0)
        return status;
    release->hooks = vcl_hooks_print(&hooks, false);
    vcl_hooks_done(&hooks);
    return release->hooks ? VCLUSTER_OK : vcl_no_memory(error);
}

static int print_values(vcluster_release *release, vcluster_error **error)
{
    const cJSON *config = vcl_json_get(release->tree, "config");

    if (cJSON_IsObject(config) && config->child)
        return vcl_yaml_print(config, &release->values, error);
    release->values = vcl_strdup("{}");
    return release->values ? VCLUSTER_OK : vcl_no_memory(error);
}

/* The chart is most of a release, and nothing but its metadata is ever asked for. */
static void drop_files(cJSON *tree)
{
    static const char *const parts[] = { "templates", "files", "values", "schema" };
    cJSON *chart = vcl_json_get(tree, "chart");

    for (size_t i = 0; chart && i < sizeof(parts) / sizeof(parts[0]); i++)
        vcl_json_remove(chart, parts[i]);
}

int vcl_release_of_json(cJSON *tree, vcluster_release **out_release, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_release) release = calloc(1, sizeof(*release));

    if (!release) {
        vcl_json_free_secret(tree);
        return vcl_no_memory(error);
    }
    release->tree = tree;
    if (!vcl_json_find_string(tree, "name", NULL) || !vcl_json_get(tree, "info"))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "this is no Helm release");
    drop_files(tree);
    release->first_deployed = time_of(tree, "first_deployed");
    release->last_deployed = time_of(tree, "last_deployed");
    int status = print_hooks(release, error);
    if (status == 0)
        status = print_values(release, error);
    if (status < 0)
        return status;
    *out_release = vcl_steal(&release);
    return VCLUSTER_OK;
}

static const char *text(const vcluster_release *release, const char *a, const char *b)
{
    return release ? vcl_str(vcl_json_find_string(release->tree, a, b, NULL)) : "";
}

static const char *chart_text(const vcluster_release *release, const char *key)
{
    return release ? vcl_str(vcl_json_find_string(release->tree, "chart", "metadata", key, NULL))
                   : "";
}

const char *vcluster_release_name(const vcluster_release *release)
{
    return text(release, "name", NULL);
}

const char *vcluster_release_namespace(const vcluster_release *release)
{
    return text(release, "namespace", NULL);
}

int64_t vcluster_release_revision(const vcluster_release *release)
{
    return release ? vcl_json_find_int(release->tree, 0, "version", NULL) : 0;
}

const char *vcluster_release_status(const vcluster_release *release)
{
    return text(release, "info", "status");
}

const char *vcluster_release_description(const vcluster_release *release)
{
    return text(release, "info", "description");
}

const char *vcluster_release_chart_name(const vcluster_release *release)
{
    return chart_text(release, "name");
}

const char *vcluster_release_chart_version(const vcluster_release *release)
{
    return chart_text(release, "version");
}

const char *vcluster_release_app_version(const vcluster_release *release)
{
    return chart_text(release, "appVersion");
}

int64_t vcluster_release_first_deployed(const vcluster_release *release)
{
    return release ? release->first_deployed : 0;
}

int64_t vcluster_release_last_deployed(const vcluster_release *release)
{
    return release ? release->last_deployed : 0;
}

const char *vcluster_release_manifest(const vcluster_release *release)
{
    return text(release, "manifest", NULL);
}

const char *vcluster_release_hooks(const vcluster_release *release)
{
    return release ? release->hooks : "";
}

const char *vcluster_release_notes(const vcluster_release *release)
{
    return text(release, "info", "notes");
}

const char *vcluster_release_values(const vcluster_release *release)
{
    return release ? release->values : "";
}
