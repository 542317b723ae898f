/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts word by word: names in snake, kebab and camel case, wrapping, abbreviations. What a word is
 * and where a number belongs follows xstrings 1.5, wrapping follows goutils 1.1: lengths are bytes.
 */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/utf8.h"

/* ------------------------------------------------------------ kinds of characters */

static bool is_upper(uint32_t rune)
{
    return vcl_tpl_to_lower(rune) != rune;
}

static bool is_connector(uint32_t rune)
{
    return rune == '-' || rune == '_' || vcl_tpl_is_space(rune);
}

static bool is_number(uint32_t rune)
{
    return (rune >= '0' && rune <= '9') || rune == 0xB2 || rune == 0xB3 || rune == 0xB9 ||
           (rune >= 0xBC && rune <= 0xBE) || (rune >= 0x660 && rune <= 0x669) ||
           (rune >= 0x2460 && rune <= 0x249B);
}

static bool is_punctuation(uint32_t rune)
{
    if (rune < 0x80)
        return rune && strchr("!\"#%&'()*,-./:;?@[\\]_{}", (int)rune);
    return rune == 0xA1 || rune == 0xA7 || rune == 0xAB || rune == 0xB6 || rune == 0xB7 ||
           rune == 0xBB || rune == 0xBF || (rune >= 0x2010 && rune <= 0x2027) ||
           (rune >= 0x2030 && rune <= 0x205E && rune != 0x2044 && rune != 0x2052) ||
           (rune >= 0x3001 && rune <= 0x3003) || (rune >= 0x3008 && rune <= 0x3011);
}

/* Letters of a script that has words; Chinese has not. */
static bool is_alphabet(uint32_t rune)
{
    return vcl_tpl_is_letter(rune) && !(rune >= 0x3400 && rune <= 0x9FCC);
}

/* ------------------------------------------------------------ words */

typedef enum word_kind { NOTHING, NUMBER, UPPER, LOWER, CONNECTOR, PUNCTUATION, OTHER } word_kind;

typedef struct found_word {
    word_kind kind;
    vcl_tpl_text text;
    vcl_tpl_text rest; /* what is behind it */
} found_word;

static vcl_tpl_text from(vcl_tpl_text text, size_t start)
{
    return (vcl_tpl_text){ text.data + start, text.size - start };
}

/* The next character; what is not UTF-8 is passed over and belongs to it. Without any: fallback. */
static uint32_t next_rune(vcl_tpl_text text, uint32_t fallback, size_t *out_size)
{
    size_t size;

    *out_size = 0;
    while (text.size) {
        uint32_t rune = vcl_tpl_rune(text, &size);
        *out_size += size;
        if (rune != VCL_TPL_BAD_RUNE)
            return rune;
        text = from(text, size);
    }
    return fallback;
}

static bool goes_on(word_kind kind, uint32_t rune)
{
    switch (kind) {
    case NUMBER:
        return is_number(rune);
    case UPPER:
        return is_upper(rune);
    case LOWER:
        return is_alphabet(rune) && !is_upper(rune);
    case CONNECTOR:
        return is_connector(rune);
    case PUNCTUATION:
        return is_punctuation(rune);
    default:
        return !is_connector(rune) && !is_alphabet(rune) && !is_number(rune) &&
               !is_punctuation(rune);
    }
}

/* Pass over characters of a kind. last: the size of the last one; rune: the one it stopped at. */
static size_t
pass(vcl_tpl_text text, size_t offset, word_kind kind, uint32_t *rune, size_t *last_size)
{
    size_t size;

    while (offset < text.size) {
        *rune = next_rune(from(text, offset), *rune, &size);
        if (!goes_on(kind, *rune))
            break;
        offset += size;
        *last_size = size;
    }
    return offset;
}

/* A word that starts with a capital: "HTTP" of "HTTPStatus", or "Status". */
static size_t pass_capitals(vcl_tpl_text text, size_t offset, uint32_t rune)
{
    size_t size = 0;
    size_t last_size = 0;

    if (offset == text.size)
        return offset;
    rune = next_rune(from(text, offset), rune, &size);
    if (!is_upper(rune))
        return is_alphabet(rune) ? pass(text, offset, LOWER, &rune, &last_size) : offset;
    offset = pass(text, offset, UPPER, &rune, &last_size);
    return offset < text.size && is_alphabet(rune) ? offset - last_size : offset;
}

