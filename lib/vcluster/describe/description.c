/* SPDX-License-Identifier: Apache-2.0 */
/* A description as an object, and as JSON; see describe.h. */
#include "base/str.h"
#include "lint/lint.h"
#include "vcluster/describe/describe.h"

void vcluster_description_free(vcluster_description *description)
{
    if (!description)
        return;
    vcluster_instance_free(description->instance);
    free(description->chart_name);
    free(description->chart_version);
    free(description->release_status);
    free(description->user_values);
    free(description->effective_values);
    vcl_components_done(&description->components);
    vcl_ways_done(&description->ways);
    vcluster_usage_free(description->usage);
    vcluster_sync_rules_free(description->rules);
    vcluster_diagnosis_free(description->diagnosis);
    free(description->note);
    free(description);
}

const vcluster_instance *vcluster_description_instance(const vcluster_description *description)
{
    return description ? description->instance : NULL;
}

const char *vcluster_description_maker(const vcluster_description *description)
{
    return description ? vcl_str(description->maker) : "";
}

const char *vcluster_description_chart_name(const vcluster_description *description)
{
    return description ? vcl_str(description->chart_name) : "";
}

const char *vcluster_description_chart_version(const vcluster_description *description)
{
    return description ? vcl_str(description->chart_version) : "";
}

int64_t vcluster_description_revision(const vcluster_description *description)
{
    return description ? description->revision : 0;
}

const char *vcluster_description_release_status(const vcluster_description *description)
{
    return description ? vcl_str(description->release_status) : "";
}

const char *vcluster_description_store(const vcluster_description *description)
{
    return description ? vcl_str(description->store) : "";
}

size_t vcluster_description_component_count(const vcluster_description *description)
{
    return description ? description->components.count : 0;
}

const vcluster_component *vcluster_description_component_at(const vcluster_description *description,
                                                            size_t index)
{
    return index < vcluster_description_component_count(description)
               ? &description->components.items[index]
               : NULL;
}

size_t vcluster_description_endpoint_count(const vcluster_description *description)
{
    return description ? description->ways.count : 0;
}

const vcluster_endpoint_candidate *
vcluster_description_endpoint_at(const vcluster_description *description, size_t index)
{
    return index < vcluster_description_endpoint_count(description)
               ? &description->ways.items[index]
               : NULL;
}

const vcluster_usage *vcluster_description_usage(const vcluster_description *description)
{
    return description ? description->usage : NULL;
}

const vcluster_sync_rules *vcluster_description_sync_rules(const vcluster_description *description)
{
    return description ? description->rules : NULL;
}

const vcluster_diagnosis *vcluster_description_diagnosis(const vcluster_description *description)
{
    return description ? description->diagnosis : NULL;
}

const char *vcluster_description_user_values(const vcluster_description *description)
{
    return description ? vcl_str(description->user_values) : "";
}

const char *vcluster_description_effective_values(const vcluster_description *description)
{
    return description ? vcl_str(description->effective_values) : "";
}

const char *vcluster_description_note(const vcluster_description *description)
{
    return description ? vcl_str(description->note) : "";
}

/* ---- Values without secrets ---- */

/* A copy in which no secret ever stood. */
static cJSON *copy_shown(const cJSON *node)
{
    if (cJSON_IsString(node) && vcl_lint_is_secret(node->string, node->valuestring))
        return cJSON_CreateString("(hidden)");
    if (!cJSON_IsObject(node) && !cJSON_IsArray(node))
        return vcl_json_copy(node);

    cJSON *copy = cJSON_IsObject(node) ? cJSON_CreateObject() : cJSON_CreateArray();
    const cJSON *member;
    cJSON_ArrayForEach (member, node) {
        bool added =
            copy && (cJSON_IsObject(node) ? vcl_json_set(copy, member->string, copy_shown(member))
                                          : vcl_json_append(copy, copy_shown(member)));
        if (!added) {
            cJSON_Delete(copy);
            return NULL;
        }
    }
    return copy;
}

