/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a text is JSON, without a tree of it: what vcl_json_parse() would read, by the same
 * rules. For texts that are handed on as they came. Why one is none that reader tells.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/json.h"

/* As long as read_number() of json_parse.c allows. */
enum { MAX_NUMBER_TEXT = 4096 };

typedef struct checker {
    const char *at;
    const char *end;
    size_t nodes;
    int depth;
} checker;

static bool check_value(checker *c);

static char peek(checker *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
    return c->at < c->end ? *c->at : '\0';
}

static bool take(checker *c, char wanted)
{
    if (peek(c) != wanted)
        return false;
    c->at++;
    return true;
}

static bool check_unicode_escape(checker *c)
{
    static const char digits[] = "0123456789abcdefABCDEF";

    if (c->end - c->at < 4 || memcmp(c->at, "0000", 4) == 0)
        return false;
    for (int i = 0; i < 4; i++) {
        if (!memchr(digits, c->at[i], sizeof(digits) - 1))
            return false;
    }
    c->at += 4;
    return true;
}

static bool check_escape(checker *c)
{
    if (c->at == c->end)
        return false;
    char name = *c->at++;
    return name == 'u' ? check_unicode_escape(c) : memchr("\"\\/bfnrt", name, 8) != NULL;
}

/* Behind the opening quote. */
static bool check_string(checker *c)
{
    while (c->at < c->end) {
        char byte = *c->at++;

        if (byte == '"')
            return true;
        if ((unsigned char)byte < 0x20 || (byte == '\\' && !check_escape(c)))
            return false;
    }
    return false;
}

static bool check_digits(checker *c)
{
    const char *start = c->at;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return c->at > start;
}

static bool accept(checker *c, char wanted)
{
    bool there = c->at < c->end && *c->at == wanted;

    c->at += there;
    return there;
}

static bool check_number(checker *c)
{
    const char *start = c->at;

    (void)accept(c, '-');
    if (!accept(c, '0') && !check_digits(c))
        return false;
    if (accept(c, '.') && !check_digits(c))
        return false;
    if (accept(c, 'e') || accept(c, 'E')) {
        if (!accept(c, '+'))
            (void)accept(c, '-');
        if (!check_digits(c))
            return false;
    }
    return c->at - start <= MAX_NUMBER_TEXT;
}

static bool check_word(checker *c, const char *word, size_t size)
{
    bool there = (size_t)(c->end - c->at) >= size && memcmp(c->at, word, size) == 0;

    c->at += there ? size : 0;
    return there;
}

/* Behind the opening bracket. */
static bool check_elements(checker *c, char close)
{
    if (take(c, close))
        return true;
    do {
        if (close == '}' && !(take(c, '"') && check_string(c) && take(c, ':')))
            return false;
        if (!check_value(c))
            return false;
    } while (take(c, ','));
    return take(c, close);
}

static bool check_container(checker *c, char close)
{
    if (c->depth == VCL_MAX_JSON_DEPTH)
        return false;
    c->depth++;
    bool good = check_elements(c, close);
    c->depth--;
    return good;
}

static bool check_value(checker *c)
{
    if (++c->nodes > VCL_MAX_JSON_NODES)
        return false;
    switch (peek(c)) {
    case '{':
        c->at++;
        return check_container(c, '}');
    case '[':
        c->at++;
        return check_container(c, ']');
    case '"':
        c->at++;
        return check_string(c);
    case 't':
        return check_word(c, "true", 4);
    case 'f':
        return check_word(c, "false", 5);
    case 'n':
        return check_word(c, "null", 4);
    default:
        return check_number(c);
    }
}

bool vcl_json_is_valid(const char *text, size_t size)
{
    checker c = { .at = text, .end = text + size };

    if (!vcl_utf8_valid(text, size) || !check_value(&c))
        return false;
    (void)peek(&c);
    return c.at == c.end;
}
