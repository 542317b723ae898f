/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upstream's snapshot requests: a Secret with the settings of the store and a ConfigMap of the same
 * name with the request itself, in which the control plane writes how far it is. It deletes the
 * Secret at the end, and the ConfigMap a day later.
 */
#include "vcluster/state/snapshot_remote.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/encoding.h"
#include "data/semver.h"
#include "kube/cache.h"
#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"
#include "vcluster/state/snapshot_url.h"

#define LABEL "vcluster.loft.sh/"
#define FIRST_VERSION "0.29.0-alpha.1"
enum { SUFFIX = 8 };

/* ---- Asking ---- */

static bool is_too_old(const char *version)
{
    vcl_version first = { 0 };
    vcl_version found = { 0 };

    bool old = !vcl_str_empty(version) &&
               vcl_version_parse(version, false, &found, NULL) == VCLUSTER_OK &&
               vcl_version_parse(FIRST_VERSION, true, &first, NULL) == VCLUSTER_OK &&
               vcl_version_compare(&found, &first) < 0;
    vcl_version_done(&first);
    vcl_version_done(&found);
    return old;
}

static int check(const vcluster_instance *instance, vcluster_error **error)
{
    if (vcl_streq(instance->distribution, "embedded"))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "it is of the embedded distribution, whose snapshots go into a file of "
                        "yours: name a path in place of the URL");
    if (is_too_old(instance->version))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "version %s cannot be asked for snapshots, only " FIRST_VERSION
                        " and later: upgrade it first",
                        instance->version);
    if (instance->paused || instance->replicas == 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "it does not run: resume it first");
    return VCLUSTER_OK;
}

/* The release goes into the snapshot, so that a restore can make it again. */
static int add_release(const vcl_snapshot_remote *request,
                       vcl_call *call,
                       const vcluster_instance *instance,
                       cJSON *settings,
                       vcluster_error **error)
{
    cJSON *release = NULL;

    int status = vcl_record_release_of(request->client->kube, call, instance->name,
                                       instance->namespace_name, &release, error);
    if (status < 0 || !release)
        return status;
    const cJSON *chart = vcl_json_find(release, "chart", "metadata", NULL);
    const cJSON *config = vcl_json_get(release, "config");
    /* JSON is YAML, too. */
    char *values = cJSON_IsObject(config) ? vcl_json_print(config) : vcl_strdup("{}");
    char *encoded = values ? vcl_base64_encode(values, strlen(values)) : NULL;
    cJSON *told = vcl_json_object(settings, "release");
    bool done = told && encoded && vcl_json_set_string(told, "releaseName", instance->name) &&
                vcl_json_set_string(told, "releaseNamespace", instance->namespace_name) &&
                vcl_json_set_string(told, "chartName",
                                    vcl_str(vcl_json_find_string(chart, "name", NULL))) &&
                vcl_json_set_string(told, "chartVersion",
                                    vcl_str(vcl_json_find_string(chart, "version", NULL))) &&
                vcl_json_set_string(told, "values", encoded);
    vcl_free_secret(values);
    vcl_free_secret(encoded);
    vcl_json_free_secret(release);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

/* A Secret or a ConfigMap of the request with one text in it. */
static cJSON *make_object(const char *kind,
                          const char *name,
                          const vcluster_instance *instance,
                          const char *key,
                          const char *text)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *metadata = vcl_json_object(object, "metadata");
    cJSON *labels = vcl_json_object(metadata, "labels");

    if (vcl_json_set_string(object, "apiVersion", "v1") &&
        vcl_json_set_string(object, "kind", kind) && vcl_json_set_string(metadata, "name", name) &&
        vcl_json_set_string(metadata, "namespace", instance->namespace_name) &&
        vcl_json_set_string(labels, LABEL "vcluster-namespace", instance->namespace_name) &&
        vcl_json_set_string(labels, LABEL "vcluster-name", instance->name) &&
        vcl_json_set_string(labels, LABEL "snapshot-request", "") &&
        vcl_json_set_string(
            vcl_json_object(object, vcl_streq(kind, "Secret") ? "stringData" : "data"), key, text))
        return object;
    vcl_json_free_secret(object);
    return NULL;
}

static int create(const vcl_snapshot_remote *request,
                  vcl_call *call,
                  cJSON *object,
                  const vcluster_instance *instance,
                  vcluster_error **error)
{
    cJSON *stored = NULL;

    int status = object ? vcl_kube_create(request->client->kube, call, object,
                                          instance->namespace_name, VCL_MANAGER_OWN, &stored, error)
                        : vcl_no_memory(error);
    vcl_json_free_secret(object);
    vcl_json_free_secret(stored);
    return status;
}

static int create_secret(const vcl_snapshot_remote *request,
                         vcl_call *call,
                         const vcluster_instance *instance,
                         const char *name,
                         const cJSON *settings,
                         vcluster_error **error)
{
    char *text = vcl_json_print(settings);

    int status = create(
        request, call, text ? make_object("Secret", name, instance, "snapshotOptions", text) : NULL,
        instance, error);
    vcl_free_secret(text);
    return status;
}

static int create_request(const vcl_snapshot_remote *request,
                          vcl_call *call,
                          const vcluster_instance *instance,
                          const char *name,
                          const char *url,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    cJSON *metadata = vcl_json_object(tree, "metadata");
    bool made = vcl_json_set_string(metadata, "name", name) &&
                vcl_json_set_string(metadata, "creationTimestamp", now) &&
                vcl_json_set_string(vcl_json_object(tree, "spec"), "url", url) &&
                vcl_json_object(vcl_json_object(tree, "status"), "error");
    vcl_auto_free char *text = made ? vcl_json_print(tree) : NULL;
    return create(request, call,
                  text ? make_object("ConfigMap", name, instance, "snapshotRequest", text) : NULL,
                  instance, error);
}

