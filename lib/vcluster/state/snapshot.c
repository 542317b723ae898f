/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a snapshot: the runtime in the pod copies the store and sends it over an exec (the form is
 * in runtime/snapshot.h), piece by piece as we say that we have taken them. What it sends gets a
 * head and goes to the file; the checksum of both ends has to agree.
 */
#include "vcluster/state/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/pod.h"
#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"

enum { MAX_LINE = 64, MAX_COMPLAINT = 4096, POLL_MS = 100 };

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

/* The keys that a restore needs, as they lie in the Secret. */
static int add_keys(const vcl_snapshot_request *request,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    cJSON *about,
                    vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format(VCL_CERTS_SECRET, instance->name);
    vcl_object_key key = { "v1", "Secret", instance->namespace_name, name };
    cJSON *secret = NULL;
    cJSON *keys = vcl_json_object(about, "keys");

    if (!name || !keys)
        return vcl_no_memory(error);
    int status = vcl_kube_get(request->client->kube, call, &key, &secret, error);
    for (size_t i = 0; status == VCLUSTER_OK && vcl_snapshot_keys[i]; i++) {
        const char *value = vcl_json_find_string(secret, "data", vcl_snapshot_keys[i], NULL);
        if (!value)
            status = vcl_fail(error, VCLUSTER_E_PRECONDITION, "secret/%s has no '%s'", name,
                              vcl_snapshot_keys[i]);
        else if (!vcl_json_set_string(keys, vcl_snapshot_keys[i], value))
            status = vcl_no_memory(error);
    }
    vcl_json_free_secret(secret);
    return status;
}

/* What the user gave when it was made or upgraded, so that a restore can make it again. */
static int add_values(const vcl_snapshot_request *request,
                      vcl_call *call,
                      const vcluster_instance *instance,
                      cJSON *about,
                      vcluster_error **error)
{
    cJSON *release = NULL;

    int status = vcl_record_release_of(request->client->kube, call, instance->name,
                                       instance->namespace_name, &release, error);
    if (status < 0 || !release)
        return status;
    const cJSON *config = vcl_json_get(release, "config");
    bool done = !cJSON_IsObject(config) || vcl_json_set(about, "values", vcl_json_copy(config));
    vcl_json_free_secret(release);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

static int describe(const vcl_snapshot_request *request,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    const char *store,
                    cJSON **out_about,
                    vcluster_error **error)
{
    cJSON *about = cJSON_CreateObject();
    char created[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, created);
    bool done =
        about && vcl_json_set_string(about, "name", instance->name) &&
        vcl_json_set_string(about, "namespace", instance->namespace_name) &&
        vcl_json_set_string(about, "distribution", instance->distribution) &&
        vcl_json_set_string(about, "kubernetesVersion", instance->kubernetes_version) &&
        /* Where etcd runs makes no difference to its snapshots. */
        vcl_json_set_string(about, "store", vcl_starts_with(store, "etcd") ? "etcd" : store) &&
        vcl_json_set_string(about, "created", created);
    int status = done ? VCLUSTER_OK : vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = add_values(request, call, instance, about, error);
    if (status == VCLUSTER_OK)
        status = add_keys(request, call, instance, about, error);
    if (status < 0) {
        vcl_json_free_secret(about);
        return status;
    }
    *out_about = about;
    return VCLUSTER_OK;
}

/* ---- What comes ---- */

typedef enum receiving { IN_LINE, IN_DATA, IN_DIGEST, IN_NOTHING } receiving;

typedef struct receiver {
    vcl_call *call;
    cJSON *about;
    int fd;
    int acknowledge; /* the pipe to the command's input */
    bool regular;    /* a file takes everything at once */
    receiving state;
    char line[MAX_LINE];
    size_t line_size;
    int64_t size;
    int64_t taken;
    unsigned char told[VCL_SNAPSHOT_DIGEST];
    size_t told_size;
    EVP_MD_CTX *whole; /* of the file */
    EVP_MD_CTX *data;
    vcl_buf complaint; /* the command's error output */
    vcluster_error *error;
} receiver;

static void receiver_done(receiver *self)
{
    EVP_MD_CTX_free(self->whole);
    EVP_MD_CTX_free(self->data);
    vcl_buf_done(&self->complaint);
    vcluster_error_free(self->error);
}

/* Write to whatever it is, and never wait for a reader beyond deadline and token. */
static int write_out(receiver *self, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        struct pollfd ready = { .fd = self->fd, .events = POLLOUT };
        int status = vcl_call_check(self->call, &self->error);
        if (status < 0)
            return status;
        if (!self->regular && poll(&ready, 1, POLL_MS) <= 0)
            continue;
        /* So much never blocks a pipe that has just been called writable. */
        size_t part = self->regular || size < 4096 ? size : 4096;
        ssize_t written = write(self->fd, next, part);
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written < 0)
            return vcl_fail(&self->error, VCLUSTER_E_UNAVAILABLE, "cannot write the snapshot: %s",
                            strerror(errno));
        next += written;
        size -= (size_t)written;
    }
    return VCLUSTER_OK;
}

