/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chart.yaml to metadata; see metadata.h. Mirrors chart.Metadata of Helm 3.21 as sigs.k8s.io/yaml
 * fills it: keys in any case, numbers and booleans become texts where a text belongs, null is as if
 * it were not there, keys that nobody knows are dropped. Any node may be of any kind, null first of
 * all: every access here looks at the kind.
 */
#include "chart/metadata.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/number.h"

typedef enum field_kind {
    FIELD_TEXT,
    FIELD_TEXTS,
    FIELD_BOOL,
    FIELD_TEXT_MAP,
    FIELD_ANY_LIST,
    FIELD_MAINTAINERS,
    FIELD_DEPENDENCIES,
} field_kind;

typedef struct field {
    const char *name;
    field_kind kind;
    bool always; /* written even when it is empty */
} field;

static const field metadata_fields[] = {
    { "name", FIELD_TEXT, false },
    { "home", FIELD_TEXT, false },
    { "sources", FIELD_TEXTS, false },
    { "version", FIELD_TEXT, false },
    { "description", FIELD_TEXT, false },
    { "keywords", FIELD_TEXTS, false },
    { "maintainers", FIELD_MAINTAINERS, false },
    { "icon", FIELD_TEXT, false },
    { "apiVersion", FIELD_TEXT, false },
    { "condition", FIELD_TEXT, false },
    { "tags", FIELD_TEXT, false },
    { "appVersion", FIELD_TEXT, false },
    { "deprecated", FIELD_BOOL, false },
    { "annotations", FIELD_TEXT_MAP, false },
    { "kubeVersion", FIELD_TEXT, false },
    { "dependencies", FIELD_DEPENDENCIES, false },
    { "type", FIELD_TEXT, false },
    { NULL, FIELD_TEXT, false },
};

static const field maintainer_fields[] = {
    { "name", FIELD_TEXT, false },
    { "email", FIELD_TEXT, false },
    { "url", FIELD_TEXT, false },
    { NULL, FIELD_TEXT, false },
};

static const field dependency_fields[] = {
    { "name", FIELD_TEXT, true },
    { "version", FIELD_TEXT, false },
    { "repository", FIELD_TEXT, true },
    { "condition", FIELD_TEXT, false },
    { "tags", FIELD_TEXTS, false },
    { "enabled", FIELD_BOOL, false },
    { "import-values", FIELD_ANY_LIST, false },
    { "alias", FIELD_TEXT, false },
    { NULL, FIELD_TEXT, false },
};

static const field lock_fields[] = {
    { "generated", FIELD_TEXT, true },
    { "digest", FIELD_TEXT, true },
    { "dependencies", FIELD_DEPENDENCIES, true },
    { NULL, FIELD_TEXT, false },
};

int vcl_metadata_invalid(vcluster_error **error,
                         const char *file,
                         const char *rule,
                         const char *message)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFIG, "%s: %s", file, message);

    vcl_error_add_finding(error, file, 0, rule, VCLUSTER_SEVERITY_ERROR, message, NULL);
    return status;
}

/* Where something is read, for messages. */
typedef struct metadata_reader {
    const char *file;
    vcluster_error **error;
} metadata_reader;

static int wrong_kind(const metadata_reader *reader, const char *name, const char *expected)
{
    vcl_auto_free char *message = vcl_format("'%s' must be %s", name, expected);

    return message ? vcl_metadata_invalid(reader->error, reader->file, "chart-metadata", message)
                   : vcl_no_memory(reader->error);
}

static int
read_fields(const metadata_reader *reader, const cJSON *node, const field *fields, cJSON *to);

char *vcl_metadata_text(const cJSON *node)
{
    char text[VCL_NUMBER_SIZE];
    int64_t integer;

    if (cJSON_IsString(node) || cJSON_IsRaw(node))
        return vcl_strdup(node->valuestring);
    if (cJSON_IsBool(node))
        return vcl_strdup(cJSON_IsTrue(node) ? "true" : "false");
    if (vcl_json_to_int(node, &integer))
        return vcl_format("%lld", (long long)integer);
    vcl_format_go_float((float)node->valuedouble, text);
    return vcl_strdup(text);
}

bool vcl_metadata_is_scalar(const cJSON *node)
{
    return cJSON_IsString(node) || cJSON_IsRaw(node) || cJSON_IsBool(node) || cJSON_IsNumber(node);
}