/* Nobody reads the Secret without its request, and it may hold keys. */
static void take_back(const vcl_snapshot_remote *request,
                      vcl_call *call,
                      const vcluster_instance *instance,
                      const char *name)
{
    const vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    const vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };

    (void)vcl_kube_delete(request->client->kube, call, &key, &options, NULL);
}

static int ask(const vcl_snapshot_remote *request,
               vcl_call *call,
               const vcluster_instance *instance,
               vcl_snapshot_place *place,
               char **out_name,
               vcluster_error **error)
{
    char suffix[SUFFIX + 1];

    int status = add_release(request, call, instance, place->settings, error);
    if (status == VCLUSTER_OK)
        status = vcl_random_hex(suffix, SUFFIX, error);
    if (status < 0)
        return status;
    char *name = vcl_format("%s-snapshot-request-%s", instance->name, suffix);
    *out_name = name;
    if (!name)
        return vcl_no_memory(error);
    status = create_secret(request, call, instance, name, place->settings, error);
    if (status < 0)
        return status;
    status = create_request(request, call, instance, name, place->url, error);
    if (status < 0)
        take_back(request, call, instance, name);
    return status;
}

/* ---- What became of it ---- */

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

/* 1: it is completed; 0: not yet. */
static int judge(const cJSON *entry, vcluster_error **error)
{
    const char *phase = vcl_json_find_string(entry, "phase", NULL);
    const char *why = vcl_json_find_string(entry, "error", NULL);

    if (vcl_streq(phase, "Completed"))
        return 1;
    if (vcl_streq(phase, "Failed") || vcl_streq(phase, "PartiallyFailed"))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the control plane could not take or keep it: %s",
                        *why ? why : "it does not say why; see the log of its container 'syncer'");
    if (vcl_streq(phase, "Canceled") || vcl_streq(phase, "Canceling"))
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "a later request for the same URL has taken its place");
    return 0;
}

static int fail_deleted(vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_CONFLICT, "somebody has deleted the request");
}

/* Takes the place of *entry with what a change says. As judge(). */
static int
take_change(vcl_call *call, const vcl_cache_change *change, cJSON **entry, vcluster_error **error)
{
    if (change->type == VCL_EVENT_DELETED)
        return fail_deleted(error);
    cJSON *told = vcl_snapshot_remote_tell(change->object);
    if (!told)
        return vcl_no_memory(error);
    cJSON_Delete(*entry);
    *entry = told;
    const char *phase = vcl_json_find_string(told, "phase", NULL);
    int status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT,
                                 vcl_json_find_string(told, "name", NULL), "%s", phase);
    return status < 0 ? status : judge(told, error);
}

static int is_there(const cJSON *object, void *data)
{
    (void)data;
    return object != NULL;
}

static int await(const vcl_snapshot_remote *request,
                 vcl_call *call,
                 const vcluster_instance *instance,
                 const char *name,
                 cJSON **out_entry,
                 vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("metadata.name=%s", name);
    const vcl_cache_source source = { .query = { .api_version = "v1",
                                                 .kind = "ConfigMap",
                                                 .namespace_name = instance->namespace_name,
                                                 .field_selector = selector },
                                      .keep = true };
    VCL_AUTO_PTR(vcl_cache) cache = NULL;

    int status = selector ? vcl_cache_open(request->client->kube, &source, 1, &cache, error)
                          : vcl_no_memory(error);
    while (status == VCLUSTER_OK) {
        vcl_cache_change change;

        status = vcl_cache_next(cache, call, -1, &change, error);
        if (status > 0)
            status = take_change(call, &change, out_entry, error);
        else if (status == VCLUSTER_OK && !vcl_cache_each(cache, 0, is_there, NULL))
            status = fail_deleted(error); /* before we looked */
    }
    bool goes_on = status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED;
    return status < 0 ? vcl_wrap(error, status, "request '%s'%s", name,
                                 goes_on ? ", which the control plane goes on with" : "")
                      : VCLUSTER_OK;
}

/* ---- Both ---- */

static int print(const cJSON *tree, char **out_json, vcluster_error **error)
{
    if (!out_json)
        return VCLUSTER_OK;
    char *text = vcl_json_print(tree);
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}

/* What a request says that nobody has read yet. */
static cJSON *just_asked(const char *name, const char *url)
{
    cJSON *entry = cJSON_CreateObject();
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (vcl_json_set_string(entry, "name", name) && vcl_json_set_string(entry, "url", url) &&
        vcl_json_set_string(entry, "phase", "Requested") &&
        vcl_json_set_string(entry, "created", now) && vcl_json_set_string(entry, "error", ""))
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

int vcl_snapshot_remote_take(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    vcl_snapshot_place place = { .url = NULL };
    vcl_auto_free char *name = NULL;
    VCL_AUTO_JSON *entry = NULL;

    int status = vcl_snapshot_url_parse(request->url, &place, error);
    if (status == VCLUSTER_OK)
        status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == VCLUSTER_OK)
        status = check(instance, error);
    if (status == VCLUSTER_OK)
        status = ask(request, call, instance, &place, &name, error);
    if (status == VCLUSTER_OK) {
        entry = just_asked(name, place.url);
        status = entry ? VCLUSTER_OK : vcl_no_memory(error);
    }
    if (status == VCLUSTER_OK && !request->no_wait)
        status = await(request, call, instance, name, &entry, error);
    vcl_snapshot_place_done(&place);
    return status < 0 ? status : print(entry, out_json, error);
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
    return list ? print(list, out_json, error) : vcl_no_memory(error);
}