static word_kind kind_of(uint32_t rune)
{
    if (is_connector(rune))
        return CONNECTOR;
    if (is_punctuation(rune))
        return PUNCTUATION;
    if (is_upper(rune))
        return UPPER;
    if (is_alphabet(rune))
        return LOWER;
    return is_number(rune) ? NUMBER : OTHER;
}

static found_word next_word(vcl_tpl_text text)
{
    size_t offset;
    size_t last_size = 0;
    uint32_t rune = next_rune(text, VCL_TPL_BAD_RUNE, &offset);
    found_word word = { .kind = NOTHING };

    if (rune != VCL_TPL_BAD_RUNE) {
        word.kind = kind_of(rune);
        offset = word.kind == UPPER ? pass_capitals(text, offset, rune)
                                    : pass(text, offset, word.kind, &rune, &last_size);
    }
    word.text = (vcl_tpl_text){ text.data, offset };
    word.rest = from(text, offset);
    return word;
}

/* ------------------------------------------------------------ snake and kebab case */

static void add_word(vcl_buf *buf, word_kind kind, vcl_tpl_text text, char connector)
{
    size_t size;

    if (kind != UPPER && kind != CONNECTOR) {
        vcl_buf_append(buf, text.data, text.size);
        return;
    }
    for (; text.size; text = from(text, size)) {
        uint32_t rune = vcl_tpl_rune(text, &size);
        vcl_tpl_add_rune(buf, is_connector(rune) ? (uint32_t)connector : vcl_tpl_to_lower(rune));
    }
}

/* A connector in front of a word that brings none itself. */
static void connect(vcl_buf *buf, const found_word *before, bool nothing_counts, char connector)
{
    if (before->kind != CONNECTOR && before->kind != PUNCTUATION &&
        (nothing_counts || before->kind != NOTHING))
        vcl_buf_add_char(buf, connector);
}

/* Words and numbers that are glued to a number: "2xx". */
static void add_glued(vcl_buf *buf, found_word *word, char connector)
{
    while (word->kind == LOWER || word->kind == NUMBER) {
        add_word(buf, word->kind, word->text, connector);
        *word = next_word(word->rest);
    }
    connect(buf, word, false, connector);
}

/* Behind a word: a number belongs to it, unless small letters follow the number. */
static void add_after_word(vcl_buf *buf, found_word *word, char connector)
{
    if (word->kind != NUMBER) {
        connect(buf, word, true, connector);
        return;
    }
    if (word->rest.size == 0)
        return;

    vcl_tpl_text number = word->text;
    *word = next_word(word->rest);
    if (word->kind != LOWER) {
        add_word(buf, NUMBER, number, connector);
        connect(buf, word, true, connector);
        return;
    }
    vcl_buf_add_char(buf, connector);
    add_word(buf, NUMBER, number, connector);
    add_glued(buf, word, connector);
}