static int write_counted(receiver *self, const void *bytes, size_t size)
{
    if (EVP_DigestUpdate(self->whole, bytes, size) != 1)
        return vcl_no_memory(&self->error);
    return write_out(self, bytes, size);
}

static int take_line(receiver *self)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_BUF head = { 0 };

    self->size = -1;
    if (vcl_json_parse(self->line, self->line_size, &tree, NULL) == VCLUSTER_OK)
        self->size = vcl_json_find_int(tree, -1, "size", NULL);
    if (self->size < 0)
        return vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                        "the control plane answers something else than a snapshot");
    if (!vcl_json_set_int(self->about, "size", self->size))
        return vcl_no_memory(&self->error);
    vcl_buf_init(&head, VCL_SNAPSHOT_START + VCL_MAX_DOCUMENT);
    int status = vcl_snapshot_head_encode(self->about, &head, &self->error);
    if (status == VCLUSTER_OK)
        status = write_counted(self, head.data, head.size);
    self->state = self->size > 0 ? IN_DATA : IN_DIGEST;
    return status;
}

static int take_data(receiver *self, const char *bytes, size_t size)
{
    int64_t pieces = self->taken / VCL_SNAPSHOT_PIECE;

    if (EVP_DigestUpdate(self->data, bytes, size) != 1)
        return vcl_no_memory(&self->error);
    int status = write_counted(self, bytes, size);
    if (status < 0)
        return status;
    self->taken += (int64_t)size;
    for (; pieces < self->taken / VCL_SNAPSHOT_PIECE; pieces++) {
        /* The pipe has room for many more than the window has pieces. */
        if (write(self->acknowledge, "+", 1) != 1)
            return vcl_fail(&self->error, VCLUSTER_E_INTERNAL, "cannot acknowledge: %s",
                            strerror(errno));
    }
    if (self->taken == self->size)
        self->state = IN_DIGEST;
    return VCLUSTER_OK;
}

static int take_some(receiver *self, const char *bytes, size_t size, size_t *out_taken)
{
    size_t part = 1;
    int status = VCLUSTER_OK;

    switch (self->state) {
    case IN_LINE:
        if (*bytes == '\n')
            status = take_line(self);
        else if (self->line_size < MAX_LINE)
            self->line[self->line_size++] = *bytes;
        else
            status = vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                              "the control plane answers something else than a snapshot");
        break;
    case IN_DATA:
        part = self->size - self->taken < (int64_t)size ? (size_t)(self->size - self->taken) : size;
        status = take_data(self, bytes, part);
        break;
    case IN_DIGEST:
        self->told[self->told_size++] = (unsigned char)*bytes;
        if (self->told_size == VCL_SNAPSHOT_DIGEST)
            self->state = IN_NOTHING;
        break;
    case IN_NOTHING:
        status = vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                          "something follows the end of the snapshot");
    }
    *out_taken = part;
    return status;
}

static int on_output(const void *bytes, size_t size, void *data)
{
    receiver *self = data;
    const char *next = bytes;

    while (size > 0) {
        size_t taken = 0;
        if (take_some(self, next, size, &taken) < 0)
            return 1;
        next += taken;
        size -= taken;
    }
    return 0;
}

