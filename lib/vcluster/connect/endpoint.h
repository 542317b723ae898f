/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to a virtual cluster: found in the objects of the host (endpoint_find.c, which asks for
 * them, and endpoint_candidates.c, which reads them), tried out with its own CA and credentials
 * (endpoint_verify.c), and the best one chosen (endpoint.c).
 */
#ifndef VCL_VCLUSTER_CONNECT_ENDPOINT_H
#define VCL_VCLUSTER_CONNECT_ENDPOINT_H

#include <libvcluster/endpoint.h>

#include "data/json.h"
#include "vcluster/connect/access.h"

struct vcluster_endpoint_candidate {
    int kind;
    char *url;             /* NULL: there is no such way */
    char *tls_server_name; /* NULL: the host of the URL */
    char *reason;          /* NULL: not tried yet, or taken */
};

/* Candidates in the order in which they are preferred. What cannot be added for lack of memory is
 * remembered in `failed`, so that it need be looked at only once. */
enum { VCL_MAX_WAYS = 32 };
typedef struct vcl_ways {
    vcluster_endpoint_candidate items[VCL_MAX_WAYS];
    size_t count;
    bool failed;
} vcl_ways;

struct vcluster_endpoint {
    char *name;
    char *namespace_name;
    vcl_ways candidates;
    size_t taken;
    bool insecure;
};

VCL_DEFINE_CLEANUP(vcluster_endpoint, vcluster_endpoint_free);

void vcl_ways_done(vcl_ways *list);
/* Move all from one list to the end of another; what has no room is dropped. */
void vcl_ways_move(vcl_ways *to, vcl_ways *from);
/* An array of them; NULL: memory is short. */
cJSON *vcl_ways_to_json(const vcl_ways *list);
/* A way to try: https://HOST[:PORT]. What is neither a DNS name nor an address is passed over. */
void vcl_ways_add(
    vcl_ways *list, int kind, const char *host, int64_t port, const char *tls_server_name);
/* A way that there is not, and why. */
void vcl_ways_lack(vcl_ways *list, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Number of the port of a Service through which the API server is reached, as the member ("port",
 * "nodePort") has it; 0: none. */
int64_t vcl_service_port(const cJSON *service, const char *member);
/* What an object offers; each adds at least one candidate of its kind. */
void vcl_ways_of_balancer(vcl_ways *list, const cJSON *service);
void vcl_ways_of_node(vcl_ways *list, const cJSON *service, const cJSON *addresses);
void vcl_ways_of_ingresses(vcl_ways *list, const cJSON *items, const char *name);
/* Each route has its Gateways, as far as they could be read, in an array "gateways". */
void vcl_ways_of_routes(vcl_ways *list, const cJSON *items, const char *name);
/* Whether a rule of a TLSRoute leads to the Service. */
bool vcl_route_leads_to(const cJSON *route, const char *name);

/* Everything that the host offers, the tunnel as the last. */
int vcl_endpoint_find(vcluster_client *client,
                      vcl_call *call,
                      const vcl_access *access,
                      vcl_ways *list,
                      vcluster_error **error);

/* How a candidate is tried. */
typedef struct vcl_endpoint_trial {
    const vcl_access *access;
    const char *tls_server_name; /* in place of what is chosen; may be NULL */
    bool insecure;
} vcl_endpoint_trial;
/* A TLS handshake and an answer that only those who are let in get. Sets the name that has to be
 * verified where the certificate lacks that of the URL. On failure the message of the error says in
 * a few words what is wrong. */
int vcl_endpoint_verify(const vcl_endpoint_trial *trial,
                        vcluster_endpoint_candidate *candidate,
                        vcl_call *call,
                        vcluster_error **error);

typedef struct vcl_endpoint_request {
    vcluster_client *client;
    const vcl_access *access;
    const char *server; /* may be NULL, as may */
    const char *tls_server_name;
    bool insecure;
    bool exposed_only;
    bool unverified;
} vcl_endpoint_request;
int vcl_endpoint_choose(const vcl_endpoint_request *request,
                        vcl_call *call,
                        vcluster_endpoint **out_endpoint,
                        vcluster_error **error);

#endif
