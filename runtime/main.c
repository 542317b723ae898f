/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcluster-runtime: the program in the control plane's pod that is ours. `pki` makes the
 * certificates and ends; `syncer` stays; `snapshot` and `restore-...` are run when a snapshot is
 * taken or put back. It collects nothing and talks to nobody but the host's API server, the one of
 * its own pod and etcd.
 */
#include <getopt.h>
#include <libvcluster/version.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "log.h"
#include "pki.h"
#include "restore.h"
#include "snapshot.h"
#include "syncer.h"

enum { PKI_TIMEOUT_MS = 120000, OPEN_TIMEOUT_MS = 60000, HEALTH_PORT = 8081, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: vcluster-runtime pki|syncer [--config FILE] [--folder FOLDER] [--health-port PORT]\n"
    "       vcluster-runtime snapshot --store STORE [--folder FOLDER] [--data DATA]\n"
    "       vcluster-runtime restore-hold|restore-receive|restore-commit --store STORE\n"
    "                        [--data DATA]\n"
    "       vcluster-runtime --version\n"
    "\n"
    "pki       make or fetch the certificates of the control plane, write them to FOLDER\n"
    "syncer    publish the kubeconfig and keep it right; answer /healthz and /readyz\n"
    "snapshot  write the store's data to stdout; the receiver tells on stdin what it has taken\n"
    "restore-  wait for the data of a snapshot, receive them, put them in their place\n"
    "\n"
    "FILE    config.yaml of the virtual cluster (/var/lib/vcluster/config.yaml)\n"
    "FOLDER  of the certificates (/pki)\n"
    "PORT    of the probes (8081)\n"
    "STORE   sqlite, etcd or etcd-deploy\n"
    "DATA    folder of the store's data (/data)\n";

typedef struct arguments {
    const char *command;
    const char *config;
    const char *folder;
    const char *store;
    const char *data;
    int health_port;
} arguments;

/* Reached by the signal handler; set once, before the handler is. */
static vcluster_cancel *stop;

static void on_signal(int number)
{
    (void)number;
    vcluster_cancel_trigger(stop);
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

static bool read_port(const char *text, int *out_port)
{
    int64_t port = 0;

    if (!vcl_parse_i64(text, &port) || port < 1 || port > 65535)
        return false;
    *out_port = (int)port;
    return true;
}

/* Returns -1 to go on, else the exit code. */
static int read_arguments(int count, char **values, arguments *out)
{
    static const struct option options[] = { { "config", required_argument, NULL, 'c' },
                                             { "folder", required_argument, NULL, 'f' },
                                             { "health-port", required_argument, NULL, 'p' },
                                             { "store", required_argument, NULL, 's' },
                                             { "data", required_argument, NULL, 'd' },
                                             { "version", no_argument, NULL, 'V' },
                                             { "help", no_argument, NULL, 'h' },
                                             { NULL, 0, NULL, 0 } };
    int option;

    while ((option = getopt_long(count, values, "h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            out->config = optarg;
            break;
        case 'f':
            out->folder = optarg;
            break;
        case 's':
            out->store = optarg;
            break;
        case 'd':
            out->data = optarg;
            break;
        case 'p':
            if (read_port(optarg, &out->health_port))
                break;
            (void)fprintf(stderr, "vcluster-runtime: '%s' is not a port\n", optarg);
            return EXIT_USAGE;
        case 'V':
            (void)printf("vcluster-runtime %s\n", VCLUSTER_VERSION);
            return EXIT_SUCCESS;
        case 'h':
            (void)fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            (void)fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind + 1 != count) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    out->command = values[optind];
    return -1;
}

typedef int (*command_fn)(const arguments *given, vcluster_error **error);

static int run_pki(const arguments *given, vcluster_error **error)
{
    RT_AUTO_SETTINGS settings = { 0 };
    vcl_call call;
    int status = rt_settings_load(given->config, &settings, error);

    if (status < 0)
        return status;
    vcl_call_init(&call, PKI_TIMEOUT_MS, PKI_TIMEOUT_MS, stop, NULL, NULL);
    return rt_pki_run(&settings, &call, given->folder, error);
}

static int run_syncer(const arguments *given, vcluster_error **error)
{
    RT_AUTO_SETTINGS settings = { 0 };
    int status = rt_settings_load(given->config, &settings, error);

    if (status < 0)
        return status;
    rt_syncer_options options = { .folder = given->folder,
                                  .health_port = given->health_port,
                                  .cancel = stop };
    return rt_syncer_run(&settings, &options, error);
}

static int run_snapshot(const arguments *given, vcluster_error **error)
{
    RT_AUTO_SETTINGS settings = { 0 };
    int status = rt_settings_load(given->config, &settings, error);

    if (status < 0)
        return status;
    rt_snapshot_options options = { .store = given->store,
                                    .name = settings.name,
                                    .data = given->data,
                                    .socket = "/run/store/store.sock",
                                    .pki = given->folder,
                                    .output = STDOUT_FILENO,
                                    .input = STDIN_FILENO };
    return rt_snapshot(&options, error);
}

static rt_restore_options restore_options(const arguments *given)
{
    return (rt_restore_options){
        .store = given->store, .data = given->data, .signs = "/tmp", .input = STDIN_FILENO
    };
}

static int run_hold(const arguments *given, vcluster_error **error)
{
    rt_restore_options options = restore_options(given);
    vcl_call call;

    vcl_call_init(&call, -1, -1, stop, NULL, NULL);
    return rt_restore_hold(&options, &call, error);
}

static int run_receive(const arguments *given, vcluster_error **error)
{
    rt_restore_options options = restore_options(given);
    vcl_call call;

    vcl_call_init(&call, OPEN_TIMEOUT_MS, OPEN_TIMEOUT_MS, stop, NULL, NULL);
    return rt_restore_receive(&options, &call, error);
}

static int run_commit(const arguments *given, vcluster_error **error)
{
    rt_restore_options options = restore_options(given);

    return rt_restore_commit(&options, error);
}

static command_fn find_command(const char *name)
{
    static const struct {
        const char *name;
        command_fn run;
    } commands[] = { { "pki", run_pki },
                     { "syncer", run_syncer },
                     { "snapshot", run_snapshot },
                     { "restore-hold", run_hold },
                     { "restore-receive", run_receive },
                     { "restore-commit", run_commit } };

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (vcl_streq(commands[i].name, name))
            return commands[i].run;
    }
    return NULL;
}

int main(int count, char **values)
{
    arguments given = { .config = "/var/lib/vcluster/config.yaml",
                        .folder = "/pki",
                        .data = "/data",
                        .health_port = HEALTH_PORT };
    VCL_AUTO_ERROR *error = NULL;

    int code = read_arguments(count, values, &given);
    if (code >= 0)
        return code;
    command_fn run = find_command(given.command);
    if (!run) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    int status = vcluster_cancel_new(&stop, &error);
    if (status == VCLUSTER_OK) {
        catch_signals();
        status = run(&given, &error);
    }
    if (status < 0)
        rt_log_error(given.command, error);
    /* The token stays: a late signal may still want it. */
    return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
