/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors of labels and fields; see target.h. */
#include <string.h>

#include "base/str.h"
#include "fake/target.h"

/* The next term of a selector: up to a comma outside of parentheses. Moves *io_at behind it. */
static char *next_term(const char **io_at)
{
    const char *at = *io_at + strspn(*io_at, " ,");
    const char *end = at;
    int depth = 0;

    for (; *end && (*end != ',' || depth > 0); end++)
        depth += *end == '(' ? 1 : *end == ')' ? -1 : 0;
    const char *last = end;
    while (last > at && last[-1] == ' ')
        last--;
    *io_at = end;
    return last > at ? vcl_strndup(at, (size_t)(last - at)) : NULL;
}

/* Whether value is one of "(a, b)". */
static bool is_listed(const char *list, const char *value)
{
    const char *at = strchr(list, '(');

    while (value && at && *at && *at != ')') {
        at += 1 + strspn(at + 1, " ");
        size_t size = strcspn(at, " ,)");
        if (strlen(value) == size && strncmp(at, value, size) == 0)
            return true;
        at += strcspn(at, ",)");
    }
    return false;
}

/* A term "KEY OP VALUE" taken apart: KEY ends at the first of these. */
static bool term_matches(const char *term,
                         const char *(*value_of)(const cJSON *tree, const char *key),
                         const cJSON *tree)
{
    bool absent = *term == '!';
    const char *begin = term + absent;
    size_t size = strcspn(begin, " =!");
    vcl_auto_free char *key = vcl_strndup(begin, size);
    const char *op = begin + size + strspn(begin + size, " ");
    const char *value = key ? value_of(tree, key) : NULL;

    if (absent)
        return !value;
    if (vcl_starts_with(op, "notin"))
        return !is_listed(op, value);
    if (vcl_starts_with(op, "in"))
        return is_listed(op, value);
    if (vcl_starts_with(op, "!="))
        return !vcl_streq(value, op + 2 + strspn(op + 2, " "));
    if (*op == '=') {
        const char *wanted = op + strspn(op, "= ");
        return value && vcl_streq(value, wanted);
    }
    return value != NULL;
}

static bool match(const char *selector,
                  const char *(*value_of)(const cJSON *tree, const char *key),
                  const cJSON *tree)
{
    const char *at = vcl_str(selector);

    for (;;) {
        vcl_auto_free char *term = next_term(&at);
        if (!term)
            return true;
        if (!term_matches(term, value_of, tree))
            return false;
    }
}

static const char *label(const cJSON *tree, const char *key)
{
    return vcl_json_find_string(tree, "metadata", "labels", key, NULL);
}

static const char *field(const cJSON *tree, const char *key)
{
    const cJSON *node = tree;

    while (node && *key) {
        size_t size = strcspn(key, ".");
        vcl_auto_free char *part = vcl_strndup(key, size);
        node = part ? vcl_json_get(node, part) : NULL;
        key += size + (key[size] == '.');
    }
    return node && cJSON_IsString(node) ? node->valuestring : "";
}

bool vcl_fake_labels_match(const char *selector, const cJSON *tree)
{
    return match(selector, label, tree);
}

bool vcl_fake_fields_match(const char *selector, const cJSON *tree)
{
    return match(selector, field, tree);
}
