/* SPDX-License-Identifier: Apache-2.0 */
/* The fault script; see script.h. */
#include "fake/script.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "data/yaml.h"

typedef enum key_kind { TEXT, NUMBER, CUT } key_kind;

typedef struct known_key {
    const char *name;
    key_kind kind;
    size_t offset;
    int64_t least, most;
} known_key;

#define MEMBER(name) offsetof(vcl_fake_rule, name)

static const known_key keys[] = {
    { "at", NUMBER, MEMBER(at), 1, 1000000000 },
    { "cluster", TEXT, MEMBER(cluster), 0, 0 },
    { "cut", CUT, MEMBER(cut), 0, 0 },
    { "delayMs", NUMBER, MEMBER(delay_ms), 0, 3600000 },
    { "message", TEXT, MEMBER(message), 0, 0 },
    { "method", TEXT, MEMBER(method), 0, 0 },
    { "path", TEXT, MEMBER(path), 0, 0 },
    { "reason", TEXT, MEMBER(reason), 0, 0 },
    { "retryAfter", NUMBER, MEMBER(retry_after), 0, 3600 },
    { "status", NUMBER, MEMBER(status), 100, 599 },
    { "times", NUMBER, MEMBER(times), 0, 1000000000 },
};
enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]), MAX_RULES = 10000 };

static const char *const cuts[] = { "", "before", "after", "answer" };

static const known_key *find_key(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (vcl_streq(keys[i].name, name))
            return &keys[i];
    }
    return NULL;
}

/* NULL: it was read; else what is wrong. */
static const char *read_member(const cJSON *value, const known_key *key, vcl_fake_rule *rule)
{
    char *place = (char *)rule + key->offset;
    int64_t number = 0;

    if (key->kind == NUMBER) {
        if (!vcl_json_to_int(value, &number) || number < key->least || number > key->most)
            return "is no number that it can be";
        memcpy(place, &number, sizeof(number));
        return NULL;
    }
    if (!cJSON_IsString(value))
        return "must be a text";
    if (key->kind == TEXT)
        return vcl_str_replace((char **)(void *)place, value->valuestring) ? NULL : "no memory";
    for (int i = VCL_FAKE_CUT_BEFORE; i <= VCL_FAKE_CUT_ANSWER; i++) {
        if (vcl_streq(cuts[i], value->valuestring)) {
            rule->cut = (vcl_fake_cut)i;
            return NULL;
        }
    }
    return "must be one of before, after, answer";
}

static void complain(vcluster_error **error, int index, const char *key, const char *what)
{
    vcl_auto_free char *path = vcl_format("[%d]%s%s", index, key ? "." : "", vcl_str(key));
    VCL_AUTO_ERROR *none = NULL;

    if (error && !*error)
        (void)vcl_fail(error, VCLUSTER_E_CONFIG, "the fault script cannot be used");
    vcl_error_add_finding(error ? error : &none, vcl_str(path), 0, "fault-script",
                          VCLUSTER_SEVERITY_ERROR, what, NULL);
}

/* Whether nothing was wrong in it. */
static bool read_rule(const cJSON *item, int index, vcl_fake_rule *rule, vcluster_error **error)
{
    const cJSON *member;
    bool good = cJSON_IsObject(item);

    rule->at = rule->times = 1;
    if (!good)
        complain(error, index, NULL, "is no object");
    cJSON_ArrayForEach (member, item) {
        const known_key *key = find_key(member->string);
        const char *wrong = key ? read_member(member, key, rule)
                                : "is unknown: there are at, cluster, cut, delayMs, message, "
                                  "method, path, reason, retryAfter, status, times";
        if (wrong)
            complain(error, index, member->string, wrong);
        good = good && !wrong;
    }
    if (good && !rule->status && !rule->cut && !rule->delay_ms) {
        complain(error, index, NULL, "does nothing: it needs status, cut or delayMs");
        good = false;
    }
    return good;
}

int vcl_fake_script_read(const char *text, vcl_fake_script *out, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    const cJSON *item;
    vcl_fake_script made = { 0 };

    if (vcl_str_empty(text)) {
        *out = made;
        return VCLUSTER_OK;
    }
    int status = vcl_yaml_parse(text, strlen(text), &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the fault script");
    if (!cJSON_IsArray(tree) || cJSON_GetArraySize(tree) > MAX_RULES)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the fault script is no list of at most %d rules",
                        MAX_RULES);
    made.rules = calloc((size_t)cJSON_GetArraySize(tree) + 1, sizeof(*made.rules));
    if (!made.rules)
        return vcl_no_memory(error);
    bool good = true;
    cJSON_ArrayForEach (item, tree) {
        int index = (int)made.count++;
        good = read_rule(item, index, &made.rules[index], error) && good;
    }
    if (!good) {
        vcl_fake_script_done(&made);
        return VCLUSTER_E_CONFIG;
    }
    *out = made;
    return VCLUSTER_OK;
}

void vcl_fake_script_done(vcl_fake_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        free(script->rules[i].method);
        free(script->rules[i].path);
        free(script->rules[i].cluster);
        free(script->rules[i].reason);
        free(script->rules[i].message);
    }
    free(script->rules);
    *script = (vcl_fake_script){ 0 };
}

static bool
fits(const vcl_fake_rule *rule, const char *cluster, const char *method, const char *path)
{
    return vcl_streq(vcl_str(rule->cluster), cluster) &&
           (!rule->method || vcl_streq(rule->method, method)) &&
           (!rule->path || fnmatch(rule->path, path, 0) == 0);
}

const vcl_fake_rule *vcl_fake_script_next(vcl_fake_script *script,
                                          const char *cluster,
                                          const char *method,
                                          const char *path)
{
    const vcl_fake_rule *found = NULL;

    for (size_t i = 0; i < script->count; i++) {
        vcl_fake_rule *rule = &script->rules[i];
        if (!fits(rule, cluster, method, path))
            continue;
        rule->seen++;
        bool acts = rule->seen >= rule->at && (!rule->times || rule->seen < rule->at + rule->times);
        if (acts && !found)
            found = rule;
    }
    return found;
}
