/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which way to a virtual cluster is taken, and why the others are not: objects on a host in memory,
 * real TLS servers in the place of control planes.
 */
#include "cm.h"

#include <libvcluster/vcluster.h>
#include <unistd.h>

#include "data/encoding.h"
#include "fake_host.h"
#include "test_pki.h"
#include "test_server.h"
#include "vcluster/connect/endpoint.h"

enum { YEAR_S = 365 * 86400 };
#define ALL_NAMES "DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1"

static test_identity ca;
static test_identity foreign_ca;
static fake_host *host;
static vcluster_client *client;
static vcluster_error *error;
static vcluster_endpoint *endpoint;

static int begin_all(void **state)
{
    (void)state;
    ca = test_identity_new("ca", NULL, YEAR_S);
    foreign_ca = test_identity_new("foreign-ca", NULL, YEAR_S);
    return 0;
}

static int end_all(void **state)
{
    (void)state;
    test_identity_done(&ca);
    test_identity_done(&foreign_ca);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    endpoint = NULL;
    error = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_endpoint_free(endpoint);
    vcluster_error_free(error);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

/* ---- Control planes ---- */

static void answer_version(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    assert_string_equal(request->path, "/version");
    test_conn_answer(conn, 200, "", "{\"gitVersion\":\"v1.35.4\"}");
}

static void answer_unauthorized(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 401, "", "{\"kind\":\"Status\",\"code\":401}");
}

static void answer_never(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_wait_closed(conn);
}

/* Whether the answer had credentials with it goes to *data. */
static void note_credentials(test_conn *conn, const test_request *request, void *data)
{
    char value[256];

    *(bool *)data = test_request_header(request, "Authorization", value, sizeof(value));
    test_conn_answer(conn, 403, "", "{\"kind\":\"Status\",\"code\":403}");
}

static test_server *start(const char *names, const test_identity *issuer, test_handler handler)
{
    static bool unused;
    test_identity identity = test_identity_for("server", names, issuer, YEAR_S);
    test_server_options options = { .handler = handler,
                                    .data = &unused,
                                    .cert_pem = identity.cert_pem,
                                    .key_pem = identity.key_pem };
    test_server *server = test_server_start(&options);

    test_identity_done(&identity);
    return server;
}

/* A port at which nobody listens. */
static int closed_port(void)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);
    int port = test_server_port(server);

    test_server_stop(server);
    return port;
}

/* ---- The host ---- */

/* The workload and the kubeconfig Secret, with a token. */
static void put_cluster(const char *published_server)
{
    char *ca_data = vcl_base64_encode(ca.cert_pem, strlen(ca.cert_pem));
    char *config = vcl_format(
        "{current-context: x, clusters: [{name: c, cluster: {server: '%s', "
        "certificate-authority-data: %s}}], users: [{name: u, user: {token: t}}], contexts: "
        "[{name: x, context: {cluster: c, user: u}}]}",
        published_server, ca_data);
    char *data = vcl_base64_encode(config, strlen(config));
    char *yaml = vcl_format("{apiVersion: v1, kind: Secret, metadata: {name: vc-dev, namespace: "
                            "team}, data: {config: %s}}",
                            data);

    fake_host_put(host, yaml);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
    free(ca_data);
    free(config);
    free(data);
    free(yaml);
}

static void put_service(const char *type, int port, int node_port, const char *addresses)
{
    char *yaml = vcl_format(
        "{apiVersion: v1, kind: Service, metadata: {name: dev, namespace: team}, spec: {type: %s, "
        "ports: [{name: kubelet, port: 10250, nodePort: 1}, {name: https, port: %d, nodePort: "
        "%d}]}, status: {loadBalancer: {ingress: [%s]}}}",
        type, port, node_port, addresses);

    fake_host_put(host, yaml);
    free(yaml);
}

static void put_node(const char *addresses)
{
    char *yaml = vcl_format("{apiVersion: v1, kind: Node, metadata: {name: n1}, status: "
                            "{addresses: [%s]}}",
                            addresses);

    fake_host_put(host, yaml);
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: team, "
                        "labels: {app: vcluster, release: dev}}, spec: {nodeName: n1}, status: "
                        "{hostIP: 127.0.0.1}}");
    free(yaml);
}

