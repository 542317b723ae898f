/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repairs: one edit after another, each of a finding that is left. An edit counts only when the new
 * text means just what the old one did, but for what was to be changed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "data/values.h"
#include "data/yaml_edit.h"
#include "lint/lint.h"

#define EXTRA_NAMES "controlPlane.proxy.extraSANs"

/* What to do about a finding: set a value, or rename a key. */
typedef struct repair {
    char *path; /* in the document */
    char *value;
    char *key;
    bool of_manifest;
    bool append; /* the value is one more item */
} repair;

static void repair_done(repair *made)
{
    free(made->path);
    free(made->value);
    free(made->key);
}
#define AUTO_REPAIR __attribute__((cleanup(repair_done))) repair

/* What the rules answer: one value at one place, known or made for the finding. */
typedef struct answer {
    const char *rule;
    const char *path; /* NULL: that of the finding */
    const char *value;
    char *(*make)(const vcl_lint_subject *subject, const vcluster_finding *finding);
    enum { OF_VALUES, OF_LIST, OF_MANIFEST } where; /* a list gets one more item */
} answer;

/* "1.31.1" -> "v1.31.1"; a version without a patch release has more than one answer. */
static char *answer_version(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    const char *text = vcl_lint_text(subject, finding->path);
    size_t dots = 0;

    for (const char *at = text; *at; at++) {
        if (*at != '.' && (*at < '0' || *at > '9'))
            return NULL;
        dots += *at == '.';
    }
    return dots == 2 && *text != '.' && !vcl_ends_with(text, ".") ? vcl_format("v%s", text) : NULL;
}

/* "did you mean 'x'?" -> "x" */
static char *answer_key(const char *remedy)
{
    static const char prefix[] = "did you mean '";
    const char *from = remedy + sizeof(prefix) - 1;
    const char *end = strrchr(remedy, '\'');

    if (!vcl_starts_with(remedy, prefix) || end <= from)
        return NULL;
    return vcl_strndup(from, (size_t)(end - from));
}

/* VC102: the switch, or a default that is missing and is upstream's then. */
static char *answer_limit(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    VCL_AUTO_JSON *defaults = vcl_lint_known_defaults();
    const cJSON *node = NULL;

    (void)subject;
    if (vcl_ends_with(finding->path, ".enabled"))
        return vcl_strdup("true");
    if (!defaults || vcl_values_get(defaults, finding->path, &node, NULL) < 0 ||
        !cJSON_IsString(node))
        return NULL;
    return vcl_format("\"%s\"", node->valuestring);
}

static char *answer_except(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    (void)subject;
    (void)finding;
    return vcl_strdup("169.254.169.254/32");
}

static char *answer_name(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    return vcl_lint_host_of(vcl_lint_text(subject, finding->path));
}

static char *answer_resources(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    return vcl_lint_enough(subject, finding->path);
}

static char *answer_value_file(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    return vcl_lint_value_file_of(subject, finding->path);
}

static const answer answers[] = {
    { "VC101", "policies.resourceQuota.enabled", "true", NULL, OF_VALUES },
    { "VC102", NULL, NULL, answer_limit, OF_VALUES },
    { "VC201", "sync.toHost.ingresses.enabled", "true", NULL, OF_VALUES },
    { "VC203", NULL, "true", NULL, OF_VALUES },
    { "VC301", "controlPlane.backingStore.etcd.deploy.enabled", "false", NULL, OF_VALUES },
    { "VC306", NULL, "Delete", NULL, OF_VALUES },
    { "VC501", "policies.networkPolicy.enabled", "true", NULL, OF_VALUES },
    { "VC503", NULL, NULL, answer_except, OF_LIST },
    { "VC504", NULL, "baseline", NULL, OF_VALUES },
    { "VC511", NULL, "false", NULL, OF_VALUES },
    { "VC601", NULL, "false", NULL, OF_VALUES },
    { "VC603", "sync.fromHost.nodes.enabled", "true", NULL, OF_VALUES },
    { "VC701", NULL, NULL, answer_version, OF_VALUES },
    { "VC704", NULL, NULL, answer_resources, OF_VALUES },
    { "VC707", NULL, NULL, answer_value_file, OF_MANIFEST },
    { "VC708", EXTRA_NAMES, NULL, answer_name, OF_LIST },
};

