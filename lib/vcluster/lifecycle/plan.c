/* SPDX-License-Identifier: Apache-2.0 */
/* What an ensure will bring to the host; see plan.h. */
#include "vcluster/lifecycle/plan.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/lookup.h"
#include "repo/fetch.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

static const char embedded[] = "embedded";
static const char upstream[] = "upstream";

void vcl_plan_done(vcl_plan *plan)
{
    vcl_rendered_done(&plan->rendered);
    vcl_json_free_secret(plan->user_values);
    cJSON_Delete(plan->no_effect);
    vcluster_chart_free(plan->own_chart);
    free(plan->namespace_name);
    *plan = (vcl_plan){ 0 };
}

int vcl_plan_place(vcl_plan *plan, const vcl_ensure_request *request, vcluster_error **error)
{
    plan->namespace_name =
        vcl_namespace_for(request->namespace_name, request->client->namespace_name, request->name);
    return plan->namespace_name ? VCLUSTER_OK : vcl_no_memory(error);
}

static int choose_distribution(vcl_plan *plan,
                               const vcl_ensure_request *request,
                               const char *existing,
                               vcluster_error **error)
{
    const char *wanted = request->distribution;

    if (wanted && !vcl_streq(wanted, embedded) && !vcl_streq(wanted, upstream))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "distribution '%s' is neither 'upstream' nor 'embedded'", wanted);
    if (existing && wanted && !vcl_streq(existing, wanted))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "'%s' is of the %s distribution, not %s; one is never turned into the "
                        "other: delete it first, or choose another name",
                        request->name, existing, wanted);
    if (!wanted && request->chart &&
        vcl_streq(vcluster_chart_name(request->chart), "vcluster-embedded"))
        wanted = embedded;
    if (!wanted)
        wanted = existing ? existing : upstream;
    plan->distribution = vcl_streq(wanted, embedded) ? embedded : upstream;
    return VCLUSTER_OK;
}

/* From the network, or from the cache: before anything on the host is touched. */
static int fetch_upstream(vcl_plan *plan,
                          const vcl_ensure_request *request,
                          vcl_call *call,
                          vcluster_error **error)
{
    vcluster_chart_fetch_options options = VCLUSTER_CHART_FETCH_OPTIONS_INIT;

    options.repository = request->chart_source;
    options.version = request->chart_version;
    int status = vcl_chart_fetch_upstream(&options, call, &plan->own_chart, error);
    return status < 0 ? vcl_wrap(error, status, "get upstream's chart") : status;
}

static int choose_chart(vcl_plan *plan,
                        const vcl_ensure_request *request,
                        vcl_call *call,
                        vcluster_error **error)
{
    int status = VCLUSTER_OK;

    if (plan->distribution == embedded && (request->chart_source || request->chart_version))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the chart of the embedded distribution comes with the library: a source "
                        "or a version of the chart are for upstream's");
    if (request->chart) {
        plan->chart = request->chart;
        return VCLUSTER_OK;
    }
    status = plan->distribution == upstream ? fetch_upstream(plan, request, call, error)
                                            : vcluster_chart_embedded(&plan->own_chart, error);
    plan->chart = plan->own_chart;
    return status;
}

/* Whether the chart's list of effective keys has the path, a part above it, or a part below it. */
static bool has_effect(const char *keys, const char *path)
{
    size_t size = strlen(path);

    while (*keys) {
        size_t line = strcspn(keys, "\n");
        size_t common = line < size ? line : size;
        bool boundary = line == size || (line < size ? path[line] == '.' : keys[size] == '.');

        if (line > 0 && *keys != '#' && strncmp(keys, path, common) == 0 && boundary)
            return true;
        keys += line + (keys[line] == '\n');
    }
    return false;
}

