/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers as trees: what the table names, as JSON would have it; nothing that is cut. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "data/proto.h"

static const vcl_proto_field inner_fields[] = {
    { 1, VCL_PROTO_STRING, "name", NULL },
    { 2, VCL_PROTO_INT, "count", NULL },
};
static const vcl_proto_message inner = VCL_PROTO_MESSAGE_OF(inner_fields);
static const vcl_proto_field outer_fields[] = {
    { 1, VCL_PROTO_STRING, "text", NULL },      { 2, VCL_PROTO_INT, "number", NULL },
    { 3, VCL_PROTO_BOOL, "flag", NULL },        { 4, VCL_PROTO_TIME, "time", NULL },
    { 5, VCL_PROTO_MAP, "map", NULL },          { 6, VCL_PROTO_MESSAGE, "one", &inner },
    { 17, VCL_PROTO_MESSAGES, "many", &inner },
};
static const vcl_proto_message outer = VCL_PROTO_MESSAGE_OF(outer_fields);

static void assert_reads(const char *bytes, size_t size, const char *expected)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_int_equal(vcl_proto_read(&outer, bytes, size, &tree, &error), 0);
    char *text = vcl_json_print(tree);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_refused(const char *bytes, size_t size)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_int_equal(vcl_proto_read(&outer, bytes, size, &tree, &error), VCLUSTER_E_PROTOCOL);
    assert_null(tree);
}

/* A literal with all its bytes. */
#define READS(literal, expected) assert_reads((literal), sizeof(literal) - 1, (expected))
#define REFUSED(literal) assert_refused((literal), sizeof(literal) - 1)

static void every_kind_reads_as_its_json(void **state)
{
    (void)state;
    READS("", "{}");
    READS("\x0a\x02hi", "{\"text\":\"hi\"}");
    READS("\x10\xac\x02", "{\"number\":300}");
    READS("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "{\"number\":-1}");
    READS("\x10\x00", "{\"number\":0}");
    READS("\x18\x00", "{\"flag\":false}");
    READS("\x18\x01", "{\"flag\":true}");
    READS("\x22\x06\x08\x80\x90\xc8\xd2\x06", "{\"time\":\"2026-07-11T09:08:16Z\"}");
    READS("\x2a\x06\x0a\x01k\x12\x01v\x2a\x03\x0a\x01l", "{\"map\":{\"k\":\"v\",\"l\":\"\"}}");
    READS("\x32\x05\x0a\x01n\x10\x07", "{\"one\":{\"name\":\"n\",\"count\":7}}");
    READS("\x8a\x01\x03\x0a\x01x\x8a\x01\x00", "{\"many\":[{\"name\":\"x\"},{}]}");
}

static void what_json_leaves_out_is_left_out(void **state)
{
    (void)state;
    READS("\x0a\x00", "{}");
    READS("\x22\x00", "{}");
}

static void a_field_that_comes_twice_counts_as_its_last(void **state)
{
    (void)state;
    READS("\x0a\x01"
          "a\x0a\x01"
          "b",
          "{\"text\":\"b\"}");
    READS("\x32\x03\x0a\x01n\x32\x02\x10\x07", "{\"one\":{\"name\":\"n\",\"count\":7}}");
}

static void fields_that_no_table_names_are_stepped_over(void **state)
{
    (void)state;
    READS("\x48\x05\x51"
          "12345678"
          "\x5a\x03xyz\x65"
          "1234"
          "\x0a\x01z",
          "{\"text\":\"z\"}");
}

static void what_is_broken_is_refused(void **state)
{
    (void)state;
    REFUSED("\x0a\x05hi"); /* ends behind the message */
    REFUSED("\x0a");       /* no size */
    REFUSED("\x10\x80");   /* a number that goes on */
    REFUSED("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    REFUSED("\x02\x00");         /* no number of a field */
    REFUSED("\x0b\x0c");         /* a group */
    REFUSED("\x0a\x01\xff");     /* no UTF-8 */
    REFUSED("\x0a\x01\x00");     /* NUL in a text */
    REFUSED("\x08\x01");         /* a text that is a number */
    REFUSED("\x12\x00");         /* a number that is a text */
    REFUSED("\x28\x00");         /* a map that is a number */
    REFUSED("\x2a\x02\x08\x01"); /* a key that is a number */
    REFUSED("\x30\x00");         /* a message that is a number */
    REFUSED("\x32\x02\x0a\x05"); /* cut inside */
    REFUSED("\x20\x00");         /* a time that is a number */
    REFUSED("\x22\x06\x08\xff\xff\xff\xff\x7f\x22\x07\x08\xff\xff\xff\xff\xff\x7f");
    REFUSED("\x0a\xff\xff\xff\xff\x0f"); /* larger than any answer */
}

static void what_is_not_whole_yet_says_so(void **state)
{
    static const char bytes[] = "\x0a\x02hi\x10\x07";
    vcl_proto_part part;

    (void)state;
    for (size_t size = 0; size < 4; size++)
        assert_int_equal(vcl_proto_next(bytes, size, &part, NULL), 0);
    assert_int_equal(vcl_proto_next(bytes, 6, &part, NULL), 1);
    assert_int_equal(part.number, 1);
    assert_int_equal(part.whole, 4);
    assert_int_equal(part.head, 2);
    assert_memory_equal(part.bytes, "hi", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_reads_as_its_json),
        cmocka_unit_test(what_json_leaves_out_is_left_out),
        cmocka_unit_test(a_field_that_comes_twice_counts_as_its_last),
        cmocka_unit_test(fields_that_no_table_names_are_stepped_over),
        cmocka_unit_test(what_is_broken_is_refused),
        cmocka_unit_test(what_is_not_whole_yet_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
