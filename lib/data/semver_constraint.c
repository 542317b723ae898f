/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints: groups joined by "||", each of comparisons that must all hold. Reads exactly what
 * Masterminds/semver 3.5 reads, its oddities included: "a - b" is rewritten before the text is
 * split, '|' counts as a wildcard character, and of two equal ranges the first is rewritten twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "data/semver.h"
#include "data/semver_scan.h"

enum { MAX_CONSTRAINT = 512, MAX_GROUPS = 32, MAX_REWRITTEN = 16 * MAX_CONSTRAINT };

typedef enum operator{
    OP_EQUAL, /* a tilde where the version has wildcards or too few segments */
    OP_NOT_EQUAL,
    OP_GREATER,
    OP_LESS,
    OP_GREATER_EQUAL,
    OP_LESS_EQUAL,
    OP_TILDE,
    OP_CARET
}
operator;

typedef struct comparison {
    operator op;
    vcl_version version;
    bool dirty;       /* some segment is a wildcard or missing, */
    bool minor_dirty; /* namely all behind the first, */
    bool patch_dirty; /* or the third alone */
} comparison;

typedef struct group {
    comparison *items;
    size_t count;
    bool has_prerelease;
} group;

struct vcl_constraint {
    group groups[MAX_GROUPS];
    size_t count;
};

static const struct {
    const char *text;
    operator op;
} operators[] = { { "", OP_EQUAL },           { "=", OP_EQUAL },       { "!=", OP_NOT_EQUAL },
                  { ">", OP_GREATER },        { "<", OP_LESS },        { ">=", OP_GREATER_EQUAL },
                  { "=>", OP_GREATER_EQUAL }, { "<=", OP_LESS_EQUAL }, { "=<", OP_LESS_EQUAL },
                  { "~", OP_TILDE },          { "~>", OP_TILDE },      { "^", OP_CARET } };

/* ---- Reading ---- */

/* White space of Go's \s, which has no vertical tab. */
static size_t spaces(const char *text)
{
    return strspn(text, " \t\n\f\r");
}

/* An operator, white space, a version. Gives what follows, or NULL. */
static const char *read_comparison(const char *at, operator* out_op, vcl_semver_parts *out_parts)
{
    size_t size = strspn(at, "=!<>~^");

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strlen(operators[i].text) != size || strncmp(operators[i].text, at, size) != 0)
            continue;
        at += size + spaces(at + size);
        *out_op = operators[i].op;
        return vcl_semver_scan(at, true, out_parts) ? out_parts->end : NULL;
    }
    return NULL;
}

/* Begin to read the next comparison of a group: *at moves behind it and what separates it from the
 * one after. 1, 0 at the end, -1 when the group cannot be read. */
static int next_comparison(const char **at, bool first, operator* op, vcl_semver_parts *parts)
{
    const char *from = *at;

    if (!first && !*from)
        return 0;
    from = read_comparison(from + (first ? spaces(from) : 0), op, parts);
    if (!from)
        return -1;
    size_t gap = spaces(from);
    bool comma = from[gap] == ',';
    if (comma)
        gap += 1 + spaces(from + gap + 1);
    from += gap;
    if (*from ? gap == 0 : comma)
        return -1;
    *at = from;
    return 1;
}

static bool is_wildcard(const vcl_semver_part *part)
{
    return part->size == 0 || (part->size == 1 && strchr("xX*", *part->text));
}

/* The text of the version to compare with: wildcards become zeros. */
static char *plain_version(const vcl_semver_parts *parts, const char *whole, comparison *item)
{
    const vcl_semver_part *segments = parts->segments;
    const vcl_semver_part *pre = &parts->prerelease;
    const char *dash = pre->size ? "-" : "";
    const char *pre_text = pre->size ? pre->text : "";
    int pre_size = (int)pre->size;

    item->dirty = true;
    if (is_wildcard(&segments[0]))
        return vcl_format("0.0.0%s%.*s", dash, pre_size, pre_text);
    item->minor_dirty = is_wildcard(&segments[1]);
    if (item->minor_dirty)
        return vcl_format("%.*s.0.0%s%.*s", (int)segments[0].size, segments[0].text, dash, pre_size,
                          pre_text);
    item->patch_dirty = is_wildcard(&segments[2]);
    if (item->patch_dirty)
        return vcl_format("%.*s.%.*s.0%s%.*s", (int)segments[0].size, segments[0].text,
                          (int)segments[1].size, segments[1].text, dash, pre_size, pre_text);
    item->dirty = false;
    return vcl_strndup(whole, (size_t)(parts->end - whole));
}

