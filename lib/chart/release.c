/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helm 3 release records; see release.h. The value of the Secret is base64 (Kubernetes) of base64
 * (Helm) of gzip of JSON. Layout as of Helm 3.21: pkg/storage/driver/secrets.go.
 */
#include "chart/release.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"

/* What a Secret may hold. */
enum { MAX_SECRET = 1 << 20 };

char *vcl_release_secret_name(const char *name, int revision)
{
    return vcl_format("sh.helm.release.v1.%s.v%d", name, revision);
}

static bool set_time(cJSON *object, const char *key, int64_t seconds)
{
    char text[VCL_RFC3339_SIZE];

    vcl_rfc3339(seconds, -1, text);
    return vcl_json_set_string(object, key, text);
}

/* An object whose members stay in their order, as those of a Go struct do. */
static cJSON *in_order(cJSON *object)
{
    if (object)
        object->type |= VCL_JSON_ORDERED;
    return object;
}

/* Bytes, as encoding/json writes them: base64, or null for none. */
static bool set_bytes(cJSON *object, const char *key, const char *data, size_t size)
{
    vcl_auto_free char *encoded = data ? vcl_base64_encode(data, size) : NULL;

    if (!data)
        return vcl_json_set(object, key, cJSON_CreateNull());
    return encoded && vcl_json_set_string(object, key, encoded);
}

static bool set_files(cJSON *object, const char *key, const vcl_chart_file *files, size_t count)
{
    cJSON *array = cJSON_CreateArray();

    if (!vcl_json_set(object, key, array))
        return false;
    for (size_t i = 0; i < count; i++) {
        cJSON *file = in_order(cJSON_CreateObject());
        if (!vcl_json_append(array, file) || !vcl_json_set_string(file, "name", files[i].name) ||
            !set_bytes(file, "data", files[i].data, files[i].size))
            return false;
    }
    return true;
}

static bool set_info(cJSON *release, const vcl_release_info *info)
{
    cJSON *object = in_order(vcl_json_object(release, "info"));

    return object && set_time(object, "first_deployed", info->first_deployed) &&
           set_time(object, "last_deployed", info->last_deployed) &&
           vcl_json_set_string(object, "deleted", "") &&
           vcl_json_set_string(object, "description", vcl_str(info->description)) &&
           vcl_json_set_string(object, "status", info->status);
}

/* Chart.yaml; an empty list of dependencies is not recorded. */
static cJSON *metadata_of(const vcl_release_info *info, const vcluster_chart *chart)
{
    cJSON *metadata = vcl_json_copy(info->chart_metadata ? info->chart_metadata : chart->metadata);
    const cJSON *list = vcl_json_get(metadata, "dependencies");

    if (list && !list->child)
        vcl_json_remove(metadata, "dependencies");
    return metadata;
}

static bool set_chart(cJSON *release, const vcl_release_info *info, const vcluster_chart *chart)
{
    cJSON *object = in_order(vcl_json_object(release, "chart"));
    const cJSON *values = info->chart_values ? info->chart_values : chart->values;

    return object && vcl_json_set(object, "metadata", metadata_of(info, chart)) &&
           vcl_json_set(object, "lock",
                        chart->lock ? vcl_json_copy(chart->lock) : cJSON_CreateNull()) &&
           set_files(object, "templates", chart->templates, chart->template_count) &&
           vcl_json_set(object, "values", vcl_json_copy(values)) &&
           set_bytes(object, "schema", chart->schema, chart->schema ? strlen(chart->schema) : 0) &&
           set_files(object, "files", chart->files, chart->file_count);
}

static cJSON *build_release(const vcl_release_info *info,
                            const vcluster_chart *chart,
                            const cJSON *user_values,
                            const char *manifest)
{
    bool has_values = user_values && user_values->child;
    cJSON *release = cJSON_CreateObject();

    if (release && vcl_json_set_string(release, "name", info->name) && set_info(release, info) &&
        set_chart(release, info, chart) &&
        (!has_values || vcl_json_set(release, "config", vcl_json_copy(user_values))) &&
        vcl_json_set_string(release, "manifest", manifest) &&
        vcl_json_set_int(release, "version", info->revision) &&
        vcl_json_set_string(release, "namespace", info->namespace_name))
        return release;
    vcl_json_free_secret(release);
    return NULL;
}

/* Print one member of the release behind those that are there. */
static bool print_member(vcl_buf *buf, const cJSON *member)
{
    char *text = vcl_json_print_go(member);

    vcl_buf_addf(buf, "%s\"%s\":", buf->size > 1 ? "," : "", member->string);
    vcl_buf_add(buf, vcl_str(text));
    bool done = text && !vcl_buf_failed(buf);
    vcl_free_secret(text);
    return done;
}

