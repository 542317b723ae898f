/* SPDX-License-Identifier: Apache-2.0 */
/* A text in double quotes with Go's escapes, as messages about constraints show it. Which letters
 * beyond ASCII are printable is approximated: all but controls, separators and private use. */
#include <string.h>

#include "base/str.h"
#include "data/semver_scan.h"

/* The code point at the start of a text and its bytes; 1 byte and 0 for what is not UTF-8. */
static uint32_t decode(const char *text, size_t *out_size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;

    *out_size = 1;
    if (size == 1)
        return bytes[0];
    if (strnlen(text, size) < size || !vcl_utf8_valid(text, size))
        return 0;
    uint32_t code = bytes[0] & (0xffU >> (size + 1));
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (bytes[i] & 0x3fU);
    *out_size = size;
    return code;
}

static bool is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0xa0) || code == 0xad ||
           (code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f) ||
           (code >= 0x205f && code <= 0x206f) || code == 0x3000 || code == 0xfeff ||
           (code >= 0xe000 && code <= 0xf8ff) || (code & 0xfffe) == 0xfffe || code >= 0xe0000;
}

static void quote_code(vcl_buf *buf, const char *text, uint32_t code, size_t size)
{
    static const char codes[] = "\a\b\f\n\r\t\v\"\\";
    static const char letters[] = "abfnrtv\"\\";
    const char *found = code && code < 0x80 ? strchr(codes, (int)code) : NULL;

    if (code == 0)
        vcl_buf_addf(buf, "\\x%02x", (unsigned char)*text);
    else if (found)
        vcl_buf_addf(buf, "\\%c", letters[found - codes]);
    else if (!is_hidden(code))
        vcl_buf_append(buf, text, size);
    else if (code < 0x80)
        vcl_buf_addf(buf, "\\x%02x", code);
    else
        vcl_buf_addf(buf, code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
}

bool vcl_semver_quote(vcl_buf *buf, const char *text)
{
    vcl_buf_add_char(buf, '"');
    while (*text) {
        size_t size = 1;
        uint32_t code = decode(text, &size);
        quote_code(buf, text, code, size);
        text += size;
    }
    return vcl_buf_add_char(buf, '"');
}
