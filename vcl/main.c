/* SPDX-License-Identifier: Apache-2.0 */
/* vcl: which command, and what SIGINT means. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "vcl.h"

static const char usage[] =
    "usage: vcl COMMAND ...\n"
    "\n"
    "  create NAME... make virtual clusters and wait until they are ready\n"
    "  ensure NAME... the same, but an existing one is upgraded where it differs\n"
    "  plan NAME      tell what an ensure with the same options would do; --delete: a delete\n"
    "  preflight NAME tell what would make a create fail, before anything is touched\n"
    "  pause NAME...  scale them to nothing; objects and volumes stay; --all as delete\n"
    "  resume NAME... bring them back, and wait until they are ready; --all as delete\n"
    "  list           list virtual clusters\n"
    "  get NAME       show one\n"
    "  describe NAME  show all that its host tells: release, store, components, ways, quota, "
    "rules,\n"
    "                 values, and why it is not ready\n"
    "  wait NAME      wait until it is ready\n"
    "  why NAME       tell why it is not ready, and what to do\n"
    "  connect NAME   print the kubeconfig to use; where only a tunnel leads there, hold one open\n"
    "  connections    list the tunnels that connect --background has left behind\n"
    "  endpoint NAME  where it can be reached, and why not elsewhere\n"
    "  kubeconfig NAME\n"
    "                 print a kubeconfig for others; -o FILE writes it, --merge adds a context\n"
    "                 to yours\n"
    "  credential NAME\n"
    "                 print a short-lived token of a service account inside, as kubectl's exec\n"
    "                 plugins do; --revoke removes what was made for it\n"
    "  disconnect [NAME|CONTEXT]\n"
    "                 take that context out of your kubeconfig, and go back to the one before;\n"
    "                 its tunnel in the background ends\n"
    "  run NAME -- CMD ...\n"
    "                 run a program inside: KUBECONFIG leads to the virtual cluster\n"
    "  snapshot NAME FILE|-\n"
    "                 keep its state in a file; --check FILE tells what a file is\n"
    "  snapshot NAME URL\n"
    "                 upstream's control plane keeps it at container:///, s3:// or oci://;\n"
    "                 --remove: deletes it there\n"
    "  snapshots NAME [URL]\n"
    "                 list what it was asked to keep, or what is kept there\n"
    "  restore NAME FILE|-|URL\n"
    "                 put that state back, into the same virtual cluster or another\n"
    "  certs NAME     show its certificates; --rotate renews them\n"
    "  delete NAME... delete them, and wait until they are gone; --all with -n, -A or --owner\n"
    "  extend NAME... --ttl DURATION|--never\n"
    "                 set the time after which a reaper deletes it\n"
    "  reap           delete what has expired; --watch goes on, --manifest prints a CronJob\n"
    "  adopt NAME     take one that upstream's CLI, Helm, GitOps or manifests made into our care\n"
    "  audit          tell what virtual clusters left behind; --remove removes it\n"
    "  rights OPERATION...\n"
    "                 print the smallest role for operations: list, connect, create, delete, ...\n"
    "  watch          tell what happens to virtual clusters\n"
    "  logs POD       print the log of a pod\n"
    "  exec POD -- CMD ...\n"
    "                 run a program in a pod\n"
    "  port-forward POD|-l LABELS [LOCAL:]PORT\n"
    "                 hold a tunnel to a port of a pod open\n"
    "  template NAME [CHART]\n"
    "                 print the manifests without a cluster, as helm template does\n"
    "  render SPEC    print what Argo CD, Flux or kustomize need for a virtual cluster; -o DIR\n"
    "                 writes the files below that folder\n"
    "  import DIR [NAME]\n"
    "                 print the spec of which render made the files below a folder\n"
    "  chart install|upgrade|diff RELEASE CHART\n"
    "  chart rollback|status RELEASE [REVISION]\n"
    "  chart history|uninstall RELEASE\n"
    "                 Helm releases of any chart\n"
    "  chart pull CHART, chart show values|schema|chart CHART\n"
    "                 get a chart, look into it\n"
    "  sync list      the sync rules of -f VALUES, of --chart CHART or upstream's\n"
    "  sync get KIND, sync set KIND on|off|auto\n"
    "                 one of them; the values with one of them changed\n"
    "  quota fits NAME MANIFESTS, quota fits --constraints QUOTAS MANIFESTS\n"
    "                 whether objects would be admitted there; exit code 1: not all\n"
    "  quota show NAME\n"
    "                 what quotas allow, what is used, what the control plane uses of it\n"
    "  quota show --all [--budget cpu=64,memory=256Gi]\n"
    "                 what all virtual clusters are promised of a budget, or of the nodes\n"
    "  quota admit [TENANT] [--budget ...]\n"
    "                 whether one more, a TeamCluster or -f VALUES, fits; exit code 1: it does "
    "not\n"
    "  quota set NAME TENANT, quota set TENANT\n"
    "                 give it the quota and policies of a TeamCluster; or print the values\n"
    "  quota remove NAME\n"
    "                 take quota, limit range and network policies away\n"
    "  sync diff [NAME], sync apply NAME [KIND on|off|auto]\n"
    "                 what -f VALUES changes against --against FILE or NAME; change it in NAME\n"
    "  check          what a control plane refuses of -f VALUES, before it does\n"
    "  names NAME     its objects on the host, by their names inside\n"
    "  lint FILE|DIR ..., lint --live [NAME ...]\n"
    "                 mistakes in values and manifests; --fix repairs what has one right answer\n"
    "  version\n"
    "\n"
    "CHART is a directory, a .tgz, a URL, oci://HOST/PATH/CHART[:VERSION], a name in --repo URL,\n"
    "or 'vcluster', which is upstream's.\n"
    "\n"
    "options (vcl(1) has all of them):\n"
    "  -n, --namespace NS         host namespace\n"
    "  -A, --all-namespaces       list: all namespaces (default)\n"
    "      --kubeconfig FILE      kubeconfig of the host\n"
    "      --context NAME         context in it\n"
    "      --host-server URL      API server of the host in place of the kubeconfig's; so is\n"
    "                             --server, but for connect\n"
    "      --as USER, --as-group GROUP\n"
    "                             act as somebody else on the host\n"
    "      --distribution NAME    upstream (default) or embedded\n"
    "      --kubernetes-version V create, ensure, plan: Kubernetes inside, such as 1.35\n"
    "      --profile NAME         create, ensure, plan: default, fast or lean\n"
    "      --chart CHART          create, ensure: chart to install\n"
    "      --repo URL             repository of the chart (--chart-repo)\n"
    "      --version V            version of the chart, or a constraint (--chart-version)\n"
    "      --username NAME, --password-stdin\n"
    "                             for the repository or registry\n"
    "  -f, --values FILE          values file; may be repeated\n"
    "      --set KEY=VALUE        set a value; may be repeated; as in Helm there are\n"
    "                             --set-string, --set-json, --set-file, --set-literal\n"
    "      --kube-version V, -a, --api-versions V\n"
    "                             template: what the host offers\n"
    "      --wait=false           create, ensure, delete: do not wait\n"
    "      --wait                 chart: until everything is ready; --wait-for-jobs; --atomic\n"
    "      --dry-run              chart, reap: change nothing\n"
    "      --create-namespace     chart install: make the namespace\n"
    "      --install              chart upgrade: install when there is no release\n"
    "      --reset-values, --reuse-values, --reset-then-reuse-values\n"
    "                             chart upgrade: what becomes of the values given before;\n"
    "                             ensure, plan: --reset-values drops them\n"
    "      --atomic               create, ensure: undo what fails\n"
    "      --preflight            create, ensure: refuse what preflight finds of a new one\n"
    "      --unchecked            create, ensure, plan: try values that cannot work\n"
    "      --resume               ensure: a paused one is resumed\n"
    "      --timeout DURATION     such as 90s, 5m (default 300s); 0: none\n"
    "      --print                connect: print the kubeconfig to stdout\n"
    "      --server URL           connect, kubeconfig, endpoint: where the cluster can be reached\n"
    "      --tls-server-name NAME, --no-verify, --insecure\n"
    "                             ... the name in its certificate; do not try it; verify nothing\n"
    "      --tunnel               connect: a tunnel, even if there is a better way\n"
    "      --background           connect: return at once; add a context to your kubeconfig, and\n"
    "                             leave a process behind where only a tunnel leads there\n"
    "      --local-port PORT      connect: of the tunnel, on 127.0.0.1\n"
    "      --exposed-only         endpoint: the tunnel does not count\n"
    "      --update-current       connect, kubeconfig: add a context to your kubeconfig and\n"
    "                             switch to it\n"
    "      --context-name NAME    connect, kubeconfig: of that context\n"
    "      --replace              ... even where somebody else has made one of that name\n"
    "      --service-account NAME, --service-account-namespace NS\n"
    "                             credential, kubeconfig: log in as it (in kube-system)\n"
    "      --create, --cluster-role NAME, --role NAME, --role-namespace NS\n"
    "                             ... made if it is missing, and bound to that role\n"
    "      --expiration DURATION, --audience NAME\n"
    "                             credential, kubeconfig: of the token (default 1h)\n"
    "      --exec                 kubeconfig: hold no credentials, but name 'vcl credential'\n"
    "      --missing-ok           delete, disconnect, uninstall: success when there is none\n"
    "      --keep-volumes         delete: volumes and namespace stay\n"
    "      --keep-namespace       delete: the namespace stays\n"
    "      --gitops-too           delete: also what Argo CD or Flux makes\n"
    "      --leftovers-too        delete, plan --delete: also what would be left behind\n"
    "      --ttl DURATION         create, ensure, extend: it expires so long from now\n"
    "      --owner NAME           ... and belongs to NAME; reap, delete --all: only those\n"
    "      --only-later           extend: an expiry that is later already stays\n"
    "      --grace DURATION       reap: what has expired so long ago; audit: what is as old\n"
    "      --remove, --volumes-too\n"
    "                             audit: remove what is found; also what holds data\n"
    "      --watch, --interval DURATION\n"
    "                             reap: look again, every 30s by default\n"
    "      --manifest --image IMAGE, --schedule CRON, --manifest-namespace NS\n"
    "                             reap: print a CronJob that does it\n"
    "      --parallel N           of several: so many at once\n"
    "      --take-over            take over what a killed helm left pending; adopt: what a\n"
    "                             controller made that stands still\n"
    "      --align                adopt: what differs from its chart is changed\n"
    "      --format F             render: argocd, argocd-applicationset, argocd-cluster, flux,\n"
    "                             manifests\n"
    "      --direction D, --settings JSON\n"
    "                             sync: toHost or fromHost; what else to set\n"
    "      --against FILE         check, sync diff: the values of before\n"
    "      --licence TIER         check: of upstream: none, free, dev, prod, scale\n"
    "      --fix, --fail-on error|warning|info|never, --config FILE, --list-rules\n"
    "                             lint: repair; what exits with 1; in place of .vclint.yaml; -o "
    "is\n"
    "                             text, json, sarif, junit or github\n"
    "      --in NAME              logs, exec, port-forward: pods of this virtual cluster\n"
    "  -c, --container NAME       logs, exec: which container\n"
    "  -f, --follow, -p, --previous, --timestamps, --tail N, --since DURATION, --since-time T\n"
    "                             logs: which part of it\n"
    "  -i, --stdin, -t, --tty     exec: pass the input on; with a terminal\n"
    "  -o, --output json          JSON on stdout\n"
    "      --progress FORM        plain (default), json (an object a line), none\n"
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

static const vcl_command commands[] = {
    { "create", 1, VCL_MAX_OPERANDS, create },
    { "ensure", 1, VCL_MAX_OPERANDS, ensure },
    { "plan", 1, 1, vcl_command_plan },
    { "preflight", 1, 1, vcl_command_preflight },
    { "pause", 0, VCL_MAX_OPERANDS, vcl_command_pause },
    { "sleep", 0, VCL_MAX_OPERANDS, vcl_command_pause },
    { "resume", 0, VCL_MAX_OPERANDS, vcl_command_resume },
    { "wakeup", 0, VCL_MAX_OPERANDS, vcl_command_resume },
    { "list", 0, 0, vcl_command_list },
    { "ls", 0, 0, vcl_command_list },
    { "get", 1, 1, vcl_command_get },
    { "wait", 1, 1, vcl_command_wait },
    { "why", 1, 1, vcl_command_why },
    { "describe", 1, 1, vcl_command_describe },
    { "connect", 1, 1, connect_or_run },
    { "connections", 0, 0, vcl_command_connections },
    { "connection-hold", 1, 1, vcl_command_connection_hold }, /* the library starts it */
    { "credential", 1, 1, vcl_command_credential },
    { "disconnect", 0, 1, vcl_command_disconnect },
    { "endpoint", 1, 1, vcl_command_endpoint },
    { "kubeconfig", 1, 1, vcl_command_kubeconfig },
    { "lint", 0, VCL_MAX_OPERANDS, vcl_command_lint },
    { "run", 1, 1, vcl_command_run },
    { "watch", 0, 0, vcl_command_watch },
    { "logs", 1, 1, vcl_command_logs },
    { "exec", 1, 1, vcl_command_exec },
    { "port-forward", 1, 2, vcl_command_port_forward },
    { "snapshot", 1, 2, vcl_command_snapshot },
    { "snapshots", 1, 2, vcl_command_snapshots },
    { "restore", 2, 2, vcl_command_restore },
    { "certs", 1, 1, vcl_command_certs },
    { "check", 0, 0, vcl_command_check },
    { "names", 1, 1, vcl_command_names },
    { "delete", 0, VCL_MAX_OPERANDS, vcl_command_delete },
    { "rm", 0, VCL_MAX_OPERANDS, vcl_command_delete },
    { "extend", 1, VCL_MAX_OPERANDS, vcl_command_extend },
    { "reap", 0, 0, vcl_command_reap },
    { "adopt", 1, 1, vcl_command_adopt },
    { "audit", 0, 0, vcl_command_audit },
    { "rights", 1, VCL_MAX_OPERANDS, vcl_command_rights },
    { "template", 1, 2, vcl_command_template },
    { "render", 1, 1, vcl_command_render },
    { "import", 1, 2, vcl_command_import },
    { 0 },
};

