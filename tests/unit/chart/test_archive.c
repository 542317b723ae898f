/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from archives: the forms of tar, and everything hostile. Archives are made here. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/tar.h"
#include "chart_fixture.h"
#include "cmocka_support.h"
#include "data/encoding.h"

#define MINIMAL "apiVersion: v2\nname: small\nversion: 1.2.3\n"

enum { BLOCK = 512 };

static void set_checksum(char header[BLOCK])
{
    unsigned sum = 0;

    memset(header + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)header[i];
    (void)snprintf(header + 148, 8, "%06o", sum);
}

static void add_entry(vcl_buf *tar, char type, const char *name, const char *data, size_t size)
{
    char header[BLOCK] = { 0 };

    assert_true(strlen(name) <= 100);
    memcpy(header, name, strlen(name));
    memcpy(header + 100, "0000644", 7);
    (void)snprintf(header + 124, 12, "%011o", (unsigned)size);
    header[156] = type;
    memcpy(header + 257, "ustar\00000", 8);
    set_checksum(header);
    vcl_buf_append(tar, header, BLOCK);
    vcl_buf_append(tar, data, size);
    while (tar->size % BLOCK)
        vcl_buf_add_char(tar, '\0');
}

static void add_file(vcl_buf *tar, const char *name, const char *text)
{
    add_entry(tar, '0', name, text, strlen(text));
}

static void finish(vcl_buf *tar)
{
    static const char end[2 * BLOCK];

    vcl_buf_append(tar, end, sizeof(end));
}

/* Zip and load. */
static int load(const vcl_buf *tar, vcluster_chart **out_chart, vcluster_error **error)
{
    vcl_auto_free char *zipped = NULL;
    size_t size = 0;

    assert_int_equal(vcl_gzip(vcl_buf_text(tar), tar->size, &zipped, &size, NULL), 0);
    return vcl_chart_from_archive(zipped, size, out_chart, error);
}

static void assert_refused(const vcl_buf *tar, const char *reason)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    assert_fails(load(tar, &chart, &error), VCLUSTER_E_CONFIG, error, reason);
    assert_null(chart);
}

