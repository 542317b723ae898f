/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks of a chart; see hook.h. Mirrors pkg/releaseutil/manifest_sorter.go of Helm 3.21. A hook is
 * made of its entry in the record of a release, whether that comes from a document just rendered or
 * from a Secret, so that there is one reader of it.
 */
#include "chart/hook.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/metadata.h"
#include "chart/template/utf8.h"
#include "data/yaml.h"

/* A word of an annotation and its bit. */
typedef struct hook_word {
    const char *name;
    unsigned bit;
} hook_word;

/* "test-success" is what Helm 2 called it, and still means "test". */
static const hook_word event_words[] = {
    { "pre-install", VCL_HOOK_PRE_INSTALL },
    { "post-install", VCL_HOOK_POST_INSTALL },
    { "pre-delete", VCL_HOOK_PRE_DELETE },
    { "post-delete", VCL_HOOK_POST_DELETE },
    { "pre-upgrade", VCL_HOOK_PRE_UPGRADE },
    { "post-upgrade", VCL_HOOK_POST_UPGRADE },
    { "pre-rollback", VCL_HOOK_PRE_ROLLBACK },
    { "post-rollback", VCL_HOOK_POST_ROLLBACK },
    { "test", VCL_HOOK_TEST },
    { "test-success", VCL_HOOK_TEST },
    { NULL, 0 },
};

static const hook_word policy_words[] = {
    { "before-hook-creation", VCL_HOOK_BEFORE_CREATION },
    { "hook-succeeded", VCL_HOOK_ON_SUCCESS },
    { "hook-failed", VCL_HOOK_ON_FAILURE },
    { NULL, 0 },
};

static unsigned find_word(const hook_word *words, const char *name)
{
    for (; words->name; words++) {
        if (strcasecmp(words->name, name) == 0)
            return words->bit;
    }
    return 0;
}

static const char *find_name(const hook_word *words, unsigned bit)
{
    for (; words->name; words++) {
        if (words->bit == bit)
            return words->name;
    }
    return NULL;
}

const char *vcl_hook_event_name(vcl_hook_event event)
{
    return find_name(event_words, event);
}

static void hook_done(vcl_hook *hook)
{
    free(hook->name);
    free(hook->kind);
    free(hook->path);
    vcl_free_secret(hook->manifest);
    vcl_json_free_secret(hook->object);
    vcl_json_free_secret(hook->record);
    *hook = (vcl_hook){ 0 };
}

void vcl_hooks_done(vcl_hooks *hooks)
{
    for (size_t i = 0; i < hooks->count; i++)
        hook_done(&hooks->items[i]);
    free(hooks->items);
    *hooks = (vcl_hooks){ 0 };
}

static void lower(char *text)
{
    for (; *text; text++)
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text + ('a' - 'A') : *text);
}

/* The words of an annotation ("a, B") as an array in lower case. */
static cJSON *split_words(const char *list)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    for (bool more = true; array && more;) {
        size_t size = strcspn(list, ",");
        vcl_tpl_text word = vcl_tpl_trim_space((vcl_tpl_text){ list, size });
        vcl_auto_free char *copy = vcl_strndup(word.size ? word.data : "", word.size);
        if (!copy)
            return NULL;
        lower(copy);
        if (!vcl_json_append(array, cJSON_CreateString(copy)))
            return NULL;
        more = list[size] == ',';
        list += size + 1;
    }
    return vcl_steal(&array);
}

bool vcl_hook_events_known(const char *list)
{
    for (bool more = true; more;) {
        size_t size = strcspn(list, ",");
        vcl_tpl_text word = vcl_tpl_trim_space((vcl_tpl_text){ list, size });
        char name[24] = "";
        if (word.size == 0 || word.size >= sizeof(name))
            return false;
        memcpy(name, word.data, word.size);
        if (!find_word(event_words, name))
            return false;
        more = list[size] == ',';
        list += size + 1;
    }
    return true;
}

/* The bits of the words in an array; what is unknown is passed over. */
static unsigned read_bits(const cJSON *array, const hook_word *words)
{
    unsigned bits = 0;

    for (const cJSON *item = cJSON_IsArray(array) ? array->child : NULL; item; item = item->next)
        bits |= cJSON_IsString(item) ? find_word(words, item->valuestring) : 0;
    return bits;
}

