/* SPDX-License-Identifier: Apache-2.0 */
/* Reading zoneinfo files; see time_zone.h. The rule for later years is in time_rule.c. */
#include "chart/functions/time_zone.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "chart/functions/time_rule.h"

enum { MAX_FILE = 1 << 20, HEADER = 44, MAX_RULE = 128 };

typedef struct zone_type {
    int32_t offset;
    bool is_summer;
    char name[VCL_ZONE_NAME];
} zone_type;

struct vcl_zone {
    int64_t *times; /* of transitions, ascending */
    uint8_t *types; /* from each of them on */
    size_t count;
    zone_type *kinds;
    size_t kind_count;
    char rule[MAX_RULE]; /* for what is behind the last transition; "" when there is none */
};

void vcl_zone_free(vcl_zone *zone)
{
    if (!zone)
        return;
    free(zone->times);
    free(zone->types);
    free(zone->kinds);
    free(zone);
}

/* ------------------------------------------------------------ the file */

typedef struct counts {
    size_t utc_flags;
    size_t standard_flags;
    size_t leaps;
    size_t times;
    size_t types;
    size_t characters;
} counts;

static uint32_t read_u32(const unsigned char *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static int64_t read_time(const unsigned char *data, size_t width)
{
    if (width == 4)
        return (int32_t)read_u32(data);
    return (int64_t)((uint64_t)read_u32(data) << 32 | read_u32(data + 4));
}

static bool read_header(const unsigned char *data, size_t size, counts *out)
{
    if (size < HEADER || memcmp(data, "TZif", 4) != 0)
        return false;
    out->utc_flags = read_u32(data + 20);
    out->standard_flags = read_u32(data + 24);
    out->leaps = read_u32(data + 28);
    out->times = read_u32(data + 32);
    out->types = read_u32(data + 36);
    out->characters = read_u32(data + 40);
    return out->utc_flags <= size && out->standard_flags <= size && out->leaps <= size &&
           out->times <= size && out->types <= size && out->characters <= size;
}

static size_t block_size(const counts *n, size_t width)
{
    return n->times * (width + 1) + n->types * 6 + n->characters + n->leaps * (width + 4) +
           n->standard_flags + n->utc_flags;
}

static bool read_types(vcl_zone *zone, const unsigned char *data, const counts *n)
{
    const unsigned char *names = data + n->types * 6;

    for (size_t i = 0; i < n->types; i++) {
        zone_type *kind = &zone->kinds[i];
        size_t at = data[i * 6 + 5];
        size_t used = 0;
        if (at >= n->characters)
            return false;
        kind->offset = (int32_t)read_u32(data + i * 6);
        kind->is_summer = data[i * 6 + 4] != 0;
        for (; at + used < n->characters && names[at + used] && used + 1 < VCL_ZONE_NAME; used++)
            kind->name[used] = (char)names[at + used];
    }
    return true;
}

static bool read_block(vcl_zone *zone, const unsigned char *data, const counts *n, size_t width)
{
    zone->times = calloc(n->times + 1, sizeof(*zone->times));
    zone->types = calloc(n->times + 1, 1);
    zone->kinds = calloc(n->types, sizeof(*zone->kinds));
    zone->count = n->times;
    zone->kind_count = n->types;
    if (!zone->times || !zone->types || !zone->kinds)
        return false;
    for (size_t i = 0; i < n->times; i++) {
        zone->times[i] = read_time(data + i * width, width);
        zone->types[i] = data[n->times * width + i];
        if (zone->types[i] >= n->types || (i && zone->times[i] <= zone->times[i - 1]))
            return false;
    }
    return read_types(zone, data + n->times * (width + 1), n);
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n" behind the block. */
static void read_rule(vcl_zone *zone, const unsigned char *data, size_t size)
{
    const unsigned char *end = size > 1 ? memchr(data + 1, '\n', size - 1) : NULL;

    if (!end || data[0] != '\n' || end - data > MAX_RULE)
        return;
    memcpy(zone->rule, data + 1, (size_t)(end - data) - 1);
    zone->rule[end - data - 1] = '\0';
}

static bool parse_into(vcl_zone *zone, const unsigned char *data, size_t size)
{
    counts n;
    size_t width = 4;

    if (!read_header(data, size, &n) || block_size(&n, 4) > size - HEADER)
        return false;
    if (data[4] >= '2') { /* the same again, with times of 64 bits */
        size_t skipped = HEADER + block_size(&n, 4);
        data += skipped;
        size -= skipped;
        width = 8;
        if (!read_header(data, size, &n) || block_size(&n, 8) > size - HEADER)
            return false;
    }
    if (n.types == 0 || !read_block(zone, data + HEADER, &n, width))
        return false;
    if (width == 8)
        read_rule(zone, data + HEADER + block_size(&n, 8), size - HEADER - block_size(&n, 8));
    return true;
}

vcl_zone *vcl_zone_parse(const void *data, size_t size)
{
    vcl_zone *zone = calloc(1, sizeof(*zone));

    if (zone && parse_into(zone, data, size))
        return zone;
    vcl_zone_free(zone);
    return NULL;
}

/* ------------------------------------------------------------ finding the file */

static vcl_zone *load_file(const char *path)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    size_t size = 0;
    ssize_t got = 1;

    if (fd < 0 || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size > MAX_FILE)
        return NULL;

    size_t expected = (size_t)info.st_size;
    vcl_auto_free char *data = malloc(expected + 1);
    while (data && got > 0 && size < expected) {
        got = read(fd, data + size, expected - size);
        size += got > 0 ? (size_t)got : 0;
    }
    return data && got >= 0 ? vcl_zone_parse(data, size) : NULL;
}

static vcl_zone *load_named(const char *name)
{
    static const char *const folders[] = { "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo",
                                           "/usr/lib/locale/TZ", "/etc/zoneinfo" };
    vcl_zone *zone = NULL;

    if (*name == '/' || *name == '\\' || strstr(name, "..") || strlen(name) > 255)
        return NULL;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !zone; i++) {
        vcl_auto_free char *path = vcl_format("%s/%s", folders[i], name);
        zone = path ? load_file(path) : NULL;
    }
    return zone;
}

