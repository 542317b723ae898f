# SPDX-License-Identifier: Apache-2.0
# Warnings, hardening and sanitizers, for everything that is compiled here.
add_compile_definitions(_GNU_SOURCE)
add_compile_options(
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
  -Wundef -Wcast-qual -Wwrite-strings -fstack-protector-strong)
if(VCLUSTER_WERROR)
  add_compile_options(-Werror)
endif()
if(VCLUSTER_SANITIZE)
  add_compile_options(-fsanitize=${VCLUSTER_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VCLUSTER_SANITIZE})
else()
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>")
  if(NOT APPLE)
    add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)
  endif()
endif()