/* A text, from a scalar; nothing (and *out_text NULL) from null. */
static int
read_text(const metadata_reader *reader, const char *name, const cJSON *node, cJSON **out_text)
{
    vcl_auto_free char *text = NULL;

    *out_text = NULL;
    if (!node || cJSON_IsNull(node))
        return 0;
    if (!vcl_metadata_is_scalar(node))
        return wrong_kind(reader, name, "a text");
    text = vcl_metadata_text(node);
    *out_text = text ? cJSON_CreateString(text) : NULL;
    return *out_text ? 0 : vcl_no_memory(reader->error);
}

/* A list or a map of texts. A null among them is an empty one. */
static int
read_texts(const metadata_reader *reader, const field *f, const cJSON *node, cJSON **out_texts)
{
    bool is_map = f->kind == FIELD_TEXT_MAP;
    VCL_AUTO_JSON *texts = is_map ? cJSON_CreateObject() : cJSON_CreateArray();

    if (!(is_map ? cJSON_IsObject(node) : cJSON_IsArray(node)))
        return wrong_kind(reader, f->name, is_map ? "a map of texts" : "a list of texts");
    for (const cJSON *item = node->child; item; item = item->next) {
        cJSON *text = NULL;
        int status = read_text(reader, f->name, item, &text);
        if (status < 0)
            return status;
        if (!text)
            text = cJSON_CreateString("");
        if (!(is_map ? vcl_json_set(texts, item->string, text) : vcl_json_append(texts, text)))
            return vcl_no_memory(reader->error);
    }
    *out_texts = vcl_steal(&texts);
    return texts || *out_texts ? 0 : vcl_no_memory(reader->error);
}

/* A list of objects with fields of their own. A null stays one: the check refuses it. */
static int
read_objects(const metadata_reader *reader, const field *f, const cJSON *node, cJSON **out_list)
{
    const field *fields = f->kind == FIELD_MAINTAINERS ? maintainer_fields : dependency_fields;
    VCL_AUTO_JSON *list = cJSON_CreateArray();

    if (!cJSON_IsArray(node))
        return wrong_kind(reader, f->name, "a list");
    for (const cJSON *item = node->child; item; item = item->next) {
        cJSON *entry = cJSON_IsNull(item) ? cJSON_CreateNull() : cJSON_CreateObject();
        if (!vcl_json_append(list, entry))
            return vcl_no_memory(reader->error);
        if (cJSON_IsNull(item))
            continue;
        if (!cJSON_IsObject(item))
            return wrong_kind(reader, f->name, "a list of maps");
        int status = read_fields(reader, item, fields, entry);
        if (status < 0)
            return status;
    }
    *out_list = vcl_steal(&list);
    return *out_list ? 0 : vcl_no_memory(reader->error);
}

static int
read_field(const metadata_reader *reader, const field *f, const cJSON *node, cJSON **out_node)
{
    if (!node || cJSON_IsNull(node))
        return 0;
    switch (f->kind) {
    case FIELD_TEXT:
        return read_text(reader, f->name, node, out_node);
    case FIELD_TEXTS:
    case FIELD_TEXT_MAP:
        return read_texts(reader, f, node, out_node);
    case FIELD_MAINTAINERS:
    case FIELD_DEPENDENCIES:
        return read_objects(reader, f, node, out_node);
    case FIELD_BOOL:
        if (!cJSON_IsBool(node))
            return wrong_kind(reader, f->name, "true or false");
        break;
    case FIELD_ANY_LIST:
        if (!cJSON_IsArray(node))
            return wrong_kind(reader, f->name, "a list");
        break;
    }
    *out_node = vcl_json_copy(node);
    return *out_node ? 0 : vcl_no_memory(reader->error);
}

/* A member by its name, in any case when it is not there as it should be written. */
static const cJSON *find_member(const cJSON *node, const char *name)
{
    const cJSON *found = vcl_json_get(node, name);

    for (const cJSON *item = node->child; !found && item; item = item->next) {
        if (item->string && strcasecmp(item->string, name) == 0)
            found = item;
    }
    return found;
}

