/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a snapshot: the runtime in the pod copies the store and sends it over an exec, piece by
 * piece as we say that we have taken them (snapshot_receiver.h). It changes nothing and takes no
 * lock: it waits for operations that are at work, and one that comes meanwhile is noticed, so that
 * the data and the keys in the head are always of one virtual cluster at one time.
 */
#include "vcluster/state/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"
#include "kube/pod.h"
#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/names.h"
#include "vcluster/state/snapshot_receiver.h"

const char *const vcl_snapshot_keys[] = {
    "ca.crt",
    "ca.key",
    "front-proxy-ca.crt",
    "front-proxy-ca.key",
    "etcd-ca.crt",
    "etcd-ca.key",
    "sa.key",
    "sa.pub",
    NULL,
};

/* ---- What is there ---- */

static int refuse_database(const char *name, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "the state of '%s' lies in an external database, which has its own way to be "
                    "backed up, such as: pg_dump --format=custom --file=%s.dump DATABASE; put back "
                    "by pg_restore while the control plane is paused",
                    name, name);
}

int vcl_snapshot_tell_deleted(int status, vcluster_error **error)
{
    if (status != VCLUSTER_E_NOT_FOUND)
        return status;
    vcluster_error *cause = error ? vcl_steal(error) : NULL;
    status = vcl_fail(error, VCLUSTER_E_CONFLICT, "it was deleted at this moment");
    vcl_error_set_cause(error, cause);
    return status;
}

int vcl_snapshot_look(const vcl_snapshot_request *request,
                      vcl_call *call,
                      const vcluster_instance *instance,
                      cJSON **out_workload,
                      const char **out_store,
                      vcluster_error **error)
{
    vcl_object_key key = { "apps/v1", instance->workload_kind, instance->namespace_name,
                           instance->name };
    cJSON *workload = NULL;

    if (!vcl_streq(instance->distribution, "embedded"))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "it is of upstream's distribution, which keeps snapshots itself: request "
                        "one for a URL such as container:///data/NAME.tar.gz; vcluster restore "
                        "brings it back");
    int status = vcl_kube_get(request->client->kube, call, &key, &workload, error);
    if (status < 0)
        return status;
    const char *store =
        vcl_json_find_string(workload, "metadata", "annotations", VCL_ANNOTATION_STORE, NULL);
    if (!store)
        status = vcl_fail(error, VCLUSTER_E_PRECONDITION,
                          "it was made by an older chart, whose control plane cannot do this: "
                          "upgrade it first");
    else if (vcl_streq(store, "database"))
        status = refuse_database(instance->name, error);
    if (status < 0) {
        cJSON_Delete(workload);
        return status;
    }
    *out_workload = workload;
    *out_store = store;
    return VCLUSTER_OK;
}

typedef struct taker {
    const vcl_snapshot_request *request;
    vcl_kube *kube;
    vcluster_instance *instance;
    vcl_record *record; /* NULL: it has none */
    cJSON *workload;
    const char *store;  /* borrowed from the workload */
    cJSON *about;       /* the head */
    char *keys_version; /* of the Secret that they are in */
} taker;

static void taker_done(taker *self)
{
    vcluster_instance_free(self->instance);
    vcl_record_free(self->record);
    cJSON_Delete(self->workload);
    vcl_json_free_secret(self->about);
    free(self->keys_version);
}

/* An operation that is at work is waited for; one that was killed is no obstacle. */
static int await_others(taker *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_record_find(self->kube, call, self->instance->name,
                                 self->instance->namespace_name, &self->record, error);

    if (status == VCLUSTER_OK && self->record)
        status = vcl_record_wait(self->kube, call, self->record, error);
    return status == 1 ? vcl_fail(error, VCLUSTER_E_NOT_FOUND, "it has no release record any more")
                       : status;
}

static int look(taker *self, vcl_call *call, vcluster_error **error)
{
    int status = await_others(self, call, error);

    if (status == VCLUSTER_OK)
        status = vcl_snapshot_look(self->request, call, self->instance, &self->workload,
                                   &self->store, error);
    if (status < 0 || vcl_json_find_int(self->workload, 1, "spec", "replicas", NULL) != 0)
        return status;
    if (vcl_json_find(self->workload, "metadata", "annotations", VCL_ANNOTATION_RESTORING, NULL))
        return vcl_restore_refuse_unfinished(self->instance->name, error);
    return vcl_fail(error, VCLUSTER_E_PRECONDITION, "it does not run: resume it first");
}

/* ---- The head ---- */

