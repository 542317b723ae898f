/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of all commands; each command takes from them what it knows. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

enum option_key {
    KEY_KUBECONFIG = 256,
    KEY_CONTEXT,
    KEY_DISTRIBUTION,
    KEY_CHART,
    KEY_SET,
    KEY_SET_STRING,
    KEY_KUBE_VERSION,
    KEY_WAIT,
    KEY_TIMEOUT,
    KEY_PRINT,
    KEY_SERVER,
    KEY_MISSING_OK,
    KEY_KEEP_VOLUMES,
    KEY_KEEP_NAMESPACE,
    KEY_TAKE_OVER,
};

static const struct option long_options[] = {
    { "namespace", required_argument, NULL, 'n' },
    { "all-namespaces", no_argument, NULL, 'A' },
    { "kubeconfig", required_argument, NULL, KEY_KUBECONFIG },
    { "context", required_argument, NULL, KEY_CONTEXT },
    { "distribution", required_argument, NULL, KEY_DISTRIBUTION },
    { "chart", required_argument, NULL, KEY_CHART },
    { "values", required_argument, NULL, 'f' },
    { "set", required_argument, NULL, KEY_SET },
    { "set-string", required_argument, NULL, KEY_SET_STRING },
    { "kube-version", required_argument, NULL, KEY_KUBE_VERSION },
    { "wait", optional_argument, NULL, KEY_WAIT },
    { "timeout", required_argument, NULL, KEY_TIMEOUT },
    { "print", no_argument, NULL, KEY_PRINT },
    { "server", required_argument, NULL, KEY_SERVER },
    { "missing-ok", no_argument, NULL, KEY_MISSING_OK },
    { "keep-volumes", no_argument, NULL, KEY_KEEP_VOLUMES },
    { "keep-namespace", no_argument, NULL, KEY_KEEP_NAMESPACE },
    { "take-over", no_argument, NULL, KEY_TAKE_OVER },
    { "output", required_argument, NULL, 'o' },
    { "quiet", no_argument, NULL, 'q' },
    { "verbose", no_argument, NULL, 'v' },
    { 0 },
};

static bool wrong(const char *option, const char *value, const char *expected)
{
    (void)fprintf(stderr, "vcl: %s '%s': expected %s\n", option, value, expected);
    return false;
}

/* "90s", "5m", "1h", "1500ms" or seconds; 0 means no deadline. */
static bool parse_duration(const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "", 1000 } };
    char *end = NULL;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno || number < 0 || number > 1000000000)
        return wrong("--timeout", text, "a duration such as 90s or 5m");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *out_ms = number == 0 ? -1 : number * units[i].factor;
            return true;
        }
    }
    return wrong("--timeout", text, "a duration such as 90s or 5m");
}

static bool add_set(vcl_arguments *arguments, const char *text, bool as_string)
{
    if (arguments->set_count == VCL_MAX_REPEATED)
        return wrong("--set", text, "at most 64 of them");
    arguments->sets[arguments->set_count] = text;
    arguments->set_strings[arguments->set_count++] = as_string;
    return true;
}

static bool take_value(vcl_arguments *arguments, int key, const char *value)
{
    switch (key) {
    case 'n':
        arguments->namespace_name = value;
        return true;
    case KEY_KUBECONFIG:
        arguments->kubeconfig = value;
        return true;
    case KEY_CONTEXT:
        arguments->context = value;
        return true;
    case KEY_DISTRIBUTION:
        arguments->distribution = value;
        return true;
    case KEY_CHART:
        arguments->chart = value;
        return true;
    case KEY_KUBE_VERSION:
        arguments->kubernetes_version = value;
        return true;
    case KEY_SERVER:
        arguments->server = value;
        return true;
    case 'f':
        if (arguments->file_count == VCL_MAX_REPEATED)
            return wrong("--values", value, "at most 64 of them");
        arguments->files[arguments->file_count++] = value;
        return true;
    case KEY_SET:
    case KEY_SET_STRING:
        return add_set(arguments, value, key == KEY_SET_STRING);
    case KEY_TIMEOUT:
        return parse_duration(value, &arguments->timeout_ms);
    case KEY_WAIT:
        arguments->no_wait = value && strcmp(value, "false") == 0;
        return !value || arguments->no_wait || strcmp(value, "true") == 0 ||
               wrong("--wait", value, "true or false");
    case 'o':
        arguments->json = strcmp(value, "json") == 0;
        return arguments->json || wrong("--output", value, "json");
    default:
        return false;
    }
}

static bool take_flag(vcl_arguments *arguments, int key)
{
    switch (key) {
    case 'A':
        return arguments->all_namespaces = true;
    case KEY_PRINT:
        return arguments->print = true;
    case KEY_MISSING_OK:
        return arguments->missing_ok = true;
    case KEY_KEEP_VOLUMES:
        return arguments->keep_volumes = true;
    case KEY_KEEP_NAMESPACE:
        return arguments->keep_namespace = true;
    case KEY_TAKE_OVER:
        return arguments->take_over = true;
    case 'q':
        return arguments->quiet = true;
    case 'v':
        return arguments->verbose = true;
    default:
        return false;
    }
}

int vcl_arguments_parse(int argc, char **argv, vcl_arguments *out_arguments)
{
    vcl_arguments arguments = { 0 };
    int key;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            arguments.command = i + 1 < argc ? argv + i + 1 : NULL;
            argc = i;
            break;
        }
    }
    optind = 1;
    while ((key = getopt_long(argc, argv, "n:Af:o:qv", long_options, NULL)) != -1) {
        if (key == '?') /* getopt has said what is wrong */
            return VCL_EXIT_USAGE;
        if (!take_flag(&arguments, key) && !take_value(&arguments, key, optarg))
            return VCL_EXIT_USAGE;
    }
    for (int i = optind; i < argc; i++) {
        if (arguments.operand_count == 2) {
            (void)fprintf(stderr, "vcl: too many arguments: '%s'\n", argv[i]);
            return VCL_EXIT_USAGE;
        }
        arguments.operands[arguments.operand_count++] = argv[i];
    }
    *out_arguments = arguments;
    return VCL_EXIT_OK;
}