/* Without a list of the user's own, it is the default one and the item. */
static void lengthen(const vcl_lint_subject *subject, const char *path, repair *made)
{
    const cJSON *list = vcl_lint_get(subject, path);
    const cJSON *own = NULL;

    if (vcl_values_get(subject->values, path, &own, NULL) == 0 && cJSON_IsArray(own) &&
        own->child) {
        made->append = true;
        return;
    }
    VCL_AUTO_JSON *copy = cJSON_IsArray(list) ? vcl_json_copy(list) : cJSON_CreateArray();
    char *text = made->value && copy && vcl_json_append(copy, cJSON_CreateString(made->value))
                     ? vcl_json_print(copy)
                     : NULL;
    free(made->value);
    made->value = text;
}

/* Decide; without an answer, value and key stay NULL. */
static void
decide(const vcl_lint_subject *subject, const vcluster_finding *finding, repair *out_repair)
{
    const char *path = finding->path;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const answer *known = &answers[i];
        if (!vcl_streq(known->rule, finding->rule))
            continue;
        path = known->path ? known->path : path;
        out_repair->of_manifest = known->where == OF_MANIFEST;
        out_repair->value = known->make ? known->make(subject, finding) : vcl_strdup(known->value);
        if (known->where == OF_LIST)
            lengthen(subject, path, out_repair);
    }
    if (vcl_streq(finding->rule, "VC001"))
        out_repair->key = answer_key(finding->remedy);
    out_repair->path = *subject->path && !out_repair->of_manifest
                           ? vcl_format("%s.%s", subject->path, path)
                           : vcl_strdup(path);
}

static const cJSON *document_of(const vcl_lint_file *file, const vcl_yaml_mark *wanted)
{
    const cJSON *document = file->documents->child;

    for (const vcl_yaml_mark *mark = file->marks.documents; mark != wanted; mark = mark->next)
        document = mark->value.kind == VCL_SPAN_MAP ? document->next : document;
    return document;
}

/* A node of a tree, to be changed. */
static cJSON *to_change(cJSON *tree, const cJSON *node)
{
    cJSON *found = tree == node ? tree : NULL;

    for (cJSON *child = tree->child; child && !found; child = child->next)
        found = to_change(child, node);
    return found;
}

static bool is_json(const char *value)
{
    VCL_AUTO_JSON *tree = NULL;

    return vcl_json_parse(value, strlen(value), &tree, NULL) == 0;
}

/* What the document should mean after a repair; NULL where it cannot be told. */
static cJSON *expect(const cJSON *document, const repair *made)
{
    cJSON *tree = vcl_json_copy(document);
    const cJSON *found = NULL;

    if (!tree)
        return NULL;
    if (made->append) {
        if (vcl_values_get(tree, made->path, &found, NULL) == 0 && cJSON_IsArray(found) &&
            vcl_json_append(to_change(tree, found), cJSON_CreateString(made->value)))
            return tree;
        cJSON_Delete(tree);
        return NULL;
    }
    /* Switches, lists and quoted texts are JSON; a version, a word and "200m" are not. */
    vcl_set_mode mode = made->value && is_json(made->value) ? VCL_SET_JSON : VCL_SET_STRING;
    if (made->value && vcl_values_set(tree, made->path, made->value, mode, NULL) == 0)
        return tree;
    if (made->key && vcl_values_get(tree, made->path, &found, NULL) == 0 && found) {
        cJSON *member = to_change(tree, found);
        char *key = vcl_strdup(made->key);
        if (key) {
            free(member->string);
            member->string = key;
            return tree;
        }
    }
    cJSON_Delete(tree);
    return NULL;
}

