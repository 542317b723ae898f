# SPDX-License-Identifier: Apache-2.0
# vcluster_embed(OUTPUT file.c SYMBOL name INCLUDE header.h ROOT folder): all files below a folder
# as one C array of vcl_embedded_file, made when one of them changes.
set(VCLUSTER_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed.cmake")

function(vcluster_embed)
  cmake_parse_arguments(ARG "" "OUTPUT;SYMBOL;INCLUDE;ROOT" "" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS "${ARG_ROOT}/*")
  add_custom_command(
    OUTPUT "${ARG_OUTPUT}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${ARG_OUTPUT}" "-DSYMBOL=${ARG_SYMBOL}"
      "-DINCLUDE=${ARG_INCLUDE}" "-DROOT=${ARG_ROOT}" -P "${VCLUSTER_EMBED_SCRIPT}"
    DEPENDS ${files} "${VCLUSTER_EMBED_SCRIPT}"
    COMMENT "Embedding ${ARG_ROOT}"
    VERBATIM)
endfunction()