/* Read the fields of a map into an object, over what is there. */
static int
read_fields(const metadata_reader *reader, const cJSON *node, const field *fields, cJSON *to)
{
    for (const field *f = fields; f->name; f++) {
        cJSON *value = NULL;
        int status = read_field(reader, f, find_member(node, f->name), &value);
        if (status < 0)
            return status;
        if (!value && f->always && f->kind == FIELD_TEXT && !vcl_json_get(to, f->name))
            value = cJSON_CreateString("");
        else if (!value)
            continue;
        if (!vcl_json_set(to, f->name, value))
            return vcl_no_memory(reader->error);
    }
    return 0;
}

/* Whether Helm leaves a member out of its JSON. */
static bool is_left_out(const cJSON *node)
{
    return cJSON_IsFalse(node) || (cJSON_IsString(node) && !*node->valuestring) ||
           ((cJSON_IsArray(node) || cJSON_IsObject(node)) && !node->child);
}

/* The members in the order of the fields, those left out that are empty. An empty list of
 * dependencies stays: it differs from none. */
static int put_in_order(cJSON *object, const field *fields, vcluster_error **error)
{
    VCL_AUTO_JSON *sorted = cJSON_CreateObject();

    for (const field *f = fields; sorted && f->name; f++) {
        cJSON *member = vcl_json_get(object, f->name);
        bool keep = f->always || f->kind == FIELD_DEPENDENCIES;
        if (!member || (!keep && is_left_out(member)))
            continue;
        if (!vcl_json_set(sorted, f->name, cJSON_DetachItemViaPointer(object, member)))
            return vcl_no_memory(error);
    }
    if (!sorted)
        return vcl_no_memory(error);
    sorted->type |= VCL_JSON_ORDERED;
    vcl_json_exchange(object, sorted);
    return 0;
}

/* The same for a map and the objects in its lists. */
static int order_all(cJSON *object, const field *fields, vcluster_error **error)
{
    static const struct {
        const char *name;
        const field *fields;
    } lists[] = { { "maintainers", maintainer_fields }, { "dependencies", dependency_fields } };
    int status = put_in_order(object, fields, error);

    for (size_t i = 0; status == 0 && i < 2; i++) {
        cJSON *list = vcl_json_get(object, lists[i].name);
        for (cJSON *item = list ? list->child : NULL; status == 0 && item; item = item->next)
            status = cJSON_IsObject(item) ? put_in_order(item, lists[i].fields, error) : 0;
    }
    return status;
}

int vcl_metadata_read(const cJSON *tree, const char *file, cJSON **metadata, vcluster_error **error)
{
    metadata_reader reader = { file, error };

    if (!*metadata)
        *metadata = cJSON_CreateObject();
    if (!*metadata)
        return vcl_no_memory(error);
    if (!cJSON_IsObject(tree) && !cJSON_IsNull(tree))
        return vcl_metadata_invalid(error, file, "chart-map", "this is no map");

    return read_fields(&reader, tree, metadata_fields, *metadata);
}

int vcl_metadata_order(cJSON *metadata, vcluster_error **error)
{
    return order_all(metadata, metadata_fields, error);
}

int vcl_metadata_read_lock(const cJSON *tree,
                           const char *file,
                           cJSON **out_lock,
                           vcluster_error **error)
{
    metadata_reader reader = { file, error };
    bool empty = cJSON_IsNull(tree);
    VCL_AUTO_JSON *lock = empty ? cJSON_CreateNull() : cJSON_CreateObject();

    if (!lock)
        return vcl_no_memory(error);
    if (!empty && !cJSON_IsObject(tree))
        return vcl_metadata_invalid(error, file, "chart-map", "this is no map");
    /* Keys in Helm's order; a time that is missing is Go's zero. */
    if (!empty && !vcl_json_set_string(lock, "generated", "0001-01-01T00:00:00Z"))
        return vcl_no_memory(error);

    int status = empty ? 0 : read_fields(&reader, tree, lock_fields, lock);
    if (status < 0)
        return status;
    if (!empty && !vcl_json_get(lock, "dependencies") &&
        !vcl_json_set(lock, "dependencies", cJSON_CreateNull()))
        return vcl_no_memory(error);
    status = empty ? 0 : order_all(lock, lock_fields, error);
    if (status == 0)
        *out_lock = vcl_steal(&lock);
    return status;
}
