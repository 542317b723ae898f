/* SPDX-License-Identifier: Apache-2.0 */
/* The fake host through the public interface: what a user's unit test does with it. */
#include "../vcluster/cm.h"

#include <libvcluster/vcluster.h>

static vcluster_client *host;

static void start(const char *objects, const char *faults)
{
    vcluster_fake_options options = VCLUSTER_FAKE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.objects = objects;
    options.faults = faults;
    options.timeout_ms = patience_ms(20000);
    assert_works(vcluster_client_new_fake(&options, &host, &error), &error);
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(host);
    host = NULL;
    return 0;
}

static void create(const char *name)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    options.distribution = "embedded";
    assert_works(vcluster_instance_create(host, name, NULL, &options, &instance, &error), &error);
    assert_true(vcluster_instance_ready(instance));
    vcluster_instance_free(instance);
}

static void fake_creates_a_virtual_cluster_that_is_ready(void **state)
{
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;

    (void)state;
    start(NULL, NULL);
    create("dev");
    assert_works(vcluster_instance_list_new(host, NULL, &list, &error), &error);
    assert_int_equal(vcluster_instance_list_size(list), 1);
    assert_true(vcluster_instance_ready(vcluster_instance_list_at(list, 0)));
    vcluster_instance_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(fake_creates_a_virtual_cluster_that_is_ready, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
