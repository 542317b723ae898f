/* SPDX-License-Identifier: Apache-2.0 */
/* What several tests of the runtime start from: settings of a virtual cluster 'dev'. */
#ifndef TEST_RUNTIME_FIXTURE_H
#define TEST_RUNTIME_FIXTURE_H

#include <string.h>

#include "cmocka_support.h"
#include "runtime/settings.h"

enum { FIXTURE_NOW = 1767323045 }; /* 2026-01-02 */

/* Settings of 'dev' in 'team-a' with this config.yaml. Fails the test when it is refused. */
static inline void fixture_settings(const char *config, rt_settings *out_settings)
{
    rt_identity identity = { .name = "dev",
                             .namespace_name = "team-a",
                             .pod_ips = "10.244.0.7,fd00::7" };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(rt_settings_parse(&identity, config, strlen(config), out_settings, &error), error);
}

/* A JSON text as a tree. Fails the test when it is none. */
static inline cJSON *fixture_json(const char *text)
{
    cJSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

#endif
