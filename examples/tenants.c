/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keep the virtual clusters of one owner equal to a list of tenants: who is on it gets one with its
 * quota, who is not on it any more loses it. A second run with the same list changes nothing.
 * Each line of the list is "TEAM CPU MEMORY"; virtual clusters are called OWNER-TEAM.
 * usage: tenants OWNER LIST
 */
#include <libvcluster/vcluster.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 64, NAME_SIZE = 53 };

typedef struct {
    const char *owner;
    vcluster_chart *chart; /* what the control plane needs comes on top of a quota */
    size_t count;
    char names[MOST][NAME_SIZE];
    vcluster_config *values[MOST]; /* a batch borrows them */
} tenants;

/* Names are made of letters, digits and dashes only, so that the document needs no quoting. */
static bool is_plain(const char *word, const char *others)
{
    const char *alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
    for (; *word; word++)
        if (!strchr(alphabet, *word) && !strchr(others, *word))
            return false;
    return true;
}

/* [tenant] */
static int
add(tenants *list, const char *team, const char *cpu, const char *memory, vcluster_error **error)
{
    vcluster_config *values = NULL;
    char document[512];

    (void)snprintf(document, sizeof(document),
                   "kind: TeamCluster\n"
                   "spec: {team: %s, resourceQuota: {cpu: %s, memory: %s}}\n",
                   team, cpu, memory);
    int status = vcluster_config_new(&values, error);
    if (status == 0)
        status = vcluster_config_set_tenant(values, document, list->chart, NULL, error);
    if (status < 0) {
        vcluster_config_free(values);
        return status;
    }
    list->values[list->count++] = values;
    return 0;
}
/* [tenant] */

/* @return whether the list was read; what is wrong has been told. */
static bool read_list(tenants *list, FILE *file)
{
    char line[256], team[41], cpu[32], memory[32], more[2];

    for (int number = 1; fgets(line, sizeof(line), file); number++) {
        vcluster_error *error = NULL;
        int words = sscanf(line, "%40s %31s %31s %1s", team, cpu, memory, more);
        if (words <= 0 || *team == '#')
            continue;
        if (words != 3 || list->count == MOST || !is_plain(team, "") || !is_plain(cpu, ".") ||
            !is_plain(memory, ".KMGT") ||
            snprintf(list->names[list->count], NAME_SIZE, "%s-%s", list->owner, team) >=
                NAME_SIZE) {
            fprintf(stderr, "tenants: line %d is not 'TEAM CPU MEMORY', or one of too many\n",
                    number);
            return false;
        }
        if (add(list, team, cpu, memory, &error) < 0) {
            fprintf(stderr, "tenants: line %d: %s\n", number, vcluster_error_to_string(error));
            vcluster_error_free(error);
            return false;
        }
    }
    return true;
}

static bool is_listed(const tenants *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0)
            return true;
    return false;
}

static int add_wanted(vcluster_batch *batch, const tenants *list, vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;

    options.owner = list->owner;
    options.distribution = "embedded";
    for (size_t i = 0; i < list->count; i++) {
        int status =
            vcluster_batch_add_ensure(batch, list->names[i], list->values[i], &options, error);
        if (status < 0)
            return status;
    }
    return 0;
}

/* Those of this owner only: what somebody else made is never touched. */
static int add_unwanted(vcluster_batch *batch,
                        const tenants *list,
                        const vcluster_instance_list *found,
                        vcluster_error **error)
{
    for (size_t i = 0; i < vcluster_instance_list_size(found); i++) {
        const vcluster_instance *one = vcluster_instance_list_at(found, i);
        vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

        if (strcmp(vcluster_instance_owner(one), list->owner) != 0 ||
            is_listed(list, vcluster_instance_name(one)))
            continue;
        options.namespace_name = vcluster_instance_namespace(one);
        int status = vcluster_batch_add_delete(batch, vcluster_instance_name(one), &options, error);
        if (status < 0)
            return status;
    }
    return 0;
}

static int on_result(const vcluster_result *result, void *data)
{
    const vcluster_error *error = vcluster_result_error(result);
    int *failures = data;

    *failures += error != NULL;
    printf("%s %s: %s\n", vcluster_result_operation(result), vcluster_result_name(result),
           error ? vcluster_error_to_string(error) : "done");
    return 0;
}

/* [keep] */
static int keep(vcluster_client *client, const tenants *list, int *failures, vcluster_error **error)
{
    vcluster_instance_list *found = NULL;
    vcluster_batch *batch = NULL;

    int status = vcluster_instance_list_new(client, NULL, &found, error);
    if (status == 0)
        status = vcluster_batch_new(&batch, error);
    if (status == 0)
        status = add_wanted(batch, list, error);
    if (status == 0)
        status = add_unwanted(batch, list, found, error);
    if (status == 0)
        status = vcluster_batch_run(client, batch, NULL, on_result, failures, error);
    vcluster_batch_free(batch);
    vcluster_instance_list_free(found);
    return status;
}
/* [keep] */

static int run(const tenants *list)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    int failures = 0;

    int status = vcluster_client_new(NULL, &client, &error);
    if (status == 0)
        status = keep(client, list, &failures, &error);
    vcluster_client_unref(client);
    if (status < 0)
        fprintf(stderr, "tenants: %s\n", vcluster_error_to_string(error));
    else if (failures == 0)
        printf("%zu tenants are kept\n", list->count);
    vcluster_error_free(error);
    return status < 0 || failures;
}

int main(int argc, char **argv)
{
    static tenants list;
    vcluster_error *error = NULL;
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;

    if (!file) {
        fprintf(stderr, "usage: tenants OWNER LIST\n");
        return 2;
    }
    list.owner = argv[1];
    int code = 1;
    if (vcluster_chart_embedded(&list.chart, &error) < 0)
        fprintf(stderr, "tenants: %s\n", vcluster_error_to_string(error));
    else if (read_list(&list, file))
        code = run(&list);
    vcluster_error_free(error);
    (void)fclose(file);
    for (size_t i = 0; i < list.count; i++)
        vcluster_config_free(list.values[i]);
    vcluster_chart_free(list.chart);
    return code;
}
