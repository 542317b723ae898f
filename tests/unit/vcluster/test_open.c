/* SPDX-License-Identifier: Apache-2.0 */
/* What it takes to reach a virtual cluster: which requests, and none twice. */
#include "cm.h"

#include <arpa/inet.h>
#include <libvcluster/vcluster.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "fake_host.h"

static fake_host *host;
static vcluster_client *client;

/* {clusters: [{name: c, cluster: {server: "https://localhost:8443"}}], users: [{name: u, user:
 * {token: t}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x} */
#define CONFIG                                                                                     \
    "e2NsdXN0ZXJzOiBbe25hbWU6IGMsIGNsdXN0ZXI6IHtzZXJ2ZXI6ICJodHRwczovL2xvY2FsaG9zdDo4NDQzIn19XSwg" \
    "dXNlcnM6IFt7bmFtZTogdSwgdXNlcjoge3Rva2VuOiB0fX1dLCBjb250ZXh0czogW3tuYW1lOiB4LCBjb250ZXh0OiB7" \
    "Y2x1c3RlcjogYywgdXNlcjogdX19XSwgY3VycmVudC1jb250ZXh0OiB4fQ=="

static void put_pod(const char *name, const char *ready, const char *more)
{
    vcl_auto_free char *yaml = vcl_format(
        "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: team, labels: {app: vcluster, "
        "release: dev}%s}, status: {phase: Running, conditions: [{type: Ready, status: '%s'}]}}",
        name, more, ready);

    assert_non_null(yaml);
    fake_host_put(host, yaml);
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
    fake_host_put(host, "{apiVersion: v1, kind: Service, metadata: {name: dev, namespace: team, "
                        "uid: u1}}");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-dev, namespace: team, "
                        "ownerReferences: [{kind: Service, name: dev, uid: u1}]}, data: {config: "
                        "'" CONFIG "'}}");
    fake_host_fail(host, "GET", "/portforward", 403); /* it has none: a refusal that is final */
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static vcluster_tunnel *open_tunnel(const char *namespace_name)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = namespace_name;
    fake_host_forget(host);
    if (vcluster_tunnel_open(client, "dev", &options, &tunnel, &error) < 0)
        fail_msg("%s", vcluster_error_to_string(error));
    return tunnel;
}

/* Connect, and wait until the tunnel has given up. */
static void use_tunnel(const vcluster_tunnel *tunnel)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)vcluster_tunnel_port(tunnel)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
}

