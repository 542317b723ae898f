/* SPDX-License-Identifier: Apache-2.0 */
/* Kubeconfigs of many entries, edited without looking at most of them: byte for byte what comes out
 * of looking at all. */
#include <string.h>

#include "cmocka_support.h"

#include "base/buf.h"
#include "base/str.h"
#include "kube/kubeconfig_gaps.h"

enum { ENTRIES = 80 };
typedef enum style { BLOCK, INDENTED, INLINE, ONE_LINE, MANY_LINES, STYLES } style;

static void add_item(vcl_buf *buf, style how, int number, const char *body)
{
    const char *comma = number + 1 < ENTRIES ? "," : "";

    switch (how) {
    case BLOCK:
        vcl_buf_addf(buf, "- %s:\n    server: https://c%d # x\n  name: c%d\n", body, number,
                     number);
        break;
    case INDENTED:
        vcl_buf_addf(buf,
                     "  # of %d\r\n  -\r\n    name: c%d\r\n    %s:\r\n      a: |\r\n       - b\r\n",
                     number, number, body);
        break;
    case INLINE:
        vcl_buf_addf(buf, "- {name: c%d, %s: {k: \"é\"}}\n\n", number, body);
        break;
    case ONE_LINE:
        vcl_buf_addf(buf, "{\"name\": \"c%d\", \"%s\": {}}%s", number, body, comma);
        break;
    default:
        vcl_buf_addf(buf, "    {\n      \"name\": \"c%d\",\n      \"%s\": {}\n    }%s\n", number,
                     body, comma);
        break;
    }
}

/* A kubeconfig with ENTRIES of each kind. */
static char *make_text(style how)
{
    static const char *const heads[] = { "apiVersion: v1\n", "# c\r\n", "\xef\xbb\xbf",
                                         "{\"kind\": \"Config\"", "{\n  \"kind\": \"Config\"" };
    static const char *const tails[] = { "kind: Config\ncurrent-context: c7\n", "", "", "}\n",
                                         "\n}\n" };
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, 1 << 20);
    vcl_buf_add(&buf, heads[how]);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        const char *list = vcl_config_lists[i][0];

        if (how == ONE_LINE || how == MANY_LINES)
            vcl_buf_addf(&buf, ",%s\"%s\": [%s", how == ONE_LINE ? "" : "\n  ", list,
                         how == ONE_LINE ? "" : "\n");
        else
            vcl_buf_addf(&buf, "%s:%s", list, how == INDENTED ? "\r\n" : " # here\n");
        for (int k = 0; k < ENTRIES; k++)
            add_item(&buf, how, k, vcl_config_lists[i][1]);
        if (how == ONE_LINE || how == MANY_LINES)
            vcl_buf_add(&buf, how == ONE_LINE ? "]" : "  ]");
    }
    vcl_buf_add(&buf, tails[how]);
    char *text = vcl_buf_steal(&buf);
    assert_non_null(text);
    return text;
}

static void open_index(vcl_config_index *index, const char *text)
{
    vcluster_error *error = NULL;

    assert_ok(vcl_config_index_open(index, vcl_strdup(text), strlen(text), NULL, &error), error);
}

/* The text after edits, with gaps; fails where it is not that of edits without. */
static void check_edits(const char *text, const vcl_config_edit *edits, size_t count, bool gaps)
{
    vcl_write_piece pieces[VCL_MAX_PIECES];
    VCL_AUTO_BUF whole = { 0 };
    vcl_config_index index;
    vcl_config_text all;
    vcl_config_text edited;
    vcluster_error *error = NULL;

    open_index(&index, text);
    assert_ok(vcl_config_text_open(&all, text, strlen(text), &error), error);
    assert_ok(vcl_config_text_edit(&all, edits, count, &error), error);
    assert_ok(vcl_config_index_edit(&index, VCL_LEAST_GAP, edits, count, &edited, &error), error);
    assert_true((edited.gap_count > 0) == gaps);
    assert_true(!gaps || edited.size < strlen(text) / 4);

    vcl_buf_init(&whole, 1 << 20);
    size_t piece_count = vcl_config_pieces(&edited, &index, pieces);
    for (size_t i = 0; i < piece_count; i++)
        assert_true(vcl_buf_append(&whole, pieces[i].data, pieces[i].size));
    assert_string_equal(vcl_buf_text(&whole), all.text);
    vcl_config_text_done(&edited);
    vcl_config_text_done(&all);
    vcl_config_index_done(&index);
}

