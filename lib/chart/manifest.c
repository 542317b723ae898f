/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of manifests; see manifest.h. Mirrors pkg/releaseutil of Helm 3.21. */
#include "chart/manifest.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/metadata.h"
#include "chart/template/utf8.h"
#include "data/yaml.h"

/* Helm's order of installation. */
static const char *const install_order[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
};

enum { KIND_COUNT = sizeof(install_order) / sizeof(install_order[0]) };

void vcl_documents_done(vcl_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++) {
        vcl_free_secret(documents->items[i].text);
        vcl_json_free_secret(documents->items[i].tree);
        free(documents->items[i].kind);
    }
    free(documents->items);
    *documents = (vcl_documents){ 0 };
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static vcl_tpl_text from(vcl_tpl_text text, size_t pos)
{
    return (vcl_tpl_text){ text.data + pos, text.size - pos };
}

/* Where the next separator stands in text: --- at the start of a line (or, if first, of the text),
 * with all white space around it. */
static bool find_separator(vcl_tpl_text text, bool first, size_t *out_start, size_t *out_end)
{
    size_t mark = text.size;
    size_t start = 0;

    if (first && text.size >= 3 && memcmp(text.data, "---", 3) == 0) {
        mark = 0;
    } else {
        const char *found = text.size ? memmem(text.data, text.size, "\n---", 4) : NULL;
        if (!found)
            return false;
        mark = (size_t)(found - text.data) + 1;
        start = mark;
        while (start > 0 && is_space(text.data[start - 1]))
            start--;
    }
    *out_start = start;
    *out_end = mark + 3;
    while (*out_end < text.size && is_space(text.data[*out_end]))
        (*out_end)++;
    return true;
}

/* The line of a text, counted from its first, at which a part of it begins. */
static int64_t line_of(const char *text, const char *part)
{
    int64_t line = 1;

    for (; text < part; text++)
        line += *text == '\n';
    return line;
}

static int not_a_document(const char *path, const char *why, int64_t line, vcluster_error **error)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFIG, "YAML parse error on %s: %s", path, why);

    vcl_error_add_finding(error, path, line, "manifest-yaml", VCLUSTER_SEVERITY_ERROR, why, NULL);
    return status;
}

/* Parse one document; lines of errors count from the start of the rendered file. */
static int parse(vcl_document *document, int64_t first_line, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status =
        vcl_yaml_parse_loose(document->text, strlen(document->text), &document->tree, &why);

    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0) {
        const vcluster_finding *finding = vcluster_error_finding_at(why, 0);
        int64_t line = finding ? vcluster_finding_line(finding) : 1;
        return not_a_document(document->path, vcluster_error_message(why), first_line + line - 1,
                              error);
    }
    if (!cJSON_IsObject(document->tree) && !cJSON_IsNull(document->tree))
        return not_a_document(document->path, "the document is no map", first_line, error);
    return 0;
}

/* Whether Helm can read a node as a text. */
static bool is_text(const cJSON *node)
{
    return !node || cJSON_IsNull(node) || vcl_metadata_is_scalar(node);
}

/* What is wrong with the part of an object that Helm reads before it is applied; NULL: nothing. */
static const char *what_is_wrong(const cJSON *tree)
{
    const cJSON *metadata = vcl_json_get(tree, "metadata");
    const cJSON *annotations = vcl_json_get(metadata, "annotations");

    if (!is_text(vcl_json_get(tree, "kind")))
        return "'kind' must be a text";
    if (!is_text(vcl_json_get(tree, "apiVersion")))
        return "'apiVersion' must be a text";
    if (metadata && !cJSON_IsObject(metadata) && !cJSON_IsNull(metadata))
        return "'metadata' must be a map";
    if (!is_text(vcl_json_get(metadata, "name")))
        return "'metadata.name' must be a text";
    if (annotations && !cJSON_IsObject(annotations) && !cJSON_IsNull(annotations))
        return "'metadata.annotations' must be a map";
    for (const cJSON *item = annotations ? annotations->child : NULL; item; item = item->next) {
        if (!is_text(item))
            return "annotations must be texts";
    }
    return NULL;
}

static int read_head(vcl_document *document, int64_t first_line, vcluster_error **error)
{
    const char *wrong = what_is_wrong(document->tree);
    const cJSON *kind = vcl_json_get(document->tree, "kind");
    const cJSON *hook =
        vcl_json_find(document->tree, "metadata", "annotations", "helm.sh/hook", NULL);

    if (wrong)
        return not_a_document(document->path, wrong, first_line, error);
    document->kind = vcl_metadata_is_scalar(kind) ? vcl_metadata_text(kind) : vcl_strdup("");
    document->is_hook = hook != NULL;
    document->is_unknown_hook = hook && !vcl_hook_events_known(vcl_str(cJSON_GetStringValue(hook)));
    return document->kind ? 0 : vcl_no_memory(error);
}