static int read_weight(const cJSON *record)
{
    int64_t weight = vcl_json_find_int(record, 0, "weight", NULL);

    return weight > INT_MAX ? INT_MAX : weight < INT_MIN ? INT_MIN : (int)weight;
}

static char *copy_member(const cJSON *record, const char *key)
{
    return vcl_strdup(vcl_str(vcl_json_find_string(record, key, NULL)));
}

static bool grow(vcl_hooks *hooks)
{
    size_t capacity = hooks->count + 1;
    vcl_hook *items = NULL;

    if (hooks->count & (hooks->count - 1)) /* room is made at powers of two */
        return true;
    if (hooks->count)
        capacity = hooks->count * 2;
    items = realloc(hooks->items, capacity * sizeof(*items));
    if (items)
        hooks->items = items;
    return items != NULL;
}

/* Append a hook made of its record; record and object are taken over. */
static int append(vcl_hooks *hooks, cJSON *record, cJSON *object, vcluster_error **error)
{
    vcl_hook hook = {
        .name = copy_member(record, "name"),
        .kind = copy_member(record, "kind"),
        .path = copy_member(record, "path"),
        .manifest = copy_member(record, "manifest"),
        .object = object,
        .record = record,
        .events = read_bits(vcl_json_get(record, "events"), event_words),
        .delete_policies = read_bits(vcl_json_get(record, "delete_policies"), policy_words),
        .output_log_policies = read_bits(vcl_json_get(record, "output_log_policies"), policy_words),
        .weight = read_weight(record),
    };

    /* Helm's default, where nothing else is asked for. */
    if (!cJSON_GetArraySize(vcl_json_get(record, "delete_policies")))
        hook.delete_policies = VCL_HOOK_BEFORE_CREATION;
    if (!hook.name || !hook.kind || !hook.path || !hook.manifest || !grow(hooks)) {
        hook_done(&hook);
        return vcl_no_memory(error);
    }
    hooks->items[hooks->count++] = hook;
    return 0;
}

static bool
set_last_run(cJSON *record, const char *started, const char *completed, const char *phase)
{
    cJSON *run = vcl_json_object(record, "last_run");

    if (run)
        run->type |= VCL_JSON_ORDERED;
    return run && vcl_json_set_string(run, "started_at", started) &&
           vcl_json_set_string(run, "completed_at", completed) &&
           vcl_json_set_string(run, "phase", phase);
}

/* A member as a text, "" for none; NULL when memory is short. */
static char *text_at(const cJSON *node, const char *key)
{
    const cJSON *member = vcl_json_get(node, key);

    return vcl_metadata_is_scalar(member) ? vcl_metadata_text(member) : vcl_strdup("");
}

static bool set_words(cJSON *record, const char *key, const cJSON *annotations, const char *name)
{
    vcl_auto_free char *list = text_at(annotations, name);

    if (!vcl_json_get(annotations, name))
        return true;
    return list && vcl_json_set(record, key, split_words(list));
}

static bool set_weight(cJSON *record, const cJSON *annotations)
{
    vcl_auto_free char *text = text_at(annotations, "helm.sh/hook-weight");
    int64_t weight = 0;

    if (!text)
        return false;
    return !vcl_parse_i64(text, &weight) || weight == 0 ||
           vcl_json_set_int(record, "weight", weight);
}

static bool set_text(cJSON *record, const char *key, const char *text)
{
    return text && (!*text || vcl_json_set_string(record, key, text));
}

/* The entry of a record, its keys in Helm's order. */
static cJSON *make_record(const char *path, const char *manifest, const cJSON *object)
{
    const cJSON *annotations = vcl_json_find(object, "metadata", "annotations", NULL);
    VCL_AUTO_JSON *record = cJSON_CreateObject();
    vcl_auto_free char *name = text_at(vcl_json_get(object, "metadata"), "name");
    vcl_auto_free char *kind = text_at(object, "kind");

    if (record && set_text(record, "name", name) && set_text(record, "kind", kind) &&
        set_text(record, "path", path) && set_text(record, "manifest", manifest) &&
        set_words(record, "events", annotations, "helm.sh/hook") &&
        set_last_run(record, "", "", "") && set_weight(record, annotations) &&
        set_words(record, "delete_policies", annotations, "helm.sh/hook-delete-policy") &&
        set_words(record, "output_log_policies", annotations, "helm.sh/hook-output-log-policy")) {
        record->type |= VCL_JSON_ORDERED;
        return vcl_steal(&record);
    }
    return NULL;
}

