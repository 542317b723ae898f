/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcluster-runtime: the program in the control plane's pod that is ours. `pki` makes the
 * certificates and ends; `syncer` stays. It collects nothing and talks to nobody but the host's
 * API server and the one of its own pod.
 */
#include <getopt.h>
#include <libvcluster/version.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "log.h"
#include "pki.h"
#include "syncer.h"

enum { PKI_TIMEOUT_MS = 120000, HEALTH_PORT = 8081, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: vcluster-runtime pki|syncer [--config FILE] [--folder FOLDER] [--health-port PORT]\n"
    "       vcluster-runtime --version\n"
    "\n"
    "pki     make or fetch the certificates of the control plane, write them to FOLDER\n"
    "syncer  publish the kubeconfig and keep it right; answer /healthz and /readyz\n"
    "\n"
    "FILE    config.yaml of the virtual cluster (/var/lib/vcluster/config.yaml)\n"
    "FOLDER  of the certificates (/pki)\n"
    "PORT    of the probes (8081)\n";

typedef struct arguments {
    const char *command;
    const char *config;
    const char *folder;
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

static int run(const arguments *given, vcluster_error **error)
{
    RT_AUTO_SETTINGS settings = { 0 };
    int status = rt_settings_load(given->config, &settings, error);

    if (status < 0)
        return status;
    if (vcl_streq(given->command, "syncer")) {
        rt_syncer_options options = { .folder = given->folder,
                                      .health_port = given->health_port,
                                      .cancel = stop };
        return rt_syncer_run(&settings, &options, error);
    }
    vcl_call call;
    vcl_call_init(&call, PKI_TIMEOUT_MS, PKI_TIMEOUT_MS, stop, NULL, NULL);
    return rt_pki_run(&settings, &call, given->folder, error);
}

int main(int count, char **values)
{
    arguments given = { .config = "/var/lib/vcluster/config.yaml",
                        .folder = "/pki",
                        .health_port = HEALTH_PORT };
    VCL_AUTO_ERROR *error = NULL;

    int code = read_arguments(count, values, &given);
    if (code >= 0)
        return code;
    if (!vcl_streq(given.command, "pki") && !vcl_streq(given.command, "syncer")) {
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
