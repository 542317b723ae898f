/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about scripts and pipelines that make virtual clusters: what they leave behind, what they
 * do twice, what they tell everybody. A job is all that one file runs. */
#include <string.h>

#include "base/str.h"
#include "lint/jobs.h"
#include "lint/lint.h"

static void find(vcl_lint_run *run,
                 const vcl_lint_file *file,
                 const vcl_lint_command *command,
                 const char *remedy,
                 const char *message)
{
    const vcl_span place = { .line = command->line, .column = 1 };

    vcl_lint_find_at(run, file, &place, "", remedy, message);
}

/* How many words a call has. */
static size_t words_behind(const vcl_lint_command *command, const char *const *call)
{
    return call ? command->count - (size_t)(call - command->words) : 0;
}

/* The index of a word in a call, 0 for none. */
static size_t find_word(const vcl_lint_command *command, const char *const *call, const char *word)
{
    size_t count = words_behind(command, call);

    for (size_t i = 1; i < count; i++) {
        if (vcl_streq(call[i], word))
            return i;
    }
    return 0;
}

/* The word behind an option, or behind its "="; NULL: there is none. */
static const char *
find_option(const vcl_lint_command *command, const char *const *call, const char *option)
{
    size_t count = words_behind(command, call);
    size_t size = strlen(option);

    for (size_t i = 1; i < count; i++) {
        if (vcl_starts_with(call[i], option) && call[i][size] == '=')
            return call[i] + size + 1;
        if (vcl_streq(call[i], option) && i + 1 < count)
            return call[i + 1];
    }
    return NULL;
}

/* What a call makes: the index of the virtual cluster's name; 0: nothing. */
static size_t find_made(const vcl_lint_command *command, const char *const **out_call)
{
    static const char *const programs[] = { "vcluster", "vcl" };
    static const char *const verbs[] = { "create", "ensure" };

    for (size_t i = 0; i < 4; i++) {
        const char *const *call = vcl_lint_call(command, programs[i / 2]);
        if (call && words_behind(command, call) > 1 && vcl_streq(call[1], verbs[i % 2])) {
            *out_call = call;
            return words_behind(command, call) > 2 ? 2 : 1;
        }
    }
    return 0;
}

static bool deletes(const vcl_lint_command *command)
{
    static const struct {
        const char *program;
        const char *verb;
    } ways[] = { { "vcluster", "delete" },
                 { "vcl", "delete" },
                 { "vcl", "reap" },
                 { "helm", "uninstall" },
                 { "kubectl", "delete" } };

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (find_word(command, vcl_lint_call(command, ways[i].program), ways[i].verb) > 0)
            return true;
    }
    return false;
}

/* "trap 'vcluster delete x' EXIT", or of a function that deletes. */
static bool cleans_up(const vcl_lint_job *job)
{
    bool has_delete = false;
    bool has_trap = false;

    for (const vcl_lint_command *c = job->commands; c; c = c->next) {
        if (deletes(c) && c->always)
            return true;
        has_delete = has_delete || deletes(c);
        if (c->count > 1 && vcl_streq(c->words[0], "trap")) {
            has_trap = true;
            has_delete = has_delete || strstr(c->words[1], "delete") ||
                         strstr(c->words[1], "reap") || strstr(c->words[1], "uninstall");
        }
    }
    return has_trap && has_delete;
}

/* Whether what is made ends by itself. */
static bool expires(const vcl_lint_command *command, const char *const *call)
{
    return find_option(command, call, "--ttl") || find_option(command, call, "--expires-at");
}

void vcl_lint_no_trap(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        if (cleans_up(job))
            continue;
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            const char *const *call = NULL;
            if (find_made(c, &call) > 0 && !expires(c, call))
                find(run, file, c,
                     "delete it in a trap, in an after_script, or in a step with if: always(); or "
                     "give it a --ttl",
                     "nothing deletes this virtual cluster when something fails behind it");
        }
    }
}

void vcl_lint_constant_name(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        for (const vcl_lint_command *c = job->commands; job->is_ci && c; c = c->next) {
            const char *const *call = NULL;
            size_t name = find_made(c, &call);
            if (name > 1 && *call[name] != '-' && !strchr(call[name], '$') &&
                !strchr(call[name], '{'))
                find(run, file, c,
                     "put the run into its name: ci-$GITHUB_RUN_ID, ci-$CI_PIPELINE_ID",
                     "two runs at a time make and delete the same virtual cluster");
        }
    }
}

