/* SPDX-License-Identifier: Apache-2.0 */
/* The characters of valid UTF-8 as YAML sees them. */
#ifndef VCL_DATA_YAML_CHARACTERS_H
#define VCL_DATA_YAML_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 character that begins with that byte. */
static inline size_t vcl_utf8_width(char lead)
{
    unsigned char byte = (unsigned char)lead;

    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

static inline uint32_t vcl_utf8_code(const char *text)
{
    size_t size = vcl_utf8_width(*text);
    uint32_t code = (unsigned char)*text;

    if (size > 1)
        code &= 0x7fU >> size;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

static inline bool vcl_yaml_is_break_code(uint32_t code)
{
    return code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029;
}

static inline bool vcl_yaml_is_break(const char *text)
{
    return vcl_yaml_is_break_code(vcl_utf8_code(text));
}

static inline bool vcl_yaml_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool vcl_yaml_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool vcl_yaml_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Printable to go-yaml: nothing beyond the basic plane, and neither tab nor carriage return. */
static inline bool vcl_yaml_is_printable(uint32_t code)
{
    return code == '\n' || (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800) ||
           (code >= 0xe000 && code < 0xfffe && code != 0xfeff);
}

#endif