static void archives_become_charts(void **state)
{
    VCL_AUTO_BUF tar = { .max = 1 << 20 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    add_entry(&tar, '5', "small/", "", 0);
    add_file(&tar, "small/Chart.yaml", MINIMAL);
    add_file(&tar, "small/values.yaml", "a: 1\n");
    add_file(&tar, "small/./templates//x.yaml", "x: {{ .Values.a }}\n");
    finish(&tar);
    assert_ok(load(&tar, &chart, &error), error);
    assert_string_equal(vcluster_chart_name(chart), "small");
    assert_string_equal(chart->templates[0].name, "templates/x.yaml");
}

static void long_names_are_read_in_both_forms(void **state)
{
    VCL_AUTO_BUF tar = { .max = 1 << 20 };
    VCL_AUTO_BUF name = { .max = 4096 };
    VCL_AUTO_BUF pax = { .max = 4096 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    add_file(&tar, "small/Chart.yaml", MINIMAL);
    vcl_buf_add(&name, "small/files/");
    for (int i = 0; i < 150; i++)
        vcl_buf_add_char(&name, 'g');
    add_entry(&tar, 'L', "././@LongLink", vcl_buf_text(&name), name.size + 1);
    add_file(&tar, "small/cut", "GNU");
    name.data[name.size - 1] = 'p';
    vcl_buf_addf(&pax, "%zu path=%s\n", name.size + 10, vcl_buf_text(&name));
    assert_uint_equal(pax.size, name.size + 10);
    add_entry(&tar, 'g', "pax_global_header", "12 comment=x\n", 13);
    add_entry(&tar, 'x', "PaxHeaders/x", vcl_buf_text(&pax), pax.size);
    add_file(&tar, "small/cut", "pax");
    finish(&tar);
    assert_ok(load(&tar, &chart, &error), error);
    assert_uint_equal(chart->file_count, 2);
    assert_uint_equal(strlen(chart->files[0].name), 156);
    assert_string_equal(chart->files[0].data, "GNU");
    assert_string_equal(chart->files[1].data, "pax");
    assert_int_equal(chart->files[1].name[155], 'p');
}

static void prefixes_of_ustar_are_read(void **state)
{
    VCL_AUTO_BUF tar = { .max = 1 << 20 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    (void)state;
    add_file(&tar, "Chart.yaml", MINIMAL);
    memcpy(tar.data + 345, "small", 5);
    set_checksum(tar.data);
    finish(&tar);
    assert_int_equal(load(&tar, &chart, NULL), 0);
}

static void names_that_leave_the_chart_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *reason;
    } cases[] = {
        { "/etc/passwd", "absolute name" },     { "small//etc/passwd", "absolute name" },
        { "small/../evil", "outside" },         { "../evil", "outside" },
        { "small/a/../../evil", "outside" },    { "small/..", "outside" },
        { "small\\evil", "backslash" },         { "Chart.yaml", "not in a folder" },
        { "evil", "outside of the folder" },    { "small/c:/evil", "drive" },
        { "small/.", "outside of the folder" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_BUF tar = { .max = 1 << 20 };
        add_file(&tar, "small/Chart.yaml", MINIMAL);
        add_file(&tar, cases[i].name, "evil");
        finish(&tar);
        assert_refused(&tar, cases[i].reason);
    }
}

static void only_files_and_folders_are_taken(void **state)
{
    static const char types[] = { '1', '2', '3', '4', '6', 'S', 'Z' };

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++) {
        VCL_AUTO_BUF tar = { .max = 1 << 20 };
        add_file(&tar, "small/Chart.yaml", MINIMAL);
        add_entry(&tar, types[i], "small/link", "", 0);
        finish(&tar);
        assert_refused(&tar, "'small/link' is neither a file nor a folder");
    }
}

static void bombs_are_refused(void **state)
{
    VCL_AUTO_BUF tar = { .max = 8 << 20 };
    vcl_auto_free char *zeros = calloc(1, VCL_MAX_CHART_FILE + 1);

    (void)state;
    add_file(&tar, "small/Chart.yaml", MINIMAL);
    add_entry(&tar, '0', "small/files/zeros", zeros, VCL_MAX_CHART_FILE + 1);
    finish(&tar);
    assert_refused(&tar, "larger than 5242880 bytes");
}

/* A small archive that unpacks to more than a chart may have. */
static void archives_that_unpack_to_too_much_are_refused(void **state)
{
    static const size_t piece = 8 << 20;
    vcl_auto_free char *zipped = NULL;
    size_t size = 0;
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    vcl_auto_free char *large = calloc(1, VCL_MAX_CHART_TOTAL + (32 << 20));
    assert_non_null(large);
    assert_int_equal(vcl_gzip(large, VCL_MAX_CHART_TOTAL + (32 << 20), &zipped, &size, NULL), 0);
    assert_true(size < piece);
    assert_fails(vcl_chart_from_archive(zipped, size, &chart, &error), VCLUSTER_E_CONFIG, error,
                 "no chart archive");
}

/* An archive of a chart with 52 MiB of zeros. */
static char *large_chart(size_t *out_size)
{
    static const char zeros[4 << 20];
    VCL_AUTO_BUF tar = { .max = 64 << 20 };
    char *zipped = NULL;

    add_file(&tar, "big/Chart.yaml", "name: big\nversion: 1.0.0\n");
    for (int i = 0; i < 13; i++) {
        vcl_auto_free char *name = vcl_format("big/files/%d", i);
        add_entry(&tar, '0', name, zeros, sizeof(zeros));
    }
    finish(&tar);
    assert_int_equal(vcl_gzip(vcl_buf_text(&tar), tar.size, &zipped, out_size, NULL), 0);
    return zipped;
}

/* Archives in an archive, each of which a chart may have, but not all. */
static void charts_in_charts_share_one_limit(void **state)
{
    VCL_AUTO_BUF one = { .max = 8 << 20 };
    VCL_AUTO_BUF two = { .max = 8 << 20 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    size_t size = 0;
    vcl_auto_free char *large = large_chart(&size);

    (void)state;
    add_file(&one, "c/Chart.yaml", "name: c\nversion: 1.0.0\n");
    add_entry(&one, '0', "c/charts/a.tgz", large, size);
    vcl_buf_append(&two, one.data, one.size);
    finish(&one);
    assert_ok(load(&one, &chart, &error), error);
    assert_int_equal(chart->dependency_count, 1);
    add_entry(&two, '0', "c/charts/b.tgz", large, size);
    finish(&two);
    assert_refused(&two, "larger than 100 MiB together");
}

static void what_is_no_archive_is_refused(void **state)
{
    static const char *const texts[] = { "", "text", "\x1f\x8b\x08", "\x1f\x8b\x08\0\0\0\0\0\0\0" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        vcluster_chart *chart = NULL;
        assert_fails(vcl_chart_from_archive(texts[i], strlen(texts[i]), &chart, &error),
                     VCLUSTER_E_CONFIG, error, "no chart archive");
    }
    assert_int_equal(vcl_chart_from_archive("x", 1, NULL, NULL), VCLUSTER_E_CONFIG);
}

static void damaged_archives_are_refused(void **state)
{
    VCL_AUTO_BUF tar = { .max = 1 << 20 };

    (void)state;
    add_file(&tar, "small/Chart.yaml", MINIMAL);
    tar.data[0] = 'S';
    assert_refused(&tar, "checksum");
    tar.data[0] = 's';
    vcl_buf_truncate(&tar, 530);
    assert_refused(&tar, "ends in the middle of a file");
    vcl_buf_truncate(&tar, 100);
    assert_refused(&tar, "ends in the middle of a header");
    vcl_buf_truncate(&tar, 0);
    assert_refused(&tar, "no files");
}

static void extended_headers_must_be_readable(void **state)
{
    static const char *const records[] = {
        "9 path=x", "99 path=x\n",    "x path=a\n",           " path=a\n",
        "5 a\n",    "13 size=-123\n", "99999999999 path=a\n", "22 GNU.sparse.major=1\n"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        VCL_AUTO_BUF tar = { .max = 1 << 20 };
        add_entry(&tar, 'x', "PaxHeaders/x", records[i], strlen(records[i]));
        add_file(&tar, "small/Chart.yaml", MINIMAL);
        finish(&tar);
        assert_refused(&tar, "damaged");
    }
}

static void sizes_that_lie_are_refused(void **state)
{
    VCL_AUTO_BUF tar = { .max = 1 << 20 };

    (void)state;
    add_file(&tar, "small/Chart.yaml", MINIMAL);
    memset(tar.data + 124, 0xFF, 12); /* the largest binary number */
    set_checksum(tar.data);
    finish(&tar);
    assert_refused(&tar, "damaged");
    memcpy(tar.data + 124, "77777777777", 11);
    tar.data[135] = '\0';
    set_checksum(tar.data);
    assert_refused(&tar, "ends in the middle of a file");
    memcpy(tar.data + 124, "12x", 3);
    set_checksum(tar.data);
    assert_refused(&tar, "size of a file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_become_charts),
        cmocka_unit_test(long_names_are_read_in_both_forms),
        cmocka_unit_test(prefixes_of_ustar_are_read),
        cmocka_unit_test(names_that_leave_the_chart_are_refused),
        cmocka_unit_test(only_files_and_folders_are_taken),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(archives_that_unpack_to_too_much_are_refused),
        cmocka_unit_test(charts_in_charts_share_one_limit),
        cmocka_unit_test(what_is_no_archive_is_refused),
        cmocka_unit_test(damaged_archives_are_refused),
        cmocka_unit_test(extended_headers_must_be_readable),
        cmocka_unit_test(sizes_that_lie_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
