/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes of single characters in Go's regexp: \n, \., \x41, \x{1F600}, \101. */
#include <string.h>

#include "data/regex_private.h"

enum { MAX_RUNE = 0x10FFFF };

static int hex_value(uint32_t rune)
{
    uint32_t lower = rune | 0x20;

    if (rune >= '0' && rune <= '9')
        return (int)(rune - '0');
    return lower >= 'a' && lower <= 'f' && rune < 0x80 ? (int)(lower - 'a' + 10) : -1;
}

/* Behind "\x": "41" or "{1F600}". 1: it is none of these, the parser behind what was looked at. */
static int take_hex(vcl_regex_parser *parser, uint32_t *out_rune)
{
    size_t digits = 0;
    bool bad = false;
    bool braces = parser->at < parser->end && *parser->at == '{';

    *out_rune = 0;
    parser->at += braces;
    while (parser->at < parser->end) {
        uint32_t rune;
        int result = vcl_regex_take_rune(parser, &rune);
        if (result < 0)
            return result;
        if (braces && rune == '}')
            return digits == 0;
        bad = bad || hex_value(rune) < 0;
        *out_rune = *out_rune * 16 + (uint32_t)(bad ? 0 : hex_value(rune));
        if (braces && (bad || *out_rune > MAX_RUNE))
            return 1;
        if (++digits == 2 && !braces)
            return bad;
    }
    return 1;
}

static uint32_t take_octal(vcl_regex_parser *parser, uint32_t first)
{
    uint32_t rune = first - '0';

    for (int i = 1; i < 3 && parser->at < parser->end; i++) {
        if (*parser->at < '0' || *parser->at > '7')
            break;
        rune = rune * 8 + (uint32_t)(*parser->at++ - '0');
    }
    return rune;
}

int vcl_regex_parse_escape(vcl_regex_parser *parser, uint32_t *out_rune)
{
    static const char letters[] = "afnrtv";
    static const char meant[] = "\a\f\n\r\t\v";
    const char *start = parser->at++;
    uint32_t rune;

    if (parser->at == parser->end)
        return vcl_regex_bad(parser, "trailing backslash at end of expression", "", 0);
    int result = vcl_regex_take_rune(parser, &rune);
    if (result < 0)
        return result;

    bool octal_follows = parser->at < parser->end && *parser->at >= '0' && *parser->at <= '7';
    if (rune == '0' || (rune >= '1' && rune <= '7' && octal_follows)) {
        *out_rune = take_octal(parser, rune);
        return 0;
    }
    if (rune == 'x') {
        result = take_hex(parser, out_rune);
        if (result <= 0)
            return result;
    } else if (rune < 0x80 && rune && strchr(letters, (int)rune)) {
        *out_rune = (uint32_t)meant[strchr(letters, (int)rune) - letters];
        return 0;
    } else if (rune < 0x80 && hex_value(rune | 0x20) < 0 &&
               !((rune | 0x20) >= 'g' && (rune | 0x20) <= 'z') && !(rune >= '0' && rune <= '9')) {
        *out_rune = rune;
        return 0;
    }
    return vcl_regex_bad(parser, "invalid escape sequence", start, (size_t)(parser->at - start));
}