/* The keys that a restore needs, as they lie in the Secret. */
static int add_keys(taker *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_instance *instance = self->instance;
    vcl_auto_free char *name = vcl_format(VCL_CERTS_SECRET, instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    cJSON *secret = NULL;
    cJSON *keys = vcl_json_object(self->about, "keys");

    if (!name || !keys)
        return vcl_no_memory(error);
    int status = vcl_kube_get(self->kube, call, &key, &secret, error);
    for (size_t i = 0; status == VCLUSTER_OK && vcl_snapshot_keys[i]; i++) {
        const char *value = vcl_json_find_string(secret, "data", vcl_snapshot_keys[i], NULL);
        if (!value)
            status = vcl_fail(error, VCLUSTER_E_PRECONDITION, "secret/%s has no '%s'", name,
                              vcl_snapshot_keys[i]);
        else if (!vcl_json_set_string(keys, vcl_snapshot_keys[i], value))
            status = vcl_no_memory(error);
    }
    if (status == VCLUSTER_OK) {
        self->keys_version =
            vcl_strdup(vcl_json_find_string(secret, "metadata", "resourceVersion", NULL));
        status = self->keys_version ? VCLUSTER_OK : vcl_no_memory(error);
    }
    vcl_json_free_secret(secret);
    return status;
}

/* What the user gave when it was made or upgraded, so that a restore can make it again. */
static int add_values(taker *self, vcluster_error **error)
{
    cJSON *release = NULL;

    if (!self->record)
        return VCLUSTER_OK;
    int status = vcl_release_decode(self->record->secret, &release, error);
    if (status < 0)
        return status;
    const cJSON *config = vcl_json_get(release, "config");
    bool done =
        !cJSON_IsObject(config) || vcl_json_set(self->about, "values", vcl_json_copy(config));
    vcl_json_free_secret(release);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

static int describe(taker *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_instance *instance = self->instance;
    const char *store = self->store;
    cJSON *about = cJSON_CreateObject();
    char created[VCL_RFC3339_SIZE];

    self->about = about;
    vcl_rfc3339(vcl_wall_seconds(), -1, created);
    bool done =
        about && vcl_json_set_string(about, "name", instance->name) &&
        vcl_json_set_string(about, "namespace", instance->namespace_name) &&
        vcl_json_set_string(about, "distribution", instance->distribution) &&
        vcl_json_set_string(about, "kubernetesVersion", instance->kubernetes_version) &&
        /* Where etcd runs makes no difference to its snapshots. */
        vcl_json_set_string(about, "store", vcl_starts_with(store, "etcd") ? "etcd" : store) &&
        vcl_json_set_string(about, "created", created);
    int status = done ? add_values(self, error) : vcl_no_memory(error);
    return status < 0 ? status : add_keys(self, call, error);
}

/* ---- Out of the pod ---- */

static int run(vcl_snapshot_receiver *self,
               vcl_kube *kube,
               const vcl_pod_ref *ref,
               const char *store,
               vcluster_error **error)
{
    const char *command[] = { "vcluster-runtime", "snapshot", "--store", store };
    VCL_AUTO_ERROR *why = NULL;
    int ends[2] = { -1, -1 };
    int code = 0;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor is left for a snapshot");
    self->acknowledge = ends[1];
    vcl_pod_exec_options options = { .command = command,
                                     .command_size = sizeof(command) / sizeof(command[0]),
                                     .reads_fd = true,
                                     .input_fd = ends[0],
                                     .on_output = vcl_snapshot_on_output,
                                     .on_error_output = vcl_snapshot_on_complaint,
                                     .data = self };
    int status = vcl_pod_exec(kube, self->call, ref, &options, &code, &why);
    (void)close(ends[0]);
    (void)close(ends[1]);
    if (self->error)
        return vcl_error_pass(error, &self->error, vcluster_error_code(self->error));
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (code != 0) {
        vcl_auto_free char *text = vcl_strdup(vcl_buf_text(&self->complaint));
        vcl_sanitize(text);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the control plane cannot take a snapshot (exit code %d): %s", code,
                        vcl_str(text));
    }
    return vcl_snapshot_received(self, error);
}

/* ---- Where it goes ---- */

static int open_draft(const char *path, char **out_draft, vcluster_error **error)
{
    char *draft = vcl_format("%s.part", path);

    if (!draft)
        return vcl_no_memory(error);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, 0600) < 0) {
        int status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "cannot write '%s': %s", draft,
                              strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        free(draft);
        return status;
    }
    *out_draft = draft;
    return fd;
}

static int keep(int fd, const char *draft, const char *path, vcluster_error **error)
{
    if (fsync(fd) == 0 && rename(draft, path) == 0)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
}

static int receive(taker *self, vcl_snapshot_receiver *from, vcluster_error **error)
{
    vcl_auto_free char *pod = vcl_format("%s-0", self->instance->name);
    struct stat about = { 0 };

    if (!pod)
        return vcl_no_memory(error);
    from->about = self->about;
    from->regular = fstat(from->fd, &about) == 0 && S_ISREG(about.st_mode);
    vcl_pod_ref ref = { self->instance->namespace_name, pod, "syncer" };
    return run(from, self->kube, &ref, self->store, error);
}

