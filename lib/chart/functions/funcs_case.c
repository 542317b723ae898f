/* SPDX-License-Identifier: Apache-2.0 */
/* Texts character by character: case, initials, abbreviations. */
#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/utf8.h"

/* No character at all. */
enum { NONE = -1 };

/* Map every character. before is the one in front of it, NONE at the start. */
typedef int64_t map_fn(uint32_t rune, int64_t before);

static int map_text(vcl_tpl_state *state, vcl_tpl_text text, map_fn *map, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    int64_t before = NONE;
    size_t size;

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    while (text.size) {
        uint32_t rune = vcl_tpl_rune(text, &size);
        int64_t mapped = map(rune, before);
        if (mapped != NONE)
            vcl_tpl_add_rune(&buf, (uint32_t)mapped);
        before = rune;
        text.data += size;
        text.size -= size;
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

/* The same for each byte as a character: what sprig does in two places, right for ASCII only. */
static int map_bytes(vcl_tpl_state *state, vcl_tpl_text text, map_fn *map, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    int64_t before = NONE;

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < text.size; i++) {
        uint32_t rune = (unsigned char)text.data[i];
        int64_t mapped = map(rune, before);
        if (mapped != NONE)
            vcl_tpl_add_rune(&buf, (uint32_t)mapped);
        before = rune;
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int64_t to_upper(uint32_t rune, int64_t before)
{
    (void)before;
    return vcl_tpl_to_upper(rune);
}

static int64_t to_lower(uint32_t rune, int64_t before)
{
    (void)before;
    return vcl_tpl_to_lower(rune);
}

static int64_t swap(uint32_t rune, int64_t before)
{
    uint32_t lower = vcl_tpl_to_lower(rune);

    (void)before;
    return lower != rune ? lower : vcl_tpl_to_upper(rune);
}

static int64_t drop_space(uint32_t rune, int64_t before)
{
    (void)before;
    return vcl_tpl_is_space(rune) ? NONE : (int64_t)rune;
}

/* What strings.Title takes for the end of a word. */
static bool ends_word(uint32_t rune)
{
    if (rune < 0x80)
        return !(rune == '_' || (rune >= '0' && rune <= '9') || vcl_tpl_is_letter(rune));
    return !vcl_tpl_is_letter(rune) && vcl_tpl_is_space(rune);
}

static int64_t title_letter(uint32_t rune, int64_t before)
{
    return before == NONE || ends_word((uint32_t)before) ? vcl_tpl_to_upper(rune) : rune;
}

static int64_t untitle_letter(uint32_t rune, int64_t before)
{
    return before == NONE || vcl_tpl_is_space((uint32_t)before) ? vcl_tpl_to_lower(rune) : rune;
}

/* The first letter of each word. */
static int64_t initial(uint32_t rune, int64_t before)
{
    return !vcl_tpl_is_space(rune) && (before == NONE || vcl_tpl_is_space((uint32_t)before))
               ? (int64_t)rune
               : NONE;
}

static int upper(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_text(state, args[0].text, to_upper, out);
}

static int lower(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_text(state, args[0].text, to_lower, out);
}

static int
swapcase(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_text(state, args[0].text, swap, out);
}

static int
nospace(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool any = false;

    (void)count;
    for (size_t i = 0; i < args[0].text.size; i++)
        any = any || vcl_tpl_is_space((unsigned char)args[0].text.data[i]);
    if (any)
        return map_bytes(state, args[0].text, drop_space, out);
    *out = args[0];
    return 0;
}

static int title(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_text(state, args[0].text, title_letter, out);
}

static int
untitle(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_text(state, args[0].text, untitle_letter, out);
}

static int
initials(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return map_bytes(state, args[0].text, initial, out);
}

const vcl_tpl_function vcl_tpl_funcs_case[] = {
    { "upper", "s", 0, upper },       { "lower", "s", 0, lower },
    { "title", "s", 0, title },       { "untitle", "s", 0, untitle },
    { "swapcase", "s", 0, swapcase }, { "nospace", "s", 0, nospace },
    { "initials", "s", 0, initials }, { NULL, NULL, 0, NULL },
};
