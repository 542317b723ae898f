/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones from the zoneinfo files of the system (TZif, RFC 8536), as Go's time package finds and
 * reads them. The zone of the process (tzset) is neither asked nor changed.
 */
#ifndef VCL_CHART_TEMPLATE_TIME_ZONE_H
#define VCL_CHART_TEMPLATE_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VCL_ZONE_NAME = 24 };

typedef struct vcl_zone vcl_zone;

/* What is true at a time, and from when until when it is. */
typedef struct vcl_zone_period {
    char name[VCL_ZONE_NAME]; /* "CEST" */
    int32_t offset;           /* seconds east of UTC */
    bool is_summer;
    int64_t begin;
    int64_t end;
} vcl_zone_period;

/* A zone by its name: "" and "UTC", "Local" (what TZ or /etc/localtime says), or a file of the zone
 * folder. NULL when there is none (or memory is short); then Go takes UTC. */
vcl_zone *vcl_zone_load(const char *name);
void vcl_zone_free(vcl_zone *zone);
/* The contents of a TZif file; NULL when it is damaged. */
vcl_zone *vcl_zone_parse(const void *data, size_t size);

/* zone == NULL: UTC. */
void vcl_zone_lookup(const vcl_zone *zone, int64_t seconds, vcl_zone_period *out_period);
/* The offset of a name such as "CET" at a time that is still a local one. */
bool vcl_zone_offset_of(const vcl_zone *zone,
                        const char *name,
                        int64_t local_seconds,
                        int32_t *out_offset);

#endif