/* ---- Others ---- */

static int refuse_change(const char *what, vcluster_error **error)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFLICT,
                          "%s while the snapshot was taken: take it again", what);
    vcl_error_set_retryable(error, true);
    return status;
}

/* The keys were read before the data: a restore between them brings others. */
static int check_keys(taker *self, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format(VCL_CERTS_SECRET, self->instance->name);
    vcl_object_key key = { "v1", "Secret", self->instance->namespace_name, name };
    VCL_AUTO_JSON *now = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!name)
        return vcl_no_memory(error);
    int status = vcl_kube_get_metadata(self->kube, call, &key, &now, &why);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    if (status < 0)
        return refuse_change("it was deleted", error);
    return vcl_streq(vcl_json_find_string(now, "metadata", "resourceVersion", NULL),
                     self->keys_version)
               ? VCLUSTER_OK
               : refuse_change("its keys were changed", error);
}

/* Why a transfer failed: one that was deleted, upgraded, paused or restored meanwhile has lost its
 * pod by that. */
static int explain(taker *self, const vcl_call *whole, int status, vcluster_error **error)
{
    vcl_object_key key = { "apps/v1", self->instance->workload_kind, self->instance->namespace_name,
                           self->instance->name };
    VCL_AUTO_JSON *now = NULL;
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (status != VCLUSTER_E_UNAVAILABLE && status != VCLUSTER_E_NOT_FOUND)
        return status;
    vcl_call_init_aftermath(&call, whole);
    int found = vcl_kube_get_metadata(self->kube, &call, &key, &now, &ignored);
    if (found == VCLUSTER_OK &&
        vcl_streq(vcl_json_find_string(now, "metadata", "uid", NULL),
                  vcl_json_find_string(self->workload, "metadata", "uid", NULL)) &&
        vcl_json_find_int(now, -1, "metadata", "generation", NULL) ==
            vcl_json_find_int(self->workload, -1, "metadata", "generation", NULL))
        return status;
    if (found < 0 && found != VCLUSTER_E_NOT_FOUND)
        return status;
    if (error) {
        vcluster_error *cause = vcl_steal(error);
        (void)refuse_change(found < 0 ? "it was deleted" : "another operation changed it", error);
        vcl_error_set_cause(error, cause);
    }
    return VCLUSTER_E_CONFLICT;
}

/* ---- The whole ---- */

static int
transfer(taker *self, vcl_snapshot_receiver *from, vcl_call *call, vcluster_error **error)
{
    const char *path = self->request->path;
    vcl_auto_free char *draft = NULL;
    vcl_auto_close int own = -1;

    if (path) {
        own = open_draft(path, &draft, error);
        if (own < 0)
            return own;
    }
    from->fd = path ? own : self->request->fd;
    int status = receive(self, from, error);
    status = status < 0 ? explain(self, call, status, error) : check_keys(self, call, error);
    if (status == VCLUSTER_OK && draft)
        status = keep(own, draft, path, error);
    if (status < 0 && draft)
        (void)unlink(draft);
    return status;
}

/* What the head says, with the digest of the data. */
static int tell(const vcl_snapshot_receiver *from, char **out_json, vcluster_error **error)
{
    vcl_snapshot_file file = { .fd = -1, .about = from->about, .size = from->size };

    memcpy(file.digest, from->told, VCL_SNAPSHOT_DIGEST);
    return out_json ? vcl_snapshot_file_describe(&file, out_json, error) : VCLUSTER_OK;
}

static int take(taker *self, vcl_call *call, char **out_json, vcluster_error **error)
{
    vcl_snapshot_receiver from;
    const vcl_snapshot_request *request = self->request;

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &self->instance, error);
    if (status < 0)
        return status;
    status = look(self, call, error);
    if (status == VCLUSTER_OK)
        status = describe(self, call, error);
    status = vcl_snapshot_tell_deleted(status, error);
    if (status == VCLUSTER_OK)
        status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, request->name,
                                 "the store (%s) is copied", self->store);
    if (status < 0)
        return status;
    status = vcl_snapshot_receiver_init(&from, call, error);
    if (status == VCLUSTER_OK)
        status = transfer(self, &from, call, error);
    if (status == VCLUSTER_OK)
        status = tell(&from, out_json, error);
    vcl_snapshot_receiver_done(&from);
    return status;
}

int vcl_snapshot_take(const vcl_snapshot_request *request,
                      vcl_call *call,
                      char **out_json,
                      vcluster_error **error)
{
    taker self = { .request = request, .kube = request->client->kube };

    int status = take(&self, call, out_json, error);
    taker_done(&self);
    return status;
}
