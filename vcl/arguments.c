/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of all commands, as one table; each command takes from them what it knows. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

typedef enum option_kind {
    FLAG,     /* a bool becomes true */
    TEXT,     /* a const char * */
    TEXTS,    /* a vcl_texts */
    WORDS,    /* a vcl_texts, several with commas between */
    DURATION, /* milliseconds in an int64_t; 0 is none */
    COUNT,    /* an int64_t; 0 is all */
    WAIT,     /* --wait, --wait=false */
    OUTPUT,   /* json; a file for kubeconfig */
    PROGRESS, /* plain, json, none */
} option_kind;

/* The one command that has an option, and where it wins its letter. */
enum { OF_LOGS = 0x100, OF_EXEC = 0x200, KIND = 0xff };

typedef struct option_entry {
    const char *name;
    int letter; /* 0: none */
    int kind;   /* an option_kind, with OF_LOGS or OF_EXEC */
    size_t offset;
} option_entry;

#define AT(member) offsetof(vcl_arguments, member)
#define SET(form) (offsetof(vcl_arguments, sets) + (form) * sizeof(vcl_texts))

static const option_entry entries[] = {
    { "kubeconfig", 0, TEXT, AT(kubeconfig) },
    { "context", 0, TEXT, AT(context) },
    { "namespace", 'n', TEXT, AT(namespace_name) },
    { "all-namespaces", 'A', FLAG, AT(all_namespaces) },
    { "distribution", 0, TEXT, AT(distribution) },
    { "profile", 0, TEXT, AT(profile) },
    { "kubernetes-version", 0, TEXT, AT(kubernetes_version) },
    { "progress", 0, PROGRESS, 0 },
    { "server", 0, TEXT, AT(server) },
    { "host-server", 0, TEXT, AT(host_server) },
    { "as", 0, TEXT, AT(as) },
    { "as-group", 0, TEXTS, AT(as_groups) },
    { "timeout", 0, DURATION, AT(timeout_ms) },
    { "wait", 0, WAIT, 0 },
    { "output", 'o', OUTPUT, 0 },
    { "quiet", 'q', FLAG, AT(quiet) },
    { "verbose", 'v', FLAG, AT(verbose) },

    { "values", 'f', TEXTS, AT(files) },
    { "set", 0, TEXTS, SET(VCL_SET_TYPED) },
    { "set-string", 0, TEXTS, SET(VCL_SET_STRING) },
    { "set-json", 0, TEXTS, SET(VCL_SET_JSON) },
    { "set-file", 0, TEXTS, SET(VCL_SET_FILE) },
    { "set-literal", 0, TEXTS, SET(VCL_SET_LITERAL) },

    { "chart", 0, TEXT, AT(chart) },
    { "chart-version", 0, TEXT, AT(chart_version) },
    { "version", 0, TEXT, AT(chart_version) },
    { "chart-repo", 0, TEXT, AT(repository) },
    { "repo", 0, TEXT, AT(repository) },
    { "username", 0, TEXT, AT(username) },
    { "password-stdin", 0, FLAG, AT(password_stdin) },
    { "pass-credentials", 0, FLAG, AT(pass_credentials) },
    { "registry-config", 0, TEXT, AT(registry_config) },
    { "ca-file", 0, TEXT, AT(ca_file) },
    { "cert-file", 0, TEXT, AT(cert_file) },
    { "key-file", 0, TEXT, AT(key_file) },
    { "insecure-skip-tls-verify", 0, FLAG, AT(insecure_skip_tls_verify) },
    { "plain-http", 0, FLAG, AT(plain_http) },
    { "devel", 0, FLAG, AT(prereleases) },
    { "no-cache", 0, FLAG, AT(no_cache) },

    { "kube-version", 0, TEXT, AT(kubernetes_version) },
    { "api-versions", 'a', WORDS, AT(api_versions) },
    { "include-crds", 0, FLAG, AT(include_crds) },
    { "skip-tests", 0, FLAG, AT(skip_tests) },
    { "is-upgrade", 0, FLAG, AT(is_upgrade) },
    { "no-hooks", 0, FLAG, AT(no_hooks) },
    { "skip-schema-validation", 0, FLAG, AT(skip_schema) },

    { "wait-for-jobs", 0, FLAG, AT(wait_for_jobs) },
    { "atomic", 0, FLAG, AT(atomic) },
    { "dry-run", 0, FLAG, AT(dry_run) },
    { "create-namespace", 0, FLAG, AT(create_namespace) },
    { "install", 'i', FLAG, AT(install) },
    { "reset-values", 0, FLAG, AT(reset_values) },
    { "reuse-values", 0, FLAG, AT(reuse_values) },
    { "reset-then-reuse-values", 0, FLAG, AT(reset_then_reuse_values) },
    { "take-ownership", 0, FLAG, AT(take_ownership) },
    { "force-conflicts", 0, FLAG, AT(force_conflicts) },
    { "skip-crds", 0, FLAG, AT(skip_crds) },
    { "history-max", 0, COUNT, AT(history_max) },
    { "keep-history", 0, FLAG, AT(keep_history) },
    { "description", 0, TEXT, AT(description) },

    { "context-name", 0, TEXT, AT(context_name) },
    { "merge", 0, FLAG, AT(merge) },
    { "update-current", 0, FLAG, AT(update_current) },
    { "replace", 0, FLAG, AT(replace) },

    { "tls-server-name", 0, TEXT, AT(tls_server_name) },
    { "insecure", 0, FLAG, AT(insecure) },
    { "no-verify", 0, FLAG, AT(no_verify) },
    { "exposed-only", 0, FLAG, AT(exposed_only) },
    { "tunnel", 0, FLAG, AT(tunnel) },
    { "background", 0, FLAG, AT(background) },
    { "local-port", 0, COUNT, AT(local_port) },

    { "service-account", 0, TEXT, AT(service_account) },
    { "service-account-namespace", 0, TEXT, AT(service_account_namespace) },
    { "cluster-role", 0, TEXT, AT(cluster_role) },
    { "role", 0, TEXT, AT(role) },
    { "role-namespace", 0, TEXT, AT(role_namespace) },
    { "audience", 0, TEXTS, AT(audiences) },
    { "expiration", 0, DURATION, AT(expiration_ms) },
    { "create", 0, FLAG, AT(create) },
    { "revoke", 0, FLAG, AT(revoke) },
    { "exec", 0, FLAG, AT(exec) },

    { "print", 0, FLAG, AT(print) },
    { "missing-ok", 0, FLAG, AT(missing_ok) },
    { "keep-volumes", 0, FLAG, AT(keep_volumes) },
    { "keep-namespace", 0, FLAG, AT(keep_namespace) },
    { "take-over", 0, FLAG, AT(take_over) },
    { "align", 0, FLAG, AT(align) },
    { "resume", 0, FLAG, AT(resume) },
    { "preflight", 0, FLAG, AT(preflight) },
    { "unchecked", 0, FLAG, AT(unchecked) },
    { "check", 0, FLAG, AT(check) },
    { "live", 0, FLAG, AT(live) },
    { "rotate", 0, FLAG, AT(rotate) },

    { "direction", 0, TEXT, AT(direction) },
    { "settings", 0, TEXT, AT(settings) },
    { "format", 0, TEXT, AT(format) },
    { "against", 0, TEXT, AT(against) },
    { "licence", 0, TEXT, AT(licence) },

    { "config", 0, TEXT, AT(lint_config) },
    { "fail-on", 0, TEXT, AT(fail_on) },
    { "fix", 0, FLAG, AT(fix) },
    { "list-rules", 0, FLAG, AT(list_rules) },
    { "ttl", 0, DURATION, AT(ttl_ms) },
    { "owner", 0, TEXT, AT(owner) },
    { "never", 0, FLAG, AT(never) },
    { "only-later", 0, FLAG, AT(only_later) },
    { "grace", 0, DURATION, AT(grace_ms) },
    { "interval", 0, DURATION, AT(interval_ms) },
    { "watch", 'w', FLAG, AT(watch_wanted) },
    { "manifest", 0, FLAG, AT(manifest) },
    { "image", 0, TEXT, AT(image) },
    { "schedule", 0, TEXT, AT(schedule) },
    { "manifest-namespace", 0, TEXT, AT(manifest_namespace) },
    { "parallel", 0, COUNT, AT(parallel) },
    { "all", 0, FLAG, AT(all) },
    { "gitops-too", 0, FLAG, AT(gitops_too) },
    { "leftovers-too", 0, FLAG, AT(leftovers_too) },
    { "constraints", 0, TEXT, AT(constraints) },
    { "nodes", 0, COUNT, AT(nodes) },
    { "budget", 0, TEXT, AT(budget) },
    { "overcommit", 0, COUNT, AT(overcommit_percent) },
    { "delete", 0, FLAG, AT(delete_wanted) },
    { "remove", 0, FLAG, AT(remove) },
    { "volumes-too", 0, FLAG, AT(volumes_too) },

    { "in", 0, TEXT, AT(inside) },
    { "container", 'c', TEXT, AT(container) },
    { "selector", 'l', TEXT, AT(selector) },
    { "follow", 'f', FLAG | OF_LOGS, AT(follow) },
    { "previous", 'p', FLAG | OF_LOGS, AT(previous) },
    { "timestamps", 0, FLAG | OF_LOGS, AT(timestamps) },
    { "tail", 0, TEXT | OF_LOGS, AT(tail) },
    { "since", 0, DURATION | OF_LOGS, AT(since_ms) },
    { "since-time", 0, TEXT | OF_LOGS, AT(since_time) },
    { "stdin", 'i', FLAG | OF_EXEC, AT(stdin_wanted) },
    { "tty", 't', FLAG | OF_EXEC, AT(tty) },
};
enum { ENTRIES = sizeof(entries) / sizeof(entries[0]), FIRST_KEY = 256 };

