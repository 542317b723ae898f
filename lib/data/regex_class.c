/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of Go's regexp, written as classes of PCRE2. \d, \w, \s and [:alpha:] are
 * ASCII there, and \s is without the vertical tab. Properties are looked up by PCRE2; its Unicode
 * tables may be of another version than Go's. With (?i) a property takes in the other cases only
 * where it is one of case (Lu, Ll, Lt).
 */
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "data/regex_private.h"

enum {
    ASCII = 0x80,
    MAX_RUNE = 0x10FFFF,
    LONG_S = 0x17F,  /* folds to s */
    KELVIN = 0x212A, /* folds to k */
    MAX_PROPERTY = 40,
};

/* A set of ASCII characters: pairs of first and last. */
typedef struct ascii_class {
    const char *name;
    const char *pairs;
    size_t size;
} ascii_class;

#define CLASS(name, pairs)                                                                         \
    {                                                                                              \
        name, pairs, sizeof(pairs) - 1                                                             \
    }

static const ascii_class named_classes[] = {
    CLASS("alnum", "09AZaz"),
    CLASS("alpha", "AZaz"),
    CLASS("ascii", "\0\x7f"),
    CLASS("blank", "\t\t  "),
    CLASS("cntrl", "\0\x1f\x7f\x7f"),
    CLASS("digit", "09"),
    CLASS("graph", "!~"),
    CLASS("lower", "az"),
    CLASS("print", " ~"),
    CLASS("punct", "!/:@[`{~"),
    CLASS("space", "\t\r  "),
    CLASS("upper", "AZ"),
    CLASS("word", "09AZaz__"),
    CLASS("xdigit", "09AFaf"),
};

static const ascii_class perl_classes[] = {
    CLASS("d", "09"),
    CLASS("s", "\t\n\f\r  "),
    CLASS("w", "09AZaz__"),
};

static void add_range(vcl_regex_parser *parser, uint32_t first, uint32_t last)
{
    if (first > last)
        return;
    vcl_regex_add_rune(parser, first);
    if (first == last)
        return;
    vcl_buf_add_char(&parser->out, '-');
    vcl_regex_add_rune(parser, last);
}

static void fold_ascii(bool set[ASCII])
{
    for (int c = 'a'; c <= 'z'; c++) {
        bool either = set[c] || set[c - 0x20];
        set[c] = either;
        set[c - 0x20] = either;
    }
}

/* The set, or everything but it, as the contents of a class. */
static void add_ascii_class(vcl_regex_parser *parser, const ascii_class *class, bool negated)
{
    bool folds = (parser->flags & VCL_REGEX_FOLD) != 0;
    bool set[ASCII] = { false };

    for (size_t i = 0; i < class->size; i += 2) {
        for (int c = class->pairs[i]; c <= class->pairs[i + 1]; c++)
            set[c] = true;
    }
    if (folds)
        fold_ascii(set);
    for (uint32_t c = 0; c < ASCII; c++) {
        uint32_t first = c;
        if (set[c] == negated)
            continue;
        while (c + 1 < ASCII && set[c + 1] != negated)
            c++;
        add_range(parser, first, c);
    }
    if (!negated)
        return;

    bool long_s = folds && set['s'];
    bool kelvin = folds && set['k'];
    add_range(parser, ASCII, long_s ? LONG_S - 1 : kelvin ? KELVIN - 1 : MAX_RUNE);
    if (long_s)
        add_range(parser, LONG_S + 1, kelvin ? KELVIN - 1 : MAX_RUNE);
    if (kelvin)
        add_range(parser, KELVIN + 1, MAX_RUNE);
}

static const ascii_class *find_class(const ascii_class *classes, size_t count, vcl_regex_name name)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(classes[i].name) == name.size &&
            memcmp(classes[i].name, name.text, name.size) == 0)
            return &classes[i];
    }
    return NULL;
}

/* "\d" and its like, in front of the parser. */
static const ascii_class *perl_class(const vcl_regex_parser *parser, bool *out_negated)
{
    if (parser->end - parser->at < 2 || parser->at[0] != '\\')
        return NULL;
    char lower = (char)(parser->at[1] | 0x20);
    *out_negated = lower != parser->at[1];
    return find_class(perl_classes, sizeof(perl_classes) / sizeof(perl_classes[0]),
                      (vcl_regex_name){ .text = &lower, .size = 1 });
}

/* A name in the form in which it is compared: small letters only. */
static bool canonical_name(const char *name, size_t size, char out[MAX_PROPERTY])
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char lower = (char)(name[i] | 0x20);
        if (name[i] == '_' || name[i] == '-' || name[i] == ' ')
            continue;
        if (lower < 'a' || lower > 'z' || (name[i] & 0x80) || used + 1 == MAX_PROPERTY)
            return false;
        out[used++] = lower;
    }
    out[used] = '\0';
    return used > 0;
}

