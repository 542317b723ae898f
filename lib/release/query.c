/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what is recorded of a release, and what it may be called. */
#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "release/history.h"
#include "release/operation.h"
#include "release/release.h"

/* Helm's limit: names of objects are made from it. */
enum { MAX_NAME = 53 };

int vcl_release_name_check(const char *name, vcluster_error **error)
{
    if (vcl_str_empty(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the name of the release is empty");
    if (strlen(name) > MAX_NAME)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the release name '%.80s' has %zu bytes; at most %d are allowed", name,
                        strlen(name), MAX_NAME);
    if (!vcl_is_dns_subdomain(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the release name '%s' is none: use a-z, 0-9, '-' and '.', and begin and "
                        "end with a letter or digit",
                        name);
    return VCLUSTER_OK;
}

static int read_history(vcl_history *history, vcl_call *call, vcluster_error **error)
{
    int status = vcl_history_read(history, call, error);
    if (status < 0)
        return status;
    if (!vcl_history_newest(history))
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "release '%s' in namespace '%s' does not exist", history->name,
                        history->namespace_name);
    return VCLUSTER_OK;
}

static int load(const vcl_history *history,
                vcl_call *call,
                const cJSON *item,
                vcluster_release **out_release,
                vcluster_error **error)
{
    cJSON *release = NULL;

    int status = vcl_history_load(history, call, item, NULL, &release, error);
    return status < 0 ? status : vcl_release_of_json(release, out_release, error);
}

int vcl_release_get(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    int64_t revision,
                    vcluster_release **out_release,
                    vcluster_error **error)
{
    __attribute__((cleanup(vcl_history_done)))
    vcl_history history = { .kube = kube, .name = name, .namespace_name = namespace_name };

    int status = revision < 0 ? vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                                         "revision %lld is none", (long long)revision)
                              : read_history(&history, call, error);
    if (status < 0)
        return status;
    const cJSON *item =
        revision > 0 ? vcl_history_at(&history, revision) : vcl_history_newest(&history);
    if (!item)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "release '%s' has no revision %lld", name,
                        (long long)revision);
    return load(&history, call, item, out_release, error);
}

/* One that was pruned since is left out. */
static int add(vcluster_release_list *list,
               vcl_history *history,
               vcl_call *call,
               const cJSON *item,
               vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = load(history, call, item, &list->items[list->count], &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status == VCLUSTER_OK)
        list->count++;
    return vcl_error_pass(error, &why, status);
}

int vcl_release_history(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        vcluster_release_list **out_list,
                        vcluster_error **error)
{
    __attribute__((cleanup(vcl_history_done)))
    vcl_history history = { .kube = kube, .name = name, .namespace_name = namespace_name };
    VCL_AUTO_PTR(vcluster_release_list) list = calloc(1, sizeof(*list));
    const cJSON *item;

    if (!list)
        return vcl_no_memory(error);
    int status = read_history(&history, call, error);
    if (status < 0)
        return status;
    list->items = calloc((size_t)cJSON_GetArraySize(history.items), sizeof(vcluster_release *));
    if (!list->items)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (item, history.items) {
        status = add(list, &history, call, item, error);
        if (status < 0)
            return status;
    }
    *out_list = vcl_steal(&list);
    return VCLUSTER_OK;
}
