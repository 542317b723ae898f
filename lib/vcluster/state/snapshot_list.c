/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which snapshots there are of upstream's control plane: the requests of the last day, which lie on
 * the host, and what is kept at a URL, for which the control plane has to look itself: the place
 * may be its own volume, or open to its credentials only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/encoding.h"
#include "vcluster/instance.h"
#include "vcluster/state/snapshot_remote.h"
#include "vcluster/state/snapshot_url.h"
#include "vcluster/state/syncer_run.h"

#define LABEL "vcluster.loft.sh/"

/* ---- Requests ---- */

cJSON *vcl_snapshot_remote_tell(const cJSON *config_map)
{
    const char *text = vcl_json_find_string(config_map, "data", "snapshotRequest", NULL);
    VCL_AUTO_JSON *said = NULL;
    cJSON *entry = cJSON_CreateObject();

    bool read = text && vcl_json_parse(text, strlen(text), &said, NULL) == VCLUSTER_OK;
    const char *phase = vcl_json_find_string(said, "status", "phase", NULL);
    const char *created = vcl_json_find_string(said, "metadata", "creationTimestamp", NULL);
    vcl_auto_free char *why =
        vcl_strdup(vcl_str(vcl_json_find_string(said, "status", "error", "message", NULL)));
    if (why)
        vcl_sanitize(why);
    if (!created)
        created = vcl_json_find_string(config_map, "metadata", "creationTimestamp", NULL);
    if (why &&
        vcl_json_set_string(entry, "name",
                            vcl_str(vcl_json_find_string(config_map, "metadata", "name", NULL))) &&
        vcl_json_set_string(entry, "url",
                            vcl_str(vcl_json_find_string(said, "spec", "url", NULL))) &&
        vcl_json_set_string(entry, "phase",
                            !read                  ? "Unknown"
                            : vcl_str_empty(phase) ? "Requested"
                                                   : phase) &&
        vcl_json_set_string(entry, "created", vcl_str(created)) &&
        vcl_json_set_string(entry, "error", why))
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    const cJSON *first = *(const cJSON *const *)a;
    const cJSON *second = *(const cJSON *const *)b;
    int order = strcmp(vcl_str(vcl_json_find_string(first, "created", NULL)),
                       vcl_str(vcl_json_find_string(second, "created", NULL)));

    return order ? order
                 : strcmp(vcl_str(vcl_json_find_string(first, "name", NULL)),
                          vcl_str(vcl_json_find_string(second, "name", NULL)));
}

/* Entries of a list of ConfigMaps, the oldest first. */
static cJSON *tell_all(const cJSON *config_maps)
{
    size_t count = (size_t)cJSON_GetArraySize(config_maps);
    vcl_auto_free cJSON **entries = calloc(count ? count : 1, sizeof(*entries));
    cJSON *list = cJSON_CreateArray();
    const cJSON *one;
    size_t told = 0;
    bool done = entries && list;

    cJSON_ArrayForEach (one, config_maps) {
        if (done) {
            entries[told] = vcl_snapshot_remote_tell(one);
            done = entries[told++] != NULL;
        }
    }
    if (done)
        qsort(entries, told, sizeof(*entries), by_time);
    for (size_t i = 0; entries && i < told; i++)
        done = vcl_json_append(list, entries[i]) && done;
    if (done)
        return list;
    cJSON_Delete(list);
    return NULL;
}

int vcl_snapshot_remote_list(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    VCL_AUTO_JSON *found = NULL;

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status < 0)
        return status;
    vcl_auto_free char *selector =
        vcl_format(LABEL "snapshot-request," LABEL "vcluster-name=%s", instance->name);
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "ConfigMap",
                                   .namespace_name = instance->namespace_name,
                                   .label_selector = selector };
    status = selector ? vcl_kube_list(request->client->kube, call, &query, &found, error)
                      : vcl_no_memory(error);
    if (status < 0)
        return status;
    VCL_AUTO_JSON *list = tell_all(vcl_json_get(found, "items"));
    return list ? vcl_snapshot_remote_print(list, out_json, error) : vcl_no_memory(error);
}

/* ---- What is kept ---- */

/* The text of a member, made printable; NULL: memory is short. */
static char *member_of(const cJSON *object, const char *key)
{
    char *text = vcl_strdup(vcl_str(vcl_json_find_string(object, key, NULL)));

    if (text)
        vcl_sanitize(text);
    return text;
}