/* A zone that is UTC: one kind of time, no transitions. */
static vcl_zone *make_utc(void)
{
    vcl_zone *zone = calloc(1, sizeof(*zone));

    if (zone)
        zone->kinds = calloc(1, sizeof(*zone->kinds));
    if (!zone || !zone->kinds) {
        vcl_zone_free(zone);
        return NULL;
    }
    zone->kind_count = 1;
    memcpy(zone->kinds[0].name, "UTC", 4);
    return zone;
}

static vcl_zone *load_local(void)
{
    const char *name = secure_getenv("TZ");
    vcl_zone *zone = NULL;

    if (!name)
        return load_file("/etc/localtime");
    if (*name == ':')
        name++;
    if (*name == '/')
        zone = load_file(name);
    else if (*name)
        zone = load_named(name);
    return zone;
}

vcl_zone *vcl_zone_load(const char *name)
{
    if (*name == '\0' || vcl_streq(name, "UTC"))
        return make_utc();
    if (!vcl_streq(name, "Local"))
        return load_named(name);

    vcl_zone *zone = load_local();
    return zone ? zone : make_utc();
}

/* ------------------------------------------------------------ looking up */

/* What is true before the first transition: the first kind, or the first that is no summer time. */
static const zone_type *first_kind(const vcl_zone *zone)
{
    bool first_is_used = false;

    for (size_t i = 0; i < zone->count; i++)
        first_is_used = first_is_used || zone->types[i] == 0;
    if (!first_is_used)
        return &zone->kinds[0];
    if (zone->count && zone->kinds[zone->types[0]].is_summer) {
        for (size_t i = zone->types[0]; i > 0; i--) {
            if (!zone->kinds[i - 1].is_summer)
                return &zone->kinds[i - 1];
        }
    }
    for (size_t i = 0; i < zone->kind_count; i++) {
        if (!zone->kinds[i].is_summer)
            return &zone->kinds[i];
    }
    return &zone->kinds[0];
}

void vcl_zone_lookup(const vcl_zone *zone, int64_t seconds, vcl_zone_period *out_period)
{
    size_t low = 0;
    size_t high = zone ? zone->count : 0;

    *out_period = (vcl_zone_period){ .name = "UTC", .begin = INT64_MIN, .end = INT64_MAX };
    if (!zone)
        return;
    while (low < high) { /* the first transition that is later */
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    const zone_type *kind = low ? &zone->kinds[zone->types[low - 1]] : first_kind(zone);
    memcpy(out_period->name, kind->name, sizeof(out_period->name));
    out_period->offset = kind->offset;
    out_period->is_summer = kind->is_summer;
    if (low)
        out_period->begin = zone->times[low - 1];
    if (low < zone->count)
        out_period->end = zone->times[low];
    else if (zone->rule[0])
        vcl_zone_rule(zone->rule, seconds, out_period);
}

bool vcl_zone_offset_of(const vcl_zone *zone,
                        const char *name,
                        int64_t local_seconds,
                        int32_t *out_offset)
{
    vcl_zone_period period;
    bool found = false;

    for (size_t i = 0; zone && i < zone->kind_count; i++) {
        if (!vcl_streq(zone->kinds[i].name, name))
            continue;
        vcl_zone_lookup(zone, local_seconds - zone->kinds[i].offset, &period);
        if (vcl_streq(period.name, name)) {
            *out_offset = period.offset;
            return true;
        }
        if (!found)
            *out_offset = zone->kinds[i].offset;
        found = true;
    }
    return found;
}
