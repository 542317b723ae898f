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
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/names.h"
#include "vcluster/state/snapshot_url.h"

#define LABEL "vcluster.loft.sh/"
#define FIRST_REQUESTS "0.29.0-alpha.1"
#define FIRST_SNAPSHOTS "0.23.0-alpha.8"
enum { SUFFIX = 8 };

/* ---- Asking ---- */

static bool is_too_old(const char *version, const char *wanted)
{
    vcl_version first = { 0 };
    vcl_version found = { 0 };

    bool old = !vcl_str_empty(version) &&
               vcl_version_parse(version, false, &found, NULL) == VCLUSTER_OK &&
               vcl_version_parse(wanted, true, &first, NULL) == VCLUSTER_OK &&
               vcl_version_compare(&found, &first) < 0;
    vcl_version_done(&first);
    vcl_version_done(&found);
    return old;
}

int vcl_snapshot_remote_check(const vcluster_instance *instance,
                              bool for_restore,
                              vcluster_error **error)
{
    const char *first = for_restore ? FIRST_SNAPSHOTS : FIRST_REQUESTS;

    if (vcl_streq(instance->distribution, "embedded"))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "it is of the embedded distribution, whose snapshots are files of yours: "
                        "name a path in place of the URL");
    if (is_too_old(instance->version, first))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "version %s cannot %s, only %s and later: upgrade it first",
                        instance->version,
                        for_restore ? "be restored from a URL" : "be asked for snapshots", first);
    if (for_restore && instance->restoring_upstream && !instance->paused)
        return VCLUSTER_OK;
    if (vcl_restore_is_unfinished(instance, NULL))
        return vcl_restore_refuse_unfinished(instance->name, error);
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
    cJSON *said = vcl_json_object(tree, "status");
    bool made = vcl_json_set_string(metadata, "name", name) &&
                vcl_json_set_string(metadata, "creationTimestamp", now) &&
                vcl_json_set_string(vcl_json_object(tree, "spec"), "url", url) &&
                vcl_json_object(said, "error") &&
                (!request->remove || vcl_json_set_string(said, "phase", "Deleting"));
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

    int status = request->remove ? VCLUSTER_OK
                                 : add_release(request, call, instance, place->settings, error);
    if (status == VCLUSTER_OK)
        status = vcl_random_hex(suffix, SUFFIX, error);
    if (status < 0)
        return status;
    char *name = vcl_format("%s-snapshot-request-%s%s", instance->name,
                            request->remove ? "delete-" : "", suffix);
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

/* A control plane that is through with a request deletes its Secret, and lets go of it. */
static bool is_held(const cJSON *config_map)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(config_map, "metadata", "finalizers", NULL)) {
        if (vcl_streq(item->valuestring, VCL_FINALIZER_SNAPSHOT))
            return true;
    }
    return false;
}

/* 1: it is completed; 0: not yet. */
static int judge(const vcl_snapshot_remote *request, const cJSON *entry, vcluster_error **error)
{
    const char *phase = vcl_json_find_string(entry, "phase", NULL);
    const char *why = vcl_json_find_string(entry, "error", NULL);

    if (vcl_streq(phase, request->remove ? "Deleted" : "Completed"))
        return 1;
    if (vcl_streq(phase, "Failed") || vcl_streq(phase, "PartiallyFailed"))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the control plane could not %s it: %s",
                        request->remove ? "delete" : "take or keep",
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
static int take_change(const vcl_snapshot_remote *request,
                       vcl_call *call,
                       const vcl_cache_change *change,
                       cJSON **entry,
                       vcluster_error **error)
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
    return status < 0 || is_held(change->object) ? status : judge(request, told, error);
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
            status = take_change(request, call, &change, out_entry, error);
        else if (status == VCLUSTER_OK && !vcl_cache_each(cache, 0, is_there, NULL))
            status = fail_deleted(error); /* before we looked */
    }
    bool goes_on = status == VCLUSTER_E_TIMEOUT || status == VCLUSTER_E_CANCELLED;
    return status < 0 ? vcl_wrap(error, status, "request '%s'%s", name,
                                 goes_on ? ", which the control plane goes on with" : "")
                      : VCLUSTER_OK;
}

/* ---- The whole ---- */

int vcl_snapshot_remote_print(const cJSON *tree, char **out_json, vcluster_error **error)
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
static cJSON *just_asked(const vcl_snapshot_remote *request, const char *name, const char *url)
{
    cJSON *entry = cJSON_CreateObject();
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (vcl_json_set_string(entry, "name", name) && vcl_json_set_string(entry, "url", url) &&
        vcl_json_set_string(entry, "phase", request->remove ? "Deleting" : "Requested") &&
        vcl_json_set_string(entry, "created", now) && vcl_json_set_string(entry, "error", ""))
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

/* Upstream's control plane deletes no other file from a disk. */
static int check_file(const vcl_snapshot_place *place, vcluster_error **error)
{
    if (!vcl_starts_with(place->url, "container:") || vcl_ends_with(place->url, "tar.gz"))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "'%s' is no snapshot that could be deleted: its name does not end with "
                    "'tar.gz'",
                    place->url);
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
    if (status == VCLUSTER_OK && request->remove)
        status = check_file(&place, error);
    if (status == VCLUSTER_OK)
        status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == VCLUSTER_OK)
        status = vcl_snapshot_remote_check(instance, false, error);
    if (status == VCLUSTER_OK)
        status = ask(request, call, instance, &place, &name, error);
    if (status == VCLUSTER_OK) {
        entry = just_asked(request, name, place.url);
        status = entry ? VCLUSTER_OK : vcl_no_memory(error);
    }
    if (status == VCLUSTER_OK && !request->no_wait)
        status = await(request, call, instance, name, &entry, error);
    vcl_snapshot_place_done(&place);
    return status < 0 ? status : vcl_snapshot_remote_print(entry, out_json, error);
}
