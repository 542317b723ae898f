/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods of a real cluster: logs, commands, tunnels; a virtual cluster watched from its creation to
 * its end; and the same calls with the client of that virtual cluster. The pods run busybox.
 */
#include "e2e.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_SIZE = 10 << 20 };

static const char space[] = "vcluster-e2e-pods";

static const char pod[] =
    "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: vcluster-e2e-pods, labels: {app: "
    "web}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: "
    "'busybox:1.36', imagePullPolicy: IfNotPresent, readinessProbe: {httpGet: {port: 8080}, "
    "periodSeconds: 1}, command: [sh, -c, 'mkdir -p /w && echo hello > /w/index.html && httpd -p "
    "8080 -h /w; i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done']}, {name: side, "
    "image: 'busybox:1.36', imagePullPolicy: IfNotPresent, command: [sleep, '100000']}]}}";

static int stop_when_ready(const char *type, const char *json, void *data)
{
    (void)type;
    (void)data;
    return strstr(json, "\"ready\":true") && !strstr(json, "\"ready\":false");
}

static int set_up(void **state)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove_namespace(space);
    e2e_make_namespace(space);
    e2e_apply(e2e_host(), pod);
    options.namespace_name = space;
    options.timeout_ms = 120000;
    e2e_ok(
        vcluster_resource_watch(e2e_host(), "v1", "Pod", &options, stop_when_ready, NULL, &error),
        error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e2e_remove_namespace(space);
    return 0;
}

/* What came of the two streams. */
typedef struct output {
    char *bytes[3];
    size_t size[3];
    size_t lines;
    size_t lines_wanted; /* then stop; 0: never */
} output;

static int take(int stream, const void *bytes, size_t size, void *data)
{
    output *to = data;
    const char *text = bytes;

    to->bytes[stream] = realloc(to->bytes[stream], to->size[stream] + size + 1);
    assert_non_null(to->bytes[stream]);
    memcpy(to->bytes[stream] + to->size[stream], bytes, size);
    to->size[stream] += size;
    to->bytes[stream][to->size[stream]] = '\0';
    for (size_t i = 0; i < size; i++)
        to->lines += text[i] == '\n';
    return to->lines_wanted && to->lines >= to->lines_wanted;
}

static void forget(output *to)
{
    free(to->bytes[1]);
    free(to->bytes[2]);
    *to = (output){ 0 };
}

static void followed_log_brings_line_after_line(void **state)
{
    vcluster_pod_logs_options options = VCLUSTER_POD_LOGS_OPTIONS_INIT;
    vcluster_error *error = NULL;
    output to = { .lines_wanted = 12 };
    int first = 0;

    (void)state;
    options.namespace_name = space;
    int status = vcluster_pod_logs(e2e_host(), "web", &options, take, &to, &error);
    e2e_fails(status, VCLUSTER_E_INVALID_ARGUMENT, error, "'main', 'side'");
    error = NULL;
    options.container = "main";
    options.follow = 1;
    options.tail = 1;
    options.tail_lines = 2;
    status = vcluster_pod_logs(e2e_host(), "web", &options, take, &to, &error);
    e2e_fails(status, VCLUSTER_E_CANCELLED, error, "callback");
    assert_int_equal(sscanf(to.bytes[1], "line %d", &first), 1);
    const char *at = to.bytes[1];
    for (int i = 0; i < 12; i++) {
        char line[32];

        (void)snprintf(line, sizeof(line), "line %d\n", first + i);
        assert_memory_equal(at, line, strlen(line));
        at += strlen(line);
    }
    forget(&to);
}

static int exec_web(const char *const *command,
                    vcluster_pod_exec_options *options,
                    output *to,
                    vcluster_error **error)
{
    int code = -1;

    options->namespace_name = space;
    options->container = "main";
    options->timeout_ms = 60000;
    int status = vcluster_pod_exec(e2e_host(), "web", command, options, take, to, &code, error);
    return status < 0 ? status : code;
}

static void commands_end_with_their_exit_codes(void **state)
{
    static const struct {
        const char *command[4];
        int code;
    } cases[] = {
        { { "true" }, 0 },
        { { "sh", "-c", "exit 3" }, 3 },
        { { "sh", "-c", "no-such-program" }, 127 },
        { { "no-such-program" }, 127 },
        { { "/etc/passwd" }, 126 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
        vcluster_error *error = NULL;
        output to = { 0 };

        int code = exec_web(cases[i].command, &options, &to, &error);
        if (code < 0)
            fail_msg("%s", vcluster_error_to_string(error));
        assert_int_equal(code, cases[i].code);
        forget(&to);
    }
}

static void ten_megabytes_of_input_are_echoed(void **state)
{
    static const char *const command[] = { "cat", NULL };
    vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    vcluster_error *error = NULL;
    unsigned char *input = malloc(INPUT_SIZE);
    output to = { 0 };
    unsigned seed = 1;

    (void)state;
    assert_non_null(input);
    for (size_t i = 0; i < INPUT_SIZE; i++) {
        seed = seed * 1103515245 + 12345;
        input[i] = (unsigned char)(seed >> 16);
    }
    options.input = input;
    options.input_size = INPUT_SIZE;
    int code = exec_web(command, &options, &to, &error);
    if (code < 0)
        fail_msg("%s after %zu bytes", vcluster_error_to_string(error), to.size[1]);
    assert_int_equal(code, 0);
    assert_int_equal(to.size[1], INPUT_SIZE);
    assert_memory_equal(to.bytes[1], input, INPUT_SIZE);
    free(input);
    forget(&to);
}

static void what_is_missing_is_named(void **state)
{
    static const char *const command[] = { "true", NULL };
    vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    vcluster_error *error = NULL;
    vcluster_tunnel *tunnel = NULL;
    int code = 0;

    (void)state;
    options.namespace_name = space;
    int status =
        vcluster_pod_exec(e2e_host(), "nope", command, &options, NULL, NULL, &code, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, "nope");
    error = NULL;
    options.container = "zz";
    status = vcluster_pod_exec(e2e_host(), "web", command, &options, NULL, NULL, &code, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, "zz");
    error = NULL;
    status = vcluster_pod_forward(e2e_host(), "nope", 80, NULL, &tunnel, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, "nope");
}

static void fetch(int port, char *text, size_t size)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t used = 0;
    ssize_t got = 1;

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while (got > 0 && used < size - 1) {
        got = read(fd, text + used, size - 1 - used);
        used += got > 0 ? (size_t)got : 0;
    }
    text[used] = '\0';
    (void)close(fd);
}

