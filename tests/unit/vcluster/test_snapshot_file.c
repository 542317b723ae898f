/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshot files: written as documented, checked whole, refused when anything is wrong. */
#include "cm.h"

#include <fcntl.h>
#include <libvcluster/snapshot.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/encoding.h"
#include "vcluster/state/snapshot_file.h"

enum { DATA_SIZE = 300000 }; /* more than one piece */

typedef struct fixture {
    char path[64];
    char *bytes; /* of a whole file */
    size_t size;
    size_t head_size;
} fixture;

static const char about_text[] =
    "{\"name\":\"dev\",\"namespace\":\"vcluster-dev\",\"distribution\":\"embedded\","
    "\"kubernetesVersion\":\"v1.35.4\",\"store\":\"sqlite\",\"created\":\"2026-11-22T20:00:00Z\","
    "\"values\":{\"password\":\"s3cret\"},\"keys\":{\"sa.key\":\"s3cret\"},\"size\":300000}";

static void write_file(const fixture *f, size_t size)
{
    int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, f->bytes, size), (ssize_t)size);
    (void)close(fd);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    VCL_AUTO_BUF buf = { 0 };
    cJSON *about = NULL;
    unsigned int digest_size = 0;
    unsigned char digest[EVP_MAX_MD_SIZE];

    assert_non_null(f);
    (void)snprintf(f->path, sizeof(f->path), "/tmp/test-snapshot-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    (void)close(fd);
    vcl_buf_init(&buf, 1 << 20);
    assert_int_equal(vcl_json_parse(about_text, strlen(about_text), &about, NULL), 0);
    assert_int_equal(vcl_snapshot_head_encode(about, &buf, NULL), 0);
    f->head_size = buf.size;
    for (int i = 0; i < DATA_SIZE; i++)
        assert_true(vcl_buf_add_char(&buf, (char)(i % 251)));
    assert_int_equal(EVP_Digest(buf.data, buf.size, digest, &digest_size, EVP_sha256(), NULL), 1);
    assert_true(vcl_buf_append(&buf, digest, digest_size));
    f->size = buf.size;
    f->bytes = vcl_buf_steal(&buf);
    cJSON_Delete(about);
    write_file(f, f->size);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    (void)unlink(f->path);
    free(f->bytes);
    free(f);
    return 0;
}

static void a_whole_file_is_described_without_its_secrets(void **state)
{
    const fixture *f = *state;
    char hex[VCL_SHA256_HEX_SIZE];
    vcluster_error *error = NULL;
    char *json = NULL;

    assert_works(vcluster_snapshot_describe(f->path, &json, &error), &error);
    assert_int_equal(vcl_sha256_hex(f->bytes + f->head_size, DATA_SIZE, hex, NULL), 0);
    assert_non_null(strstr(json, "\"name\":\"dev\""));
    assert_non_null(strstr(json, "\"store\":\"sqlite\""));
    assert_non_null(strstr(json, "\"size\":300000"));
    assert_non_null(strstr(json, hex));
    assert_null(strstr(json, "s3cret"));
    vcluster_free(json);
}

static void a_file_that_is_cut_anywhere_is_refused(void **state)
{
    const fixture *f = *state;
    size_t sizes[] = { 0,
                       5,
                       8,
                       VCL_SNAPSHOT_START,
                       VCL_SNAPSHOT_START + 9,
                       f->head_size,
                       f->head_size + 1000,
                       f->size - VCL_SNAPSHOT_DIGEST,
                       f->size - 1 };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        vcluster_error *error = NULL;
        char *json = NULL;
        write_file(f, sizes[i]);
        int status = vcluster_snapshot_describe(f->path, &json, &error);
        assert_fails(status, VCLUSTER_E_PROTOCOL, &error, sizes[i] < 8 ? "no snapshot" : "cut off");
        assert_null(json);
    }
}

static void a_changed_bit_is_found_wherever_it_is(void **state)
{
    const fixture *f = *state;
    size_t places[] = { VCL_SNAPSHOT_START + 10, f->head_size, f->head_size + 123456,
                        f->size - VCL_SNAPSHOT_DIGEST, f->size - 1 };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        vcluster_error *error = NULL;
        char *json = NULL;
        f->bytes[places[i]] ^= 1;
        write_file(f, f->size);
        f->bytes[places[i]] ^= 1;
        int status = vcluster_snapshot_describe(f->path, &json, &error);
        assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "damaged");
    }
}

static void bytes_behind_the_end_are_damage(void **state)
{
    const fixture *f = *state;
    vcluster_error *error = NULL;
    char *json = NULL;

    int fd = open(f->path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    (void)close(fd);
    int status = vcluster_snapshot_describe(f->path, &json, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "damaged");
}

static void a_newer_form_is_told_from_a_foreign_file(void **state)
{
    const fixture *f = *state;
    vcluster_error *error = NULL;
    char *json = NULL;

    f->bytes[11] = 2;
    write_file(f, f->size);
    int status = vcluster_snapshot_describe(f->path, &json, &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, &error, "version 2");
    f->bytes[0] = 'S';
    write_file(f, f->size);
    status = vcluster_snapshot_describe(f->path, &json, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "no snapshot");
    (void)unlink(f->path);
    status = vcluster_snapshot_describe(f->path, &json, &error);
    assert_fails(status, VCLUSTER_E_NOT_FOUND, &error, f->path);
}

static void a_pipe_is_read_to_its_end_and_checked_as_a_file_is(void **state)
{
    const fixture *f = *state;
    VCL_AUTO_SNAPSHOT file = { .fd = -1 };
    vcluster_error *error = NULL;
    vcl_call call;
    char byte = 0;
    int fd = open(f->path, O_RDONLY);

    vcl_call_init(&call, patience_ms(5000), 5000, NULL, NULL, NULL);
    assert_works(vcl_snapshot_file_open(NULL, fd, &call, &file, &error), &error);
    assert_int_equal(file.size, DATA_SIZE);
    assert_int_equal(pread(file.fd, &byte, 1, (off_t)file.offset + 7), 1);
    assert_int_equal(byte, 7);
    (void)close(fd);
}

static void a_pipe_that_gives_nothing_ends_with_the_deadline(void **state)
{
    VCL_AUTO_SNAPSHOT file = { .fd = -1 };
    vcluster_error *error = NULL;
    vcl_call call;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    vcl_call_init(&call, 50, 50, NULL, NULL, NULL);
    int status = vcl_snapshot_file_open(NULL, ends[0], &call, &file, &error);
    assert_fails(status, VCLUSTER_E_TIMEOUT, &error, "read the snapshot");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_file_is_described_without_its_secrets),
        TEST(a_file_that_is_cut_anywhere_is_refused),
        TEST(a_changed_bit_is_found_wherever_it_is),
        TEST(bytes_behind_the_end_are_damage),
        TEST(a_newer_form_is_told_from_a_foreign_file),
        TEST(a_pipe_is_read_to_its_end_and_checked_as_a_file_is),
        TEST(a_pipe_that_gives_nothing_ends_with_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