static void put_ingress(const char *hostname, const char *labels, int port)
{
    char *yaml = vcl_format(
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: dev, namespace: team, "
        "labels: {%s}}, spec: {rules: [{host: other.localhost, http: {paths: [{backend: {service: "
        "{name: web}}}]}}, {host: %s, http: {paths: [{backend: {service: {name: dev}}}]}}]}, "
        "status: {loadBalancer: {ingress: [{ip: 127.0.0.1, ports: [{port: %d}]}]}}}",
        labels, hostname, port);

    fake_host_put(host, yaml);
    free(yaml);
}

static void put_route(const char *hostname, const char *accepted, int port)
{
    char *yaml = vcl_format(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: dev, "
        "namespace: team}, spec: {hostnames: [%s], parentRefs: [{name: gate, namespace: infra, "
        "sectionName: tls}], rules: [{backendRefs: [{name: dev, port: 443}]}]}, status: {parents: "
        "[{conditions: [{type: Accepted, status: '%s', message: no listener fits}]}]}}",
        hostname, accepted);
    char *gateway = vcl_format(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gate, "
        "namespace: infra}, spec: {listeners: [{name: web, protocol: HTTPS, port: 1}, {name: tls, "
        "protocol: TLS, port: %d}]}, status: {addresses: [{value: 127.0.0.1}]}}",
        port);

    fake_host_put(host, yaml);
    fake_host_put(host, gateway);
    free(yaml);
    free(gateway);
}

/* ---- Looking at results ---- */

static int choose(const vcluster_endpoint_options *options)
{
    return vcluster_instance_endpoint(client, "dev", options, &endpoint, &error);
}

static void assert_taken(int kind, const char *url, const char *tls_server_name)
{
    const vcluster_endpoint_candidate *taken = vcluster_endpoint_taken(endpoint);
    assert_string_equal(vcluster_endpoint_candidate_url(taken), url);
    assert_string_equal(vcluster_endpoint_kind_name(vcluster_endpoint_candidate_kind(taken)),
                        vcluster_endpoint_kind_name(kind));
    assert_string_equal(vcluster_endpoint_candidate_tls_server_name(taken), tls_server_name);
    assert_string_equal(vcluster_endpoint_candidate_reason(taken), "");
}

/* The first candidate of a kind was not taken for this reason. */
static void assert_left(int kind, const char *part)
{
    for (size_t i = 0; i < vcluster_endpoint_candidate_count(endpoint); i++) {
        const vcluster_endpoint_candidate *candidate = vcluster_endpoint_candidate_at(endpoint, i);
        if (vcluster_endpoint_candidate_kind(candidate) != kind)
            continue;
        if (!strstr(vcluster_endpoint_candidate_reason(candidate), part))
            fail_msg("'%s' is not in: %s", part, vcluster_endpoint_candidate_reason(candidate));
        return;
    }
    fail_msg("there is no candidate of kind %s", vcluster_endpoint_kind_name(kind));
}

static char *url_of(const char *name, int port)
{
    return vcl_format("https://%s:%d", name, port);
}

static void assert_taken_at(int kind, const char *name, int port, const char *tls_server_name)
{
    char *url = url_of(name, port);

    assert_taken(kind, url, tls_server_name);
    free(url);
}

/* ---- Tests ---- */

static void without_any_exposure_the_tunnel_is_taken_and_every_kind_says_why_not(void **state)
{
    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_left(VCLUSTER_ENDPOINT_PUBLISHED, "the pod itself");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "of type ClusterIP");
    assert_left(VCLUSTER_ENDPOINT_NODE_PORT, "has no node port");
    assert_left(VCLUSTER_ENDPOINT_INGRESS, "no Ingress with a host leads to Service 'dev'");
    assert_left(VCLUSTER_ENDPOINT_TLS_ROUTE, "no TLSRoute with a host leads to Service 'dev'");
    assert_left(VCLUSTER_ENDPOINT_SERVICE, "inside a cluster");
    assert_int_equal(vcluster_endpoint_candidate_count(endpoint), 7);
    assert_null(vcluster_endpoint_candidate_at(endpoint, 7));
}