static bool wrong(const char *option, const char *value, const char *expected)
{
    (void)fprintf(stderr, "vcl: --%s '%s': expected %s\n", option, value, expected);
    return false;
}

/* "90s", "5m", "1h", "1500ms" or seconds; 0 means no deadline. */
static bool parse_duration(const char *option, const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = { { "ms", 1 },      { "s", 1000 },     { "m", 60000 },
                  { "h", 3600000 }, { "d", 86400000 }, { "", 1000 } };
    char *end = NULL;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno || number < 0 || number > 1000000000)
        return wrong(option, text, "a duration such as 90s or 5m");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *out_ms = number == 0 ? -1 : number * units[i].factor;
            return true;
        }
    }
    return wrong(option, text, "a duration such as 90s or 5m");
}

static bool parse_count(const char *option, const char *text, int64_t *out_count)
{
    char *end = NULL;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < 0)
        return wrong(option, text, "a number, or 0 for all");
    *out_count = number == 0 ? -1 : number;
    return true;
}

static bool add_text(const char *option, const char *text, vcl_texts *texts)
{
    if (texts->count == VCL_MAX_REPEATED)
        return wrong(option, text, "at most 64 of them");
    texts->items[texts->count++] = text;
    return true;
}

/* The words lie in the text of the argument itself, which is cut. */
static bool add_words(const char *option, char *text, vcl_texts *texts)
{
    while (text) {
        char *comma = strchr(text, ',');
        if (comma)
            *comma = '\0';
        if (*text && !add_text(option, text, texts))
            return false;
        text = comma ? comma + 1 : NULL;
    }
    return true;
}