/* Commands of two words. */
static const struct {
    const char *name;
    const vcl_command *commands;
} groups[] = { { "chart ", vcl_chart_commands },
               { "sync ", vcl_sync_commands },
               { "quota ", vcl_quota_commands } };

static const vcl_command *find_command(const vcl_command *table, const char *name)
{
    for (; table->name; table++) {
        if (!strcmp(table->name, name))
            return table;
    }
    return NULL;
}

static int run_command(const vcl_command *command, const char *group, int argc, char **argv)
{
    vcl_arguments arguments = { 0 };
    vcluster_error *error = NULL;

    int exit_code = vcl_arguments_parse(argc, argv, &arguments);
    if (exit_code != VCL_EXIT_OK)
        return exit_code;
    if (arguments.operand_count < command->least || arguments.operand_count > command->most) {
        (void)fprintf(stderr, "vcl %s%s: %s; see vcl --help\n", group, command->name,
                      arguments.operand_count < command->least ? "an argument is missing"
                                                               : "too many arguments");
        return VCL_EXIT_USAGE;
    }
    bool own_output = command->run == vcl_command_kubeconfig ||
                      command->run == vcl_command_render || command->run == vcl_command_lint;
    if (arguments.output && !arguments.json && !own_output) {
        (void)fprintf(stderr, "vcl: --output '%s': expected json\n", arguments.output);
        return VCL_EXIT_USAGE;
    }
    if (command->run != connect_or_run && command->run != vcl_command_kubeconfig &&
        command->run != vcl_command_endpoint && !arguments.host_server)
        arguments.host_server = arguments.server;
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
    const vcl_command *command = find_command(commands, name);
    if (command)
        return run_command(command, "", argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        const char *group = groups[i].name;
        if (strncmp(group, name, strlen(name)) != 0 || group[strlen(name)] != ' ')
            continue;
        command = find_command(groups[i].commands, argc > 2 ? argv[2] : "");
        if (command)
            return run_command(command, group, argc - 2, argv + 2);
    }
    if (*name)
        (void)fprintf(stderr, "vcl: no command '%s%s%s'\n", name, argc > 2 ? " " : "",
                      argc > 2 ? argv[2] : "");
    (void)fputs(usage, stderr);
    return VCL_EXIT_USAGE;
}