void vcl_lint_connects_often(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        size_t count = 0;
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            const char *const *call = vcl_lint_call(c, "vcluster");
            if (find_word(c, call, "connect") == 0 || find_word(c, call, "--") == 0)
                continue;
            if (++count == 2)
                find(run, file, c, "connect once, and use the kubeconfig",
                     "each connect looks the virtual cluster up and makes a tunnel of its own");
        }
    }
}

/* A path that everybody knows. */
static bool is_fixed_path(const char *path)
{
    return path && vcl_starts_with(path, "/tmp/") && !strchr(path, '$') && !strchr(path, '{') &&
           !strchr(path, '`');
}

static bool writes_kubeconfig(const vcl_lint_command *command)
{
    static const char *const options[] = { "--kube-config", "--kubeconfig", "--output-file" };
    const char *const *call = vcl_lint_call(command, "vcluster");

    call = call ? call : vcl_lint_call(command, "vcl");
    for (size_t i = 0; call && i < sizeof(options) / sizeof(options[0]); i++) {
        if (is_fixed_path(find_option(command, call, options[i])))
            return true;
    }
    for (size_t i = 0; i < command->count; i++) {
        const char *word = command->words[i];
        if (vcl_starts_with(word, "KUBECONFIG=") && is_fixed_path(word + strlen("KUBECONFIG=")))
            return true;
        if (call && vcl_streq(word, ">") && i + 1 < command->count &&
            is_fixed_path(command->words[i + 1]))
            return true;
    }
    return false;
}

void vcl_lint_fixed_kubeconfig(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            if (writes_kubeconfig(c))
                find(run, file, c, "take a path of mktemp, or of the job's own folder",
                     "the kubeconfig has a path in /tmp that everybody knows: others read it, or "
                     "put theirs there");
        }
    }
}

void vcl_lint_insecure_command(vcl_lint_run *run, const vcl_lint_file *file)
{
    static const char *const programs[] = { "vcluster", "vcl", "kubectl", "helm" };
    static const char *const options[] = { "--insecure", "--insecure-skip-tls-verify",
                                           "--insecure-skip-tls-verify=true" };

    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            size_t found = 0;
            for (size_t i = 0; i < 12 && !found; i++)
                found = find_word(c, vcl_lint_call(c, programs[i / 3]), options[i % 3]);
            if (found)
                find(run, file, c, "take it out, and trust the server's CA",
                     "certificates are not verified: whoever answers gets the credentials");
        }
    }
}

/* "--set a.password=x", whose value is no variable. */
static bool sets_secret(const char *pair)
{
    const char *equals = pair ? strchr(pair, '=') : NULL;
    vcl_auto_free char *key = equals ? vcl_strndup(pair, (size_t)(equals - pair)) : NULL;

    return key && equals[1] && !strchr(equals, '$') && vcl_lint_is_secret(key, equals + 1);
}

void vcl_lint_secret_in_command(vcl_lint_run *run, const vcl_lint_file *file)
{
    static const char *const programs[] = { "vcluster", "vcl", "helm" };
    static const char *const options[] = { "--set", "--set-string" };

    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            bool found = false;
            for (size_t i = 0; i < 6 && !found; i++)
                found =
                    sets_secret(find_option(c, vcl_lint_call(c, programs[i / 2]), options[i % 2]));
            if (found)
                find(run, file, c, "put it into a Secret on the host, and name that",
                     "what looks like a secret stands in the file, in the list of processes and in "
                     "the release's record");
        }
    }
}

void vcl_lint_unpinned_command(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_lint_job *job = file->jobs; job; job = job->next) {
        for (const vcl_lint_command *c = job->commands; c; c = c->next) {
            const char *const *call = vcl_lint_call(c, "helm");
            size_t count = words_behind(c, call);
            bool installs = find_word(c, call, "install") || find_word(c, call, "upgrade");
            bool is_ours = false;
            for (size_t i = 1; i < count; i++)
                is_ours = is_ours || vcl_ends_with(call[i], "/vcluster") ||
                          (vcl_streq(call[i], "vcluster") && find_option(c, call, "--repo"));
            if (installs && is_ours && !find_option(c, call, "--version"))
                find(run, file, c, "name one with --version",
                     "no version: the chart changes without anybody changing a file");
        }
    }
}