static bool collect_no_effect(const cJSON *node, const char *path, const char *keys, cJSON *paths)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, node) {
        vcl_auto_free char *inner =
            *path ? vcl_format("%s.%s", path, member->string) : vcl_strdup(member->string);
        if (!inner)
            return false;
        if (cJSON_IsObject(member) && member->child && has_effect(keys, inner)) {
            if (!collect_no_effect(member, inner, keys, paths))
                return false;
        } else if (!has_effect(keys, inner)) {
            if (!vcl_json_append(paths, cJSON_CreateString(inner)))
                return false;
        }
    }
    return true;
}

int vcl_plan_find_no_effect(vcl_plan *plan, vcluster_error **error)
{
    plan->no_effect = cJSON_CreateArray();
    if (!plan->no_effect)
        return vcl_no_memory(error);
    for (size_t i = 0; i < plan->chart->file_count; i++) {
        const vcl_chart_file *file = &plan->chart->files[i];
        if (!vcl_streq(file->name, "files/effective-keys.txt"))
            continue;
        if (!collect_no_effect(plan->user_values, "", file->data, plan->no_effect))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_plan_choose(vcl_plan *plan,
                    const vcl_ensure_request *request,
                    vcl_call *call,
                    const char *existing_distribution,
                    vcluster_error **error)
{
    int status = choose_distribution(plan, request, existing_distribution, error);

    return status < 0 ? status : choose_chart(plan, request, call, error);
}

int vcl_plan_add_no_effect(vcl_plan *plan,
                           const char *name,
                           vcluster_plan *changes,
                           vcluster_error **error)
{
    const cJSON *path;

    int status = plan->no_effect ? VCLUSTER_OK : vcl_plan_find_no_effect(plan, error);
    cJSON_ArrayForEach (path, plan->no_effect) {
        vcl_change change = { .action = VCLUSTER_ACTION_MODIFY,
                              .impact = VCLUSTER_IMPACT_NONE,
                              .kind = "Values",
                              .name = name,
                              .path = path->valuestring,
                              .reason = "it has no effect in the embedded distribution" };
        if (status == 0)
            status = vcl_plan_add(changes, &change, error);
    }
    return status;
}

int vcl_plan_render(vcl_plan *plan,
                    const vcl_ensure_request *request,
                    vcl_call *call,
                    const char *existing_distribution,
                    const char *kubernetes_version,
                    vcluster_error **error)
{
    int status = vcl_plan_choose(plan, request, call, existing_distribution, error);
    if (status == 0)
        status = vcl_wanted_values(request, plan->distribution == embedded, NULL,
                                   &plan->user_values, error);
    if (status == 0)
        status = vcl_plan_find_no_effect(plan, error);
    if (status == 0 && plan->checked)
        status = vcl_plan_check(plan, request, NULL, kubernetes_version, error);
    if (status < 0)
        return status;

    vcl_lookup_host host;
    vcl_lookup_init(&host, request->client->kube, call);
    vcl_render_input input = { .release_name = request->name,
                               .namespace_name = plan->namespace_name,
                               .revision = 1,
                               .user_values = plan->user_values,
                               .kubernetes_version = kubernetes_version,
                               .lookup = vcl_lookup,
                               .lookup_data = &host };
    return vcl_chart_render(plan->chart, &input, &plan->rendered, error);
}

int vcl_plan_encode(const vcl_plan *plan,
                    const vcl_ensure_request *request,
                    int revision,
                    const char *state,
                    cJSON **out_secret,
                    vcluster_error **error)
{
    int64_t now = vcl_wall_seconds();
    bool chart_asked = request->chart || request->chart_source || request->chart_version;
    VCL_AUTO_JSON *annotations = NULL;
    vcl_release_info info = { .name = request->name,
                              .namespace_name = plan->namespace_name,
                              .revision = revision,
                              .status = state,
                              .description = "Initial install underway",
                              .first_deployed = now,
                              .last_deployed = now };

    int status = vcl_wanted_annotations(request, plan->chart, chart_asked, &annotations, error);
    if (status < 0)
        return status;
    return vcl_release_encode(&info, plan->chart, plan->user_values, plan->rendered.manifest,
                              annotations, out_secret, error);
}
