/* SPDX-License-Identifier: Apache-2.0 */
/* A restore whose connection to its pod is lost, against a server in this program: what the pod has
 * is not sent again, what it has not is, and not for ever. */
#include "cm.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test_frames.h"
#include "vcluster/state/restore_pod.h"

enum { SMALL = 1000, MORE_THAN_SOCKETS_HOLD = 256 << 20, TRIES = 4 };

/* What becomes of the data of one try. */
typedef enum ending {
    DONE,           /* the pod has them, and says so */
    TAKEN_LOST,     /* the pod has them; the connection is lost */
    SPOILED_LOST,   /* all came, and were not in order; the connection is lost */
    BEGINNING_LOST, /* the connection is lost before they could all come */
    REFUSED         /* the program ends with a failure */
} ending;

typedef struct host {
    ending endings[TRIES];
    atomic_int made;  /* pods */
    atomic_int asked; /* to take the data */
    atomic_bool exists;
    atomic_int came;             /* bytes, of the last try */
    const char *_Atomic receive; /* state of the container */
} host;

static const char running[] = "{\"running\":{}}";
static const char taken[] = "{\"terminated\":{\"exitCode\":0}}";
static const char spoiled[] = "{\"terminated\":{\"exitCode\":1}}";

/* ---- The server ---- */

static void take_input(test_conn *conn, host *self)
{
    bool more = true;

    while (more) {
        unsigned char *bytes = NULL;
        size_t size = 0;
        int opcode = test_frames_read(conn, &bytes, &size);
        more = opcode >= 0 && !(size == 2 && bytes[0] == 255);
        if (more && opcode == FRAME_BINARY && size > 1)
            atomic_fetch_add(&self->came, (int)size - 1);
        free(bytes);
    }
}

static void tell_end(test_conn *conn, const char *text)
{
    (void)test_frames_send_channel(conn, 3, text, strlen(text));
    test_frames_end(conn);
}

static void serve_program(test_conn *conn, const test_request *request, host *self)
{
    int number = atomic_fetch_add(&self->asked, 1);
    ending how = self->endings[number < TRIES ? number : TRIES - 1];

    test_frames_upgrade(conn, request, "v5.channel.k8s.io", "");
    if (how == REFUSED)
        return tell_end(conn, "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{"
                              "\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"3\"}]}}");
    atomic_store(&self->came, 0);
    if (how != BEGINNING_LOST)
        take_input(conn, self);
    if (how == DONE || how == TAKEN_LOST)
        atomic_store(&self->receive, taken);
    if (how == SPOILED_LOST)
        atomic_store(&self->receive, spoiled);
    if (how == DONE)
        return tell_end(conn, "{\"status\":\"Success\"}");
    test_conn_close(conn, true);
}

static void answer_pod(test_conn *conn, const host *self)
{
    char text[512];
    const char *receive = atomic_load(&self->receive);

    (void)snprintf(text, sizeof(text),
                   "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"dev-restore\","
                   "\"namespace\":\"x\",\"uid\":\"u%d\"},\"status\":{\"phase\":\"%s\","
                   "\"initContainerStatuses\":[{\"name\":\"receive\",\"state\":%s}]}}",
                   atomic_load(&self->made), receive == taken ? "Succeeded" : "Pending", receive);
    test_conn_answer(conn, 200, "Content-Type: application/json\r\n", text);
}

static void handle(test_conn *conn, const test_request *request, void *data)
{
    host *self = data;
    bool one = strstr(request->path, "/pods/dev-restore") != NULL;

    if (strstr(request->path, "/exec?"))
        return serve_program(conn, request, self);
    if (strcmp(request->method, "POST") == 0) {
        atomic_fetch_add(&self->made, atomic_exchange(&self->exists, true) ? 100 : 1);
        atomic_store(&self->receive, running);
        return answer_pod(conn, self);
    }
    bool exists = strcmp(request->method, "DELETE") == 0 ? atomic_exchange(&self->exists, false)
                                                         : atomic_load(&self->exists);
    if (one && exists)
        return answer_pod(conn, self);
    if (one)
        test_conn_answer(conn, 404, "Content-Type: application/json\r\n",
                         "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\","
                         "\"code\":404,\"message\":\"not found\"}");
    else
        test_conn_answer(conn, 200, "Content-Type: application/json\r\n",
                         "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"metadata\":{"
                         "\"resourceVersion\":\"5\"},\"items\":[]}");
}

