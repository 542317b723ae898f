/* SPDX-License-Identifier: Apache-2.0 */
/* The changes of a plan, and how a plan is printed; see changes.h. */
#include "vcluster/changes.h"

#include <libvcluster/adopt.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* A chart of a thousand objects with a hundred fields each is none that anybody plans. */
enum { MAX_CHANGES = 100000 };

static void change_done(vcluster_change *change)
{
    free(change->api_version);
    free(change->kind);
    free(change->namespace_name);
    free(change->name);
    free(change->path);
    free(change->before);
    free(change->after);
    free(change->reason);
}

void vcluster_plan_free(vcluster_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->count; i++)
        change_done(&plan->items[i]);
    free(plan->items);
    free(plan);
}

int vcl_plan_new(const char *operation, vcluster_plan **out_plan, vcluster_error **error)
{
    vcluster_plan *plan = calloc(1, sizeof(*plan));

    if (!plan)
        return vcl_no_memory(error);
    plan->operation = operation;
    *out_plan = plan;
    return VCLUSTER_OK;
}

static char *printed(const cJSON *node)
{
    return node ? vcl_json_print(node) : vcl_strdup("");
}

int vcl_plan_add(vcluster_plan *plan, const vcl_change *change, vcluster_error **error)
{
    vcluster_change made = {
        .action = change->action,
        .impact = change->impact,
        .api_version = vcl_strdup(vcl_str(change->api_version)),
        .kind = vcl_strdup(vcl_str(change->kind)),
        .namespace_name = vcl_strdup(vcl_str(change->namespace_name)),
        .name = vcl_strdup(vcl_str(change->name)),
        .path = vcl_strdup(vcl_str(change->path)),
        .before = printed(change->before),
        .after = printed(change->after),
        .reason = vcl_strdup(vcl_str(change->reason)),
    };
    bool full = plan->count >= MAX_CHANGES;

    /* Doubling at powers of two keeps the number of reallocations logarithmic. */
    if (!full && !(plan->count & (plan->count - 1))) {
        size_t room = plan->count ? plan->count * 2 : 1;
        vcluster_change *grown = realloc(plan->items, room * sizeof(*grown));
        full = !grown;
        plan->items = grown ? grown : plan->items;
    }
    if (full || !made.api_version || !made.kind || !made.namespace_name || !made.name ||
        !made.path || !made.before || !made.after || !made.reason) {
        change_done(&made);
        return vcl_no_memory(error);
    }
    plan->items[plan->count++] = made;
    return VCLUSTER_OK;
}

const char *vcluster_plan_operation(const vcluster_plan *plan)
{
    return plan ? plan->operation : "";
}

const char *vcluster_plan_origin(const vcluster_plan *plan)
{
    return plan ? vcl_str(plan->origin) : "";
}

int vcluster_plan_impact(const vcluster_plan *plan)
{
    int gravest = 0;

    for (size_t i = 0; i < vcluster_plan_size(plan); i++)
        gravest = plan->items[i].impact > gravest ? plan->items[i].impact : gravest;
    return gravest;
}

size_t vcluster_plan_size(const vcluster_plan *plan)
{
    return plan ? plan->count : 0;
}

const vcluster_change *vcluster_plan_at(const vcluster_plan *plan, size_t index)
{
    return index < vcluster_plan_size(plan) ? &plan->items[index] : NULL;
}

int vcluster_change_action(const vcluster_change *change)
{
    return change ? change->action : 0;
}

int vcluster_change_impact(const vcluster_change *change)
{
    return change ? change->impact : 0;
}

const char *vcluster_change_api_version(const vcluster_change *change)
{
    return change ? change->api_version : "";
}

const char *vcluster_change_kind(const vcluster_change *change)
{
    return change ? change->kind : "";
}

const char *vcluster_change_namespace(const vcluster_change *change)
{
    return change ? change->namespace_name : "";
}

const char *vcluster_change_name(const vcluster_change *change)
{
    return change ? change->name : "";
}

const char *vcluster_change_path(const vcluster_change *change)
{
    return change ? change->path : "";
}

const char *vcluster_change_before(const vcluster_change *change)
{
    return change ? change->before : "";
}

const char *vcluster_change_after(const vcluster_change *change)
{
    return change ? change->after : "";
}

const char *vcluster_change_reason(const vcluster_change *change)
{
    return change ? change->reason : "";
}

const char *vcluster_action_name(int action)
{
    switch (action) {
    case VCLUSTER_ACTION_ADD:
        return "add";
    case VCLUSTER_ACTION_MODIFY:
        return "modify";
    case VCLUSTER_ACTION_REMOVE:
        return "remove";
    case VCLUSTER_ACTION_KEEP:
        return "keep";
    case VCLUSTER_ACTION_LEAK:
        return "leak";
    default:
        return "unknown";
    }
}