/* The record has the name of the event, not what Helm 2 called it. */
static bool rename_events(const cJSON *events)
{
    for (cJSON *item = events ? events->child : NULL; item; item = item->next) {
        const char *name = find_name(event_words, find_word(event_words, item->valuestring));
        VCL_AUTO_JSON *renamed = name ? cJSON_CreateString(name) : NULL;
        if (!renamed)
            return false;
        vcl_json_exchange(item, renamed);
    }
    return true;
}

int vcl_hooks_add(
    vcl_hooks *hooks, const char *path, const char *manifest, cJSON *object, vcluster_error **error)
{
    cJSON *record = make_record(path, manifest, object);

    if (!record || !rename_events(vcl_json_get(record, "events"))) {
        vcl_json_free_secret(record);
        vcl_json_free_secret(object);
        return vcl_no_memory(error);
    }
    return append(hooks, record, object, error);
}

char *vcl_hooks_print(const vcl_hooks *hooks, bool skip_tests)
{
    VCL_AUTO_BUF buf = { .max = SIZE_MAX / 8 };

    for (size_t i = 0; i < hooks->count; i++) {
        const vcl_hook *hook = &hooks->items[i];
        if (skip_tests && (hook->events & VCL_HOOK_TEST))
            continue;
        vcl_buf_add(&buf, "---\n# Source: ");
        vcl_buf_add(&buf, hook->path);
        vcl_buf_add_char(&buf, '\n');
        vcl_buf_add(&buf, hook->manifest);
        vcl_buf_add_char(&buf, '\n');
    }
    return vcl_buf_steal(&buf);
}

bool vcl_hook_ran(vcl_hook *hook, int64_t started, int64_t completed, const char *phase)
{
    char begin[VCL_RFC3339_SIZE] = "";
    char end[VCL_RFC3339_SIZE] = "";

    if (started)
        vcl_rfc3339(started, -1, begin);
    if (completed)
        vcl_rfc3339(completed, -1, end);
    return set_last_run(hook->record, begin, end, phase);
}

cJSON *vcl_hooks_to_json(const vcl_hooks *hooks)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    for (size_t i = 0; array && i < hooks->count; i++) {
        if (!vcl_json_append(array, vcl_json_copy(hooks->items[i].record)))
            return NULL;
    }
    return vcl_steal(&array);
}

/* One entry of a record that another program may have written. */
static int add_entry(vcl_hooks *hooks, const cJSON *entry, vcluster_error **error)
{
    const char *manifest = vcl_json_find_string(entry, "manifest", NULL);
    VCL_AUTO_JSON *object = NULL;
    cJSON *record = NULL;

    if (!cJSON_IsObject(entry))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "a hook of the release is no object");
    if (!manifest)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "hook '%s' of the release has no manifest",
                        vcl_str(vcl_json_find_string(entry, "name", NULL)));

    int status = vcl_yaml_parse_loose(manifest, strlen(manifest), &object, error);
    if (status < 0)
        return status == VCLUSTER_E_NO_MEMORY
                   ? status
                   : vcl_wrap(error, status, "read hook '%s' of the release",
                              vcl_str(vcl_json_find_string(entry, "name", NULL)));
    record = vcl_json_copy(entry);
    return record ? append(hooks, record, vcl_steal(&object), error) : vcl_no_memory(error);
}

int vcl_hooks_from_json(const cJSON *array, vcl_hooks *out_hooks, vcluster_error **error)
{
    vcl_hooks hooks = { 0 };
    int status = 0;

    if (array && !cJSON_IsNull(array) && !cJSON_IsArray(array))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the hooks of the release are no list");
    for (const cJSON *entry = array ? array->child : NULL; status == 0 && entry;
         entry = entry->next)
        status = add_entry(&hooks, entry, error);
    if (status < 0)
        vcl_hooks_done(&hooks);
    else
        *out_hooks = hooks;
    return status;
}
