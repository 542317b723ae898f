/* SPDX-License-Identifier: Apache-2.0 */
/* Commands out of scripts and pipelines; see jobs.h. */
#include "lint/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

bool vcl_lint_is_script(const char *name, const char *text)
{
    return vcl_ends_with(name, ".sh") || vcl_ends_with(name, ".bash") ||
           vcl_starts_with(text, "#!");
}

bool vcl_lint_is_pipeline(const cJSON *document)
{
    const cJSON *jobs = vcl_json_get(document, "jobs");

    if (vcl_json_get(document, "kind"))
        return false;
    if (cJSON_IsObject(jobs))
        return true;
    for (const cJSON *job = document ? document->child : NULL; job; job = job->next) {
        if (cJSON_IsObject(job) && vcl_json_get(job, "script"))
            return true;
    }
    return false;
}

void vcl_lint_jobs_free(vcl_lint_job *jobs)
{
    while (jobs) {
        vcl_lint_job *next = jobs->next;

        while (jobs->commands) {
            vcl_lint_command *behind = jobs->commands->next;
            vcl_free_secret(jobs->commands->text);
            free(jobs->commands);
            jobs->commands = behind;
        }
        free(jobs);
        jobs = next;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_operator(char c)
{
    return c == ';' || c == '&' || c == '|';
}

/* Copy the next word without its quotes to *out, which is moved behind its end; false: the command
 * ends, and *at is where the next one begins. */
static bool next_word(const char **at, const char *end, char **out)
{
    const char *from = *at;
    char quote = '\0';

    while (from < end && is_blank(*from))
        from++;
    if (from == end || *from == '#' || is_operator(*from)) {
        while (from < end && is_operator(*from))
            from++;
        *at = from < end && *from == '#' ? end : from;
        return false;
    }
    for (; from < end && (quote || (!is_blank(*from) && !is_operator(*from))); from++) {
        if (quote ? *from == quote : *from == '"' || *from == '\'')
            quote = quote ? '\0' : *from;
        else
            *(*out)++ = *from;
    }
    *(*out)++ = '\0';
    *at = from;
    return true;
}

/* Read one command of a line; what is left of it begins at *at. */
static int add_command(vcl_lint_job *job,
                       const char **at,
                       const char *end,
                       size_t line,
                       bool always,
                       vcluster_error **error)
{
    vcl_lint_command *command = calloc(1, sizeof(*command));
    char *text = calloc(1, (size_t)(end - *at) + 2);
    char *out = text;

    if (!command || !text) {
        free(command);
        free(text);
        return vcl_no_memory(error);
    }
    command->text = text;
    command->line = line;
    command->always = always;
    for (char *word = out; next_word(at, end, &out); word = out) {
        if (command->count < VCL_LINT_MAX_WORDS)
            command->words[command->count++] = word;
    }
    *job->end = command;
    job->end = &command->next;
    return 0;
}

/* One logical line, of which "\" at the end of a line makes more. */
static int add_line(vcl_lint_job *job,
                    const char *line,
                    size_t size,
                    size_t number,
                    bool always,
                    vcluster_error **error)
{
    vcl_auto_free char *joined = vcl_strndup(line, size);
    int status = joined ? 0 : vcl_no_memory(error);

    if (status < 0)
        return status;
    for (size_t i = 0; i + 1 < size; i++) {
        if (joined[i] == '\\' && (joined[i + 1] == '\n' || joined[i + 1] == '\r'))
            joined[i] = joined[i + 1] = ' ';
        else if (joined[i] == '\n')
            joined[i] = ' ';
    }
    const char *at = joined;
    while (status == 0 && at < joined + size)
        status = add_command(job, &at, joined + size, number, always, error);
    return status;
}

/* The end of the line that begins there, with those that it goes on in. */
static size_t logical_line(const char *text, size_t size, size_t *lines)
{
    size_t at = 0;

    for (*lines = 1;; at++, ++*lines) {
        while (at < size && text[at] != '\n')
            at++;
        size_t last = at > 0 && text[at - 1] == '\r' ? at - 1 : at;
        if (at >= size || last == 0 || text[last - 1] != '\\')
            return at;
    }
}

static int add_text(vcl_lint_job *job,
                    const char *text,
                    size_t size,
                    size_t number,
                    bool always,
                    vcluster_error **error)
{
    int status = 0;

    for (size_t at = 0; at < size && status == 0;) {
        size_t lines = 1;
        size_t length = logical_line(text + at, size - at, &lines);
        status = add_line(job, text + at, length, number, always, error);
        at += length + 1;
        number += lines;
    }
    return status;
}

static vcl_lint_job *add_job(vcl_lint_job **jobs, bool is_ci)
{
    vcl_lint_job *job = calloc(1, sizeof(*job));

    while (*jobs)
        jobs = &(*jobs)->next;
    if (job) {
        job->is_ci = is_ci;
        job->end = &job->commands;
        *jobs = job;
    }
    return job;
}

int vcl_lint_jobs_of_script(const char *text,
                            size_t size,
                            vcl_lint_job **jobs,
                            vcluster_error **error)
{
    vcl_lint_job *job = add_job(jobs, false);

    return job ? add_text(job, text, size, 1, false, error) : vcl_no_memory(error);
}

/* The commands of a text or of a list of texts, as they are written: what is folded or escaped is
 * read line by line, too. */
static int add_marked(vcl_lint_job *job,
                      const char *text,
                      const vcl_yaml_mark *mark,
                      bool always,
                      vcluster_error **error)
{
    size_t start = mark ? mark->value.start : 0;
    size_t end = mark ? mark->value.end : 0;
    int status = 0;

    if (!mark)
        return 0;
    if (mark->value.kind == VCL_SPAN_LIST) {
        for (const vcl_yaml_mark *item = mark->child; item && status == 0; item = item->next)
            status = add_marked(job, text, item, always, error);
        return status;
    }
    if (mark->value.kind != VCL_SPAN_SCALAR)
        return 0;
    size_t line = mark->value.line;
    if (start < end && (text[start] == '|' || text[start] == '>')) {
        while (start < end && text[start] != '\n')
            start++;
        start += start < end;
        line++;
    } else if (end - start >= 2 && (text[start] == '"' || text[start] == '\'')) {
        start++;
        end--;
    }
    return add_text(job, text + start, end - start, line, always, error);
}

/* "always()" of GitHub, "always" of GitLab. */
static bool runs_always(const cJSON *object, const char *key)
{
    const char *when = vcl_json_find_string(object, key, NULL);

    return when && strstr(when, "always") != NULL;
}

static int add_steps(vcl_lint_job *job,
                     const char *text,
                     const cJSON *object,
                     const vcl_yaml_mark *mark,
                     vcluster_error **error)
{
    const vcl_yaml_mark *list = mark ? vcl_yaml_mark_member(mark, "steps") : NULL;
    const vcl_yaml_mark *step = list ? list->child : NULL;
    bool all = runs_always(object, "if");
    const cJSON *item = NULL;
    int status = 0;

    cJSON_ArrayForEach (item, vcl_json_get(object, "steps")) {
        if (status < 0 || !step)
            break;
        status = add_marked(job, text, vcl_yaml_mark_member(step, "run"),
                            all || runs_always(item, "if"), error);
        step = step->next;
    }
    return status;
}

static int add_github(const char *text,
                      const cJSON *document,
                      const vcl_yaml_mark *mark,
                      vcl_lint_job **jobs,
                      vcluster_error **error)
{
    const vcl_yaml_mark *list = vcl_yaml_mark_member(mark, "jobs");
    const cJSON *object = NULL;
    vcl_lint_job *job = add_job(jobs, true);
    int status = job ? 0 : vcl_no_memory(error);

    cJSON_ArrayForEach (object, vcl_json_get(document, "jobs")) {
        if (status < 0 || !list)
            break;
        status = add_steps(job, text, object, vcl_yaml_mark_member(list, vcl_str(object->string)),
                           error);
    }
    return status;
}

static int add_gitlab(const char *text,
                      const cJSON *document,
                      const vcl_yaml_mark *mark,
                      vcl_lint_job **jobs,
                      vcluster_error **error)
{
    static const char *const keys[] = { "before_script", "script", "after_script" };
    vcl_lint_job *job = add_job(jobs, true);
    int status = job ? 0 : vcl_no_memory(error);

    for (const cJSON *object = document->child; object && status == 0; object = object->next) {
        const vcl_yaml_mark *part = vcl_yaml_mark_member(mark, vcl_str(object->string));
        bool all = runs_always(object, "when");
        for (size_t i = 0; i < 3 && part && cJSON_IsObject(object) && status == 0; i++)
            status =
                add_marked(job, text, vcl_yaml_mark_member(part, keys[i]), all || i == 2, error);
    }
    return status;
}

int vcl_lint_jobs_of_document(const char *text,
                              const cJSON *document,
                              const vcl_yaml_mark *mark,
                              vcl_lint_job **jobs,
                              vcluster_error **error)
{
    if (!vcl_lint_is_pipeline(document))
        return 0;
    return cJSON_IsObject(vcl_json_get(document, "jobs"))
               ? add_github(text, document, mark, jobs, error)
               : add_gitlab(text, document, mark, jobs, error);
}

static bool is_program(const char *word, const char *program)
{
    const char *slash = strrchr(word, '/');

    while (*word == '$' || *word == '(' || *word == '`')
        word++;
    return vcl_streq(slash ? slash + 1 : word, program);
}

const char *const *vcl_lint_call(const vcl_lint_command *command, const char *program)
{
    static const char *const talk[] = { "echo", "printf", "which", "command", "type", "cat" };

    for (size_t i = 0; command->count > 0 && i < sizeof(talk) / sizeof(talk[0]); i++) {
        if (vcl_streq(command->words[0], talk[i]))
            return NULL;
    }
    for (size_t i = 0; i < command->count; i++) {
        if (is_program(command->words[i], program))
            return &command->words[i];
    }
    return NULL;
}
