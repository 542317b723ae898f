/* SPDX-License-Identifier: Apache-2.0 */
/* vcl: which command, and what SIGINT means. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "vcl.h"

static const char usage[] =
    "usage: vcl COMMAND ...\n"
    "\n"
    "  create NAME    make a virtual cluster and wait until it is ready\n"
    "  ensure NAME    the same, but an existing one is fine\n"
    "  list           list virtual clusters\n"
    "  get NAME       show one\n"
    "  wait NAME      wait until it is ready\n"
    "  connect NAME   hold a tunnel open and print the kubeconfig to use with it\n"
    "  run NAME -- CMD ...\n"
    "                 run a program inside: KUBECONFIG leads to the virtual cluster\n"
    "  delete NAME    delete it, and wait until it is gone\n"
    "  template NAME [CHART]\n"
    "                 print the manifests without a cluster\n"
    "  version\n"
    "\n"
    "options:\n"
    "  -n, --namespace NS         host namespace\n"
    "  -A, --all-namespaces       list: all namespaces (default)\n"
    "      --kubeconfig FILE      kubeconfig of the host\n"
    "      --context NAME         context in it\n"
    "      --distribution NAME    upstream (default) or embedded\n"
    "      --chart DIR|TGZ        chart to install\n"
    "  -f, --values FILE          values file; may be repeated\n"
    "      --set KEY=VALUE        set a value; may be repeated\n"
    "      --set-string KEY=VALUE the same, always as text\n"
    "      --kube-version V       template: version of the host\n"
    "      --wait=false           do not wait\n"
    "      --timeout DURATION     such as 90s, 5m (default 300s); 0: none\n"
    "      --print                connect: print the kubeconfig to stdout\n"
    "      --server URL           connect --print: where the cluster can be reached\n"
    "      --missing-ok           delete: success when there is none\n"
    "      --keep-volumes         delete: volumes and namespace stay\n"
    "      --keep-namespace       delete: the namespace stays\n"
    "      --take-over            create, ensure: take over what a killed helm left pending\n"
    "  -o, --output json          list, get, create, ensure: JSON on stdout\n"
    "  -q, --quiet                no progress\n"
    "  -v, --verbose              show requests\n";

static vcluster_cancel *cancel_on_signal; /* set once, before the handlers */

static void on_signal(int number)
{
    (void)number;
    vcluster_cancel_trigger(cancel_on_signal);
}

static void catch_signals(vcluster_cancel *cancel)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

    cancel_on_signal = cancel;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int create(const vcl_arguments *arguments)
{
    return vcl_command_create(arguments, true);
}

static int ensure(const vcl_arguments *arguments)
{
    return vcl_command_create(arguments, false);
}

static int connect_or_run(const vcl_arguments *arguments)
{
    return arguments->command ? vcl_command_run(arguments) : vcl_command_connect(arguments);
}

static const struct command {
    const char *name;
    size_t least, most; /* operands */
    int (*run)(const vcl_arguments *arguments);
} commands[] = {
    { "create", 1, 1, create },
    { "ensure", 1, 1, ensure },
    { "list", 0, 0, vcl_command_list },
    { "ls", 0, 0, vcl_command_list },
    { "get", 1, 1, vcl_command_get },
    { "wait", 1, 1, vcl_command_wait },
    { "connect", 1, 1, connect_or_run },
    { "run", 1, 1, vcl_command_run },
    { "delete", 1, 1, vcl_command_delete },
    { "rm", 1, 1, vcl_command_delete },
    { "template", 1, 2, vcl_command_template },
};

static int run_command(const struct command *command, int argc, char **argv)
{
    vcl_arguments arguments = { 0 };
    vcluster_error *error = NULL;

    int exit_code = vcl_arguments_parse(argc, argv, &arguments);
    if (exit_code != VCL_EXIT_OK)
        return exit_code;
    if (arguments.operand_count < command->least || arguments.operand_count > command->most) {
        (void)fprintf(stderr, "vcl %s: %s; see vcl --help\n", command->name,
                      arguments.operand_count < command->least ? "a name is missing"
                                                               : "too many arguments");
        return VCL_EXIT_USAGE;
    }
    if (vcluster_cancel_new(&arguments.cancel, &error) < 0)
        return vcl_report_error(error);
    catch_signals(arguments.cancel);
    exit_code = command->run(&arguments);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    vcluster_cancel_free(arguments.cancel);
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_code == VCL_EXIT_OK) {
        perror("vcl: cannot write to stdout");
        exit_code = VCL_EXIT_FAILED;
    }
    return exit_code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
        (void)fputs(usage, stdout);
        return VCL_EXIT_OK;
    }
    if (!strcmp(name, "version") || !strcmp(name, "--version")) {
        (void)printf("vcl %s\n", vcluster_version());
        return VCL_EXIT_OK;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!strcmp(commands[i].name, name))
            return run_command(&commands[i], argc - 1, argv + 1);
    }
    if (*name)
        (void)fprintf(stderr, "vcl: no command '%s'\n", name);
    (void)fputs(usage, stderr);
    return VCL_EXIT_USAGE;
}
