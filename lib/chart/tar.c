/* SPDX-License-Identifier: Apache-2.0 */
/* Reading tar; see tar.h. Layout: POSIX.1-2001 (ustar, pax) and GNU tar's long names. */
#include "chart/tar.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

enum {
    BLOCK = 512,
    /* Fields of a header: where they are and how long. */
    NAME_SIZE = 100,
    SIZE_AT = 124,
    SIZE_SIZE = 12,
    CHECKSUM_AT = 148,
    CHECKSUM_SIZE = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX_SIZE = 155,
    MAX_NAME = 4096,
};

static int damaged(vcluster_error **error, const char *what)
{
    return vcl_fail(error, VCLUSTER_E_CONFIG, "the chart archive is damaged: %s", what);
}

void vcl_tar_done(vcl_tar *tar)
{
    free(tar->entry.name);
    tar->entry = (vcl_tar_entry){ 0 };
}

/* An octal number, or with the high bit set a binary one, as GNU tar writes large ones. */
static bool read_number(const char *field, size_t size, uint64_t *out_value)
{
    uint64_t value = 0;
    size_t i = 0;

    if ((unsigned char)field[0] & 0x80) {
        value = (unsigned char)field[0] & 0x3F;
        for (i = 1; i < size; i++) {
            if (value >> 55)
                return false;
            value = value << 8 | (unsigned char)field[i];
        }
        *out_value = value;
        return true;
    }
    while (i < size && field[i] == ' ')
        i++;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(field[i] - '0');
    *out_value = value;
    return i == size || field[i] == ' ' || field[i] == '\0';
}

static bool checksum_ok(const char *header)
{
    uint64_t expected = 0;
    uint64_t sum = 0;

    for (size_t i = 0; i < BLOCK; i++) {
        bool inside = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
        sum += inside ? ' ' : (unsigned char)header[i];
    }
    return read_number(header + CHECKSUM_AT, CHECKSUM_SIZE, &expected) && sum == expected;
}

static bool is_zero(const char *header)
{
    for (size_t i = 0; i < BLOCK; i++) {
        if (header[i])
            return false;
    }
    return true;
}

/* The name of a header: prefix and name of ustar, the name alone of older forms. */
static char *header_name(const char *header)
{
    size_t size = strnlen(header, NAME_SIZE);
    size_t prefix =
        memcmp(header + MAGIC_AT, "ustar\0", 6) == 0 ? strnlen(header + PREFIX_AT, PREFIX_SIZE) : 0;

    return prefix ? vcl_format("%.*s/%.*s", (int)prefix, header + PREFIX_AT, (int)size, header)
                  : vcl_strndup(header, size);
}

/* One record of a pax header: "LENGTH KEY=VALUE\n". */
static bool
pax_record(const char **data, size_t *size, const char **out_key, size_t *out_record_size)
{
    const char *space = memchr(*data, ' ', *size);
    uint64_t length = 0;

    if (!space || space - *data > 8)
        return false;
    for (const char *c = *data; c < space; c++) {
        if (*c < '0' || *c > '9')
            return false;
        length = length * 10 + (uint64_t)(*c - '0');
    }
    size_t head = (size_t)(space - *data) + 1;
    if (length <= head + 1 || length > *size || (*data)[length - 1] != '\n')
        return false;
    *out_key = space + 1;
    *out_record_size = (size_t)length - head - 1;
    *data += length;
    *size -= (size_t)length;
    return true;
}

/* What headers in front of a header say about it. */
typedef struct overrides {
    char *name;
    bool has_size;
    uint64_t size;
} overrides;

static void overrides_done(overrides *o)
{
    free(o->name);
    *o = (overrides){ 0 };
}

static int set_name(overrides *o, const char *text, size_t size, vcluster_error **error)
{
    if (size > MAX_NAME)
        return damaged(error, "a name is too long");
    if (memchr(text, '\0', size))
        return damaged(error, "a name has a NUL in it");
    free(o->name);
    o->name = vcl_strndup(text, size);
    return o->name ? 0 : vcl_no_memory(error);
}

static int read_pax(overrides *o, const char *data, size_t size, vcluster_error **error)
{
    while (size) {
        const char *record;
        size_t length;
        int status = 0;
        if (!pax_record(&data, &size, &record, &length))
            return damaged(error, "an extended header cannot be read");
        if (length > 5 && memcmp(record, "path=", 5) == 0)
            status = set_name(o, record + 5, length - 5, error);
        if (length > 5 && memcmp(record, "size=", 5) == 0) {
            vcl_auto_free char *text = vcl_strndup(record + 5, length - 5);
            int64_t value = 0;
            if (!vcl_parse_i64(text, &value) || value < 0)
                return damaged(error, "an extended header cannot be read");
            o->has_size = true;
            o->size = (uint64_t)value;
        }
        if (length > 11 && memcmp(record, "GNU.sparse.", 11) == 0)
            return damaged(error, "sparse files are not supported");
        if (status < 0)
            return status;
    }
    return 0;
}

/* The header at the position and the data behind it; 0 at the end. */
static int read_block(vcl_tar *tar,
                      const overrides *o,
                      const char **out_header,
                      const char **out_data,
                      size_t *out_size,
                      vcluster_error **error)
{
    uint64_t size = 0;

    if (tar->size - tar->pos < BLOCK) /* some writers leave the end mark out */
        return tar->pos == tar->size ? 0 : damaged(error, "it ends in the middle of a header");

    const char *header = tar->data + tar->pos;
    if (is_zero(header))
        return 0;
    if (!checksum_ok(header))
        return damaged(error, "the checksum of a header is wrong");
    if (!read_number(header + SIZE_AT, SIZE_SIZE, &size))
        return damaged(error, "the size of a file cannot be read");
    if (o->has_size)
        size = o->size;
    tar->pos += BLOCK;
    if (size > tar->size - tar->pos)
        return damaged(error, "it ends in the middle of a file");
    *out_header = header;
    *out_data = tar->data + tar->pos;
    *out_size = (size_t)size;

    size_t padded = (*out_size + BLOCK - 1) / BLOCK * BLOCK;
    tar->pos = padded > tar->size - tar->pos ? tar->size : tar->pos + padded;
    return 1;
}

static vcl_tar_kind kind_of(char type, const char *name)
{
    if (type == '5')
        return VCL_TAR_DIRECTORY;
    if (type == '0' || type == '\0' || type == '7')
        return vcl_ends_with(name, "/") ? VCL_TAR_DIRECTORY : VCL_TAR_FILE;
    return VCL_TAR_OTHER;
}

int vcl_tar_next(vcl_tar *tar, vcluster_error **error)
{
    __attribute__((cleanup(overrides_done))) overrides o = { 0 };
    const char *header = NULL;
    const char *data = NULL;
    size_t size = 0;

    vcl_tar_done(tar);
    for (;;) {
        int status = read_block(tar, &o, &header, &data, &size, error);
        if (status <= 0)
            return status;

        char type = header[TYPE_AT];
        if (type == 'x') {
            status = read_pax(&o, data, size, error);
        } else if (type == 'L') {
            status = set_name(&o, data, strnlen(data, size), error);
        } else if (type != 'g' && type != 'K') {
            char *name = o.name ? vcl_steal(&o.name) : header_name(header);
            if (!name)
                return vcl_no_memory(error);
            tar->entry = (vcl_tar_entry){ kind_of(type, name), name, data, size };
            return 1;
        }
        if (status < 0)
            return status;
    }
}
