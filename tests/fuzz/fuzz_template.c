/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template run on fixed values: it must end, stay within its limits, and give either an output or
 * an error.
 */
#include <string.h>

#include "base/str.h"
#include "chart/template/eval.h"
#include "data/json.h"
#include "fuzz.h"

static const char values[] =
    "{\"s\":\"text\",\"e\":\"\",\"n\":3,\"big\":1e21,\"f\":1.5,\"t\":true,\"nil\":null,"
    "\"l\":[1,\"two\",null,{\"k\":\"v\"}],\"names\":[\"b\",\"a\"],\"em\":{},\"el\":[],"
    "\"m\":{\"a\":1,\"b\":{\"c\":[1,2]}},\"lines\":\"a\\nb\\n\"}";

/* Small limits, so that no input takes long. */
static void limit(vcl_tpl_engine *engine)
{
    engine->steps = 20000;
    engine->output_left = 1 << 20;
    engine->arena.max = 32 << 20;
}

static void run(vcl_tpl_engine *engine, vcl_tpl_text text, vcl_buf *output)
{
    vcl_tpl_text name = vcl_tpl_literal("c/templates/t.yaml");
    VCL_AUTO_JSON *tree = NULL;
    vcl_tpl_map *top = vcl_tpl_map_new(&engine->arena);
    vcl_tpl_value object;
    VCL_AUTO_ERROR *error = NULL;

    FUZZ_CHECK(vcl_json_parse(values, strlen(values), &tree, NULL) == VCLUSTER_OK);
    FUZZ_CHECK(top && vcl_tpl_from_json(&engine->arena, tree, &object));
    object.type = VCL_TPL_T_VALUES;
    FUZZ_CHECK(vcl_tpl_map_set_literal(&engine->arena, top, "Values", object));

    vcl_tpl_value dot = vcl_tpl_map_value(top, VCL_TPL_T_VALUES);
    int status = vcl_tpl_engine_parse(engine, name, text);
    if (status == 0)
        status = vcl_tpl_engine_execute(engine, name, &dot, output);
    if (status == 0)
        return;
    FUZZ_CHECK(vcl_tpl_engine_error(engine, &error) == status);
    FUZZ_CHECK(*vcluster_error_message(error) || status == VCLUSTER_E_CONFIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vcl_tpl_engine engine;
    VCL_AUTO_BUF output = { .max = 1 << 20 };

    vcl_tpl_engine_init(&engine);
    limit(&engine);
    run(&engine, (vcl_tpl_text){ size ? (const char *)data : "", size }, &output);
    vcl_tpl_engine_done(&engine);
    return 0;
}
