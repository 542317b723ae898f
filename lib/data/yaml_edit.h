/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a YAML text that leave every other byte as it is: comments, quotes and layout stay.
 * What cannot be changed that way is refused, never guessed.
 */
#ifndef VCL_DATA_YAML_EDIT_H
#define VCL_DATA_YAML_EDIT_H

#include "data/yaml_marks.h"

/*
 * Set the scalar at a path of --set ("a.b\.c[0].d"; keys that are missing are made, items are not)
 * of a document to a value, which is written as it is given: it is YAML already.
 *
 * UNSUPPORTED where the path leads through something that is no map, or to one; CONFIG for a path
 * that cannot be read.
 */
int vcl_yaml_edit_set(const char *text,
                      size_t size,
                      const vcl_yaml_mark *document,
                      const char *path,
                      const char *value,
                      char **out_text,
                      vcluster_error **error);

/* Put an item, which is written as it is given, behind the last one of the list at a path.
 * UNSUPPORTED where there is no list, or one that is empty or whose items do not begin lines of
 * their own. */
int vcl_yaml_edit_append(const char *text,
                         size_t size,
                         const vcl_yaml_mark *document,
                         const char *path,
                         const char *value,
                         char **out_text,
                         vcluster_error **error);

/* Give the key at a path another name. UNSUPPORTED where the map has that name already. */
int vcl_yaml_edit_rename(const char *text,
                         size_t size,
                         const vcl_yaml_mark *document,
                         const char *path,
                         const char *key,
                         char **out_text,
                         vcluster_error **error);

#endif
