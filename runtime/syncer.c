/* SPDX-License-Identifier: Apache-2.0 */
/* The syncer's two threads: one works, the other answers probes; see syncer.h. */
#include "syncer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "credentials.h"
#include "files.h"
#include "host.h"
#include "kube/kubeconfig.h"
#include "log.h"
#include "publish.h"

enum {
    API_PAUSE_MS = 25,      /* between two looks at an API server that is coming up */
    API_TRY_MS = 2000,      /* for one look */
    API_REPORT_MS = 15000,  /* between two log lines about it */
    REQUEST_MS = 20000,     /* for one round of requests to the host */
    CHECK_MS = 30000,       /* between two looks at the published Secret */
    FIRST_PAUSE_MS = 100,   /* after a failed round, doubled up to CHECK_MS */
    FOREIGN_PAUSE_MS = 1000 /* when the host may be about to remove the Secret */
};

typedef struct worker {
    const rt_settings *settings;
    const rt_syncer_options *options;
    rt_state state;
    rt_credentials credentials;
    vcl_call call; /* endless; ends with the token */
} worker;

static void beat(worker *self)
{
    atomic_store(&self->state.beat_ms, (long long)vcl_monotonic_ms());
}

/* admin.conf as text, and its parts. */
static int load_credentials(worker *self, vcl_buf *text, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/admin.conf", self->options->folder);

    if (!path)
        return vcl_no_memory(error);
    int status = rt_file_read(path, text, error);
    if (status == VCLUSTER_OK)
        status = rt_kubeconfig_read(vcl_buf_text(text), &self->credentials, error);
    return status;
}

static int open_api(const char *kubeconfig, vcl_kube **out_api, vcluster_error **error)
{
    vcl_kubeconfig_source source = { .text = kubeconfig };
    vcl_kubeconfig_context context = { 0 };

    int status = vcl_kubeconfig_resolve(&source, &context, error);
    if (status < 0)
        return status;
    status = vcl_str_replace(&context.endpoint.user_agent, RT_USER_AGENT)
                 ? vcl_kube_new(&context.endpoint, NULL, NULL, out_api, error)
                 : vcl_no_memory(error);
    vcl_kubeconfig_context_done(&context);
    return status;
}

/* Whether somebody listens on the port. Refused connections are no news while the API server
 * starts, and cheaper found out here than by a request with its retries. */
static bool port_is_open(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    vcl_auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* Ask once. OK only for a 200. */
static int ask(worker *self, vcl_kube *api, const char *path, vcluster_error **error)
{
    vcl_http_request request = { .method = "GET", .path = path, .accept = "*/*" };
    vcl_http_response response = { 0 };
    vcl_call part;

    if (!port_is_open(self->settings->port))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "nobody listens on port %d",
                        self->settings->port);
    vcl_call_init_part(&part, &self->call, API_TRY_MS);
    int status = vcl_http_send(vcl_kube_http(api), &part, &request, &response, error);
    if (status == VCLUSTER_OK && response.status != 200)
        status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "%s answers %d", path, response.status);
    vcl_http_response_done(&response);
    return status;
}

/* Ask for a path until the answer is 200. */
static int wait_for(worker *self, vcl_kube *api, const char *path, vcluster_error **error)
{
    int64_t report_ms = self->call.started_ms + API_REPORT_MS;

    for (;;) {
        VCL_AUTO_ERROR *reason = NULL;
        beat(self);
        if (ask(self, api, path, &reason) == VCLUSTER_OK)
            break;
        if (vcl_monotonic_ms() >= report_ms) {
            rt_log_error("syncer: still waiting for the API server", reason);
            report_ms = vcl_monotonic_ms() + API_REPORT_MS;
        }
        int status = vcl_call_sleep(&self->call, API_PAUSE_MS, error);
        if (status < 0)
            return status;
    }
    rt_log("syncer: the API server answers %s, %lld ms after our start", path,
           (long long)(vcl_monotonic_ms() - self->call.started_ms));
    return VCLUSTER_OK;
}

