/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON list split into its items, whatever pieces it comes in. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"
#include "data/json_items.h"

typedef struct seen_items {
    vcl_buf text; /* the items, printed, each with a semicolon */
    int stop_after;
} seen_items;

static int on_item(cJSON *item, void *data, vcluster_error **error)
{
    seen_items *self = data;
    char *text = vcl_json_print(item);

    assert_true(vcl_buf_addf(&self->text, "%s;", text));
    free(text);
    cJSON_Delete(item);
    if (self->stop_after && --self->stop_after == 0)
        return vcl_fail(error, VCLUSTER_E_CANCELLED, "enough");
    return VCLUSTER_OK;
}

/* Split in pieces of so many bytes; the rest as text, or NULL with an error. */
static char *split(const char *text, size_t step, seen_items *seen, vcluster_error **error)
{
    vcl_json_items items;
    VCL_AUTO_JSON *rest = NULL;
    size_t size = strlen(text);
    int status = 0;

    vcl_buf_init(&seen->text, 1 << 20);
    vcl_json_items_init(&items, on_item, seen);
    for (size_t at = 0; status == 0 && at < size; at += step)
        status = vcl_json_items_feed(&items, text + at, size - at < step ? size - at : step, error);
    if (status == 0)
        status = vcl_json_items_end(&items, &rest, error);
    vcl_json_items_done(&items);
    return status == 0 ? vcl_json_print(rest) : NULL;
}

static void assert_split(const char *text, const char *items, const char *rest)
{
    for (size_t step = 1; step <= strlen(text); step++) {
        seen_items seen = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        char *made = split(text, step, &seen, &error);

        assert_null(error);
        assert_string_equal(vcl_buf_text(&seen.text), items);
        assert_string_equal(made, rest);
        free(made);
        vcl_buf_done(&seen.text);
    }
}

static void splits_a_list_in_pieces_of_any_size(void **state)
{
    (void)state;
    assert_split("{\"kind\":\"L\",\"metadata\":{\"items\":[1]},\"items\": [ {\"a\":\"]}\\\"{\"} ,"
                 "{\"b\":[{}]}\n],\"x\":1}",
                 "{\"a\":\"]}\\\"{\"};{\"b\":[{}]};",
                 "{\"kind\":\"L\",\"metadata\":{\"items\":[1]},\"items\":[],\"x\":1}");
    assert_split("{\"items\":[],\"metadata\":{}}", "", "{\"items\":[],\"metadata\":{}}");
    assert_split("{\"items\":null}", "", "{\"items\":null}");
    assert_split("{\"x\":\"items\",\"y\":[{\"c\":1}]}", "", "{\"x\":\"items\",\"y\":[{\"c\":1}]}");
}

static void refuses_what_is_no_json(void **state)
{
    static const char *const broken[] = {
        "{\"items\":[{}{}]}",
        "{\"items\":[{},]}",
        "{\"items\":[,{}]}",
        "{\"items\":[1]}",
        "{\"items\":[{\"a\"}]}",
        "{\"items\":[{\"a\":1}",
        "{\"items\":[{}]",
        "{\"items\":[{]}]}",
        "{\"items\":[{}]}}",
        "",
        "{\"items\":[{}],\"items\":[]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        for (size_t step = 1; step <= strlen(broken[i]) + 1; step++) {
            seen_items seen = { 0 };
            VCL_AUTO_ERROR *error = NULL;

            assert_null(split(broken[i], step, &seen, &error));
            assert_int_equal(vcluster_error_code(error), VCLUSTER_E_PROTOCOL);
            vcl_buf_done(&seen.text);
        }
    }
}

static void passes_on_what_the_callee_says(void **state)
{
    seen_items seen = { .stop_after = 1 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_null(split("{\"items\":[{},{}]}", 3, &seen, &error));
    assert_int_equal(vcluster_error_code(error), VCLUSTER_E_CANCELLED);
    assert_string_equal(vcl_buf_text(&seen.text), "{};");
    vcl_buf_done(&seen.text);
}

static int drop(cJSON *item, void *data, vcluster_error **error)
{
    (void)data;
    (void)error;
    cJSON_Delete(item);
    return VCLUSTER_OK;
}

static void limits_the_number_of_values(void **state)
{
    static const char piece[] = "{},{},{},{},{},{},{},{},";
    vcl_json_items items;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    vcl_json_items_init(&items, drop, NULL);
    int status = vcl_json_items_feed(&items, "{\"items\":[", 10, &error);
    for (int i = 0; status == 0 && i < VCL_MAX_JSON_NODES; i++)
        status = vcl_json_items_feed(&items, piece, strlen(piece), &error);
    assert_int_equal(status, VCLUSTER_E_PROTOCOL);
    assert_non_null(strstr(vcluster_error_message(error), "more than 2000000 values"));
    vcl_json_items_done(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_a_list_in_pieces_of_any_size),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(passes_on_what_the_callee_says),
        cmocka_unit_test(limits_the_number_of_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