static bool take(vcl_arguments *arguments, const option_entry *entry, char *value)
{
    void *place = (char *)arguments + entry->offset;

    switch ((option_kind)(entry->kind & KIND)) {
    case FLAG:
        *(bool *)place = true;
        return true;
    case TEXT:
        *(const char **)place = value;
        return true;
    case TEXTS:
        return add_text(entry->name, value, place);
    case WORDS:
        return add_words(entry->name, value, place);
    case DURATION:
        return parse_duration(entry->name, value, place);
    case COUNT:
        return parse_count(entry->name, value, place);
    case WAIT:
        arguments->no_wait = value && strcmp(value, "false") == 0;
        arguments->wait = !arguments->no_wait;
        return !value || arguments->no_wait || strcmp(value, "true") == 0 ||
               wrong("wait", value, "true or false");
    case OUTPUT:
        arguments->output = value;
        arguments->json = strcmp(value, "json") == 0;
        return true;
    case PROGRESS:
        arguments->progress = value;
        return strcmp(value, "plain") == 0 || strcmp(value, "json") == 0 ||
               strcmp(value, "none") == 0 || wrong("progress", value, "plain, json or none");
    }
    return false;
}

static bool belongs(const option_entry *entry, const char *command)
{
    return !(entry->kind & ~KIND) || (entry->kind & OF_LOGS && strcmp(command, "logs") == 0) ||
           (entry->kind & OF_EXEC && strcmp(command, "exec") == 0);
}

