/* SPDX-License-Identifier: Apache-2.0 */
/* Number constants by Go's rules: bases, underscores, characters, which types they can take. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chart/template/convert.h"
#include "chart/template/parse_private.h"
#include "chart/template/utf8.h"

static bool has_any(vcl_tpl_text text, const char *set)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] && strchr(set, text.data[i]))
            return true;
    }
    return false;
}

static bool is_hex(vcl_tpl_text text)
{
    return text.size > 2 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'X') &&
           !has_any(text, "pP");
}

static bool read_char(vcl_tpl_parser *parser, vcl_tpl_text text, vcl_tpl_number *number)
{
    uint32_t rune = 0;

    if (!vcl_tpl_unquote_char(text, &rune))
        return vcl_tpl_parse_fail(parser, "malformed character constant: %.*s", (int)text.size,
                                  text.data);
    number->is_int = number->is_float = true;
    number->integer = rune;
    number->number = rune;
    return true;
}

static bool read_float(vcl_tpl_parser *parser, vcl_tpl_text text, vcl_tpl_number *number)
{
    if (!vcl_tpl_parse_float(text, &number->number))
        return vcl_tpl_parse_fail(parser, "illegal number syntax: \"%.*s\"", (int)text.size,
                                  text.data);
    if (!has_any(text, ".eEpP"))
        return vcl_tpl_parse_fail(parser, "integer overflow: \"%.*s\"", (int)text.size, text.data);
    number->is_float = true;
    if (number->number >= -9223372036854775808.0 && number->number < 9223372036854775808.0 &&
        (double)(int64_t)number->number == number->number) {
        number->is_int = true;
        number->integer = (int64_t)number->number;
    }
    return true;
}

bool vcl_tpl_parse_number(vcl_tpl_parser *parser, vcl_tpl_token token, vcl_tpl_number *out_number)
{
    vcl_tpl_text text = token.text;
    uint64_t wide = 0;

    *out_number = (vcl_tpl_number){ 0 };
    if (token.type == VCL_TPL_TOKEN_CHAR_CONSTANT)
        return read_char(parser, text, out_number);
    if (token.type == VCL_TPL_TOKEN_COMPLEX || text.data[text.size - 1] == 'i')
        return vcl_tpl_parse_fail(parser, "complex number \"%.*s\" is not supported",
                                  (int)text.size, text.data);
    out_number->written_as_float = !is_hex(text) && has_any(text, ".eEpP");
    if (vcl_tpl_parse_int(text, 0, &out_number->integer)) {
        out_number->is_int = out_number->is_float = true;
        out_number->number = (double)out_number->integer;
        return true;
    }
    if (vcl_tpl_parse_uint(text, 0, &wide)) {
        out_number->is_float = out_number->overflows_int = true;
        out_number->number = (double)wide;
        return true;
    }
    return read_float(parser, text, out_number);
}
