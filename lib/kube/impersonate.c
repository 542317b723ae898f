/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Impersonation: as, as-uid, as-groups and as-user-extra of a kubeconfig user, or the caller's own
 * user and groups in their place, become headers of every request.
 */
#include <string.h>

#include "base/str.h"
#include "kube/kubeconfig_user.h"

enum { MAX_VALUES = 1000 };

/* Control characters could begin another header, or end the request. */
static bool is_value(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if ((*c < ' ' && *c != '\t') || *c == 127)
            return false;
    }
    return true;
}

static int add(vcl_endpoint *endpoint, const char *name, const char *value, vcluster_error **error)
{
    return vcl_endpoint_add_header(endpoint, name, value) ? VCLUSTER_OK : vcl_no_memory(error);
}

/* A value out of the kubeconfig; NULL adds none. */
static int add_field(const vcl_config_entry *user,
                     const char *field,
                     const char *header,
                     const char *value,
                     vcl_endpoint *endpoint,
                     vcluster_error **error)
{
    if (value && !is_value(value))
        return vcl_config_fail(user, field, error, "holds a control character");
    return value ? add(endpoint, header, value, error) : VCLUSTER_OK;
}

/* A header for each string of a list, which may be missing. */
static int add_list(const vcl_config_entry *user,
                    const char *field,
                    const char *header,
                    const cJSON *list,
                    vcl_endpoint *endpoint,
                    vcluster_error **error)
{
    const cJSON *item = NULL;

    if (!list || cJSON_IsNull(list))
        return VCLUSTER_OK;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > MAX_VALUES)
        return vcl_config_fail(user, field, error, "is not a list of at most %d strings",
                               MAX_VALUES);
    cJSON_ArrayForEach (item, list) {
        if (!cJSON_IsString(item))
            return vcl_config_fail(user, field, error, "holds something that is not a string");
        int status = add_field(user, field, header, item->valuestring, endpoint, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* "Impersonate-Extra-" and the key: lower case, escaped where a header's name has no room for a
 * character, as servers undo it. */
static char *extra_header(const char *key)
{
    static const char hex[] = "0123456789abcdef";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&'*+-.^_`|~";
    VCL_AUTO_BUF name = { 0 };

    vcl_buf_init(&name, 8 << 10);
    vcl_buf_add(&name, "Impersonate-Extra-");
    for (const unsigned char *c = (const unsigned char *)key; *c; c++) {
        char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : (char)*c;

        if (strchr(plain, lower)) {
            vcl_buf_add_char(&name, lower);
        } else {
            vcl_buf_add_char(&name, '%');
            vcl_buf_add_char(&name, hex[*c >> 4]);
            vcl_buf_add_char(&name, hex[*c & 15]);
        }
    }
    return vcl_buf_steal(&name);
}

static int add_extras(const vcl_config_entry *user, vcl_endpoint *endpoint, vcluster_error **error)
{
    const cJSON *extras = vcl_json_get(user->body, "as-user-extra");
    const cJSON *extra = NULL;

    if (!extras || cJSON_IsNull(extras))
        return VCLUSTER_OK;
    if (!cJSON_IsObject(extras) || cJSON_GetArraySize(extras) > MAX_VALUES)
        return vcl_config_fail(user, "as-user-extra", error, "is not a map of at most %d lists",
                               MAX_VALUES);
    cJSON_ArrayForEach (extra, extras) {
        vcl_auto_free char *header = extra_header(extra->string);

        if (!header)
            return vcl_config_fail(user, "as-user-extra", error, "has a key that is too long");
        int status = add_list(user, "as-user-extra", header, extra, endpoint, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static bool is_set(const vcl_config_entry *user, const char *field)
{
    const cJSON *node = vcl_json_get(user->body, field);

    if (!node || cJSON_IsNull(node) || vcl_streq(cJSON_GetStringValue(node), ""))
        return false;
    return cJSON_IsString(node) || cJSON_GetArraySize(node) > 0;
}

static int
add_given_groups(const char *const *groups, vcl_endpoint *endpoint, vcluster_error **error)
{
    for (; *groups; groups++) {
        if (!is_value(*groups))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "the group to impersonate holds a control character");
        int status = add(endpoint, "Impersonate-Group", *groups, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* Nobody is impersonated: then nothing else may say how. */
static int check_nobody(const vcl_config_entry *user, bool groups, vcluster_error **error)
{
    static const char *const fields[] = { "as-uid", "as-groups", "as-user-extra" };

    if (groups)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a group to impersonate is given, but no user");
    for (size_t i = 0; user && i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (is_set(user, fields[i]))
            return vcl_config_fail(user, fields[i], error, "is set, but 'as' names no user");
    }
    return VCLUSTER_OK;
}

static int add_rest_of_entry(const vcl_config_entry *user,
                             bool groups,
                             vcl_endpoint *endpoint,
                             vcluster_error **error)
{
    const char *uid = NULL;
    int status = vcl_config_string(user, "as-uid", &uid, error);

    if (status == VCLUSTER_OK)
        status = add_field(user, "as-uid", "Impersonate-Uid", uid, endpoint, error);
    if (status == VCLUSTER_OK && groups)
        status = add_list(user, "as-groups", "Impersonate-Group",
                          vcl_json_get(user->body, "as-groups"), endpoint, error);
    return status == VCLUSTER_OK ? add_extras(user, endpoint, error) : status;
}

int vcl_kubeconfig_impersonate(const vcl_config_entry *user,
                               const vcl_kubeconfig_source *source,
                               vcl_endpoint *endpoint,
                               vcluster_error **error)
{
    const char *name = vcl_str_empty(source->impersonate_user) ? NULL : source->impersonate_user;
    bool groups = source->impersonate_groups && source->impersonate_groups[0];
    int status = VCLUSTER_OK;

    if (name && !is_value(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the user to impersonate holds a control character");
    if (!name && user)
        status = vcl_config_string(user, "as", &name, error);
    if (status < 0)
        return status;
    if (!name)
        return check_nobody(user, groups, error);
    if (user)
        status = add_field(user, "as", "Impersonate-User", name, endpoint, error);
    else
        status = add(endpoint, "Impersonate-User", name, error);
    if (status == VCLUSTER_OK && user)
        status = add_rest_of_entry(user, !groups, endpoint, error);
    if (status == VCLUSTER_OK && groups)
        status = add_given_groups(source->impersonate_groups, endpoint, error);
    return status;
}