static int separate(vcl_tpl_state *state, vcl_tpl_text text, char connector, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    found_word word = next_word(text);

    while (word.rest.size) {
        word_kind before = word.kind;
        add_word(&buf, word.kind, word.text, connector);
        word = next_word(word.rest);
        if (before == NUMBER)
            add_glued(&buf, &word, connector);
        else if (before != CONNECTOR && before != PUNCTUATION)
            add_after_word(&buf, &word, connector);
    }
    add_word(&buf, word.kind, word.text, connector);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
snakecase(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return separate(state, args[0].text, '_', out);
}

static int
kebabcase(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return separate(state, args[0].text, '-', out);
}

/* ------------------------------------------------------------ camel case */

/* The rest behind the first letter. Small letters follow capitals until a word has one itself. */
static void add_camels(vcl_buf *buf, vcl_tpl_text text, uint32_t first, bool all_capitals)
{
    uint32_t rune = first;
    size_t size;

    for (; text.size; text = from(text, size)) {
        uint32_t before = rune;
        rune = vcl_tpl_rune(text, &size);
        if (is_connector(rune) && is_connector(before)) {
            vcl_tpl_add_rune(buf, before);
            continue;
        }
        if (is_connector(before)) {
            all_capitals = is_upper(rune);
            rune = vcl_tpl_to_upper(rune);
            continue;
        }
        if (all_capitals && is_upper(rune))
            rune = vcl_tpl_to_lower(rune);
        else
            all_capitals = false;
        vcl_tpl_add_rune(buf, before);
    }
    vcl_tpl_add_rune(buf, rune);
}

/* "some-words" becomes "SomeWords": connectors at the start stay. */
static int
camelcase(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_text text = args[0].text;
    uint32_t rune = 0;
    size_t size = 0;

    (void)count;
    while (text.size) {
        rune = vcl_tpl_rune(text, &size);
        text = from(text, size);
        if (!is_connector(rune)) {
            add_camels(&buf, text, vcl_tpl_to_upper(rune), is_upper(rune));
            return vcl_tpl_return_buf(state, &buf, out);
        }
        vcl_tpl_add_rune(&buf, rune);
    }
    if (size) /* nothing but connectors: the last one is there twice, as in sprig */
        vcl_tpl_add_rune(&buf, rune);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* ------------------------------------------------------------ lines of a length */

typedef struct wrapping {
    size_t width;
    vcl_tpl_text separator;
    bool breaks_words;
    vcl_buf *out;
} wrapping;

static void add_line(const wrapping *w, vcl_tpl_text text, size_t size)
{
    vcl_buf_append(w->out, text.data, size);
    vcl_buf_append(w->out, w->separator.data, w->separator.size);
}

/* Write the first line of a text that is longer than one; returns what is left. */
static vcl_tpl_text wrap_line(const wrapping *w, vcl_tpl_text text)
{
    const char *space = memrchr(text.data, ' ', w->width + 1);

    if (!space && w->breaks_words) {
        add_line(w, text, w->width);
        return from(text, w->width);
    }
    if (!space)
        space = memchr(text.data + w->width, ' ', text.size - w->width);
    if (!space) {
        vcl_buf_append(w->out, text.data, text.size);
        return from(text, text.size);
    }
    add_line(w, text, (size_t)(space - text.data));
    return from(text, (size_t)(space - text.data) + 1);
}

static int wrap_text(vcl_tpl_state *state, wrapping w, vcl_tpl_text text, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    w.out = &buf;
    if (w.separator.size == 0)
        w.separator = vcl_tpl_literal("\n");
    while (text.size > w.width && !vcl_buf_failed(&buf))
        text = text.data[0] == ' ' ? from(text, 1) : wrap_line(&w, text);
    vcl_buf_append(&buf, text.data, text.size);
    return vcl_tpl_return_buf(state, &buf, out);
}

static size_t width_of(const vcl_tpl_value *value)
{
    return value->integer < 1 ? 1 : (size_t)value->integer;
}

static int wrap(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return wrap_text(state, (wrapping){ .width = width_of(&args[0]) }, args[1].text, out);
}

static int
wrap_with(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    wrapping w = { .width = width_of(&args[0]), .separator = args[1].text, .breaks_words = true };

    (void)count;
    return wrap_text(state, w, args[2].text, out);
}

/* ------------------------------------------------------------ abbreviations */

/* At most width bytes, the last three of them dots when something was cut. */
static void add_cut(vcl_buf *buf, vcl_tpl_text text, size_t width)
{
    bool cut = text.size > width;

    vcl_buf_append(buf, text.data, cut ? width - 3 : text.size);
    vcl_buf_add(buf, cut ? "..." : "");
}

/* width bytes of a text from an offset, which is moved to show as much as possible. */
static int abbreviate(
    vcl_tpl_state *state, vcl_tpl_text text, int64_t offset, int64_t width, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    int64_t size = (int64_t)text.size;

    if (size <= width) {
        *out = vcl_tpl_string(text);
        return 0;
    }
    if (offset > size)
        offset = size;
    if (offset > size - (width - 3))
        offset = size - (width - 3);
    if (offset <= 4) {
        add_cut(&buf, text, (size_t)width);
        return vcl_tpl_return_buf(state, &buf, out);
    }
    if (width < 7) {
        *out = vcl_tpl_cstring("");
        return 0;
    }
    vcl_buf_add(&buf, "...");
    add_cut(&buf, from(text, (size_t)offset), (size_t)width - 3);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int abbrev(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    *out = args[1];
    return args[0].integer < 4 ? 0 : abbreviate(state, args[1].text, 0, args[0].integer, out);
}

static int
abbrevboth(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t left = args[0].integer;
    int64_t right = args[1].integer;

    (void)count;
    *out = args[2];
    if (right < 4 || (left > 0 && right < 7))
        return 0;
    return abbreviate(state, args[2].text, left, right, out);
}

const vcl_tpl_function vcl_tpl_funcs_words[] = {
    { "snakecase", "s", 0, snakecase },     { "kebabcase", "s", 0, kebabcase },
    { "camelcase", "s", 0, camelcase },     { "wrap", "is", 0, wrap },
    { "wrapWith", "iss", 0, wrap_with },    { "abbrev", "is", 0, abbrev },
    { "abbrevboth", "iis", 0, abbrevboth }, { NULL, NULL, 0, NULL },
};