/* ---- The call ---- */

static int run_with(host *self, int64_t size, bool *out_sent, vcluster_error **error)
{
    static const char workload_text[] =
        "{\"metadata\":{\"name\":\"dev\",\"uid\":\"u\"},\"spec\":{\"template\":{\"spec\":{"
        "\"containers\":[{\"name\":\"syncer\",\"image\":\"runtime:1\"}]}}}}";
    test_server_options options = { .handler = handle, .data = self };
    test_server *server = test_server_start(&options);
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    vcl_endpoint endpoint = { .server = url };
    VCL_AUTO_SNAPSHOT file = { .fd = memfd_create("data", MFD_CLOEXEC), .size = size };
    VCL_AUTO_JSON *workload = NULL;
    vcl_restore_pod pod = { .name = "dev", .namespace_name = "x", .store = "sqlite" };
    vcl_call call;

    assert_int_equal(ftruncate(file.fd, size), 0);
    assert_works(vcl_json_parse(workload_text, strlen(workload_text), &workload, error), error);
    assert_works(vcl_kube_new(&endpoint, NULL, NULL, &pod.kube, error), error);
    pod.workload = workload;
    vcl_call_init(&call, patience_ms(20000), patience_ms(20000), NULL, NULL, NULL);
    int status = vcl_restore_pod_run(&pod, &call, &file, out_sent, error);
    vcl_kube_free(pod.kube);
    test_server_stop(server);
    return status;
}

static void data_that_the_pod_has_are_not_sent_again(void **state)
{
    host self = { .endings = { TAKEN_LOST, REFUSED } };
    vcluster_error *error = NULL;
    bool sent = false;

    (void)state;
    assert_works(run_with(&self, SMALL, &sent, &error), &error);
    assert_true(sent);
    assert_int_equal(self.asked, 1);
    assert_int_equal(self.made, 1);
    assert_false(self.exists);
}

static void data_that_the_pod_has_not_are_sent_again_to_a_new_one(void **state)
{
    host self = { .endings = { SPOILED_LOST, DONE } };
    vcluster_error *error = NULL;
    bool sent = false;

    (void)state;
    assert_works(run_with(&self, SMALL, &sent, &error), &error);
    assert_true(sent);
    assert_true(self.came >= SMALL + VCL_SNAPSHOT_DIGEST); /* whole, from the beginning */
    assert_int_equal(self.asked, 2);
    assert_int_equal(self.made, 2);
    assert_false(self.exists);
}

static void a_connection_lost_on_the_way_is_tried_again_and_a_refusal_is_not(void **state)
{
    host self = { .endings = { BEGINNING_LOST, REFUSED, DONE } };
    vcluster_error *error = NULL;
    bool sent = false;

    (void)state;
    assert_fails(run_with(&self, MORE_THAN_SOCKETS_HOLD, &sent, &error), VCLUSTER_E_UNAVAILABLE,
                 &error, "not accepted (exit code 3)");
    assert_false(sent);
    assert_int_equal(self.asked, 2);
    assert_int_equal(self.made, 2);
}

static void a_connection_that_is_always_lost_is_told(void **state)
{
    host self = { .endings = { SPOILED_LOST, SPOILED_LOST, SPOILED_LOST, SPOILED_LOST } };
    vcluster_error *error = NULL;
    bool sent = false;

    (void)state;
    assert_fails(run_with(&self, SMALL, &sent, &error), VCLUSTER_E_UNAVAILABLE, &error, "was lost");
    assert_true(sent); /* they may be in place */
    assert_int_equal(self.asked, 3);
    assert_int_equal(self.made, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_that_the_pod_has_are_not_sent_again),
        cmocka_unit_test(data_that_the_pod_has_not_are_sent_again_to_a_new_one),
        cmocka_unit_test(a_connection_lost_on_the_way_is_tried_again_and_a_refusal_is_not),
        cmocka_unit_test(a_connection_that_is_always_lost_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