static void where_the_tunnel_does_not_count_the_error_names_every_candidate(void **state)
{
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    int port = closed_port();

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", port, 0, "{ip: 127.0.0.1}");
    options.exposed_only = 1;
    assert_int_equal(choose(&options), VCLUSTER_E_PRECONDITION);
    assert_error_says(error, "has no address that works from here");
    assert_int_equal(vcluster_error_finding_count(error), 7);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 1);
    char *url = url_of("127.0.0.1", port);
    assert_string_equal(vcluster_finding_path(finding), "load-balancer");
    assert_non_null(strstr(vcluster_finding_message(finding), url));
    assert_non_null(strstr(vcluster_finding_message(finding), "refused"));
    assert_non_null(strstr(vcluster_finding_remedy(vcluster_error_finding_at(error, 2)),
                           "controlPlane.service.spec.type to NodePort"));
    assert_null(endpoint);
    free(url);
}

static void a_load_balancer_comes_before_a_node_port(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);
    int port = test_server_port(server);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", port, port, "{ip: 127.0.0.1}");
    put_node("{type: InternalIP, address: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_LOAD_BALANCER, "127.0.0.1", port, "");
    assert_left(VCLUSTER_ENDPOINT_NODE_PORT, "'load-balancer' comes first");
    test_server_stop(server);
}

static void a_load_balancer_without_an_address_leaves_the_node_port(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", 443, test_server_port(server), "");
    put_node("{type: Hostname, address: n1}, {type: InternalIP, address: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_NODE_PORT, "127.0.0.1", test_server_port(server), "");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "no load balancer has given Service 'dev'");
    test_server_stop(server);
}

static void a_node_that_may_not_be_read_is_known_by_the_pod(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("NodePort", 443, test_server_port(server), "");
    put_node("{type: ExternalIP, address: 127.0.0.2}");
    fake_host_fail(host, "GET", "/nodes/", 403);
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_NODE_PORT, "127.0.0.1", test_server_port(server), "");
    test_server_stop(server);
}

static void a_name_of_every_certificate_is_verified_where_an_address_is_not_in_it(void **state)
{
    test_server *server = start("DNS:kubernetes.default.svc", &ca, answer_version);
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    char *text = NULL;

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_LOAD_BALANCER, "127.0.0.1", test_server_port(server),
                    "kubernetes.default.svc");
    assert_works(vcluster_instance_kubeconfig(client, "dev", &options, &text, &error), &error);
    assert_non_null(strstr(text, "tls-server-name: kubernetes.default.svc\n"));
    assert_non_null(strstr(text, "certificate-authority-data: "));
    assert_null(strstr(text, "insecure"));
    vcluster_free(text);
    test_server_stop(server);
}

static void a_certificate_without_any_known_name_is_not_taken(void **state)
{
    test_server *server = start("DNS:elsewhere", &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "is not in its certificate");
    assert_int_equal(test_server_requests(server), 0);
    test_server_stop(server);
}

static void the_certificate_of_another_cluster_is_not_taken(void **state)
{
    test_server *server = start(ALL_NAMES, &foreign_ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "certificate is not of this virtual cluster");
    assert_int_equal(test_server_requests(server), 0); /* no credential has left */
    test_server_stop(server);
}

static void insecure_is_taken_only_when_asked_for_and_sends_no_credentials(void **state)
{
    bool had_credentials = true;
    test_identity identity = test_identity_for("server", ALL_NAMES, &foreign_ca, YEAR_S);
    test_server_options server_options = { .handler = note_credentials,
                                           .data = &had_credentials,
                                           .cert_pem = identity.cert_pem,
                                           .key_pem = identity.key_pem };
    test_server *server = test_server_start(&server_options);
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    char *text = NULL;

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    options.insecure = 1;
    assert_works(vcluster_instance_kubeconfig(client, "dev", &options, &text, &error), &error);
    assert_non_null(strstr(text, "insecure-skip-tls-verify: true\n"));
    assert_null(strstr(text, "certificate-authority-data"));
    assert_false(had_credentials);
    vcluster_free(text);
    test_server_stop(server);
    test_identity_done(&identity);
}

static void refused_credentials_are_told(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_unauthorized);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "refuses the credentials");
    test_server_stop(server);
}

