# SPDX-License-Identifier: Apache-2.0
# The layers of the library, a folder of lib/ each, lower ones first. Which of them one may include is
# in scripts/check-layers.
set(VCLUSTER_LAYERS base data net kube chart sync quota gitops check lint repo release fake vcluster api)

# vcluster_layer(NAME SOURCES...): one layer of the library as an object library, so that unit tests
# link a layer with what lies below it and nothing else.
function(vcluster_layer name)
  add_library(vcl_${name} OBJECT ${ARGN})
  target_compile_definitions(vcl_${name} PRIVATE VCLUSTER_BUILDING)
  target_link_libraries(vcl_${name} PRIVATE ${VCLUSTER_DEPENDENCIES})
endfunction()

# vcluster_unit_test(NAME LAYERS base data ... SOURCES file.c...): a cmocka program, label unit.
function(vcluster_unit_test name)
  cmake_parse_arguments(ARG "" "" "LAYERS;SOURCES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  foreach(layer IN LISTS ARG_LAYERS)
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:vcl_${layer}>)
  endforeach()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support")
  target_compile_definitions(${name} PRIVATE
    VCLUSTER_BUILDING VCLUSTER_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
  target_link_libraries(${name} PRIVATE ${VCLUSTER_DEPENDENCIES} PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120)
endfunction()
