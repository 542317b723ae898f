/* SPDX-License-Identifier: Apache-2.0 */
/* Releases and differences on stdout. */
#include <string.h>
#include <time.h>

#include "vcl.h"

/* "2026-01-02T15:04:05Z", or "" when it is not known. */
static const char *format_time(int64_t seconds, char text[32])
{
    time_t when = (time_t)seconds;
    struct tm parts;

    text[0] = '\0';
    if (seconds > 0 && gmtime_r(&when, &parts))
        (void)strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

void vcl_release_print(const vcluster_release *release)
{
    const char *notes = vcluster_release_notes(release);

    (void)printf("%s: %s, revision %lld in namespace %s, chart %s %s\n",
                 vcluster_release_name(release), vcluster_release_status(release),
                 (long long)vcluster_release_revision(release), vcluster_release_namespace(release),
                 vcluster_release_chart_name(release), vcluster_release_chart_version(release));
    if (*notes)
        (void)printf("\n%s%s", notes, notes[strlen(notes) - 1] == '\n' ? "" : "\n");
}

static const char row_format[] = "%-9s %-21s %-16s %-28s %-12s %s\n";

void vcl_release_print_header(void)
{
    (void)printf(row_format, "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION",
                 "DESCRIPTION");
}

void vcl_release_print_row(const vcluster_release *release)
{
    char revision[24];
    char updated[32];
    char chart[256];

    (void)snprintf(revision, sizeof(revision), "%lld",
                   (long long)vcluster_release_revision(release));
    (void)snprintf(chart, sizeof(chart), "%s-%s", vcluster_release_chart_name(release),
                   vcluster_release_chart_version(release));
    (void)printf(row_format, revision,
                 format_time(vcluster_release_last_deployed(release), updated),
                 vcluster_release_status(release), chart, vcluster_release_app_version(release),
                 vcluster_release_description(release));
}

static void put_member(const char *name, const char *text)
{
    (void)printf(",\"%s\":", name);
    vcl_json_put(stdout, text);
}

void vcl_release_print_json(const vcluster_release *release)
{
    char time[32];

    (void)fputs("{\"name\":", stdout);
    vcl_json_put(stdout, vcluster_release_name(release));
    put_member("namespace", vcluster_release_namespace(release));
    (void)printf(",\"revision\":%lld", (long long)vcluster_release_revision(release));
    put_member("status", vcluster_release_status(release));
    put_member("description", vcluster_release_description(release));
    put_member("chart", vcluster_release_chart_name(release));
    put_member("chartVersion", vcluster_release_chart_version(release));
    put_member("appVersion", vcluster_release_app_version(release));
    put_member("firstDeployed", format_time(vcluster_release_first_deployed(release), time));
    put_member("lastDeployed", format_time(vcluster_release_last_deployed(release), time));
    put_member("notes", vcluster_release_notes(release));
    (void)fputc('}', stdout);
}

/* A text without its quotes, anything else as it is; nothing for what is not there. */
static void print_bare(const char *before, const char *value)
{
    size_t size = value ? vcl_json_size(value) : 0;

    if (size >= 2 && *value == '"') {
        value++;
        size -= 2;
    }
    if (size > 0)
        (void)printf("%s%.*s", before, (int)size, value);
}

static void print_value(const char *before, const char *value)
{
    (void)printf("%s%.*s", before, (int)vcl_json_size(value), value);
}

static void print_field(const char *field)
{
    const char *old_value = vcl_json_member(field, "old");
    const char *new_value = vcl_json_member(field, "new");

    (void)fputs(!old_value ? "    +" : !new_value ? "    -" : "    ~", stdout);
    print_bare(" ", vcl_json_member(field, "path"));
    if (old_value)
        print_value(": ", old_value);
    if (new_value)
        print_value(old_value ? " -> " : ": ", new_value);
    (void)fputc('\n', stdout);
}

static void print_change(const char *change)
{
    const char *what = vcl_json_member(change, "change");
    const char *namespace_name = vcl_json_member(change, "namespace");
    const char *fields = vcl_json_member(change, "fields");
    bool is_add = what && strncmp(what, "\"add\"", 5) == 0;
    bool is_delete = what && strncmp(what, "\"delete\"", 8) == 0;

    (void)fputc(is_add ? '+' : is_delete ? '-' : '~', stdout);
    print_bare(" ", vcl_json_member(change, "apiVersion"));
    print_bare(" ", vcl_json_member(change, "kind"));
    (void)fputc(' ', stdout);
    if (namespace_name && vcl_json_size(namespace_name) > 2 && *namespace_name == '"') {
        print_bare("", namespace_name);
        (void)fputc('/', stdout);
    }
    print_bare("", vcl_json_member(change, "name"));
    (void)fputc('\n', stdout);
    if (is_add || is_delete || !fields)
        return;
    for (const char *field = vcl_json_first(fields); field; field = vcl_json_next(field))
        print_field(field);
}

void vcl_diff_print(const char *json)
{
    const char *change = vcl_json_first(json);

    if (!change)
        (void)puts("no changes");
    for (; change; change = vcl_json_next(change))
        print_change(change);
}
