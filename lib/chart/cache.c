/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept with a chart; see cache.h. Of the templates one set is kept, that of the last
 * rendering: values rarely switch charts inside a chart on and off from one rendering to the next.
 */
#include "chart/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "chart/template/eval.h"

struct vcl_chart_templates {
    vcl_tpl_engine engine; /* parses, and owns the trees; it never runs */
    vcl_chart_template *files;
    size_t count;
    size_t users; /* the cache is one; guarded by its lock */
};

struct vcl_chart_cache {
    pthread_mutex_t lock;
    vcl_schema *schema;
    vcl_chart_templates *templates;
};

static void free_templates(vcl_chart_templates *templates)
{
    vcl_tpl_engine_done(&templates->engine);
    free(templates);
}

vcl_chart_cache *vcl_chart_cache_new(void)
{
    vcl_chart_cache *cache = calloc(1, sizeof(*cache));

    if (cache && pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        cache = NULL;
    }
    return cache;
}

void vcl_chart_cache_free(vcl_chart_cache *cache)
{
    if (!cache)
        return;
    vcl_schema_free(cache->schema);
    if (cache->templates)
        free_templates(cache->templates);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

int vcl_chart_compiled_schema(const vcluster_chart *chart,
                              const vcl_schema **out_schema,
                              vcluster_error **error)
{
    vcl_chart_cache *cache = chart->cache;
    int status = 0;

    *out_schema = NULL;
    if (!chart->schema)
        return 0;
    (void)pthread_mutex_lock(&cache->lock);
    if (!cache->schema)
        status = vcl_schema_compile(chart->schema, strlen(chart->schema), &cache->schema, error);
    *out_schema = cache->schema;
    (void)pthread_mutex_unlock(&cache->lock);
    return status < 0 ? vcl_wrap(error, status, "read values.schema.json of chart '%s'",
                                 vcluster_chart_name(chart))
                      : 0;
}

const vcl_tpl_set *vcl_chart_templates_set(const vcl_chart_templates *templates)
{
    return &templates->engine.set;
}

size_t vcl_chart_templates_size(const vcl_chart_templates *templates)
{
    return templates->engine.arena.used;
}

/* Copy the list, with the paths, and parse. */
static int parse(vcl_chart_templates *templates,
                 const vcl_chart_template *files,
                 size_t count,
                 vcluster_error **error)
{
    vcl_tpl_engine *engine = &templates->engine;

    templates->files = vcl_arena_alloc(&engine->arena, (count + 1) * sizeof(*files));
    for (size_t i = 0; templates->files && i < count; i++) {
        const vcl_chart_file *file = files[i].file;
        const char *path = vcl_arena_copy(&engine->arena, files[i].path, strlen(files[i].path));
        if (!path)
            break;
        if (vcl_tpl_engine_parse(engine, vcl_tpl_literal(path),
                                 (vcl_tpl_text){ file->data, file->size }) < 0)
            return vcl_tpl_engine_error(engine, error);
        templates->files[templates->count++] = (vcl_chart_template){ path, file };
    }
    if (templates->files && templates->count == count)
        return 0;
    vcl_tpl_engine_memory(engine);
    return vcl_tpl_engine_error(engine, error);
}

static int make_templates(const vcl_chart_template *files,
                          size_t count,
                          vcl_chart_templates **out_templates,
                          vcluster_error **error)
{
    vcl_chart_templates *templates = calloc(1, sizeof(*templates));

    if (!templates)
        return vcl_no_memory(error);
    vcl_tpl_engine_init(&templates->engine);
    int status = parse(templates, files, count, error);
    if (status < 0)
        free_templates(templates);
    else
        *out_templates = templates;
    return status;
}

static bool
are_these(const vcl_chart_templates *templates, const vcl_chart_template *files, size_t count)
{
    if (!templates || templates->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (templates->files[i].file != files[i].file ||
            !vcl_streq(templates->files[i].path, files[i].path))
            return false;
    }
    return true;
}

/* One user less; the lock is held. */
static void drop(vcl_chart_templates *templates)
{
    if (templates && --templates->users == 0)
        free_templates(templates);
}

int vcl_chart_take_templates(const vcluster_chart *chart,
                             const vcl_chart_template *files,
                             size_t count,
                             vcl_chart_templates **out_templates,
                             vcluster_error **error)
{
    vcl_chart_cache *cache = chart->cache;
    vcl_chart_templates *made = NULL;
    int status = 0;

    (void)pthread_mutex_lock(&cache->lock);
    if (!are_these(cache->templates, files, count)) {
        status = make_templates(files, count, &made, error);
        if (status == 0) {
            drop(cache->templates);
            cache->templates = made;
            made->users = 1;
        }
    }
    if (status == 0) {
        cache->templates->users++;
        *out_templates = cache->templates;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return status;
}

void vcl_chart_give_templates(const vcluster_chart *chart, vcl_chart_templates *templates)
{
    (void)pthread_mutex_lock(&chart->cache->lock);
    drop(templates);
    (void)pthread_mutex_unlock(&chart->cache->lock);
}
