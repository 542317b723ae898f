/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file vcluster.h
 * Everything of libvcluster in one include.
 */
#ifndef LIBVCLUSTER_VCLUSTER_H
#define LIBVCLUSTER_VCLUSTER_H

#include <libvcluster/adopt.h>
#include <libvcluster/audit.h>
#include <libvcluster/batch.h>
#include <libvcluster/budget.h>
#include <libvcluster/call.h>
#include <libvcluster/certs.h>
#include <libvcluster/chart.h>
#include <libvcluster/check.h>
#include <libvcluster/client.h>
#include <libvcluster/config.h>
#include <libvcluster/connection.h>
#include <libvcluster/credential.h>
#include <libvcluster/description.h>
#include <libvcluster/diagnosis.h>
#include <libvcluster/endpoint.h>
#include <libvcluster/error.h>
#include <libvcluster/fake.h>
#include <libvcluster/gitops.h>
#include <libvcluster/instance.h>
#include <libvcluster/kubeconfig.h>
#include <libvcluster/lease.h>
#include <libvcluster/lint.h>
#include <libvcluster/plan.h>
#include <libvcluster/pod.h>
#include <libvcluster/preflight.h>
#include <libvcluster/quota.h>
#include <libvcluster/release.h>
#include <libvcluster/report.h>
#include <libvcluster/resource.h>
#include <libvcluster/rights.h>
#include <libvcluster/run.h>
#include <libvcluster/snapshot.h>
#include <libvcluster/sync.h>
#include <libvcluster/tunnel.h>
#include <libvcluster/version.h>

#endif