static void a_silent_address_costs_half_of_the_time_at_most(void **state)
{
    test_server *silent = start(ALL_NAMES, &ca, answer_never);
    test_server *server = start(ALL_NAMES, &ca, answer_version);
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(silent), test_server_port(server),
                "{ip: 127.0.0.1}");
    put_node("{type: InternalIP, address: 127.0.0.1}");
    options.timeout_ms = patience_ms(800);
    assert_works(choose(&options), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_NODE_PORT, "127.0.0.1", test_server_port(server), "");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "does not answer in time");
    test_server_stop(silent);
    test_server_stop(server);
}

/* The test itself would last: the silent one is given up only because of the better one. */
static void a_better_way_ends_the_trial_of_a_silent_one(void **state)
{
    test_server *silent = start(ALL_NAMES, &ca, answer_never);
    test_server *server = start(ALL_NAMES, &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), test_server_port(silent),
                "{ip: 127.0.0.1}");
    put_node("{type: InternalIP, address: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_LOAD_BALANCER, "127.0.0.1", test_server_port(server), "");
    assert_left(VCLUSTER_ENDPOINT_NODE_PORT, "'load-balancer' comes first");
    test_server_stop(silent);
    test_server_stop(server);
}

static void an_ingress_is_reached_by_the_name_of_its_host(void **state)
{
    test_server *server = start("DNS:dev.localhost", &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    put_ingress("dev.localhost", "", test_server_port(server));
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_INGRESS, "dev.localhost", test_server_port(server), "");
    test_server_stop(server);
}

static void an_ingress_whose_host_is_not_in_the_certificate_is_not_taken(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    put_ingress("dev.localhost", "", test_server_port(server));
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_left(VCLUSTER_ENDPOINT_INGRESS, "controlPlane.proxy.extraSANs");
    test_server_stop(server);
}

static void an_ingress_of_a_tenant_is_passed_over(void **state)
{
    test_server *server = start("DNS:dev.localhost", &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    put_ingress("dev.localhost", "vcluster.loft.sh/managed-by: dev", test_server_port(server));
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_int_equal(test_server_connections(server), 0);
    test_server_stop(server);
}

static void a_tls_route_is_reached_at_the_listener_of_its_gateway(void **state)
{
    test_server *server = start("DNS:dev.localhost", &ca, answer_version);

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    put_route("dev.localhost", "True", test_server_port(server));
    assert_works(choose(NULL), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_TLS_ROUTE, "dev.localhost", test_server_port(server), "");
    test_server_stop(server);
}

static void a_tls_route_that_no_gateway_takes_says_so(void **state)
{
    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    put_route("dev.localhost", "False", 1);
    assert_works(choose(NULL), &error);
    assert_left(VCLUSTER_ENDPOINT_TLS_ROUTE, "takes TLSRoute 'dev': no listener fits");
}

static void addresses_of_a_route_are_tried_with_its_host_as_the_name(void **state)
{
    static const char text[] =
        "[{\"spec\":{\"rules\":[{\"host\":\"dev.example.com\",\"http\":{\"paths\":[{\"backend\":"
        "{\"service\":{\"name\":\"dev\"}}}]}}]},\"status\":{\"loadBalancer\":{\"ingress\":["
        "{\"ip\":\"fd00::1\"},{\"hostname\":\"lb.example.com\"},{\"hostname\":\"bad host\"}]}}}]";
    vcl_ways list = { 0 };
    cJSON *items = NULL;

    (void)state;
    assert_works(vcl_json_parse(text, sizeof(text) - 1, &items, &error), &error);
    vcl_ways_of_ingresses(&list, items, "dev");
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0].url, "https://dev.example.com");
    assert_null(list.items[0].tls_server_name);
    assert_string_equal(list.items[1].url, "https://[fd00::1]");
    assert_string_equal(list.items[1].tls_server_name, "dev.example.com");
    assert_string_equal(list.items[2].url, "https://lb.example.com");
    assert_string_equal(list.items[2].tls_server_name, "dev.example.com");
    vcl_ways_done(&list);
    cJSON_Delete(items);
}

