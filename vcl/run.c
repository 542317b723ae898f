/* SPDX-License-Identifier: Apache-2.0 */
/* run: one program inside a virtual cluster, with our signals and its exit code. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "vcl.h"

/* For the handler; both are set before it is. */
static volatile int64_t program_pid;
static vcluster_cancel *program_cancel;

/* What the terminal sends (Ctrl-C) it sends to the program as well; what somebody sends to us is
 * meant for it. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    int64_t pid = program_pid;

    (void)context;
    if (pid <= 0)
        vcluster_cancel_trigger(program_cancel);
    else if (info->si_code <= 0)
        (void)kill((pid_t)pid, number);
}

static void pass_signals_on(vcluster_cancel *cancel)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
    struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_RESTART | SA_SIGINFO };

    program_cancel = cancel;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)sigaction(numbers[i], &action, NULL);
}

int vcl_command_run(const vcl_arguments *arguments)
{
    vcluster_run_options options = VCLUSTER_RUN_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    int exit_code = VCL_EXIT_FAILED;

    if (!arguments->command) {
        (void)fputs("vcl run: no program is named behind '--'\n", stderr);
        return VCL_EXIT_USAGE;
    }
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.out_pid = &program_pid;
    pass_signals_on(arguments->cancel);
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_run(client, arguments->operands[0],
                                       (const char *const *)arguments->command, &options,
                                       &exit_code, &error);
    vcluster_client_unref(client);
    if (status == 0 && program_pid == 0)
        (void)fprintf(stderr, "vcl: cannot start '%s': %s\n", arguments->command[0],
                      exit_code == 127 ? "no such program" : "it cannot be run");
    return status < 0 ? vcl_report_error(error) : exit_code;
}