static int on_complaint(const void *bytes, size_t size, void *data)
{
    receiver *self = data;

    if (self->complaint.size + size <= MAX_COMPLAINT)
        (void)vcl_buf_append(&self->complaint, bytes, size);
    return 0;
}

static int finish(receiver *self, vcluster_error **error)
{
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned char whole[EVP_MAX_MD_SIZE];

    if (self->state != IN_NOTHING)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the snapshot was cut off on its way out of the pod");
    if (EVP_DigestFinal_ex(self->data, own, NULL) != 1 ||
        EVP_DigestFinal_ex(self->whole, whole, NULL) != 1)
        return vcl_no_memory(error);
    if (memcmp(own, self->told, VCL_SNAPSHOT_DIGEST) != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the snapshot was damaged on its way out of the pod");
    int status = write_out(self, whole, VCL_SNAPSHOT_DIGEST);
    return status < 0 ? vcl_error_pass(error, &self->error, status) : VCLUSTER_OK;
}

static int run(receiver *self,
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
                                     .on_output = on_output,
                                     .on_error_output = on_complaint,
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
    return finish(self, error);
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

static int transfer(const vcl_snapshot_request *request,
                    receiver *self,
                    const vcluster_instance *instance,
                    const char *store,
                    vcluster_error **error)
{
    vcl_auto_free char *pod = vcl_format("%s-0", instance->name);
    vcl_auto_free char *draft = NULL;
    vcl_auto_close int own = -1;
    struct stat about = { 0 };

    if (!pod)
        return vcl_no_memory(error);
    if (request->path) {
        own = open_draft(request->path, &draft, error);
        if (own < 0)
            return own;
    }
    self->fd = request->path ? own : request->fd;
    self->regular = fstat(self->fd, &about) == 0 && S_ISREG(about.st_mode);
    vcl_pod_ref ref = { instance->namespace_name, pod, "syncer" };
    int status = run(self, request->client->kube, &ref, store, error);
    if (status == VCLUSTER_OK && draft)
        status = keep(own, draft, request->path, error);
    if (status < 0 && draft)
        (void)unlink(draft);
    return status;
}

/* What the head says, with the digest of the data. */
static int tell(receiver *self, char **out_json, vcluster_error **error)
{
    vcl_snapshot_file file = { .fd = -1, .about = self->about, .size = self->size };

    memcpy(file.digest, self->told, VCL_SNAPSHOT_DIGEST);
    return out_json ? vcl_snapshot_file_describe(&file, out_json, error) : VCLUSTER_OK;
}

int vcl_snapshot_take(const vcl_snapshot_request *request,
                      vcl_call *call,
                      char **out_json,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    VCL_AUTO_JSON *workload = NULL;
    receiver self = { .call = call, .whole = EVP_MD_CTX_new(), .data = EVP_MD_CTX_new() };
    const char *store = NULL;

    vcl_buf_init(&self.complaint, MAX_COMPLAINT);
    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == VCLUSTER_OK)
        status = vcl_snapshot_look(request, call, instance, &workload, &store, error);
    if (status == VCLUSTER_OK && (instance->paused || instance->replicas == 0))
        status = vcl_fail(error, VCLUSTER_E_PRECONDITION, "it does not run: resume it first");
    if (status == VCLUSTER_OK)
        status = describe(request, call, instance, store, &self.about, error);
    if (status == VCLUSTER_OK &&
        !(self.whole && self.data && EVP_DigestInit_ex(self.whole, EVP_sha256(), NULL) == 1 &&
          EVP_DigestInit_ex(self.data, EVP_sha256(), NULL) == 1))
        status = vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, request->name,
                                 "the store (%s) is copied", store);
    if (status == VCLUSTER_OK)
        status = transfer(request, &self, instance, store, error);
    if (status == VCLUSTER_OK)
        status = tell(&self, out_json, error);
    vcl_json_free_secret(self.about);
    receiver_done(&self);
    return status;
}
