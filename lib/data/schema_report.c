/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: where the value is, in the notation of --set, and what is wrong with it. Values
 * themselves are not shown; the few that are come from "const" and "enum" (schema_scalar.c).
 */
#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema_run.h"

enum { MAX_KEY = 200 };

void vcl_schema_name_types(unsigned types, char text[VCL_SCHEMA_TYPES_SIZE])
{
    static const char *const names[] = { "null",   "boolean", "integer", "number",
                                         "string", "array",   "object" };
    VCL_AUTO_BUF buf = { 0 };
    unsigned left = types;

    vcl_buf_init(&buf, VCL_SCHEMA_TYPES_SIZE);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!(types & 1U << i))
            continue;
        left &= ~(1U << i);
        vcl_buf_addf(&buf, "%s%s", buf.size == 0 ? "" : left == 0 ? " or " : ", ", names[i]);
    }
    memset(text, 0, VCL_SCHEMA_TYPES_SIZE);
    memcpy(text, vcl_buf_text(&buf), buf.size < VCL_SCHEMA_TYPES_SIZE ? buf.size : 0);
}

/* A key in the notation of --set; very long ones are cut. */
static void add_key(vcl_buf *buf, const char *key)
{
    if (buf->size > 0)
        vcl_buf_add_char(buf, '.');
    for (size_t i = 0; key[i] && i < MAX_KEY; i++) {
        if (strchr(".[],={}\\", key[i]))
            vcl_buf_add_char(buf, '\\');
        vcl_buf_add_char(buf, key[i]);
    }
}

/* The path of a step, for a message. */
static void add_path(vcl_buf *buf, const vcl_schema_step *step)
{
    const vcl_schema_step *way[VCL_MAX_SCHEMA_DEPTH + 1];
    size_t count = 0;

    for (; step && count <= VCL_MAX_SCHEMA_DEPTH; step = step->outer) {
        if (step->way == VCL_WAY_MEMBER || step->way == VCL_WAY_ITEM)
            way[count++] = step;
    }
    while (count-- > 0) {
        if (way[count]->way == VCL_WAY_MEMBER)
            add_key(buf, way[count]->value->string);
        else
            vcl_buf_addf(buf, "[%zu]", way[count]->index);
    }
}

/* The same finding twice says nothing more: several schemas can look at one value. */
static bool is_known(const vcl_schema_run *run, const char *path, const char *message)
{
    size_t count = vcluster_error_finding_count(*run->error);

    for (size_t i = 0; i < count; i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(*run->error, i);
        if (vcl_streq(vcluster_finding_path(finding), path) &&
            vcl_streq(vcluster_finding_message(finding), message))
            return true;
    }
    return false;
}

static void add_finding(vcl_schema_run *run,
                        const char *path,
                        const char *rule,
                        const char *message,
                        const char *remedy)
{
    if (!run->error)
        return;
    if (!*run->error)
        (void)vcl_fail(run->error, VCLUSTER_E_CONFIG, "the values do not fit the schema");
    if (is_known(run, path, message))
        return;
    vcl_error_add_finding(run->error, path, 0, rule, VCLUSTER_SEVERITY_ERROR, message, remedy);
}

/* Findings have a limit; behind it only yes or no matters. */
static void count_finding(vcl_schema_run *run)
{
    if (++run->findings < VCL_MAX_SCHEMA_FINDINGS)
        return;
    run->quiet++;
    add_finding(run, run->prefix, "limit", "there are more findings than are shown", NULL);
}

static void find_at(vcl_schema_run *run,
                    const vcl_schema_step *step,
                    const char *rule,
                    const char *member,
                    const char *message,
                    const char *remedy)
{
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_MAX_MESSAGE);
    if (*run->prefix)
        vcl_buf_add(&path, run->prefix);
    add_path(&path, step);
    if (member)
        add_key(&path, member);
    add_finding(run, vcl_buf_text(&path), rule, message, remedy);
}

bool vcl_schema_refuse(
    vcl_schema_run *run, const vcl_schema_step *step, const char *rule, const char *format, ...)
{
    va_list arguments;
    bool name = step->way == VCL_WAY_NAME;

    if (run->quiet || run->status < 0)
        return false;
    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message)
        return vcl_schema_stop_memory(run);
    if (name) {
        vcl_auto_free char *of_name =
            vcl_format("the key '%.200s' is not allowed: %s", step->value->valuestring, message);
        find_at(run, step, "propertyNames", NULL, of_name ? of_name : message, NULL);
    } else {
        find_at(run, step, rule, NULL, message, NULL);
    }
    count_finding(run);
    return false;
}

bool vcl_schema_refuse_member(vcl_schema_run *run,
                              const vcl_schema_step *step,
                              const char *rule,
                              const char *member,
                              const char *remedy)
{
    if (run->quiet || run->status < 0)
        return false;
    find_at(run, step, rule, member, "the key is not known here", remedy);
    count_finding(run);
    return false;
}

bool vcl_schema_stop(vcl_schema_run *run, const vcl_schema_step *step, const char *message)
{
    if (run->status == VCLUSTER_OK) {
        run->status = VCLUSTER_E_CONFIG;
        find_at(run, step, "limit", NULL, message, NULL);
    }
    return false;
}

bool vcl_schema_stop_memory(vcl_schema_run *run)
{
    if (run->status != VCLUSTER_E_NO_MEMORY && run->error) {
        vcl_error_clear(run->error);
        vcl_error_set_no_memory(run->error);
    }
    run->status = VCLUSTER_E_NO_MEMORY;
    return false;
}