/* The members of a release in Helm's order; those that Helm 3 does not know are behind them. */
static char *print_release(const cJSON *release)
{
    static const char *const names[] = { "name",     "info",  "chart",   "config",
                                         "manifest", "hooks", "version", "namespace" };
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    VCL_AUTO_BUF buf = { .max = SIZE_MAX / 8 };

    vcl_buf_add_char(&buf, '{');
    for (size_t i = 0; i < COUNT; i++) {
        const cJSON *member = vcl_json_get(release, names[i]);
        if (member && !print_member(&buf, member))
            return NULL;
    }
    for (const cJSON *member = release->child; member; member = member->next) {
        bool printed = false;
        for (size_t i = 0; i < COUNT && !printed; i++)
            printed = vcl_streq(member->string, names[i]);
        if (!printed && !print_member(&buf, member))
            return NULL;
    }
    vcl_buf_add_char(&buf, '}');
    return vcl_buf_steal(&buf);
}

/* Release to the text for data.release. */
static int pack(const cJSON *release, char **out_text, vcluster_error **error)
{
    char *json = print_release(release);
    vcl_auto_free char *zipped = NULL;
    vcl_auto_free char *inner = NULL;
    size_t size = 0;

    if (!json)
        return vcl_no_memory(error);

    int status = vcl_gzip(json, strlen(json), &zipped, &size, error);
    vcl_free_secret(json);
    if (status < 0)
        return status;
    inner = vcl_base64_encode(zipped, size);
    if (inner && strlen(inner) > MAX_SECRET)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the release is too large for a Secret (%zu bytes of %d): make the chart "
                        "or the values smaller",
                        strlen(inner), MAX_SECRET);
    *out_text = inner ? vcl_base64_encode(inner, strlen(inner)) : NULL;
    return *out_text ? 0 : vcl_no_memory(error);
}

static bool set_labels(cJSON *metadata, const vcl_release_info *info)
{
    cJSON *labels = vcl_json_object(metadata, "labels");
    char number[24];

    if (!labels || !vcl_json_set_string(labels, "name", info->name) ||
        !vcl_json_set_string(labels, "owner", "helm") ||
        !vcl_json_set_string(labels, "status", info->status))
        return false;
    (void)snprintf(number, sizeof(number), "%d", info->revision);
    if (!vcl_json_set_string(labels, "version", number))
        return false;
    (void)snprintf(number, sizeof(number), "%lld", (long long)info->last_deployed);
    return vcl_json_set_string(labels, "createdAt", number);
}

static bool set_metadata(cJSON *secret, const vcl_release_info *info, const cJSON *annotations)
{
    cJSON *metadata = vcl_json_object(secret, "metadata");
    vcl_auto_free char *name = vcl_release_secret_name(info->name, info->revision);

    return metadata && name && vcl_json_set_string(metadata, "name", name) &&
           vcl_json_set_string(metadata, "namespace", info->namespace_name) &&
           set_labels(metadata, info) &&
           (!annotations || vcl_json_set(metadata, "annotations", vcl_json_copy(annotations)));
}

static cJSON *
build_secret(const vcl_release_info *info, const cJSON *annotations, const char *packed)
{
    cJSON *secret = cJSON_CreateObject();

    if (secret && vcl_json_set_string(secret, "apiVersion", "v1") &&
        vcl_json_set_string(secret, "kind", "Secret") && set_metadata(secret, info, annotations) &&
        vcl_json_set_string(secret, "type", "helm.sh/release.v1") &&
        vcl_json_set_string(vcl_json_object(secret, "data"), "release", packed))
        return secret;
    vcl_json_free_secret(secret);
    return NULL;
}

int vcl_release_encode(const vcl_release_info *info,
                       const vcluster_chart *chart,
                       const cJSON *user_values,
                       const char *manifest,
                       const cJSON *annotations,
                       cJSON **out_secret,
                       vcluster_error **error)
{
    cJSON *release = build_release(info, chart, user_values, manifest);
    vcl_auto_free char *packed = NULL;

    if (!release)
        return vcl_no_memory(error);

    int status = pack(release, &packed, error);
    vcl_json_free_secret(release);
    if (status < 0)
        return status;

    cJSON *secret = build_secret(info, annotations, packed);
    if (!secret)
        return vcl_no_memory(error);
    *out_secret = secret;
    return 0;
}

/* Text of data.release to the JSON of the release. */
static int unpack(const char *text, char **out_json, size_t *out_size, vcluster_error **error)
{
    vcl_auto_free char *inner = NULL;
    char *data = NULL;
    size_t size = 0;

    int status = vcl_base64_decode(text, &inner, &size, error);
    if (status < 0)
        return status;
    status = vcl_base64_decode(inner, &data, &size, error);
    if (status < 0)
        return status;
    if (size <= 3 || memcmp(data, "\x1f\x8b\x08", 3) != 0) { /* Helm stores small ones plainly */
        *out_json = data;
        *out_size = size;
        return 0;
    }
    status = vcl_gunzip(data, size, VCL_MAX_HTTP_BODY, out_json, out_size, error);
    free(data);
    return status;
}

