/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a text as a YAML scalar; see yaml_style.h. */
#include "data/yaml_style.h"

#include <string.h>

#include "data/yaml_characters.h"
#include "data/yaml_scalar.h"
#include "data/yaml_writer.h"

enum { MAX_SIMPLE_KEY = 128 };

/* What stands in a text, as far as its form depends on it. */
typedef struct text_facts {
    bool line_breaks;
    bool indicators;
    bool special;     /* characters that only double quotes can hold */
    bool tabs;        /* which a block can hold, too, when it is pretty */
    bool space_break; /* a space before a line break */
    bool break_space; /* and one behind it */
    bool outer_space; /* white space at an end */
    bool trailing_space;
} text_facts;

static bool is_indicator(const char *text, bool first, bool after_blank)
{
    bool before_blank = !text[1] || vcl_yaml_is_blank(text[1]);

    if (first && strchr("#,[]{}&*!|>'\"%@`", *text))
        return true;
    if (first && strchr("?-", *text))
        return before_blank;
    return (*text == ':' && before_blank) || (*text == '#' && after_blank);
}

static text_facts look_at(const char *text)
{
    text_facts facts = { 0 };
    bool after_space = false;
    bool after_break = false;
    bool after_blank = true;

    facts.indicators = strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0;
    for (const char *at = text; *at;) {
        uint32_t code = vcl_utf8_code(at);
        const char *next = at + vcl_utf8_width(*at);
        bool outer = at == text || !*next;
        bool line_break = vcl_yaml_is_break_code(code);

        facts.indicators |= is_indicator(at, at == text, after_blank);
        facts.tabs |= code == '\t';
        facts.special |= !vcl_yaml_is_printable(code) && code != '\t';
        facts.line_breaks |= line_break;
        facts.space_break |= line_break && after_space;
        facts.break_space |= code == ' ' && after_break;
        facts.outer_space |= outer && (code == ' ' || line_break);
        facts.trailing_space |= code == ' ' && !*next;
        after_space = code == ' ';
        after_break = line_break;
        after_blank = line_break || vcl_yaml_is_blank(*at);
        at = next;
    }
    return facts;
}

/* "0o-7", which go-yaml v3 takes for a number. */
static bool is_signed_octal(const char *text)
{
    return strncmp(text, "0o", 2) == 0 && (text[2] == '+' || text[2] == '-') && text[3] &&
           text[3 + strspn(text + 3, "01234567_")] == '\0';
}

vcl_yaml_style vcl_yaml_choose_style(const char *text, bool simple_key, bool pretty)
{
    text_facts facts = look_at(text);
    vcl_yaml_value value;

    if (facts.space_break || facts.special || (facts.tabs && !pretty))
        return VCL_YAML_DOUBLE;
    if (strchr(text, '\n'))
        return simple_key || facts.trailing_space ? VCL_YAML_DOUBLE : VCL_YAML_LITERAL;

    vcl_yaml_resolve(text, &value);
    if (facts.tabs || value.kind != VCL_YAML_TEXT || vcl_yaml_is_base60(text) ||
        (pretty && is_signed_octal(text)))
        return VCL_YAML_DOUBLE;
    if (!facts.line_breaks && !facts.indicators && !facts.outer_space)
        return VCL_YAML_PLAIN;
    return facts.break_space ? VCL_YAML_DOUBLE : VCL_YAML_SINGLE;
}

bool vcl_yaml_is_simple_key(const char *text)
{
    for (const char *at = text; *at; at += vcl_utf8_width(*at)) {
        if (vcl_yaml_is_break(at))
            return false;
    }
    return strlen(text) <= MAX_SIMPLE_KEY;
}

bool vcl_yaml_is_ordinary(const char *text, bool pretty, size_t *out_size)
{
    static const char signs[] = "_./-+=;()<$^";
    vcl_yaml_value value;
    size_t size = 0;

    if (!vcl_yaml_is_letter(*text) && !vcl_yaml_is_digit(*text) && *text != '/' && *text != '_')
        return false;
    for (; text[size]; size++) {
        char c = text[size];
        if (vcl_yaml_is_letter(c) || vcl_yaml_is_digit(c))
            continue;
        bool inside = text[size + 1] && text[size + 1] != ' ';
        if (!(c == ' ' || c == ':' ? inside : strchr(signs, c) != NULL))
            return false;
    }
    *out_size = size;
    if (vcl_yaml_is_letter(*text) && !strchr("yYnNtTfFoO", *text))
        return true;
    vcl_yaml_resolve(text, &value);
    return value.kind == VCL_YAML_TEXT && !vcl_yaml_is_base60(text) &&
           !(pretty && is_signed_octal(text));
}
