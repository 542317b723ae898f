/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file export.h
 * Attributes of the exported functions.
 */
#ifndef LIBVCLUSTER_EXPORT_H
#define LIBVCLUSTER_EXPORT_H

#if defined(__GNUC__) || defined(__clang__)
#define VCLUSTER_API __attribute__((visibility("default")))
#define VCLUSTER_NODISCARD __attribute__((warn_unused_result))
#define VCLUSTER_PRINTF(format, first) __attribute__((format(printf, format, first)))
#else
#define VCLUSTER_API
#define VCLUSTER_NODISCARD
#define VCLUSTER_PRINTF(format, first)
#endif

#ifdef __cplusplus
#define VCLUSTER_BEGIN_DECLS extern "C" {
#define VCLUSTER_END_DECLS }
#else
#define VCLUSTER_BEGIN_DECLS
#define VCLUSTER_END_DECLS
#endif

#endif