/* One round: create or correct. Returns whether that went well. */
static bool publish_round(worker *self, vcl_kube *host, bool *out_foreign)
{
    VCL_AUTO_ERROR *reason = NULL;
    vcl_call part;

    beat(self);
    vcl_call_init_part(&part, &self->call, REQUEST_MS);
    if (rt_publish(host, &part, self->settings, &self->credentials, out_foreign, &reason) ==
        VCLUSTER_OK) {
        atomic_store(&self->state.published, true);
        return true;
    }
    if (!vcluster_cancel_triggered(self->options->cancel))
        rt_log_error("syncer: trying again", reason);
    return false;
}

/* Publish until it is done, waiting longer after each failure. */
static int publish(worker *self, vcl_kube *host, bool *out_foreign, vcluster_error **error)
{
    int64_t pause_ms = FIRST_PAUSE_MS;

    while (!publish_round(self, host, out_foreign)) {
        int status = vcl_call_sleep(&self->call, pause_ms, error);
        if (status < 0)
            return status;
        pause_ms = pause_ms * 2 < CHECK_MS ? pause_ms * 2 : CHECK_MS;
    }
    return VCLUSTER_OK;
}

static int keep_published(worker *self, vcl_kube *host, bool foreign, vcluster_error **error)
{
    for (;;) {
        int status = vcl_call_sleep(&self->call, foreign ? FOREIGN_PAUSE_MS : CHECK_MS, error);
        if (status == VCLUSTER_OK)
            status = publish(self, host, &foreign, error);
        if (status < 0)
            return status;
    }
}

/* The kubeconfig is published as soon as its user gets an answer, not when the last of the API
 * server's start hooks is done a second later: whoever needs that asks /readyz. */
static int work(worker *self, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_kube) host = NULL;
    VCL_AUTO_PTR(vcl_kube) api = NULL;
    VCL_AUTO_BUF kubeconfig = { 0 };
    bool foreign = false;

    vcl_buf_init(&kubeconfig, VCL_MAX_DOCUMENT);
    int status = load_credentials(self, &kubeconfig, error);
    if (status == VCLUSTER_OK)
        status = open_api(vcl_buf_text(&kubeconfig), &api, error);
    if (status == VCLUSTER_OK)
        status = rt_host_open(&host, error);
    if (status == VCLUSTER_OK)
        status = wait_for(self, api, "/version", error);
    if (status == VCLUSTER_OK)
        status = publish(self, host, &foreign, error);
    if (status == VCLUSTER_OK)
        status = wait_for(self, api, "/readyz", error);
    if (status < 0)
        return status;
    vcl_kube_free(api);
    api = NULL;
    return keep_published(self, host, foreign, error);
}

/* The working thread. Whatever ends it ends the program. */
static void *work_thread(void *data)
{
    worker *self = data;
    VCL_AUTO_ERROR *reason = NULL;

    int status = work(self, &reason);
    bool asked = vcluster_cancel_triggered(self->options->cancel);
    if (status < 0 && !asked)
        rt_log_error("syncer: giving up", reason);
    vcluster_cancel_trigger(self->options->cancel);
    return asked ? NULL : self;
}

int rt_syncer_run(const rt_settings *settings,
                  const rt_syncer_options *options,
                  vcluster_error **error)
{
    worker self = { .settings = settings, .options = options };
    vcl_auto_close int listener = -1;
    pthread_t thread;
    void *failed = NULL;

    rt_log("syncer: virtual cluster '%s' in namespace '%s'", settings->name,
           settings->namespace_name);
    rt_log("syncer: this version runs no workloads: pods inside the virtual cluster stay pending");
    beat(&self);
    vcl_call_init(&self.call, -1, -1, options->cancel, NULL, NULL);
    int status = rt_health_listen(options->health_port, &listener, error);
    if (status < 0)
        return status;
    int code = pthread_create(&thread, NULL, work_thread, &self);
    if (code != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot start a thread: %s", strerror(code));

    status = rt_health_run(listener, &self.state, options->cancel, error);
    vcluster_cancel_trigger(options->cancel);
    (void)pthread_join(thread, &failed);
    rt_credentials_done(&self.credentials);
    if (status == VCLUSTER_OK && failed)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the syncer cannot work; see above");
    return status;
}
