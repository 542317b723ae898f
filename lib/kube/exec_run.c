/* SPDX-License-Identifier: Apache-2.0 */
/* Running a credential plugin once; see exec_run.h. */
#include "kube/exec_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/exec_credential.h"
#include "kube/exec_process.h"

enum { MAX_OUTPUT = 1 << 20 };

/* ---- Environment ---- */

static bool has_name_of(const char *variable, const char *other)
{
    size_t size = strcspn(other, "=");

    return strncmp(variable, other, size) == 0 && variable[size] == '=';
}

/* Whether one of the list, from there on, sets the same variable. */
static bool is_set_in(char *const *list, const char *variable)
{
    for (; *list; list++) {
        if (has_name_of(*list, variable))
            return true;
    }
    return false;
}

/* Ours with the plugin's on top, each name once: the strings are borrowed. */
static const char **make_environment(const vcl_exec_plugin *plugin)
{
    size_t count = 0;

    for (char **at = environ; at && *at; at++)
        count++;
    for (char **at = plugin->environment; *at; at++)
        count++;
    const char **list = calloc(count + 1, sizeof(*list));
    if (!list)
        return NULL;
    count = 0;
    for (char **at = environ; at && *at; at++) {
        if (!is_set_in(plugin->environment, *at))
            list[count++] = *at;
    }
    for (char **at = plugin->environment; *at; at++) {
        if (!is_set_in(at + 1, *at)) /* the last one wins */
            list[count++] = *at;
    }
    return list;
}

/* ---- Errors ---- */

/* The end of what it wrote to stderr, on one line; "" for nothing. */
static char *complaint(const vcl_buf *errors)
{
    const char *text = vcl_buf_text(errors);
    size_t size = strlen(text);

    while (size > 0 && strchr(" \t\r\n", text[size - 1]))
        size--;
    size_t skip = size > VCL_MAX_ERROR_TEXT ? size - VCL_MAX_ERROR_TEXT : 0;
    while (skip < size && ((unsigned char)text[skip] & 0xc0) == 0x80) /* not within a character */
        skip++;
    char *line = vcl_format("%s%.*s", size > 0 ? ": " : "", (int)(size - skip), text + skip);
    for (char *c = line; c && *c; c++) {
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    }
    return line; /* every error neutralises the other control characters of its text */
}

static int fail_not_found(const vcl_exec_plugin *plugin, const char *why, vcluster_error **error)
{
    bool hint = !vcl_str_empty(plugin->install_hint);

    return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "%s: cannot run '%s': %s%s%s", plugin->place,
                    plugin->command, why, hint ? "; " : "", hint ? plugin->install_hint : "");
}

static int
fail_end(const vcl_exec_plugin *plugin, const vcl_exec_result *result, vcluster_error **error)
{
    vcl_auto_free char *said = complaint(&result->errors);

    if (!said)
        return vcl_no_memory(error);
    switch (result->end) {
    case VCL_EXEC_NOT_BEGUN:
        return fail_not_found(plugin, strerror(result->code), error);
    case VCL_EXEC_KILLED:
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "%s: '%s' was ended by signal %d%s",
                        plugin->place, plugin->command, result->code, said);
    case VCL_EXEC_TOO_LONG:
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                        "%s: '%s' did not end within %lld ms and was killed: does it wait for "
                        "somebody to log in?%s",
                        plugin->place, plugin->command, (long long)plugin->timeout_ms, said);
    case VCL_EXEC_TOO_MUCH:
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                        "%s: '%s' wrote more than %d bytes and was killed%s", plugin->place,
                        plugin->command, MAX_OUTPUT, said);
    default:
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "%s: '%s' failed with exit code %d%s",
                        plugin->place, plugin->command, result->code, said);
    }
}

/* ---- Running ---- */

static int read_result(const vcl_exec_plugin *plugin,
                       const vcl_exec_result *result,
                       const vcl_buf *out,
                       vcl_login *login,
                       vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    if (result->end != VCL_EXEC_EXITED || result->code != 0)
        return fail_end(plugin, result, error);
    int status =
        vcl_exec_credential_parse(vcl_buf_text(out), out->size, plugin->api_version, login, &why);
    if (status == VCLUSTER_E_UNAUTHENTICATED)
        return vcl_fail(error, status, "%s: '%s' ran, but %s", plugin->place, plugin->command,
                        vcluster_error_message(why));
    return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
}

/* posix_spawn() takes lists of char * that it does not change. */
static char *const *unconst(const char **list)
{
    union {
        const char **in;
        char *const *out;
    } both = { .in = list };

    return both.out;
}

int vcl_exec_run(const vcl_exec_plugin *plugin,
                 vcl_call *call,
                 vcl_login *login,
                 vcluster_error **error)
{
    vcl_exec_result result;
    VCL_AUTO_BUF out = { 0 };
    vcl_auto_free char *program = vcl_exec_find_program(plugin->command);
    vcl_auto_free const char **environment = make_environment(plugin);

    if (!environment)
        return vcl_no_memory(error);
    if (!program)
        return fail_not_found(plugin,
                              strchr(plugin->command, '/') ? "there is no such program"
                                                           : "it is not in $PATH",
                              error);
    vcl_buf_init(&out, MAX_OUTPUT);
    vcl_exec_process process = { .path = program,
                                 .arguments = (const char *const *)plugin->arguments,
                                 .environment = unconst(environment),
                                 .timeout_ms = plugin->timeout_ms };
    int status = vcl_exec_process_run(&process, call, &out, &result, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", plugin->place);
    status = read_result(plugin, &result, &out, login, error);
    vcl_buf_done(&result.errors);
    return status;
}
