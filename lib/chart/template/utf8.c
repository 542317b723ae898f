/* SPDX-License-Identifier: Apache-2.0 */
/* Code points, letters and case; see utf8.h. Quotes are in quote.c. */
#include "chart/template/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

uint32_t vcl_tpl_rune(vcl_tpl_text text, size_t *out_size)
{
    static const uint32_t lowest[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *data = (const unsigned char *)text.data;

    *out_size = text.size ? 1 : 0;
    if (text.size == 0)
        return VCL_TPL_BAD_RUNE;
    if (data[0] < 0x80)
        return data[0];

    size_t more = data[0] >= 0xF0 ? 3 : data[0] >= 0xE0 ? 2 : 1;
    if (data[0] < 0xC2 || data[0] > 0xF4 || text.size <= more)
        return VCL_TPL_BAD_RUNE;

    uint32_t rune = data[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((data[i] & 0xC0) != 0x80)
            return VCL_TPL_BAD_RUNE;
        rune = rune << 6 | (data[i] & 0x3F);
    }
    if (rune < lowest[more] || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        return VCL_TPL_BAD_RUNE;
    *out_size = more + 1;
    return rune;
}

bool vcl_tpl_add_rune(vcl_buf *buf, uint32_t rune)
{
    char bytes[4];
    size_t size = 0;

    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = VCL_TPL_BAD_RUNE;
    if (rune < 0x80)
        return vcl_buf_add_char(buf, (char)rune);
    if (rune >= 0x10000) {
        bytes[size++] = (char)(0xF0 | rune >> 18);
        bytes[size++] = (char)(0x80 | (rune >> 12 & 0x3F));
    } else if (rune >= 0x800) {
        bytes[size++] = (char)(0xE0 | rune >> 12);
    }
    if (rune >= 0x800)
        bytes[size++] = (char)(0x80 | (rune >> 6 & 0x3F));
    else
        bytes[size++] = (char)(0xC0 | rune >> 6);
    bytes[size++] = (char)(0x80 | (rune & 0x3F));
    return vcl_buf_append(buf, bytes, size);
}

size_t vcl_tpl_rune_count(vcl_tpl_text text)
{
    size_t count = 0;
    size_t size;

    while (text.size) {
        vcl_tpl_rune(text, &size);
        text.data += size;
        text.size -= size;
        count++;
    }
    return count;
}

char *vcl_tpl_utf8_repair(vcl_tpl_text text)
{
    VCL_AUTO_BUF buf = { 0 };
    size_t size;

    text.size = text.size ? strnlen(text.data, text.size) : 0;
    if (vcl_utf8_valid(text.data, text.size))
        return vcl_strndup(text.size ? text.data : "", text.size);
    vcl_buf_init(&buf, SIZE_MAX / 8);
    while (text.size) {
        uint32_t rune = vcl_tpl_rune(text, &size);
        if (!vcl_tpl_add_rune(&buf, rune))
            return NULL;
        text.data += size;
        text.size -= size;
    }
    return vcl_buf_steal(&buf);
}

uint32_t vcl_tpl_last_rune(vcl_tpl_text text, size_t *out_size)
{
    for (size_t length = 1; length <= 4 && length <= text.size; length++) {
        vcl_tpl_text end = { text.data + text.size - length, length };
        size_t size;
        uint32_t rune = vcl_tpl_rune(end, &size);
        if (size == length && (length > 1 || (unsigned char)*end.data < 0x80)) {
            *out_size = size;
            return rune;
        }
    }
    *out_size = text.size ? 1 : 0;
    return VCL_TPL_BAD_RUNE;
}

vcl_tpl_text vcl_tpl_trim_space(vcl_tpl_text text)
{
    size_t size;

    while (text.size && vcl_tpl_is_space(vcl_tpl_rune(text, &size))) {
        text.data += size;
        text.size -= size;
    }
    while (text.size && vcl_tpl_is_space(vcl_tpl_last_rune(text, &size)))
        text.size -= size;
    return text;
}

typedef struct range {
    uint32_t first;
    uint32_t last;
} range;

static bool in_ranges(const range *ranges, size_t count, uint32_t rune)
{
    for (size_t i = 0; i < count; i++) {
        if (rune >= ranges[i].first && rune <= ranges[i].last)
            return true;
    }
    return false;
}

bool vcl_tpl_is_print(uint32_t rune)
{
    /* Controls, spaces other than ' ', format characters, surrogates, private use. */
    static const range hidden[] = {
        { 0, 0x1F },           { 0x7F, 0xA0 },       { 0xAD, 0xAD },       { 0x600, 0x605 },
        { 0x61C, 0x61C },      { 0x6DD, 0x6DD },     { 0x70F, 0x70F },     { 0x1680, 0x1680 },
        { 0x180E, 0x180E },    { 0x2000, 0x200F },   { 0x2028, 0x202F },   { 0x205F, 0x206F },
        { 0x3000, 0x3000 },    { 0xD800, 0xF8FF },   { 0xFEFF, 0xFEFF },   { 0xFFF0, 0xFFFB },
        { 0xFFFE, 0xFFFF },    { 0x1FFFE, 0x1FFFF }, { 0x2FFFE, 0x2FFFF }, { 0xE0000, 0xE00FF },
        { 0xE01F0, 0x10FFFF },
    };

    if (rune < 0x80)
        return rune >= 0x20 && rune != 0x7f;
    return !in_ranges(hidden, sizeof(hidden) / sizeof(hidden[0]), rune);
}

bool vcl_tpl_is_letter(uint32_t rune)
{
    static const range letters[] = {
        { 'A', 'Z' },       { 'a', 'z' },       { 0xAA, 0xAA },     { 0xB5, 0xB5 },
        { 0xBA, 0xBA },     { 0xC0, 0xD6 },     { 0xD8, 0xF6 },     { 0xF8, 0x2C1 },
        { 0x370, 0x373 },   { 0x376, 0x377 },   { 0x37B, 0x37D },   { 0x37F, 0x37F },
        { 0x386, 0x386 },   { 0x388, 0x481 },   { 0x48A, 0x556 },   { 0x561, 0x587 },
        { 0x5D0, 0x5EA },   { 0x620, 0x64A },   { 0x904, 0x939 },   { 0xE01, 0xE30 },
        { 0x10A0, 0x10FF }, { 0x1E00, 0x1FBC }, { 0x3041, 0x3096 }, { 0x30A1, 0x30FA },
        { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 },
    };

    if (rune < 0x80)
        return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
    return in_ranges(letters, sizeof(letters) / sizeof(letters[0]), rune);
}

bool vcl_tpl_is_space(uint32_t rune)
{
    static const range spaces[] = {
        { 9, 13 },          { ' ', ' ' },       { 0x85, 0x85 },     { 0xA0, 0xA0 },
        { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F },
        { 0x205F, 0x205F }, { 0x3000, 0x3000 },
    };

    return in_ranges(spaces, sizeof(spaces) / sizeof(spaces[0]), rune);
}

/* Runs of lower-case letters, and how far their upper-case ones are. Alternating runs (Latin
 * Extended-A and the like) have upper case at even places. */
typedef struct case_run {
    uint32_t first; /* lower-case */
    uint32_t last;
    uint32_t distance; /* to the upper-case letter; 1: every second one */
} case_run;

static const case_run case_runs[] = {
    { 'a', 'z', 32 },     { 0xE0, 0xF6, 32 },    { 0xF8, 0xFE, 32 },   { 0x101, 0x12F, 1 },
    { 0x133, 0x137, 1 },  { 0x14B, 0x177, 1 },   { 0x3B1, 0x3C1, 32 }, { 0x3C3, 0x3CB, 32 },
    { 0x430, 0x44F, 32 }, { 0x450, 0x45F, 80 },  { 0x461, 0x481, 1 },  { 0x48B, 0x4BF, 1 },
    { 0x561, 0x586, 48 }, { 0x1E01, 0x1E95, 1 },
};

enum { CASE_RUNS = sizeof(case_runs) / sizeof(case_runs[0]) };

uint32_t vcl_tpl_to_upper(uint32_t rune)
{
    for (size_t i = 0; i < CASE_RUNS; i++) {
        const case_run *run = &case_runs[i];
        if (rune >= run->first && rune <= run->last &&
            (run->distance > 1 || (rune - run->first) % 2 == 0))
            return rune - run->distance;
    }
    return rune;
}

uint32_t vcl_tpl_to_lower(uint32_t rune)
{
    if (rune == 0x130) /* the capital I with a dot */
        return 'i';
    for (size_t i = 0; i < CASE_RUNS; i++) {
        const case_run *run = &case_runs[i];
        uint32_t lower = rune + run->distance;
        if (lower >= run->first && lower <= run->last &&
            (run->distance > 1 || (lower - run->first) % 2 == 0))
            return lower;
    }
    return rune;
}