static void more_ways_than_can_be_tried_leave_room_for_the_tunnel(void **state)
{
    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    for (int i = 0; i < VCL_MAX_WAYS; i++) {
        char *yaml = vcl_format(
            "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i%d, namespace: "
            "team}, spec: {rules: [{host: i%d.localhost, http: {paths: [{backend: {service: {name: "
            "dev}}}]}}]}, status: {loadBalancer: {ingress: [{ip: 127.0.0.1, ports: [{port: "
            "1}]}]}}}",
            i, i);
        fake_host_put(host, yaml);
        free(yaml);
    }
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_int_equal(vcluster_endpoint_candidate_count(endpoint), VCL_MAX_WAYS);
}

static void a_published_server_comes_first(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);
    char *url = url_of("ip6-localhost.localhost", test_server_port(server));

    (void)state;
    put_cluster(url);
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_PUBLISHED, url, "kubernetes.default.svc");
    free(url);
    test_server_stop(server);
}

static void what_may_not_be_read_is_told_and_is_no_failure(void **state)
{
    (void)state;
    put_cluster("https://localhost:8443");
    fake_host_fail(host, "GET", "/services/", 403);
    fake_host_fail(host, "GET", "/ingresses", 403);
    fake_host_fail(host, "GET", "/tlsroutes", 403);
    assert_works(choose(NULL), &error);
    assert_taken(VCLUSTER_ENDPOINT_TUNNEL, "", "");
    assert_left(VCLUSTER_ENDPOINT_LOAD_BALANCER, "its Service is not allowed");
    assert_left(VCLUSTER_ENDPOINT_INGRESS, "reading Ingresses is not allowed");
    assert_left(VCLUSTER_ENDPOINT_TLS_ROUTE, "reading TLSRoutes is not allowed");
}

static void a_given_server_is_the_only_one_that_is_tried(void **state)
{
    test_server *server = start(ALL_NAMES, &ca, answer_version);
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    char *given = vcl_format("localhost:%d", test_server_port(server));

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(server), 0, "{ip: 127.0.0.1}");
    options.server = given;
    fake_host_forget(host);
    assert_works(choose(&options), &error);
    assert_taken_at(VCLUSTER_ENDPOINT_GIVEN, "localhost", test_server_port(server), "");
    assert_int_equal(vcluster_endpoint_candidate_count(endpoint), 1);
    assert_int_equal(fake_host_requests(host, NULL, "/services"), 0);
    free(given);
    test_server_stop(server);
}

static void a_given_server_that_cannot_be_reached_is_an_error_unless_unverified(void **state)
{
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    char *given = url_of("127.0.0.1", closed_port());

    (void)state;
    put_cluster("https://localhost:8443");
    options.server = given;
    assert_fails(choose(&options), VCLUSTER_E_UNAVAILABLE, &error, "let it be unverified");
    options.unverified = 1;
    options.tls_server_name = "dev.example.com";
    assert_works(choose(&options), &error);
    assert_taken(VCLUSTER_ENDPOINT_GIVEN, given, "dev.example.com");
    free(given);
}

static void a_given_name_is_the_one_that_is_verified(void **state)
{
    test_server *server = start(ALL_NAMES ",DNS:dev.example.com", &ca, answer_version);
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    char *given = url_of("127.0.0.1", test_server_port(server));

    (void)state;
    put_cluster("https://localhost:8443");
    options.server = given;
    options.tls_server_name = "dev.example.com";
    assert_works(choose(&options), &error);
    assert_taken(VCLUSTER_ENDPOINT_GIVEN, given, "dev.example.com");
    vcluster_endpoint_free(endpoint);
    endpoint = NULL;
    options.tls_server_name = "prod.example.com";
    assert_fails(choose(&options), VCLUSTER_E_UNAVAILABLE, &error,
                 "'prod.example.com' is not in its certificate");
    free(given);
    test_server_stop(server);
}

