/* SPDX-License-Identifier: Apache-2.0 */
/* Servers with charts on them, and a folder for the cache, for the tests of lib/repo. */
#ifndef REPO_FIXTURE_H
#define REPO_FIXTURE_H

#include <stdbool.h>

#include "base/call.h"
#include "data/encoding.h"
#include "repo/fetch.h"
#include "test_server.h"

enum { MAX_ROUTES = 48, YEAR_S = 365 * 86400 };

/* What a server answers for one path (with its query). */
typedef struct route {
    char *path;
    int status;
    char *headers; /* "Name: value\r\n"... */
    char *body;
    size_t size;
    size_t cut;      /* not 0: only so many bytes of the body are sent */
    char *needs;     /* value of Authorization without which the answer is 401, */
    char *challenge; /* with this WWW-Authenticate */
} route;

typedef struct site {
    test_server *server;
    char url[64];
    char host[64];      /* "localhost:PORT" */
    const char *ca_pem; /* whom its certificate is of; NULL without TLS */
    route routes[MAX_ROUTES];
    int count;
    char log[65536]; /* "METHOD path|authorization|body\n" of every request */
} site;

site *site_start(bool tls);
void site_stop(site *s);
/* A route that answers with a text; it may be changed before requests come. */
route *site_text(site *s, const char *path, int status, const char *headers, const char *body);
route *site_bytes(site *s, const char *path, const char *body, size_t size);
int site_requests(site *s);
/* Fails the test unless a request, as the log has it, was (or was not) made. */
void assert_asked(const site *s, const char *line);
void assert_not_asked(const site *s, const char *line);

/* A chart archive, and its digest. */
typedef struct archive {
    char *data;
    size_t size;
    char digest[VCL_SHA256_HEX_SIZE];
} archive;
archive archive_new(const char *name, const char *version);
void archive_done(archive *a);

/* One fetch: options and what came of it. */
typedef struct fixture {
    vcluster_chart_fetch_options options;
    char folder[64]; /* a new one; "cache" in it is the cache, and it is $HOME */
    char cache[80];
    vcluster_chart *chart;
    vcluster_error *error;
} fixture;

fixture *fixture_new(void);
void fixture_done(fixture *f);
int fetch(fixture *f, const char *reference);
/* Fetch and expect the version. */
void assert_fetches(fixture *f, const char *reference, const char *version);
/* Fetch and expect an error that says so. */
void assert_refuses(fixture *f, const char *reference, int code, const char *part);
/* Write a file below f->folder, whose folders are made. */
void write_file(const fixture *f, const char *name, const char *text);
/* The number of regular files in a folder below the cache; -1 when there is none. */
int count_files(const fixture *f, const char *folder);

#endif