const char *vcluster_impact_name(int impact)
{
    switch (impact) {
    case 0:
    case VCLUSTER_IMPACT_NONE:
        return "none";
    case VCLUSTER_IMPACT_LIVE:
        return "live";
    case VCLUSTER_IMPACT_RESTART:
        return "restart";
    case VCLUSTER_IMPACT_DATALOSS:
        return "dataloss";
    case VCLUSTER_IMPACT_REFUSED:
        return "refused";
    default:
        return "unknown";
    }
}

static bool set_unless_empty(cJSON *object, const char *key, const char *text)
{
    return !*text || vcl_json_set_string(object, key, text);
}

/* Values are JSON already, and stand as such in the whole. */
static bool set_value(cJSON *object, const char *key, const char *json)
{
    return !*json || vcl_json_set(object, key, cJSON_CreateRaw(json));
}

static bool add_json(cJSON *changes, const vcluster_change *change)
{
    cJSON *object = cJSON_CreateObject();

    return vcl_json_append(changes, object) &&
           vcl_json_set_string(object, "action", vcluster_action_name(change->action)) &&
           vcl_json_set_string(object, "impact", vcluster_impact_name(change->impact)) &&
           set_unless_empty(object, "apiVersion", change->api_version) &&
           set_unless_empty(object, "kind", change->kind) &&
           set_unless_empty(object, "namespace", change->namespace_name) &&
           set_unless_empty(object, "name", change->name) &&
           set_unless_empty(object, "path", change->path) &&
           set_value(object, "before", change->before) &&
           set_value(object, "after", change->after) &&
           set_unless_empty(object, "reason", change->reason);
}

int vcluster_plan_to_json(const vcluster_plan *plan, char **out_json, vcluster_error **error)
{
    if (!plan || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "plan or out_json is NULL");

    VCL_AUTO_JSON *json = cJSON_CreateObject();
    cJSON *changes = json ? cJSON_CreateArray() : NULL;
    bool made =
        json && vcl_json_set_string(json, "operation", plan->operation) &&
        set_unless_empty(json, "origin", vcl_str(plan->origin)) &&
        vcl_json_set_string(json, "impact", vcluster_impact_name(vcluster_plan_impact(plan))) &&
        vcl_json_set(json, "changes", changes);
    for (size_t i = 0; made && i < plan->count; i++)
        made = add_json(changes, &plan->items[i]);
    char *text = made ? vcl_json_print(json) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}

static bool same_object(const vcluster_change *a, const vcluster_change *b)
{
    return vcl_streq(a->kind, b->kind) && vcl_streq(a->api_version, b->api_version) &&
           vcl_streq(a->namespace_name, b->namespace_name) && vcl_streq(a->name, b->name);
}

static void print_object(vcl_buf *out, const vcluster_change *change)
{
    static const char signs[] = { ' ', '+', '~', '-', '=', '!' };
    bool known = change->action > 0 && change->action < (int)sizeof(signs);

    (void)vcl_buf_addf(out, "%c %s %s%s%s", known ? signs[change->action] : ' ', change->kind,
                       change->namespace_name, *change->namespace_name ? "/" : "", change->name);
}

/* Long values, scripts say, are cut: the JSON form has them whole. */
static void print_field(vcl_buf *out, const vcluster_change *change)
{
    const char *before = *change->before ? change->before : "(none)";
    const char *after = *change->after ? change->after : "(none)";

    if (*change->before || *change->after)
        (void)vcl_buf_addf(out, "    %s: %.120s -> %.120s", change->path, before, after);
    else
        (void)vcl_buf_addf(out, "    %s", change->path);
}

static void print_change(vcl_buf *out, const vcluster_change *before, const vcluster_change *change)
{
    bool whole = !*change->path;

    if (whole || !before || !same_object(before, change)) {
        print_object(out, change);
        if (!whole)
            (void)vcl_buf_add(out, "\n");
    }
    if (!whole)
        print_field(out, change);
    (void)vcl_buf_addf(out, "  [%s]%s%s\n", vcluster_impact_name(change->impact),
                       *change->reason ? " " : "", change->reason);
}

int vcluster_plan_to_text(const vcluster_plan *plan, char **out_text, vcluster_error **error)
{
    VCL_AUTO_BUF out = { 0 };

    if (!plan || !out_text)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "plan or out_text is NULL");

    vcl_buf_init(&out, VCL_MAX_HTTP_BODY);
    (void)vcl_buf_addf(&out, "%s%s%s: %zu change%s, impact %s\n", plan->operation,
                       plan->origin ? ", made by " : "", vcl_str(plan->origin), plan->count,
                       plan->count == 1 ? "" : "s",
                       vcluster_impact_name(vcluster_plan_impact(plan)));
    for (size_t i = 0; i < plan->count; i++)
        print_change(&out, i ? &plan->items[i - 1] : NULL, &plan->items[i]);
    char *text = vcl_buf_steal(&out);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    return VCLUSTER_OK;
}
