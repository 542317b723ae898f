/* SPDX-License-Identifier: Apache-2.0 */
/* What a chart must say of itself to be one; mirrors Metadata.Validate of Helm 3.21. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/metadata.h"
#include "chart/template/utf8.h"
#include "data/semver.h"

static int wrong(vcluster_error **error, const char *message)
{
    return vcl_metadata_invalid(error, "Chart.yaml", "chart-metadata", message);
}

/* White space becomes blanks, what cannot be printed goes: such texts end in terminals. */
static int clean_text(cJSON *node, vcluster_error **error)
{
    vcl_tpl_text text = vcl_tpl_literal(cJSON_GetStringValue(node));
    VCL_AUTO_BUF buf = { .max = VCL_MAX_CHART_FILE * 2 };
    VCL_AUTO_JSON *clean = NULL;

    while (text.size) {
        size_t size = 0;
        uint32_t rune = vcl_tpl_rune(text, &size);
        if (vcl_tpl_is_space(rune))
            vcl_buf_add_char(&buf, ' ');
        else if (vcl_tpl_is_print(rune))
            vcl_tpl_add_rune(&buf, rune);
        text.data += size;
        text.size -= size;
    }
    clean = vcl_buf_failed(&buf) ? NULL : cJSON_CreateString(vcl_buf_text(&buf));
    if (!clean)
        return vcl_no_memory(error);
    vcl_json_exchange(node, clean);
    return 0;
}

/* Clean the named members of an object: texts, and texts in lists. */
static int clean_members(cJSON *object, const char *const *names, vcluster_error **error)
{
    int status = 0;

    for (; status == 0 && *names; names++) {
        cJSON *member = vcl_json_get(object, *names);
        if (cJSON_IsString(member))
            status = clean_text(member, error);
        cJSON *item = cJSON_IsArray(member) ? member->child : NULL;
        for (; status == 0 && item; item = item->next)
            status = cJSON_IsString(item) ? clean_text(item, error) : 0;
    }
    return status;
}

static bool is_version(const char *text, vcluster_error **error, int *out_status)
{
    VCL_AUTO_ERROR *why = NULL;
    vcl_version version = { 0 };
    int status = vcl_version_parse(text, false, &version, &why);

    if (status == 0)
        vcl_version_done(&version);
    *out_status = status == VCLUSTER_E_NO_MEMORY ? vcl_no_memory(error) : 0;
    return status == 0;
}

static const char *what_is_wrong(const cJSON *metadata)
{
    const char *type = vcl_str(vcl_json_find_string(metadata, "type", NULL));
    const char *name = vcl_json_find_string(metadata, "name", NULL);

    if (vcl_str_empty(vcl_json_find_string(metadata, "apiVersion", NULL)))
        return "'apiVersion' is missing";
    if (vcl_str_empty(name))
        return "'name' is missing";
    if (vcl_streq(name, ".") || vcl_streq(name, "..") || strchr(name, '/') || strchr(name, '\\'))
        return "'name' is not allowed";
    if (vcl_str_empty(vcl_json_find_string(metadata, "version", NULL)))
        return "'version' is missing";
    if (*type && !vcl_streq(type, "application") && !vcl_streq(type, "library"))
        return "'type' must be application or library";
    return NULL;
}

static int check_maintainers(cJSON *list, vcluster_error **error)
{
    static const char *const texts[] = { "name", "email", "url", NULL };
    int status = 0;

    for (cJSON *item = list ? list->child : NULL; status == 0 && item; item = item->next)
        status = cJSON_IsObject(item) ? clean_members(item, texts, error)
                                      : wrong(error, "'maintainers' has an empty entry");
    return status;
}

static bool is_alias(const char *alias)
{
    return strspn(alias, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
           strlen(alias);
}

/* The name by which the values know a dependency. */
static const char *key_of(const cJSON *dependency)
{
    const char *alias = vcl_json_find_string(dependency, "alias", NULL);

    return vcl_str_empty(alias) ? vcl_str(vcl_json_find_string(dependency, "name", NULL)) : alias;
}

/* message: made for the occasion, freed; NULL when memory was short. */
static int wrong_owned(vcluster_error **error, char *message)
{
    int status = message ? wrong(error, message) : vcl_no_memory(error);

    free(message);
    return status;
}

static int check_dependency(cJSON *dependency, vcluster_error **error)
{
    static const char *const texts[] = {
        "name", "version", "repository", "condition", "tags", NULL
    };

    if (!cJSON_IsObject(dependency))
        return wrong(error, "'dependencies' has an empty entry");

    int status = clean_members(dependency, texts, error);
    if (status < 0)
        return status;
    if (!is_alias(vcl_str(vcl_json_find_string(dependency, "alias", NULL))))
        return wrong_owned(error,
                           vcl_format("the alias of dependency '%s' has characters that are not "
                                      "allowed",
                                      vcl_str(vcl_json_find_string(dependency, "name", NULL))));
    for (const cJSON *other = dependency->prev; other && other->next; other = other->prev) {
        if (vcl_streq(key_of(other), key_of(dependency)))
            return wrong_owned(error, vcl_format("two dependencies have the name or alias '%s'",
                                                 key_of(dependency)));
    }
    return 0;
}

int vcl_metadata_check(cJSON *metadata, vcluster_error **error)
{
    static const char *const texts[] = { "name",      "description", "home",       "icon",
                                         "condition", "tags",        "appVersion", "kubeVersion",
                                         "sources",   "keywords",    NULL };
    cJSON *dependencies = vcl_json_get(metadata, "dependencies");
    int status = clean_members(metadata, texts, error);
    const char *reason = status == 0 ? what_is_wrong(metadata) : NULL;

    if (status < 0)
        return status;
    if (reason)
        return wrong(error, reason);
    if (!is_version(vcl_json_find_string(metadata, "version", NULL), error, &status))
        return status < 0 ? status : wrong(error, "'version' is no semantic version");
    status = check_maintainers(vcl_json_get(metadata, "maintainers"), error);
    for (cJSON *item = dependencies ? dependencies->child : NULL; status == 0 && item;
         item = item->next)
        status = check_dependency(item, error);
    return status;
}
