/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are read item by item: the same as in a tree of all, and where each stands. */
#include <stdio.h>
#include <string.h>

#include "cmocka_support.h"

#include "base/buf.h"
#include "base/str.h"
#include "data/yaml.h"
#include "data/yaml_items.h"

static const char *const keys[] = { "a", "b" };

/* What was told: "LIST:TEXT|" of each item, and the items themselves. */
typedef struct told {
    const char *text;
    vcl_buf log;
    cJSON *lists[2];
    int fail_at;
} told;

static int tell(void *data, const vcl_yaml_item *item, vcluster_error **error)
{
    told *self = data;

    if (self->fail_at-- == 0)
        return vcl_fail(error, VCLUSTER_E_CANCELLED, "enough");
    assert_true(vcl_buf_addf(&self->log, "%s:%.*s|", keys[item->list],
                             (int)(item->end - item->start), self->text + item->start));
    assert_true(vcl_json_append(self->lists[item->list], vcl_json_copy(item->tree)));
    return VCLUSTER_OK;
}

static int read_text(told *self, const char *text, cJSON **out_rest, vcluster_error **error)
{
    const vcl_yaml_lists lists = { keys, 2, tell, self };
    size_t nodes = 0;

    vcl_buf_init(&self->log, 1 << 16);
    self->text = text;
    for (size_t i = 0; i < 2; i++)
        self->lists[i] = cJSON_CreateArray();
    return vcl_yaml_parse_items(text, strlen(text), &lists, out_rest, &nodes, error);
}

static void told_done(told *self)
{
    vcl_buf_done(&self->log);
    for (size_t i = 0; i < 2; i++)
        cJSON_Delete(self->lists[i]);
}

/* The rest with the items back in it is what all of it says. */
static void check(const char *text, const char *log)
{
    told self = { .fail_at = -1 };
    cJSON *rest = NULL;
    cJSON *all = NULL;
    vcluster_error *error = NULL;

    assert_ok(read_text(&self, text, &rest, &error), error);
    assert_non_null(rest);
    assert_string_equal(vcl_buf_text(&self.log), log);
    for (size_t i = 0; i < 2; i++) {
        if (cJSON_IsArray(vcl_json_get(rest, keys[i])))
            assert_true(vcl_json_set(rest, keys[i], vcl_json_copy(self.lists[i])));
    }
    assert_ok(vcl_yaml_parse(text, strlen(text), &all, &error), error);
    assert_true(vcl_json_equal(rest, all));
    cJSON_Delete(all);
    cJSON_Delete(rest);
    told_done(&self);
}

static void items_come_with_their_places(void **state)
{
    (void)state;
    check("a:\n- 1\n- x: y # c\n  z: [1,\n   2]\n\n- - q\nc: [5]\nb: [{\"k\": 1}, v ]\n",
          "a:1|a:x: y # c\n  z: [1,\n   2]|a:- q|b:{\"k\": 1}|b:v|");
    check("b:\n  -\n   k: é\n  - |\n   t\n  - 'ö'\n", "b:k: é|b:|\n   t\n|b:'ö'|");
    check("{\"a\": [[], {\"a\": [1]}], \"b\": null}", "a:[]|a:{\"a\": [1]}|");
    check("\xef\xbb\xbf"
          "a:\r\n- x:\r\n  - y\r\n  ? z\r\n  : 1\r\n- w\r\n",
          "a:x:\r\n  - y\r\n  ? z\r\n  : 1|a:w|");
}

static void what_is_no_list_at_the_root_stays_in_the_rest(void **state)
{
    (void)state;
    check("", "");
    check("[{a: [1]}]", "");
    check("x: {a: [1]}\na: {b: [2]}\nb: t\n", "");
    check("a: []\nb:\n", "");
}

/* There only a tree of all can tell. */
static void texts_that_refer_to_other_places_are_left_alone(void **state)
{
    static const char *const texts[] = {
        "x: &n 1\na: [1]\n",         "a: [&n 1, *n]\n",       "a: [1]\n<<: {b: [2]}\n",
        "%TAG !e! !\n---\na: [1]\n", "---\n---\na: [1]\n",    "a: [{&k k: 1}]\n",
        "a: [{<<: {k: 1}}]\n",       "a:\n- ? &k k\n  : 1\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        told self = { .fail_at = -1 };
        cJSON *rest = NULL;
        cJSON *all = NULL;
        vcluster_error *error = NULL;

        assert_ok(read_text(&self, texts[i], &rest, &error), error);
        assert_null(rest);
        assert_ok(vcl_yaml_parse(texts[i], strlen(texts[i]), &all, &error), error);
        cJSON_Delete(all);
        told_done(&self);
    }
}

static void what_is_no_yaml_is_refused_as_ever(void **state)
{
    static const char *const texts[] = { "a: [1\n",     "a: [{k: 1, k: 2}]\n", "a: [1]\na: [2]\n",
                                         "a: [!x 1]\n", "a: [.inf]\n",         "a: [{[1]: 2}]\n" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        told self = { .fail_at = -1 };
        cJSON *rest = NULL;
        vcluster_error *error = NULL;
        vcluster_error *other = NULL;

        assert_int_equal(read_text(&self, texts[i], &rest, &error), VCLUSTER_E_CONFIG);
        assert_int_equal(vcl_yaml_parse(texts[i], strlen(texts[i]), &rest, &other),
                         VCLUSTER_E_CONFIG);
        assert_string_equal(vcluster_error_to_string(error), vcluster_error_to_string(other));
        assert_null(rest);
        vcluster_error_free(error);
        vcluster_error_free(other);
        told_done(&self);
    }
}

static void who_is_told_can_end_it(void **state)
{
    told self = { .fail_at = 1 };
    cJSON *rest = NULL;
    vcluster_error *error = NULL;

    (void)state;
    int status = read_text(&self, "a: [1, 2, 3]\n", &rest, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, error, "enough");
    assert_null(rest);
    assert_string_equal(vcl_buf_text(&self.log), "a:1|");
    vcluster_error_free(error);
    told_done(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_with_their_places),
        cmocka_unit_test(what_is_no_list_at_the_root_stays_in_the_rest),
        cmocka_unit_test(texts_that_refer_to_other_places_are_left_alone),
        cmocka_unit_test(what_is_no_yaml_is_refused_as_ever),
        cmocka_unit_test(who_is_told_can_end_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