static int
add_comparison(group *to, operator op, const vcl_semver_parts *parts, vcluster_error **error)
{
    comparison item = { .op = op };
    comparison *grown = realloc(to->items, (to->count + 1) * sizeof(*grown));

    if (!grown)
        return vcl_no_memory(error);
    to->items = grown;
    vcl_auto_free char *text = plain_version(parts, parts->segments[0].text, &item);
    if (!text)
        return vcl_no_memory(error);
    VCL_AUTO_ERROR *inner = NULL;
    int status = vcl_version_parse(text, false, &item.version, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "constraint parser error");
    to->has_prerelease |= *item.version.prerelease != '\0';
    to->items[to->count++] = item;
    return VCLUSTER_OK;
}

static int fail_improper(const char *text, vcluster_error **error)
{
    VCL_AUTO_BUF quoted = { 0 };

    vcl_buf_init(&quoted, 8 * MAX_REWRITTEN);
    if (!vcl_semver_quote(&quoted, text))
        return vcl_no_memory(error);
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "improper constraint: %s",
                    vcl_buf_text(&quoted));
}

static int parse_group(const char *text, group *to, vcluster_error **error)
{
    operator op = OP_EQUAL;
    vcl_semver_parts parts;
    const char *at = text;
    bool first = true;
    int more;

    while ((more = next_comparison(&at, first, &op, &parts)) > 0)
        first = false;
    if (more < 0)
        return fail_improper(text, error);

    at = text;
    first = true;
    while (next_comparison(&at, first, &op, &parts) > 0) {
        int status = add_comparison(to, op, &parts, error);
        if (status < 0)
            return status;
        first = false;
    }
    return VCLUSTER_OK;
}

/* ---- Hyphen ranges ---- */

/* "1.2 - 1.4" with the white space around it, at this very place. */
static const char *read_range(const char *at, vcl_semver_part *out_from, vcl_semver_part *out_to)
{
    vcl_semver_parts parts;
    const char *from = at + spaces(at);

    if (!vcl_semver_scan(from, true, &parts))
        return NULL;
    *out_from = (vcl_semver_part){ from, (size_t)(parts.end - from) };
    size_t gap = spaces(parts.end);
    if (gap == 0 || parts.end[gap] != '-')
        return NULL;
    const char *to = parts.end + gap + 1;
    gap = spaces(to);
    if (gap == 0 || !vcl_semver_scan(to + gap, true, &parts))
        return NULL;
    to += gap;
    *out_to = (vcl_semver_part){ to, (size_t)(parts.end - to) };
    return parts.end + spaces(parts.end);
}

/* Put ">= A, <= B " where the text of a range stands first in *text. */
static bool replace_first(vcl_buf *text, const char *range, size_t size, const char *with)
{
    VCL_AUTO_BUF result = { 0 };
    vcl_auto_free char *wanted = vcl_strndup(range, size);
    const char *at = wanted ? strstr(vcl_buf_text(text), wanted) : NULL;

    if (!wanted)
        return false;
    if (!at)
        return true;
    vcl_buf_init(&result, text->max);
    vcl_buf_append(&result, text->data, (size_t)(at - text->data));
    vcl_buf_add(&result, with);
    vcl_buf_add(&result, at + size);
    if (vcl_buf_failed(&result))
        return false;
    vcl_buf_reset(text);
    return vcl_buf_append(text, result.data, result.size);
}

static bool rewrite_ranges(const char *text, vcl_buf *rewritten)
{
    vcl_semver_part from;
    vcl_semver_part to;

    if (!vcl_buf_add(rewritten, text))
        return false;
    for (const char *at = text; *at;) {
        const char *end = read_range(at, &from, &to);
        if (!end) {
            at++;
            continue;
        }
        vcl_auto_free char *with =
            vcl_format(">= %.*s, <= %.*s ", (int)from.size, from.text, (int)to.size, to.text);
        if (!with || !replace_first(rewritten, at, (size_t)(end - at), with))
            return false;
        at = end;
    }
    return true;
}

/* ---- The whole ---- */

static size_t count_groups(const char *text)
{
    size_t count = 1;

    for (const char *at = strstr(text, "||"); at; at = strstr(at + 2, "||"))
        count++;
    return count;
}

static int parse_groups(vcl_constraint *constraint, const char *text, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    while (text && status == VCLUSTER_OK) {
        const char *bar = strstr(text, "||");
        vcl_auto_free char *part = vcl_strndup(text, bar ? (size_t)(bar - text) : strlen(text));
        if (!part)
            return vcl_no_memory(error);
        status = parse_group(part, &constraint->groups[constraint->count++], error);
        text = bar ? bar + 2 : NULL;
    }
    return status;
}