static bool reserve(vcl_documents *documents)
{
    if (documents->count < documents->capacity)
        return true;

    size_t capacity = documents->capacity ? documents->capacity * 2 : 16;
    vcl_document *items = realloc(documents->items, capacity * sizeof(*items));
    if (!items)
        return false;
    documents->items = items;
    documents->capacity = capacity;
    return true;
}

static int add_document(vcl_documents *documents,
                        const char *path,
                        vcl_tpl_text text,
                        int64_t first_line,
                        vcluster_error **error)
{
    if (!reserve(documents))
        return vcl_no_memory(error);
    if (text.size && memchr(text.data, '\0', text.size))
        return not_a_document(path, "control characters are not allowed", first_line, error);

    vcl_document *document = &documents->items[documents->count];
    *document = (vcl_document){ .path = path, .order = documents->count };
    document->text = vcl_strndup(text.data, text.size);
    if (!document->text)
        return vcl_no_memory(error);
    documents->count++;

    int status = parse(document, first_line, error);
    return status < 0 ? status : read_head(document, first_line, error);
}

int vcl_documents_add(vcl_documents *documents,
                      const char *path,
                      const char *text,
                      size_t size,
                      vcluster_error **error)
{
    vcl_tpl_text rest = vcl_tpl_trim_space((vcl_tpl_text){ text, size });
    size_t start = 0;
    size_t end = 0;
    bool more = rest.size > 0;
    bool first = true;

    while (more) {
        vcl_tpl_text piece = rest;
        more = find_separator(rest, first, &start, &end);
        first = false;
        if (more) {
            piece.size = start;
            rest = from(rest, end);
        }
        if (piece.size == 0)
            continue;
        piece = vcl_tpl_trim_space(piece);
        int status = add_document(documents, path, piece, line_of(text, piece.data), error);
        if (status < 0)
            return status;
    }
    return 0;
}

static size_t rank(const char *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (vcl_streq(kind, install_order[i]))
            return i;
    }
    return KIND_COUNT;
}

static int compare(const void *a, const void *b)
{
    const vcl_document *left = a;
    const vcl_document *right = b;
    size_t left_rank = rank(left->kind);
    size_t right_rank = rank(right->kind);

    if (left_rank != right_rank)
        return left_rank < right_rank ? -1 : 1;
    if (left_rank == KIND_COUNT && strcmp(left->kind, right->kind) != 0)
        return strcmp(left->kind, right->kind);
    return left->order < right->order ? -1 : left->order > right->order;
}

void vcl_documents_sort(vcl_documents *documents)
{
    if (documents->count)
        qsort(documents->items, documents->count, sizeof(*documents->items), compare);
}

char *vcl_documents_print(const vcl_documents *documents)
{
    VCL_AUTO_BUF buf = { .max = SIZE_MAX / 8 };

    for (size_t i = 0; i < documents->count; i++) {
        const vcl_document *document = &documents->items[i];
        if (document->is_hook)
            continue;
        vcl_buf_add(&buf, "---\n# Source: ");
        vcl_buf_add(&buf, document->path);
        vcl_buf_add_char(&buf, '\n');
        vcl_buf_add(&buf, document->text);
        vcl_buf_add_char(&buf, '\n');
    }
    return vcl_buf_steal(&buf);
}

int vcl_documents_take_hooks(vcl_documents *documents, vcl_hooks *hooks, vcluster_error **error)
{
    for (size_t i = 0; i < documents->count; i++) {
        vcl_document *document = &documents->items[i];
        if (!document->is_hook || document->is_unknown_hook)
            continue;
        int status =
            vcl_hooks_add(hooks, document->path, document->text, vcl_steal(&document->tree), error);
        if (status < 0)
            return status;
    }
    return 0;
}

int vcl_documents_take_objects(vcl_documents *documents,
                               cJSON **out_objects,
                               vcluster_error **error)
{
    VCL_AUTO_JSON *objects = cJSON_CreateArray();

    if (!objects)
        return vcl_no_memory(error);
    for (size_t i = 0; i < documents->count; i++) {
        vcl_document *document = &documents->items[i];
        if (document->is_hook || !cJSON_IsObject(document->tree))
            continue;
        if (!vcl_json_append(objects, vcl_steal(&document->tree)))
            return vcl_no_memory(error);
    }
    *out_objects = vcl_steal(&objects);
    return 0;
}
