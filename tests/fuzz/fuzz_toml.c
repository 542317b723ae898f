/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as TOML: no crash, and what is read and printed reads back as the same text. */
#include <string.h>

#include "chart/template/eval.h"
#include "data/json.h"
#include "fuzz.h"

/* The second reading may find that a path in one piece has too many parts. */
static const char template[] =
    "{{ $m := fromToml .Text }}{{ if not (hasKey $m \"Error\") }}{{ $t := toToml $m }}"
    "{{ $n := fromToml $t }}{{ if not (contains \"more than\" (toString $n)) }}"
    "{{ if ne $t (toToml $n) }}DIFFERENT {{ $t | quote }} {{ $n }}{{ end }}{{ end }}{{ end }}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vcl_tpl_engine engine;
    VCL_AUTO_BUF output = { .max = 1 << 20 };
    vcl_tpl_text name = vcl_tpl_literal("t");
    VCL_AUTO_ERROR *error = NULL;

    vcl_tpl_engine_init(&engine);
    engine.steps = 200000;
    engine.arena.max = 64 << 20;
    vcl_tpl_map *top = vcl_tpl_map_new(&engine.arena);
    const char *copy = vcl_arena_copy(&engine.arena, size ? (const char *)data : "", size);
    FUZZ_CHECK(top && copy);
    FUZZ_CHECK(vcl_tpl_map_set_literal(&engine.arena, top, "Text",
                                       vcl_tpl_string((vcl_tpl_text){ copy, size })));

    vcl_tpl_value dot = vcl_tpl_map_value(top, VCL_TPL_T_MAP);
    FUZZ_CHECK(vcl_tpl_engine_parse(&engine, name, vcl_tpl_literal(template)) == 0);
    int status = vcl_tpl_engine_execute(&engine, name, &dot, &output);
    FUZZ_CHECK(!strstr(vcl_buf_text(&output), "DIFFERENT"));
    if (status < 0)
        FUZZ_CHECK(vcl_tpl_engine_error(&engine, &error) == status);
    vcl_tpl_engine_done(&engine);
    return 0;
}
