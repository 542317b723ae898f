# SPDX-License-Identifier: Apache-2.0
# Run by vcluster_embed(): write the files below ROOT into the C file OUTPUT.
file(GLOB_RECURSE names RELATIVE "${ROOT}" "${ROOT}/*")
list(SORT names)
set(arrays "")
set(table "")
set(index 0)
foreach(name IN LISTS names)
  file(READ "${ROOT}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  file(SIZE "${ROOT}/${name}" size)
  string(APPEND arrays "static const unsigned char file_${index}[] = { ${bytes}0 };\n")
  string(APPEND table "    { \"${name}\", file_${index}, ${size} },\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}" "/* Made by the build from ${SYMBOL}'s files: do not edit. */
#include \"${INCLUDE}\"

${arrays}
const vcl_embedded_file ${SYMBOL}[] = {
${table}    { 0, 0, 0 },
};
")