static void ports_are_reached_by_name_and_by_label(void **state)
{
    (void)state;
    for (int by_label = 0; by_label < 2; by_label++) {
        vcluster_pod_forward_options options = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
        vcluster_error *error = NULL;
        vcluster_tunnel *tunnel = NULL;
        char text[1024];

        options.namespace_name = space;
        options.label_selector = by_label ? "app=web" : NULL;
        e2e_ok(vcluster_pod_forward(e2e_host(), by_label ? NULL : "web", 8080, &options, &tunnel,
                                    &error),
               error);
        fetch(vcluster_tunnel_port(tunnel), text, sizeof(text));
        assert_non_null(strstr(text, "hello\n"));
        vcluster_tunnel_free(tunnel);
    }
}

/* ---- A virtual cluster, watched ---- */

typedef struct watching {
    vcluster_cancel *cancel;
    char told[16384];  /* "+Unknown *Pending *Running! -Running!": "!" is ready */
    atomic_bool ready; /* was told */
    int status;
} watching;

static int note(int event, const vcluster_instance *instance, void *data)
{
    watching *self = data;
    size_t used = strlen(self->told);

    (void)snprintf(self->told + used, sizeof(self->told) - used, "%c%s%s ", "?+*-"[event],
                   vcluster_instance_status(instance),
                   vcluster_instance_ready(instance) ? "!" : "");
    if (vcluster_instance_ready(instance))
        atomic_store(&self->ready, true);
    return event == VCLUSTER_INSTANCE_REMOVED;
}

/* The probes of the pod notice a little later than a create that it is ready: at most a minute. */
static void wait_until_ready_is_told(watching *self)
{
    for (int i = 0; i < 600 && !atomic_load(&self->ready); i++)
        (void)usleep(100000);
}

static void *run_watch(void *data)
{
    watching *self = data;
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.namespace_name = "vcluster-e2e-watched";
    options.timeout_ms = 300000;
    options.cancel = self->cancel;
    self->status = vcluster_instance_watch(e2e_host(), &options, note, self, &error);
    vcluster_error_free(error);
    return NULL;
}

static void use_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_pod_logs_options logs = VCLUSTER_POD_LOGS_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;
    output to = { 0 };

    options.namespace_name = "vcluster-e2e-watched";
    e2e_ok(vcluster_instance_open(e2e_host(), "watched", &options, &inside, &error), error);
    int status = vcluster_pod_logs(inside, "nobody", &logs, take, &to, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, "nobody");
    vcluster_client_unref(inside);
}

static void life_of_a_virtual_cluster_is_watched(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options("vcluster-e2e-watched");
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;
    watching self = { 0 };
    pthread_t thread;

    (void)state;
    e2e_remove("watched", "vcluster-e2e-watched");
    e2e_ok(vcluster_cancel_new(&self.cancel, &error), error);
    assert_int_equal(pthread_create(&thread, NULL, run_watch, &self), 0);
    e2e_ok(vcluster_instance_create(e2e_host(), "watched", config, &options, NULL, &error), error);
    use_inside();
    wait_until_ready_is_told(&self);
    e2e_remove("watched", "vcluster-e2e-watched");
    (void)pthread_join(thread, NULL);

    print_message("watched: %s\n", self.told);
    assert_int_equal(self.status, 0);
    assert_int_equal(self.told[0], '+');
    assert_non_null(strstr(self.told, "*Running!"));
    assert_non_null(
        strchr(self.told, '-')); /* gone, told once, as it was last: terminating or not */
    assert_null(strchr(strchr(self.told, '-') + 1, '-'));
    vcluster_cancel_free(self.cancel);
    vcluster_config_free(config);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(followed_log_brings_line_after_line),
        cmocka_unit_test(commands_end_with_their_exit_codes),
        cmocka_unit_test(ten_megabytes_of_input_are_echoed),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(ports_are_reached_by_name_and_by_label),
        cmocka_unit_test(life_of_a_virtual_cluster_is_watched),
    };

    E2E_NEEDS_HOST();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    e2e_done();
    return failed;
}