static int unreadable(const cJSON *secret, vcluster_error **error, int status)
{
    const char *name = vcl_json_find_string(secret, "metadata", "name", NULL);

    return vcl_wrap(error, status, "read the Helm release in Secret '%s'", vcl_str(name));
}

/* Keep the members of what was read in the order in which they were written. */
static void keep_order(cJSON *node)
{
    for (; node; node = node->next) {
        if (cJSON_IsObject(node))
            node->type |= VCL_JSON_ORDERED;
        keep_order(node->child);
    }
}

int vcl_release_decode(const cJSON *secret, cJSON **out_release, vcluster_error **error)
{
    const char *text = vcl_json_find_string(secret, "data", "release", NULL);
    char *json = NULL;
    size_t size = 0;
    VCL_AUTO_JSON *release = NULL;

    int status = text ? unpack(text, &json, &size, error)
                      : vcl_fail(error, VCLUSTER_E_PROTOCOL, "it has no 'release'");
    if (status == 0)
        status = vcl_json_parse(json, size, &release, error);
    if (json)
        vcl_wipe(json, size);
    free(json);
    if (status == 0 && (!cJSON_IsObject(release) || !cJSON_IsObject(vcl_json_get(release, "info"))))
        status = vcl_fail(error, VCLUSTER_E_PROTOCOL, "this is no Helm release");
    if (status < 0)
        return unreadable(secret, error, status);
    keep_order(release);
    *out_release = vcl_steal(&release);
    return 0;
}

static bool update_info(cJSON *release, const char *status, const char *description)
{
    cJSON *info = vcl_json_object(release, "info");
    bool removed = vcl_streq(status, "uninstalling") || vcl_streq(status, "uninstalled");

    return info && vcl_json_set_string(info, "status", status) &&
           (!description || vcl_json_set_string(info, "description", description)) &&
           (!removed || set_time(info, "deleted", vcl_wall_seconds()));
}

/* Helm drops the time of creation from the labels when it updates a record. */
static bool update_labels(cJSON *secret, const char *status)
{
    cJSON *labels = vcl_json_object(vcl_json_object(secret, "metadata"), "labels");
    char number[24];

    if (!labels)
        return false;
    (void)snprintf(number, sizeof(number), "%lld", (long long)vcl_wall_seconds());
    vcl_json_remove(labels, "createdAt");
    return vcl_json_set_string(labels, "status", status) &&
           vcl_json_set_string(labels, "modifiedAt", number);
}

int vcl_release_set_status(cJSON *secret,
                           const char *status,
                           const char *description,
                           vcluster_error **error)
{
    cJSON *release = NULL;
    vcl_auto_free char *packed = NULL;
    int result = vcl_release_decode(secret, &release, error);

    if (result < 0)
        return result;
    result = update_info(release, status, description) ? pack(release, &packed, error)
                                                       : vcl_no_memory(error);
    vcl_json_free_secret(release);
    if (result < 0)
        return result;
    if (!vcl_json_set_string(vcl_json_object(secret, "data"), "release", packed) ||
        !update_labels(secret, status))
        return vcl_no_memory(error);
    return 0;
}

int vcl_release_build(const vcl_release_info *info,
                      const vcluster_chart *chart,
                      const cJSON *user_values,
                      const char *manifest,
                      cJSON **out_release,
                      vcluster_error **error)
{
    cJSON *release = build_release(info, chart, user_values, manifest);

    if (!release)
        return vcl_no_memory(error);
    *out_release = release;
    return 0;
}

int vcl_release_encode_json(const cJSON *release, cJSON **out_secret, vcluster_error **error)
{
    vcl_release_info info = {
        .name = vcl_str(vcl_json_find_string(release, "name", NULL)),
        .namespace_name = vcl_str(vcl_json_find_string(release, "namespace", NULL)),
        .revision = (int)vcl_json_find_int(release, 0, "version", NULL),
        .status = vcl_str(vcl_json_find_string(release, "info", "status", NULL)),
        .last_deployed = vcl_wall_seconds(),
    };
    vcl_auto_free char *packed = NULL;

    int status = pack(release, &packed, error);
    if (status < 0)
        return status;
    cJSON *secret = build_secret(&info, NULL, packed);
    if (!secret)
        return vcl_no_memory(error);
    *out_secret = secret;
    return 0;
}

int vcl_release_update(cJSON *secret, const cJSON *release, vcluster_error **error)
{
    const char *status = vcl_json_find_string(release, "info", "status", NULL);
    vcl_auto_free char *packed = NULL;

    int result = pack(release, &packed, error);
    if (result < 0)
        return result;
    if (!vcl_json_set_string(vcl_json_object(secret, "data"), "release", packed) ||
        !update_labels(secret, vcl_str(status)))
        return vcl_no_memory(error);
    return 0;
}