/* The long names of general categories. */
static const char *long_category(const char *name)
{
    static const char *const names[][2] = {
        { "casedletter", "lc" },
        { "closepunctuation", "pe" },
        { "cntrl", "cc" },
        { "combiningmark", "m" },
        { "connectorpunctuation", "pc" },
        { "control", "cc" },
        { "currencysymbol", "sc" },
        { "dashpunctuation", "pd" },
        { "decimalnumber", "nd" },
        { "digit", "nd" },
        { "enclosingmark", "me" },
        { "finalpunctuation", "pf" },
        { "format", "cf" },
        { "initialpunctuation", "pi" },
        { "letter", "l" },
        { "letternumber", "nl" },
        { "lineseparator", "zl" },
        { "lowercaseletter", "ll" },
        { "mark", "m" },
        { "mathsymbol", "sm" },
        { "modifierletter", "lm" },
        { "modifiersymbol", "sk" },
        { "nonspacingmark", "mn" },
        { "number", "n" },
        { "openpunctuation", "ps" },
        { "other", "c" },
        { "otherletter", "lo" },
        { "othernumber", "no" },
        { "otherpunctuation", "po" },
        { "othersymbol", "so" },
        { "paragraphseparator", "zp" },
        { "privateuse", "co" },
        { "punct", "p" },
        { "punctuation", "p" },
        { "separator", "z" },
        { "spaceseparator", "zs" },
        { "spacingmark", "mc" },
        { "surrogate", "cs" },
        { "symbol", "s" },
        { "titlecaseletter", "lt" },
        { "unassigned", "cn" },
        { "uppercaseletter", "lu" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i][0]) == 0)
            return names[i][1];
    }
    return name;
}

/* Whether a name of one or two letters is a general category. */
static bool is_category(const char *name)
{
    static const char *const second[] = {
        ['c'] = "cfnos",   ['l'] = "cmoltu", ['m'] = "cen", ['n'] = "dlo",
        ['p'] = "cdefios", ['s'] = "ckmo",   ['z'] = "lps"
    };
    unsigned char letter = (unsigned char)name[0];

    if (letter >= sizeof(second) / sizeof(second[0]) || !second[letter])
        return false;
    return name[1] == '\0' || strchr(second[letter], name[1]) != NULL;
}

/* Whether PCRE2 knows the property. */
static bool is_known(vcl_regex_parser *parser, const char *property)
{
    char pattern[MAX_PROPERTY + 16];
    int code;
    PCRE2_SIZE offset;
    size_t size = 0;

    for (const char *part = "\\p{"; *part; part++)
        pattern[size++] = *part;
    for (; *property; property++)
        pattern[size++] = *property;
    pattern[size++] = '}';

    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, size, PCRE2_UTF, &code, &offset, NULL);
    parser->no_memory = parser->no_memory || (!compiled && code == PCRE2_ERROR_HEAP_FAILED);
    pcre2_code_free(compiled);
    return compiled != NULL;
}

/* What PCRE2 calls a property of Go; false when there is none of that name. */
static bool property_name(vcl_regex_parser *parser, const char *name, vcl_buf *out)
{
    bool folds = (parser->flags & VCL_REGEX_FOLD) != 0;

    name = long_category(name);
    if (strcmp(name, "any") == 0)
        return vcl_buf_add(out, "Any");
    if (strlen(name) > 2 || strcmp(name, "yi") == 0) {
        /* By its script, not by the scripts that also use it, which older ones do not know. */
        vcl_buf_addf(out, "sc:%s", name);
        if (is_known(parser, vcl_buf_text(out)))
            return true;
        vcl_buf_reset(out);
        return vcl_buf_add(out, name) && *name != 'x' && is_known(parser, name);
    }
    if (!is_category(name))
        return false;
    if (name[0] == 'l' && name[1] && strchr("cult", name[1]) && (folds || name[1] == 'c'))
        return vcl_buf_add(out, "L&");
    return vcl_buf_addf(out, "%c%s", name[0] - 0x20, name + 1);
}

static int add_property(vcl_regex_parser *parser, const char *name, bool negated)
{
    static const ascii_class ascii = CLASS("ascii", "\0\x7f");
    VCL_AUTO_BUF property = { .max = 4 * MAX_PROPERTY };

    if (strcmp(name, "ascii") == 0) {
        add_ascii_class(parser, &ascii, negated);
        return 1;
    }
    if (strcmp(name, "assigned") == 0)
        return add_property(parser, "cn", !negated);
    if (!property_name(parser, name, &property))
        return 0;
    vcl_buf_addf(&parser->out, "\\%c{%s}", negated ? 'P' : 'p', vcl_buf_text(&property));
    return 1;
}