static int argument_of(int kind)
{
    kind &= KIND;
    return kind == FLAG ? no_argument : kind == WAIT ? optional_argument : required_argument;
}

/* The table in the form of getopt_long(). From its end on, because what belongs to one command
 * stands there and wins its letter. */
static void describe(const char *command,
                     struct option long_options[ENTRIES + 1],
                     char letters[2 * ENTRIES + 1])
{
    size_t count = 0;
    size_t size = 0;

    letters[0] = '\0';
    for (size_t i = ENTRIES; i-- > 0;) {
        const option_entry *entry = &entries[i];
        int argument = argument_of(entry->kind);

        if (!belongs(entry, command))
            continue;
        long_options[count++] = (struct option){ entry->name, argument, NULL, FIRST_KEY + (int)i };
        if (!entry->letter || strchr(letters, entry->letter))
            continue;
        letters[size++] = (char)entry->letter;
        if (argument == required_argument)
            letters[size++] = ':';
        letters[size] = '\0';
    }
    long_options[count] = (struct option){ 0 };
}

static const option_entry *find_entry(const char *command, int key)
{
    for (size_t i = ENTRIES; i-- > 0;) {
        if (belongs(&entries[i], command) &&
            (key == FIRST_KEY + (int)i || key == entries[i].letter))
            return &entries[i];
    }
    return NULL;
}

int64_t vcl_seconds(int64_t ms)
{
    return ms > 0 ? (ms + 999) / 1000 : ms;
}

int vcl_arguments_parse(int argc, char **argv, vcl_arguments *out_arguments)
{
    struct option long_options[ENTRIES + 1];
    char letters[2 * ENTRIES + 1];
    vcl_arguments arguments = { 0 };
    int key;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            arguments.command = i + 1 < argc ? argv + i + 1 : NULL;
            argc = i;
            break;
        }
    }
    describe(argv[0], long_options, letters);
    optind = 1;
    while ((key = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        const option_entry *entry = find_entry(argv[0], key);
        if (!entry || !take(&arguments, entry, optarg)) /* getopt has said what is wrong */
            return VCL_EXIT_USAGE;
    }
    for (int i = optind; i < argc; i++) {
        if (arguments.operand_count == VCL_MAX_OPERANDS) {
            (void)fprintf(stderr, "vcl: too many arguments: '%s'\n", argv[i]);
            return VCL_EXIT_USAGE;
        }
        arguments.operands[arguments.operand_count++] = argv[i];
    }
    *out_arguments = arguments;
    return VCL_EXIT_OK;
}
