/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of a YAML text: lines, columns, byte ranges, duplicates, paths. */
#include "data/yaml_marks.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"

static const char sample[] = "# café\n"
                             "sync:\n"
                             "  toHost:\n"
                             "    pods: {enabled: true, all: [1, \"ü\"]} # why\n"
                             "    \"a.b\": é\n"
                             "  empty:\n"
                             "list:\n"
                             "- x: 1\n"
                             "  y: 2\n"
                             "\n"
                             "- z\n";

static void read_marks(const char *text, vcl_yaml_marks *marks)
{
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_yaml_marks_read(text, strlen(text), marks, &error), error);
}

static void assert_range(const vcl_span *span, const char *wanted)
{
    assert_int_equal(span->end - span->start, strlen(wanted));
    assert_memory_equal(sample + span->start, wanted, strlen(wanted));
}

static void assert_place(const vcl_yaml_mark *root, const char *path, size_t line, size_t column)
{
    bool exact = false;
    const vcl_yaml_mark *mark = vcl_yaml_mark_find(root, path, &exact);

    assert_true(exact);
    assert_int_equal(vcl_yaml_mark_place(mark)->line, line);
    assert_int_equal(vcl_yaml_mark_place(mark)->column, column);
}

static void places_are_those_of_keys_and_items(void **state)
{
    (void)state;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };

    read_marks(sample, &marks);
    assert_place(marks.documents, "", 2, 1);
    assert_place(marks.documents, "sync.toHost.pods", 4, 5);
    assert_place(marks.documents, "sync.toHost.pods.enabled", 4, 12);
    assert_place(marks.documents, "sync.toHost.pods.all[1]", 4, 36);
    assert_place(marks.documents, "sync.toHost.a\\.b", 5, 5);
    assert_place(marks.documents, "list[0].y", 9, 3);
    assert_place(marks.documents, "list[1]", 11, 3);
}

static void ranges_are_bytes_without_what_follows(void **state)
{
    (void)state;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };

    read_marks(sample, &marks);
    const vcl_yaml_mark *root = marks.documents;
    assert_range(&vcl_yaml_mark_find(root, "sync.toHost.pods", NULL)->value,
                 "{enabled: true, all: [1, \"ü\"]}");
    assert_range(&vcl_yaml_mark_find(root, "sync.toHost.a\\.b", NULL)->value, "é");
    assert_range(&vcl_yaml_mark_find(root, "sync.toHost.a\\.b", NULL)->key_span, "\"a.b\"");
    assert_range(&vcl_yaml_mark_find(root, "sync.empty", NULL)->value, "");
    assert_range(&vcl_yaml_mark_find(root, "list[0]", NULL)->value, "x: 1\n  y: 2");
    assert_range(&vcl_yaml_mark_find(root, "list", NULL)->value, "- x: 1\n  y: 2\n\n- z");
}

static void a_path_that_leads_out_ends_at_the_last_mark_on_it(void **state)
{
    static const char *const paths[] = { "sync.toHost.nodes.enabled", "sync.toHost[0]",
                                         "sync.toHost.", "sync.toHost[", "sync.toHost[x]" };
    (void)state;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };
    bool exact = true;

    read_marks(sample, &marks);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const vcl_yaml_mark *mark = vcl_yaml_mark_find(marks.documents, paths[i], &exact);
        assert_false(exact);
        assert_string_equal(mark->key, "toHost");
    }
    assert_null(vcl_yaml_mark_find(NULL, "a", &exact));
    assert_false(exact);
}

static void keys_that_are_there_twice_are_marked(void **state)
{
    (void)state;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };

    read_marks("a: 1\nb: {c: 1, d: 2, c: 3}\n<<: {x: 1}\n<<: {x: 2}\n'a': 2\n? [q]\n: 3\n", &marks);
    const vcl_yaml_mark *first = marks.documents->child;
    assert_false(first->duplicate);
    assert_true(vcl_yaml_mark_member(marks.documents, "a")->duplicate);
    assert_int_equal(vcl_yaml_mark_member(marks.documents, "a")->key_span.line, 5);
    assert_true(vcl_yaml_mark_find(marks.documents, "b.c", NULL)->duplicate);
    assert_false(vcl_yaml_mark_find(marks.documents, "b.d", NULL)->duplicate);
    assert_false(vcl_yaml_mark_member(marks.documents, "<<")->duplicate);
}

static void documents_stand_one_behind_the_other(void **state)
{
    (void)state;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };
    VCL_AUTO_YAML_MARKS none = { .documents = NULL };

    read_marks("\xef\xbb\xbf"
               "a: 1\n---\n- b\n---\ntext\n",
               &marks);
    assert_int_equal(marks.documents->value.start, 3);
    assert_int_equal(marks.documents->value.column, 1);
    assert_int_equal(marks.documents->next->value.kind, VCL_SPAN_LIST);
    assert_int_equal(marks.documents->next->next->value.kind, VCL_SPAN_SCALAR);
    assert_null(marks.documents->next->next->next);
    read_marks("# nothing\n", &none);
    assert_null(none.documents);
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_YAML_MARKS marks = { .documents = NULL };
    char deep[2 * VCL_MAX_YAML_DEPTH + 1];

    memset(deep, '[', sizeof(deep));
    assert_int_equal(vcl_yaml_marks_read("a: [", 4, &marks, &error), VCLUSTER_E_CONFIG);
    vcl_error_clear(&error);
    assert_int_equal(vcl_yaml_marks_read(deep, sizeof(deep), &marks, &error), VCLUSTER_E_CONFIG);
    assert_null(marks.documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_those_of_keys_and_items),
        cmocka_unit_test(ranges_are_bytes_without_what_follows),
        cmocka_unit_test(a_path_that_leads_out_ends_at_the_last_mark_on_it),
        cmocka_unit_test(keys_that_are_there_twice_are_marked),
        cmocka_unit_test(documents_stand_one_behind_the_other),
        cmocka_unit_test(bad_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