/* Six to find the way, two to ask whether the user may go it. */
static void assert_eight_requests(void)
{
    assert_int_equal(fake_host_requests(host, NULL, "/"), 8);
    assert_int_equal(fake_host_requests(host, "POST", "/selfsubjectaccessreviews"), 2);
    assert_int_equal(fake_host_requests(host, "GET", "/statefulsets?"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/deployments?"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/pods?"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/secrets?"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/secrets/vc-dev"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/services/dev"), 1);
}

static void a_ready_pod_is_not_looked_for_again(void **state)
{
    (void)state;
    put_pod("dev-0", "True", "");
    vcluster_tunnel *tunnel = open_tunnel("team");
    assert_eight_requests();
    use_tunnel(tunnel);
    assert_int_equal(fake_host_requests(host, "GET", "/pods/dev-0/portforward"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/pods?"), 1);
    vcluster_tunnel_free(tunnel);
}

static void its_namespace_may_be_left_open(void **state)
{
    (void)state;
    put_pod("dev-0", "True", "");
    vcluster_tunnel *tunnel = open_tunnel(NULL);
    assert_eight_requests();
    use_tunnel(tunnel);
    assert_int_equal(fake_host_requests(host, "GET", "/pods?"), 1);
    vcluster_tunnel_free(tunnel);
}

static void a_pod_that_is_not_ready_is_looked_for(void **state)
{
    (void)state;
    put_pod("dev-0", "False", "");
    put_pod("dev-1", "True", ", deletionTimestamp: '2026-01-01T00:00:00Z'");
    vcluster_tunnel *tunnel = open_tunnel("team");
    use_tunnel(tunnel);
    assert_int_equal(fake_host_requests(host, "GET", "/pods?"), 2);
    assert_int_equal(fake_host_requests(host, "GET", "/pods/dev-0/portforward"), 1);
    vcluster_tunnel_free(tunnel);
}

/* It is not the pod that a way was begun to. */
static void a_pod_of_another_name_is_asked(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;
    char *version = NULL;

    (void)state;
    put_pod("dev-x7", "True", "");
    options.namespace_name = "team";
    assert_int_equal(vcluster_instance_open(client, "dev", &options, &inside, &error), 0);
    assert_fails(vcluster_client_server_version(inside, NULL, &version, &error),
                 VCLUSTER_E_PERMISSION, &error, "dev-x7");
    assert_true(fake_host_requests(host, "GET", "/pods/dev-x7/portforward") > 0);
    vcluster_client_unref(inside);
}

static void one_that_is_not_there_is_not_opened(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = "team";
    assert_fails(vcluster_instance_open(client, "none", &options, &inside, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no virtual cluster 'none'");
    assert_null(inside);
}

/* What is wrong with the virtual cluster explains more than what its Secret lacks. */
static void a_paused_one_is_said_to_be_paused(void **state)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_instance_options how = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host,
                  "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: rest, namespace: "
                  "team, labels: {app: vcluster, release: rest}, annotations: "
                  "{loft.sh/paused: 'true'}}, spec: {replicas: 0}}");
    options.namespace_name = "team";
    assert_fails(vcluster_tunnel_open(client, "rest", &options, &tunnel, &error),
                 VCLUSTER_E_PRECONDITION, &error, "is paused");
    how.namespace_name = "team";
    assert_fails(vcluster_instance_open(client, "rest", &how, &inside, &error),
                 VCLUSTER_E_PRECONDITION, &error, "is paused");
    assert_fails(vcluster_tunnel_open(client, "none", &options, &tunnel, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no virtual cluster 'none'");
    assert_null(tunnel);
}

static void hold_up(fake_host *self, void *data)
{
    struct timespec end;

    (void)self;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &end), 0);
    end.tv_sec += 60; /* for a test that has failed */
    (void)sem_timedwait(data, &end);
}

/* Of a pod that takes its time, or whose node is gone, the search tells more. */
static void a_pod_that_does_not_answer_is_not_waited_for(void **state)
{
    static sem_t opened;
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_pod("dev-0", "True", "");
    assert_int_equal(sem_init(&opened, 0, 0), 0);
    fake_host_heal(host);
    fake_host_before(host, "GET", "/portforward", hold_up, &opened);
    options.namespace_name = "team";
    int status = vcluster_instance_open(client, "dev", &options, &inside, &error);
    assert_int_equal(sem_post(&opened), 0);
    assert_works(status, &error);
    assert_int_equal(fake_host_requests(host, "GET", "/deployments?"), 1);
    vcluster_client_unref(inside);
}

/* The review of rights spares programs a riddle, and is not worth the tunnel. */
static void a_review_of_rights_that_hangs_does_not_take_all_the_time(void **state)
{
    static sem_t opened; /* the host may be in hold_up() a little longer than this test */
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_pod("dev-0", "True", "");
    assert_int_equal(sem_init(&opened, 0, 0), 0);
    fake_host_before(host, "POST", "/selfsubjectaccessreviews", hold_up, &opened);
    options.namespace_name = "team";
    options.timeout_ms = patience_ms(2000);
    int status = vcluster_tunnel_open(client, "dev", &options, &tunnel, &error);
    assert_int_equal(sem_post(&opened), 0);
    assert_works(status, &error);
    vcluster_tunnel_free(tunnel);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_ready_pod_is_not_looked_for_again),
        CASE(its_namespace_may_be_left_open),
        CASE(a_pod_that_is_not_ready_is_looked_for),
        CASE(a_pod_of_another_name_is_asked),
        CASE(one_that_is_not_there_is_not_opened),
        CASE(a_paused_one_is_said_to_be_paused),
        CASE(a_pod_that_does_not_answer_is_not_waited_for),
        CASE(a_review_of_rights_that_hangs_does_not_take_all_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
