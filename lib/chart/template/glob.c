/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns; see glob.h. Steps are counted, so that no pattern takes for ever. */
#include "chart/template/glob.h"

#include <string.h>

enum { MAX_STEPS = 100000, MAX_DEPTH = 100 };

typedef struct matcher {
    int steps;
    int depth;
    bool simple; /* neither ** nor {} */
} matcher;

static bool match(matcher *m, vcl_tpl_text pattern, vcl_tpl_text path);

static vcl_tpl_text skip(vcl_tpl_text text, size_t count)
{
    return (vcl_tpl_text){ text.data + count, text.size - count };
}

/* Position of the closing bracket; 0 when there is none. */
static size_t class_end(vcl_tpl_text pattern)
{
    for (size_t i = 2; i < pattern.size; i++) {
        if (pattern.data[i] == ']')
            return i;
    }
    return 0;
}

static bool in_class(vcl_tpl_text inside, char c)
{
    bool negated = inside.size && (inside.data[0] == '!' || inside.data[0] == '^');
    bool found = false;

    inside = skip(inside, negated);
    for (size_t i = 0; i < inside.size; i++) {
        if (i + 2 < inside.size && inside.data[i + 1] == '-') {
            found = found || (c >= inside.data[i] && c <= inside.data[i + 2]);
            i += 2;
        } else {
            found = found || c == inside.data[i];
        }
    }
    return found != negated;
}

static bool match_star(matcher *m, vcl_tpl_text pattern, vcl_tpl_text path)
{
    bool twice = !m->simple && pattern.size > 1 && pattern.data[1] == '*';

    while (pattern.size && pattern.data[0] == '*')
        pattern = skip(pattern, 1);
    for (;; path = skip(path, 1)) {
        if (match(m, pattern, path))
            return true;
        if (path.size == 0 || (path.data[0] == '/' && !twice) || m->steps > MAX_STEPS)
            return false;
    }
}

/* {a,b}: each alternative with what stands behind the brace. */
static bool match_braces(matcher *m, vcl_tpl_text pattern, vcl_tpl_text path)
{
    const char *close = memchr(pattern.data, '}', pattern.size);
    size_t end = close ? (size_t)(close - pattern.data) : 0;
    vcl_tpl_text behind = skip(pattern, end + 1);
    size_t start = 1;

    if (!close)
        return false;
    for (size_t i = 1; i <= end; i++) {
        char joined[512];
        size_t size = i - start;
        if (pattern.data[i] != ',' && i != end)
            continue;
        if (size + behind.size > sizeof(joined))
            return false;
        memcpy(joined, pattern.data + start, size);
        memcpy(joined + size, behind.data, behind.size);
        if (match(m, (vcl_tpl_text){ joined, size + behind.size }, path))
            return true;
        start = i + 1;
    }
    return false;
}

static bool match_step(matcher *m, vcl_tpl_text pattern, vcl_tpl_text path)
{
    while (pattern.size) {
        char c = pattern.data[0];
        size_t end = c == '[' ? class_end(pattern) : 0;
        if (c == '*')
            return match_star(m, pattern, path);
        if (c == '{' && !m->simple)
            return match_braces(m, pattern, path);
        if (path.size == 0)
            return false;
        if (end) {
            vcl_tpl_text inside = { pattern.data + 1, end - 1 };
            if (path.data[0] == '/' || !in_class(inside, path.data[0]))
                return false;
            pattern = skip(pattern, end);
        } else if (c == '\\' && pattern.size > 1) {
            pattern = skip(pattern, 1);
            if (pattern.data[0] != path.data[0])
                return false;
        } else if (c == '?' ? path.data[0] == '/' : c != path.data[0]) {
            return false;
        }
        pattern = skip(pattern, 1);
        path = skip(path, 1);
    }
    return path.size == 0;
}

static bool match(matcher *m, vcl_tpl_text pattern, vcl_tpl_text path)
{
    if (m->steps++ > MAX_STEPS || m->depth >= MAX_DEPTH)
        return false;
    m->depth++;
    bool matched = match_step(m, pattern, path);
    m->depth--;
    return matched;
}

bool vcl_tpl_glob(vcl_tpl_text pattern, vcl_tpl_text path)
{
    matcher m = { 0 };

    return match(&m, pattern, path);
}

bool vcl_tpl_match(vcl_tpl_text pattern, vcl_tpl_text path)
{
    matcher m = { .simple = true };

    return match(&m, pattern, path);
}
