/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded chart: its metadata, default values, templates and other files, all in memory. */
#ifndef VCL_CHART_CHART_H
#define VCL_CHART_CHART_H

#include <libvcluster/chart.h>

#include "data/json.h"
#include "data/schema.h"

typedef struct vcl_chart_file {
    char *name; /* relative to the chart: "templates/service.yaml" */
    char *data; /* NUL-terminated */
    size_t size;
} vcl_chart_file;

/* What is made of a chart when it is first needed; see cache.h. */
typedef struct vcl_chart_cache vcl_chart_cache;

struct vcluster_chart {
    cJSON *metadata; /* Chart.yaml in Helm's form, see metadata.h */
    cJSON *lock;     /* Chart.lock or requirements.lock, or NULL */
    cJSON *values;   /* values.yaml, an object */
    char *values_text;
    char *schema; /* values.schema.json or NULL */
    vcl_chart_file *templates;
    size_t template_count;
    vcl_chart_file *files; /* everything else but charts/ */
    size_t file_count;
    vcluster_chart **dependencies; /* the charts in charts/, by the name of their file or folder */
    size_t dependency_count;
    vcl_chart_cache *cache;
};

/* What all charts inside one chart may take together. */
typedef struct vcl_chart_budget {
    size_t bytes;
    int depth; /* of charts inside each other */
} vcl_chart_budget;

/* Make a chart of files (taken over, also on failure); CONFIG names what is missing or wrong. */
int vcl_chart_from_files(vcl_chart_file *files,
                         size_t count,
                         vcluster_chart **out_chart,
                         vcluster_error **error);
/* The same for a chart inside another. */
int vcl_chart_from_files_within(vcl_chart_file *files,
                                size_t count,
                                vcl_chart_budget *budget,
                                vcluster_chart **out_chart,
                                vcluster_error **error);
/* Unpack a .tgz in memory (archive.c). */
int vcl_chart_unpack(const char *data,
                     size_t size,
                     vcl_chart_budget *budget,
                     vcluster_chart **out_chart,
                     vcluster_error **error);
int vcl_chart_from_archive(const char *data,
                           size_t size,
                           vcluster_chart **out_chart,
                           vcluster_error **error);
/* Read a directory, without what its .helmignore names (chart_dir.c). */
int vcl_chart_from_directory(const char *path, vcluster_chart **out_chart, vcluster_error **error);

/* Files on their way into a chart, within the limits for charts. */
typedef struct vcl_chart_files {
    vcl_chart_file *items;
    size_t count;
    size_t capacity;
    size_t total; /* bytes */
} vcl_chart_files;

/* Add a copy of a file; CONFIG when a limit is passed. */
int vcl_chart_files_add(vcl_chart_files *files,
                        const char *name,
                        const char *data,
                        size_t size,
                        vcluster_error **error);
void vcl_chart_files_done(vcl_chart_files *files);
/* Make the chart; files is empty afterwards. */
int vcl_chart_files_finish(vcl_chart_files *files,
                           vcluster_chart **out_chart,
                           vcluster_error **error);

#define VCL_AUTO_CHART_FILES __attribute__((cleanup(vcl_chart_files_done))) vcl_chart_files

/* Make the charts of the files of charts/, which are moved out of the array (subcharts.c). */
int vcl_chart_load_subcharts(vcluster_chart *chart,
                             vcl_chart_file *files,
                             size_t count,
                             vcl_chart_budget *budget,
                             vcluster_error **error);

/* Whether the chart holds only templates for other charts. */
bool vcl_chart_is_library(const vcluster_chart *chart);

vcl_chart_cache *vcl_chart_cache_new(void);
void vcl_chart_cache_free(vcl_chart_cache *cache);

#endif
