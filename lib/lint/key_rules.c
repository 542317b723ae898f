/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about keys: there twice, or not known where no chart says which there are. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/nearest.h"
#include "data/values.h"
#include "lint/lint.h"
#include "sync/knowledge.h"

/* Go through a tree of marks, whose depth the reader has limited. */
static void find_duplicates(vcl_lint_run *run, const vcl_lint_file *file, const vcl_yaml_mark *mark)
{
    for (const vcl_yaml_mark *child = mark->child; child; child = child->next) {
        if (child->duplicate) {
            vcl_auto_free char *message =
                vcl_format("the key '%s' is there twice: only the last one counts", child->key);
            if (message)
                vcl_lint_find_at(run, file, &child->key_span, "", "take one of the two out",
                                 message);
            else
                vcl_lint_fail(run);
        }
        find_duplicates(run, file, child);
    }
}

void vcl_lint_duplicate_keys(vcl_lint_run *run, const vcl_lint_file *file)
{
    for (const vcl_yaml_mark *mark = file->marks.documents; mark; mark = mark->next)
        find_duplicates(run, file, mark);
}

/* What is near the unknown key, as the remedy that fix.c reads. */
static void find_unknown(vcl_lint_run *run,
                         const vcl_lint_subject *subject,
                         const char *parent,
                         const char *key,
                         const vcl_nearest *nearest)
{
    VCL_AUTO_BUF path = { 0 };
    vcl_auto_free char *remedy =
        nearest->found ? vcl_format("did you mean '%s'?", nearest->found) : NULL;

    vcl_buf_init(&path, VCL_MAX_MESSAGE);
    vcl_buf_addf(&path, "%s%s", parent, *parent ? "." : "");
    vcl_values_add_key(&path, key);
    if (vcl_buf_failed(&path) || (nearest->found && !remedy))
        vcl_lint_fail(run);
    else
        vcl_lint_find(run, subject, vcl_buf_text(&path), remedy, "no such key is known");
}

static void check_top(vcl_lint_run *run, const vcl_lint_subject *subject, const char *key)
{
    const char *const *known = vcl_lint_known_keys;
    vcl_nearest nearest;

    vcl_nearest_begin(&nearest, key);
    for (; *known && !vcl_streq(*known, key); known++)
        vcl_nearest_try(&nearest, *known);
    if (!*known)
        find_unknown(run, subject, "", key, &nearest);
}

static void check_resource(vcl_lint_run *run,
                           const vcl_lint_subject *subject,
                           const char *direction,
                           const char *key)
{
    static const char *const others[] = { "customResources", "volumeSnapshots",
                                          "volumeSnapshotContents", "volumeSnapshotClasses" };
    vcl_auto_free char *parent = vcl_format("sync.%s", direction);
    vcl_nearest nearest;

    if (!parent)
        return vcl_lint_fail(run);
    vcl_nearest_begin(&nearest, key);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (vcl_streq(others[i], key))
            return;
    }
    vcl_nearest_try(&nearest, others[0]);
    for (size_t i = 0; i < vcl_sync_fact_count; i++) {
        const vcl_sync_fact *fact = &vcl_sync_facts[i];
        if (!vcl_streq(fact->direction, direction) || strchr(fact->resource, '.'))
            continue;
        if (vcl_streq(fact->resource, key))
            return;
        vcl_nearest_try(&nearest, fact->resource);
    }
    find_unknown(run, subject, parent, key, &nearest);
}

void vcl_lint_unknown_keys(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const directions[] = { "toHost", "fromHost" };
    const cJSON *member = NULL;

    cJSON_ArrayForEach (member, subject->values)
        check_top(run, subject, vcl_str(member->string));
    for (size_t i = 0; i < 2; i++) {
        cJSON_ArrayForEach (member, vcl_json_find(subject->values, "sync", directions[i], NULL))
            check_resource(run, subject, directions[i], vcl_str(member->string));
    }
}