/* As of a request: whole seconds. */
static void drop_fraction(char *time)
{
    char *point = time ? strchr(time, '.') : NULL;

    if (point) {
        const char *rest = point + 1 + strspn(point + 1, "0123456789");
        memmove(point, rest, strlen(rest) + 1);
    }
}

static bool add_stored(cJSON *list, const cJSON *one)
{
    cJSON *entry = cJSON_CreateObject();
    vcl_auto_free char *name = member_of(one, "id");
    vcl_auto_free char *url = member_of(one, "url");
    vcl_auto_free char *created = member_of(one, "timestamp");

    drop_fraction(created);
    return vcl_json_append(list, entry) && name && url && created &&
           vcl_json_set_string(entry, "name", name) && vcl_json_set_string(entry, "url", url) &&
           vcl_json_set_string(entry, "created", created);
}

/* The program prints an array, or null where there is none. */
int vcl_snapshot_remote_tell_stored(const vcl_buf *said, char **out_json, vcluster_error **error)
{
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    const cJSON *one;

    if (vcl_buf_failed(said) || vcl_json_parse(vcl_buf_text(said), said->size, &found, NULL) < 0 ||
        !(cJSON_IsArray(found) || cJSON_IsNull(found)))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the control plane's list of snapshots cannot be read");
    bool done = list != NULL;
    cJSON_ArrayForEach (one, found)
        done = done && add_stored(list, one);
    return done ? vcl_snapshot_remote_print(list, out_json, error) : vcl_no_memory(error);
}

/* The program wants a file to be there before it looks into its folder; of other places it looks
 * into the folder itself. */
static bool look_into_folder(const vcl_snapshot_place *place)
{
    cJSON *settings = vcl_json_get(place->settings, "container");
    const char *path = vcl_json_find_string(settings, "path", NULL);

    if (!path)
        return true;
    size_t size = strlen(path);
    while (vcl_ends_with(path, "tar.gz") && size > 1 && path[size - 1] != '/')
        size--;
    while (size > 1 && path[size - 1] == '/')
        size--;
    vcl_auto_free char *folder = vcl_strndup(path, size);
    return folder && vcl_json_set_string(settings, "path", folder);
}

/* The settings hold keys: they go in by standard input, which no log of the host's API server has.
 */
static int run_list(const vcl_snapshot_remote *request,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    const vcl_snapshot_place *place,
                    vcl_buf *said,
                    vcluster_error **error)
{
    static const char *const command[] = {
        "sh", "-c",
        ("IFS= read -r VCLUSTER_STORAGE_OPTIONS && export VCLUSTER_STORAGE_OPTIONS && "
         "exec /vcluster snapshot list")
    };
    char *settings = look_into_folder(place) ? vcl_json_print(place->settings) : NULL;
    char *encoded = settings ? vcl_base64_encode(settings, strlen(settings)) : NULL;
    char *line = encoded ? vcl_format("%s\n", encoded) : NULL;
    const vcl_syncer_command run = { .command = command,
                                     .command_size = 3,
                                     .what = "/vcluster snapshot list",
                                     .input = line,
                                     .output = said };

    int status = line ? vcl_syncer_run(request->client->kube, call, instance, &run, error)
                      : vcl_no_memory(error);
    vcl_free_secret(settings);
    vcl_free_secret(encoded);
    vcl_free_secret(line);
    return status;
}

int vcl_snapshot_remote_stored(const vcl_snapshot_remote *request,
                               vcl_call *call,
                               char **out_json,
                               vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    vcl_snapshot_place place = { .url = NULL };
    VCL_AUTO_BUF said = { 0 };

    vcl_buf_init(&said, VCL_MAX_DOCUMENT);
    int status = vcl_snapshot_url_parse(request->url, &place, error);
    if (status == VCLUSTER_OK)
        status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == VCLUSTER_OK)
        status = vcl_snapshot_remote_check(instance, false, error);
    if (status == VCLUSTER_OK)
        status = run_list(request, call, instance, &place, &said, error);
    vcl_snapshot_place_done(&place);
    return status < 0 ? status : vcl_snapshot_remote_tell_stored(&said, out_json, error);
}