char *vcl_values_shown(const cJSON *values)
{
    VCL_AUTO_JSON *shown = copy_shown(values);

    return shown ? vcl_json_print(shown) : NULL;
}

/* ---- JSON ---- */

static cJSON *components_json(const vcl_components *components)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();

    for (size_t i = 0; list && i < components->count; i++) {
        const vcluster_component *one = &components->items[i];
        cJSON *object = cJSON_CreateObject();
        if (!vcl_json_append(list, object) || !vcl_json_set_string(object, "pod", one->pod) ||
            !vcl_json_set_string(object, "name", one->name) ||
            !vcl_json_set_string(object, "image", one->image) ||
            !vcl_json_set_string(object, "state", one->state) ||
            !vcl_json_set(object, "ready", cJSON_CreateBool(one->ready)) ||
            !vcl_json_set_int(object, "restarts", one->restarts))
            return NULL;
    }
    return vcl_steal(&list);
}

static cJSON *release_json(const vcluster_description *made)
{
    VCL_AUTO_JSON *release = cJSON_CreateObject();

    if (made->revision == 0)
        return cJSON_CreateNull();
    bool ok = release && vcl_json_set_string(release, "chart", vcl_str(made->chart_name)) &&
              vcl_json_set_string(release, "version", vcl_str(made->chart_version)) &&
              vcl_json_set_int(release, "revision", made->revision) &&
              vcl_json_set_string(release, "status", vcl_str(made->release_status));
    return ok ? vcl_steal(&release) : NULL;
}

/* The active rules, in short. */
static cJSON *rules_json(const vcluster_sync_rules *rules)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();

    if (!rules)
        return cJSON_CreateNull();
    if (!tree || !vcl_json_set(tree, "toHost", cJSON_CreateArray()) ||
        !vcl_json_set(tree, "fromHost", cJSON_CreateArray()))
        return NULL;
    for (size_t i = 0; i < rules->size; i++) {
        const vcluster_sync_rule *rule = &rules->items[i];
        if (rule->active && !vcl_json_append(vcl_json_get(tree, rule->direction),
                                             cJSON_CreateString(rule->resource)))
            return NULL;
    }
    return vcl_steal(&tree);
}

/* JSON that stands as text already. */
static cJSON *parsed(const char *text)
{
    return text ? cJSON_CreateRaw(text) : cJSON_CreateNull();
}

static cJSON *values_json(const vcluster_description *made)
{
    VCL_AUTO_JSON *values = cJSON_CreateObject();
    bool ok = values && vcl_json_set(values, "user", parsed(made->user_values)) &&
              vcl_json_set(values, "effective", parsed(made->effective_values));

    return ok ? vcl_steal(&values) : NULL;
}

static bool fill(cJSON *tree, const vcluster_description *made)
{
    const vcluster_usage *usage = made->usage;

    return tree && vcl_json_set_string(tree, "note", vcl_str(made->note)) &&
           vcl_json_set_string(tree, "maker", vcl_str(made->maker)) &&
           vcl_json_set(tree, "release", release_json(made)) &&
           vcl_json_set_string(tree, "store", vcl_str(made->store)) &&
           vcl_json_set(tree, "components", components_json(&made->components)) &&
           vcl_json_set(tree, "endpoints", vcl_ways_to_json(&made->ways)) &&
           vcl_json_set(tree, "quota", usage ? vcl_json_copy(usage->tree) : cJSON_CreateNull()) &&
           vcl_json_set(tree, "syncRules", rules_json(made->rules)) &&
           vcl_json_set(tree, "causes",
                        made->diagnosis ? vcl_causes_to_json(&made->diagnosis->causes)
                                        : cJSON_CreateArray()) &&
           vcl_json_set(tree, "values", values_json(made));
}

int vcluster_description_to_json(const vcluster_description *description,
                                 char **out_json,
                                 vcluster_error **error)
{
    if (!description || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s is NULL",
                        description ? "out_json" : "description");
    VCL_AUTO_JSON *tree = vcl_instance_tree(description->instance);
    char *text = fill(tree, description) ? vcl_json_print(tree) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}