static void json_has_the_taken_one_and_all_candidates(void **state)
{
    char *text = NULL;

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("ClusterIP", 443, 0, "");
    assert_works(choose(NULL), &error);
    assert_works(vcluster_endpoint_to_json(endpoint, &text, &error), &error);
    assert_non_null(strstr(text, "{\"name\":\"dev\",\"namespace\":\"team\",\"kind\":\"tunnel\","
                                 "\"url\":\"\",\"tlsServerName\":\"\",\"insecure\":false,"
                                 "\"candidates\":[{\"kind\":\"published\",\"url\":\"\","));
    assert_non_null(strstr(text, "{\"kind\":\"tunnel\",\"url\":\"\",\"tlsServerName\":\"\","
                                 "\"reason\":\"\"}]}"));
    vcluster_free(text);
}

static int stop_at_once(const vcluster_progress *progress, void *user_data)
{
    (void)progress;
    (void)user_data;
    return 1;
}

static void progress_and_cancel_token_end_a_trial(void **state)
{
    test_server *silent = start(ALL_NAMES, &ca, answer_never);
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;

    (void)state;
    put_cluster("https://localhost:8443");
    put_service("LoadBalancer", test_server_port(silent), 0, "{ip: 127.0.0.1}");
    options.progress = stop_at_once;
    assert_fails(choose(&options), VCLUSTER_E_CANCELLED, &error, "find the way");
    assert_null(endpoint);
    test_server_stop(silent);
}

static void nothing_is_made_of_null(void **state)
{
    char *text = NULL;

    (void)state;
    assert_fails(vcluster_instance_endpoint(client, "dev", NULL, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "out_endpoint is NULL");
    assert_fails(vcluster_endpoint_to_json(NULL, &text, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "NULL");
    assert_null(vcluster_endpoint_taken(NULL));
    assert_null(vcluster_endpoint_candidate_at(NULL, 0));
    assert_int_equal(vcluster_endpoint_candidate_count(NULL), 0);
    assert_int_equal(vcluster_endpoint_candidate_kind(NULL), 0);
    assert_string_equal(vcluster_endpoint_candidate_url(NULL), "");
    assert_string_equal(vcluster_endpoint_candidate_reason(NULL), "");
    assert_string_equal(vcluster_endpoint_candidate_tls_server_name(NULL), "");
    assert_string_equal(vcluster_endpoint_kind_name(0), "unknown");
    assert_string_equal(vcluster_endpoint_kind_name(9), "unknown");
    vcluster_endpoint_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_any_exposure_the_tunnel_is_taken_and_every_kind_says_why_not),
        TEST(where_the_tunnel_does_not_count_the_error_names_every_candidate),
        TEST(a_load_balancer_comes_before_a_node_port),
        TEST(a_load_balancer_without_an_address_leaves_the_node_port),
        TEST(a_node_that_may_not_be_read_is_known_by_the_pod),
        TEST(a_name_of_every_certificate_is_verified_where_an_address_is_not_in_it),
        TEST(a_certificate_without_any_known_name_is_not_taken),
        TEST(the_certificate_of_another_cluster_is_not_taken),
        TEST(insecure_is_taken_only_when_asked_for_and_sends_no_credentials),
        TEST(refused_credentials_are_told),
        TEST(a_silent_address_costs_half_of_the_time_at_most),
        TEST(a_better_way_ends_the_trial_of_a_silent_one),
        TEST(an_ingress_is_reached_by_the_name_of_its_host),
        TEST(an_ingress_whose_host_is_not_in_the_certificate_is_not_taken),
        TEST(an_ingress_of_a_tenant_is_passed_over),
        TEST(a_tls_route_is_reached_at_the_listener_of_its_gateway),
        TEST(a_tls_route_that_no_gateway_takes_says_so),
        TEST(addresses_of_a_route_are_tried_with_its_host_as_the_name),
        TEST(more_ways_than_can_be_tried_leave_room_for_the_tunnel),
        TEST(a_published_server_comes_first),
        TEST(what_may_not_be_read_is_told_and_is_no_failure),
        TEST(a_given_server_is_the_only_one_that_is_tried),
        TEST(a_given_server_that_cannot_be_reached_is_an_error_unless_unverified),
        TEST(a_given_name_is_the_one_that_is_verified),
        TEST(json_has_the_taken_one_and_all_candidates),
        TEST(progress_and_cancel_token_end_a_trial),
        TEST(nothing_is_made_of_null),
    };

    return cmocka_run_group_tests(tests, begin_all, end_all);
}