/* "\pL", "\p{Greek}", "\p{^Greek}", in front of the parser, into the class that is written. */
static int take_property(vcl_regex_parser *parser)
{
    static const char what[] = "invalid character class range";
    const char *start = parser->at;
    bool negated = start[1] == 'P';
    char name[MAX_PROPERTY] = "";
    uint32_t first;

    parser->at += 2;
    if (parser->at == parser->end)
        return vcl_regex_bad(parser, what, start, 2);
    int result = vcl_regex_take_rune(parser, &first);
    if (result < 0)
        return result;

    const char *text = start + 2;
    const char *end = parser->at;
    if (first == '{') {
        end = memchr(start, '}', (size_t)(parser->end - start));
        if (!end)
            return vcl_regex_bad(parser, what, start, (size_t)(parser->end - start));
        text = start + 3;
        parser->at = end + 1;
    }
    if (text < end && *text == '^') {
        negated = !negated;
        text++;
    }
    bool known =
        canonical_name(text, (size_t)(end - text), name) && add_property(parser, name, negated);
    if (parser->no_memory)
        return vcl_no_memory(parser->error);
    if (!known)
        return vcl_regex_bad(parser, what, start, (size_t)(parser->at - start));
    return 0;
}

static bool is_property(const vcl_regex_parser *parser)
{
    return parser->end - parser->at >= 2 && parser->at[0] == '\\' &&
           (parser->at[1] == 'p' || parser->at[1] == 'P');
}

static void start_class(vcl_regex_parser *parser, const char *open)
{
    vcl_regex_start_item(parser, (parser->flags & VCL_REGEX_FOLD) != 0, true);
    vcl_buf_add(&parser->out, open);
}

int vcl_regex_parse_class_escape(vcl_regex_parser *parser)
{
    bool negated = false;
    const ascii_class *class = perl_class(parser, &negated);

    if (!class && !is_property(parser))
        return 0;
    start_class(parser, "[");
    if (class) {
        add_ascii_class(parser, class, negated);
        parser->at += 2;
    } else {
        int result = take_property(parser);
        if (result < 0)
            return result;
    }
    vcl_buf_add_char(&parser->out, ']');
    return 1;
}

/* "[:alpha:]" in front of the parser: 1 when it was one. */
static int take_named_class(vcl_regex_parser *parser)
{
    const char *start = parser->at;
    size_t left = (size_t)(parser->end - start);

    if (left <= 2 || start[0] != '[' || start[1] != ':')
        return 0;
    const char *end = memmem(start + 2, left - 2, ":]", 2);
    if (!end)
        return 0;

    bool negated = start[2] == '^';
    const char *name = start + 2 + negated;
    const ascii_class *class = NULL;
    if (name <= end)
        class = find_class(named_classes, sizeof(named_classes) / sizeof(named_classes[0]),
                           (vcl_regex_name){ .text = name, .size = (size_t)(end - name) });
    if (!class)
        return vcl_regex_bad(parser, "invalid character class range", start,
                             (size_t)(end + 2 - start));
    add_ascii_class(parser, class, negated);
    parser->at = end + 2;
    return 1;
}

/* A character, escaped or not. whole: the class, for messages. */
static int take_class_rune(vcl_regex_parser *parser, const char *whole, uint32_t *out_rune)
{
    if (parser->at == parser->end)
        return vcl_regex_bad(parser, "missing closing ]", whole, (size_t)(parser->end - whole));
    if (*parser->at == '\\')
        return vcl_regex_parse_escape(parser, out_rune);
    return vcl_regex_take_rune(parser, out_rune);
}

static int take_class_range(vcl_regex_parser *parser, const char *whole)
{
    const char *start = parser->at;
    uint32_t first;
    uint32_t last;
    int result = take_class_rune(parser, whole, &first);

    if (result < 0)
        return result;
    last = first;
    if (parser->end - parser->at >= 2 && parser->at[0] == '-' && parser->at[1] != ']') {
        parser->at++;
        result = take_class_rune(parser, whole, &last);
        if (result < 0)
            return result;
        if (last < first)
            return vcl_regex_bad(parser, "invalid character class range", start,
                                 (size_t)(parser->at - start));
    }
    add_range(parser, first, last);
    return 0;
}

static int take_class_item(vcl_regex_parser *parser, const char *whole)
{
    bool negated = false;
    int result = take_named_class(parser);

    if (result != 0)
        return result < 0 ? result : 0;
    if (is_property(parser))
        return take_property(parser);
    const ascii_class *class = perl_class(parser, &negated);
    if (!class)
        return take_class_range(parser, whole);
    add_ascii_class(parser, class, negated);
    parser->at += 2;
    return 0;
}

int vcl_regex_parse_class(vcl_regex_parser *parser)
{
    const char *whole = parser->at++;
    bool negated = parser->at < parser->end && *parser->at == '^';

    start_class(parser, negated ? "[^" : "[");
    parser->at += negated;
    for (bool first = true; first || parser->at == parser->end || *parser->at != ']';
         first = false) {
        int result = take_class_item(parser, whole);
        if (result < 0)
            return result;
    }
    vcl_buf_add_char(&parser->out, ']');
    parser->at++;
    return 0;
}