/* Read the new text; NULL when it does not mean what it should. */
static vcl_lint_file *read_expected(const vcl_lint_file *file,
                                    const vcl_lint_subject *subject,
                                    const repair *made,
                                    const char *text)
{
    VCL_AUTO_LINT_FILE *changed = NULL;
    const cJSON *old = document_of(file, subject->document);
    const cJSON *document = file->documents->child;

    VCL_AUTO_JSON *expected = expect(old, made);
    if (!expected || vcl_lint_file_read(file->name, text, strlen(text), &changed, NULL) < 0)
        return NULL;
    const cJSON *now = changed->documents->child;
    for (; document && now; document = document->next, now = now->next) {
        if (!vcl_json_equal(document == old ? expected : document, now))
            return NULL;
    }
    return !document && !now ? vcl_steal(&changed) : NULL;
}

vcl_lint_file *vcl_lint_attempt(const vcl_lint_subject *subject, const vcluster_finding *finding)
{
    const vcl_lint_file *file = subject->file;
    vcl_auto_free char *text = NULL;
    AUTO_REPAIR made = { .path = NULL };
    int status = VCLUSTER_E_UNSUPPORTED;

    decide(subject, finding, &made);
    if (!made.path || (!subject->mark && !made.of_manifest))
        return NULL;
    if (made.append && made.value)
        status = vcl_yaml_edit_append(file->text, file->size, subject->document, made.path,
                                      made.value, &text, NULL);
    else if (made.value)
        status = vcl_yaml_edit_set(file->text, file->size, subject->document, made.path, made.value,
                                   &text, NULL);
    else if (made.key)
        status = vcl_yaml_edit_rename(file->text, file->size, subject->document, made.path,
                                      made.key, &text, NULL);
    return status == 0 ? read_expected(file, subject, &made, text) : NULL;
}

/* The first repair that works of one virtual cluster's findings. */
static vcl_lint_file *repair_subject(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    vcl_lint_file *changed = NULL;

    vcl_lint_findings_of(run, subject);
    for (size_t i = 0; run->status == 0 && !changed && i < vcluster_report_size(run->report); i++)
        changed = vcl_lint_attempt(subject, vcluster_report_at(run->report, i));
    vcluster_report_free(run->report);
    run->report = NULL;
    return changed;
}

/* One repair of the file; *out_changed NULL when there is nothing left to do. */
static int repair_once(const vcluster_lint *lint,
                       const vcluster_chart *chart,
                       const vcl_lint_file *file,
                       vcl_lint_file **out_changed,
                       vcluster_error **error)
{
    vcl_lint_subject *subjects = NULL;

    int status = vcl_lint_subjects_find(lint, chart, &subjects, error);
    if (status < 0)
        return status;
    vcl_lint_run run = { .lint = lint, .chart = chart, .subjects = subjects };
    for (const vcl_lint_subject *s = subjects; s && !*out_changed && run.status == 0; s = s->next) {
        if (s->file == file)
            *out_changed = repair_subject(&run, s);
    }
    vcl_lint_subjects_free(subjects);
    return run.status < 0 ? vcl_error_pass(error, &run.error, run.status) : 0;
}

int vcl_lint_repair(vcluster_lint *lint,
                    const vcluster_chart *chart,
                    const char *name,
                    char **out_text,
                    vcluster_error **error)
{
    enum { MAX_REPAIRS = 200 }; /* far more than there are rules and places for them */
    vcl_lint_file **slot = &lint->files;

    while (*slot && !vcl_streq((*slot)->name, name))
        slot = &(*slot)->next;
    if (!*slot)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "no file '%s' was added", name);
    for (int i = 0; i < MAX_REPAIRS; i++) {
        vcl_lint_file *changed = NULL;
        int status = repair_once(lint, chart, *slot, &changed, error);
        if (status < 0)
            return status;
        if (!changed)
            break;
        changed->next = (*slot)->next;
        vcl_lint_file_free(*slot);
        *slot = changed;
    }
    char *text = vcl_strdup((*slot)->text);
    if (!text)
        return vcl_no_memory(error);
    *out_text = text;
    return 0;
}
