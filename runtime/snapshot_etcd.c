/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot of etcd by its own Maintenance.Snapshot, over gRPC: what `etcdctl snapshot save` does.
 */
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "etcd_message.h"
#include "snapshot.h"

enum { MAX_BUFFERED = 16 << 20, CONNECT_SECONDS = 10 };

#define METHOD "/etcdserverpb.Maintenance/Snapshot"

VCL_DEFINE_CLEANUP(CURL, curl_easy_cleanup);

typedef struct transfer {
    const rt_snapshot_options *options;
    rt_sink *sink;
    vcl_buf received;
    bool begun;
    bool refused;
    char message[256]; /* grpc-message */
    vcluster_error **error;
    int status;
} transfer;

/* The first part tells the size: its own, what remains, and the digest behind it. */
static int take(transfer *self, const rt_etcd_part *part)
{
    int status = VCLUSTER_OK;

    if (!self->begun) {
        int64_t size = (int64_t)part->blob_size + part->remaining + RT_SHA256_SIZE;
        self->begun = true;
        status = rt_sink_begin(self->sink, self->options->output, self->options->input, size,
                               self->error);
    }
    return status < 0 ? status
                      : rt_sink_write(self->sink, part->blob, part->blob_size, self->error);
}

static size_t on_body(char *bytes, size_t one, size_t size, void *data)
{
    transfer *self = data;
    rt_etcd_part part;
    size_t whole = 0;

    if (!vcl_buf_append(&self->received, bytes, one * size)) {
        self->status = vcl_no_memory(self->error);
        return 0;
    }
    while ((self->status = rt_etcd_next(&self->received, &part, &whole, self->error)) == 1) {
        self->status = take(self, &part);
        if (self->status < 0)
            break;
        vcl_buf_consume(&self->received, whole);
    }
    return self->status < 0 ? 0 : size;
}

static size_t on_header(char *bytes, size_t one, size_t size, void *data)
{
    static const char code[] = "grpc-status:";
    static const char message[] = "grpc-message:";
    transfer *self = data;
    size_t length = one * size;

    if (length > strlen(code) && !strncasecmp(bytes, code, strlen(code))) {
        const char *value = bytes + strlen(code);
        const char *end = bytes + length;
        while (value < end && *value == ' ')
            value++;
        self->refused = value == end || *value != '0';
    } else if (length > strlen(message) && !strncasecmp(bytes, message, strlen(message))) {
        size_t part = length - strlen(message);
        if (part >= sizeof(self->message))
            part = sizeof(self->message) - 1;
        memcpy(self->message, bytes + strlen(message), part);
        self->message[part] = '\0';
        vcl_sanitize(self->message);
    }
    return size;
}

static bool set_tls(CURL *curl, const char *folder, const char *url)
{
    vcl_auto_free char *ca = vcl_format("%s/etcd-ca.crt", folder);
    vcl_auto_free char *certificate = vcl_format("%s/apiserver-etcd-client.crt", folder);
    vcl_auto_free char *key = vcl_format("%s/apiserver-etcd-client.key", folder);

    return ca && certificate && key && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLCERT, certificate) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLKEY, key) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS) == CURLE_OK;
}

static bool set_address(CURL *curl, const rt_snapshot_options *options)
{
    if (vcl_streq(options->store, "etcd-deploy")) {
        vcl_auto_free char *url = vcl_format("https://%s-etcd:2379" METHOD, options->name);
        return url && set_tls(curl, options->pki, url);
    }
    return curl_easy_setopt(curl, CURLOPT_URL, "http://localhost" METHOD) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options->socket) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                            (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE) == CURLE_OK;
}

static bool set_up(CURL *curl, transfer *self, struct curl_slist *headers)
{
    /* An empty SnapshotRequest. */
    static const char request[] = { 0, 0, 0, 0, 0 };

    return set_address(curl, self->options) &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)sizeof(request)) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, self) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, self) == CURLE_OK;
}

static int judge(const transfer *self, CURL *curl, CURLcode code, vcluster_error **error)
{
    long http = 0;

    if (self->status < 0)
        return self->status;
    if (code != CURLE_OK)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "etcd does not give a snapshot: %s",
                        curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
    if (http != 200 || self->refused || !self->begun)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "etcd does not give a snapshot: it answers %ld%s%s", http,
                        *self->message ? ", " : "", self->message);
    return VCLUSTER_OK;
}

int rt_snapshot_etcd(const rt_snapshot_options *options, rt_sink *sink, vcluster_error **error)
{
    transfer self = { .options = options, .sink = sink, .error = error };
    VCL_AUTO_PTR(CURL) curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/grpc");
    struct curl_slist *more = headers ? curl_slist_append(headers, "TE: trailers") : NULL;

    vcl_buf_init(&self.received, MAX_BUFFERED);
    int status = curl && more && set_up(curl, &self, more)
                     ? VCLUSTER_OK
                     : vcl_fail(error, VCLUSTER_E_INTERNAL, "cannot prepare a request to etcd");
    if (status == VCLUSTER_OK)
        status = judge(&self, curl, curl_easy_perform(curl), error);
    curl_slist_free_all(headers);
    vcl_buf_done(&self.received);
    return status;
}