int vcl_constraint_parse(const char *text, vcl_constraint **out_constraint, vcluster_error **error)
{
    VCL_AUTO_BUF rewritten = { 0 };

    if (strlen(text) > MAX_CONSTRAINT)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "constraint string is too long (max %d bytes)", MAX_CONSTRAINT);
    vcl_buf_init(&rewritten, MAX_REWRITTEN);
    if (!rewrite_ranges(text, &rewritten))
        return vcl_no_memory(error);
    if (count_groups(vcl_buf_text(&rewritten)) > MAX_GROUPS)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "too many constraint groups (max %d)",
                        MAX_GROUPS);

    vcl_constraint *constraint = calloc(1, sizeof(*constraint));
    if (!constraint)
        return vcl_no_memory(error);
    int status = parse_groups(constraint, vcl_buf_text(&rewritten), error);
    if (status < 0) {
        vcl_constraint_free(constraint);
        return status;
    }
    *out_constraint = constraint;
    return VCLUSTER_OK;
}

void vcl_constraint_free(vcl_constraint *constraint)
{
    if (!constraint)
        return;
    for (size_t i = 0; i < constraint->count; i++) {
        for (size_t k = 0; k < constraint->groups[i].count; k++)
            vcl_version_done(&constraint->groups[i].items[k].version);
        free(constraint->groups[i].items);
    }
    free(constraint);
}

/* ---- Matching ---- */

static bool is_not_equal(const comparison *item, const vcl_version *version)
{
    const vcl_version *wanted = &item->version;

    if (!item->dirty)
        return vcl_version_compare(version, wanted) != 0;
    if (wanted->major != version->major)
        return true;
    if (item->minor_dirty)
        return false;
    if (wanted->minor != version->minor)
        return true;
    if (item->patch_dirty)
        return vcl_semver_compare_prerelease(version->prerelease, wanted->prerelease) != 0;
    /* "!=*": 0.0 has passed so far. */
    return wanted->patch != version->patch || vcl_version_compare(version, wanted) != 0;
}

/* With wildcards, what the wildcards cover is not greater: 11.1 is not > 11. */
static bool is_greater(const comparison *item, const vcl_version *version)
{
    const vcl_version *wanted = &item->version;

    if (item->dirty && version->major != wanted->major)
        return version->major > wanted->major;
    if (item->dirty && item->minor_dirty)
        return false;
    if (item->dirty && item->patch_dirty)
        return version->minor > wanted->minor;
    return vcl_version_compare(version, wanted) > 0;
}

static bool is_less_or_equal(const comparison *item, const vcl_version *version)
{
    const vcl_version *wanted = &item->version;

    if (!item->dirty)
        return vcl_version_compare(version, wanted) <= 0;
    if (version->major > wanted->major)
        return false;
    return version->major != wanted->major || version->minor <= wanted->minor || item->minor_dirty;
}

static bool is_tilde(const comparison *item, const vcl_version *version)
{
    const vcl_version *wanted = &item->version;

    if (vcl_version_compare(version, wanted) < 0)
        return false;
    if (wanted->major == 0 && wanted->minor == 0 && wanted->patch == 0 && !item->minor_dirty &&
        !item->patch_dirty)
        return true; /* ~0.0.0 and ~*: anything */
    return version->major == wanted->major &&
           (version->minor == wanted->minor || item->minor_dirty);
}

/* The first segment that is not zero must stay. */
static bool is_caret(const comparison *item, const vcl_version *version)
{
    const vcl_version *wanted = &item->version;

    if (vcl_version_compare(version, wanted) < 0)
        return false;
    if (wanted->major > 0 || item->minor_dirty)
        return version->major == wanted->major;
    if (version->major > 0)
        return false;
    if (wanted->minor > 0 || item->patch_dirty)
        return version->minor == wanted->minor;
    return version->minor == 0 && version->patch == wanted->patch;
}

static bool holds(const comparison *item, const vcl_version *version)
{
    switch (item->op) {
    case OP_EQUAL:
        return item->dirty ? is_tilde(item, version)
                           : vcl_version_compare(version, &item->version) == 0;
    case OP_NOT_EQUAL:
        return is_not_equal(item, version);
    case OP_GREATER:
        return is_greater(item, version);
    case OP_LESS:
        return vcl_version_compare(version, &item->version) < 0;
    case OP_GREATER_EQUAL:
        return vcl_version_compare(version, &item->version) >= 0;
    case OP_LESS_EQUAL:
        return is_less_or_equal(item, version);
    case OP_TILDE:
        return is_tilde(item, version);
    case OP_CARET:
        return is_caret(item, version);
    }
    return false;
}

static bool group_matches(const group *wanted, const vcl_version *version, bool prereleases)
{
    if (*version->prerelease && !prereleases && !wanted->has_prerelease)
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        if (!holds(&wanted->items[i], version))
            return false;
    }
    return true;
}

bool vcl_constraint_matches(const vcl_constraint *constraint,
                            const vcl_version *version,
                            bool prereleases)
{
    for (size_t i = 0; i < constraint->count; i++) {
        if (group_matches(&constraint->groups[i], version, prereleases))
            return true;
    }
    return false;
}