/* What a merge of that name does, and then what a disconnect does. */
static void check_name(const char *text, const char *name, bool gaps)
{
    cJSON *entries[VCL_CONFIG_LISTS];
    vcl_config_edit edits[VCL_CONFIG_LISTS + 1];

    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++) {
        entries[i] = cJSON_CreateObject();
        assert_non_null(vcl_json_object(entries[i], vcl_config_lists[i][1]));
        assert_true(vcl_json_set_string(entries[i], "name", name));
        edits[i] = (vcl_config_edit){ .list = vcl_config_lists[i][0], .entry = entries[i] };
    }
    edits[VCL_CONFIG_LISTS] = (vcl_config_edit){ .name = name };
    check_edits(text, edits, VCL_CONFIG_LISTS + 1, gaps);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        edits[i] = (vcl_config_edit){ .list = vcl_config_lists[i][0], .name = name };
    edits[VCL_CONFIG_LISTS] = (vcl_config_edit){ .name = "" };
    check_edits(text, edits, VCL_CONFIG_LISTS + 1, gaps);
    for (size_t i = 0; i < VCL_CONFIG_LISTS; i++)
        cJSON_Delete(entries[i]);
}

static void edits_of_many_entries_see_few_of_them(void **state)
{
    static const char *const names[] = { "new", "c0", "c1", "c40", "c78", "c79" };

    (void)state;
    for (style how = 0; how < STYLES; how++) {
        vcl_auto_free char *text = make_text(how);

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            check_name(text, names[i], true);
    }
}

/* Of what refers to other places all must be seen; but not where such a thing is only text. */
static void anchors_leave_no_gaps(void **state)
{
    vcl_auto_free char *text = make_text(BLOCK);
    vcl_auto_free char *anchor = vcl_format("%sx: &a 1\ny: *a\n", text);
    vcl_auto_free char *plain = vcl_format("%sx: \"&a *a <<\"\n", text);

    (void)state;
    check_name(anchor, "new", false);
    check_name(plain, "new", true);
}

static void entries_are_found_and_loaded(void **state)
{
    (void)state;
    for (style how = 0; how < STYLES; how++) {
        vcl_auto_free char *text = make_text(how);
        vcl_config_index index;
        vcluster_error *error = NULL;
        cJSON *entry = NULL;

        open_index(&index, text);
        assert_false(index.whole);
        assert_uint_equal(index.lists[VCL_USERS].count, ENTRIES);
        const vcl_config_item *item = vcl_config_index_find(&index, VCL_USERS, "c50");
        assert_non_null(item);
        assert_false(item->ours);
        assert_ok(vcl_config_index_load(&index, VCL_USERS, item, &entry, &error), error);
        assert_string_equal(vcl_json_find_string(entry, "name", NULL), "c50");
        assert_non_null(vcl_json_get(entry, "user"));
        assert_null(vcl_config_index_find(&index, VCL_USERS, "c80"));
        assert_null(vcl_config_index_find(&index, VCL_USERS, NULL));
        cJSON_Delete(entry);
        vcl_config_index_forget(&index, VCL_USERS, "c50");
        assert_null(vcl_config_index_find(&index, VCL_USERS, "c50"));
        assert_non_null(vcl_config_index_find(&index, VCL_USERS, "c51"));
        vcl_config_index_done(&index);
    }
}

static void contexts_tell_what_they_use_and_whose_they_are(void **state)
{
    static const char text[] =
        "contexts:\n- {name: a, context: {cluster: b, user: c}}\n"
        "- name: d\n  context:\n    extensions: [{name: libvcluster, extension: {name: v}}]\n";
    vcl_config_index index;

    (void)state;
    open_index(&index, text);
    const vcl_config_item *a = vcl_config_index_find(&index, VCL_CONTEXTS, "a");
    const vcl_config_item *d = vcl_config_index_find(&index, VCL_CONTEXTS, "d");
    assert_true(a && d && d->ours && !a->ours);
    assert_string_equal(vcl_config_index_name(&index, a->cluster), "b");
    assert_string_equal(vcl_config_index_name(&index, a->user), "c");
    assert_string_equal(vcl_config_index_name(&index, d->user), "");
    assert_string_equal(vcl_config_index_current(&index), "");
    vcl_config_index_done(&index);
}

/* A limit of the whole holds, too, when not all of it is looked at. */
static void a_list_that_would_be_too_long_is_refused(void **state)
{
    VCL_AUTO_BUF text = { 0 };
    VCL_AUTO_JSON *entry = cJSON_CreateObject();
    vcl_config_index index;
    vcl_config_text edited;
    vcluster_error *error = NULL;

    (void)state;
    vcl_buf_init(&text, 4 << 20);
    assert_true(vcl_buf_add(&text, "users:\n"));
    for (int i = 0; i < VCL_CONFIG_MAX_ENTRIES; i++)
        assert_true(vcl_buf_addf(&text, "- {name: c%d}\n", i));
    open_index(&index, vcl_buf_text(&text));
    assert_true(vcl_json_set_string(entry, "name", "new"));
    const vcl_config_edit edit = { .list = "users", .entry = entry };
    int status = vcl_config_index_edit(&index, VCL_LEAST_GAP, &edit, 1, &edited, &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, error, "not a list of at most 100000 entries");
    vcluster_error_free(error);
    vcl_config_index_done(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_of_many_entries_see_few_of_them),
        cmocka_unit_test(anchors_leave_no_gaps),
        cmocka_unit_test(entries_are_found_and_loaded),
        cmocka_unit_test(contexts_tell_what_they_use_and_whose_they_are),
        cmocka_unit_test(a_list_that_would_be_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
