# SPDX-License-Identifier: Apache-2.0
# The same on upstream's control plane, where the host has its image; see on-upstream.
set(on_upstream "${CMAKE_CURRENT_SOURCE_DIR}/on-upstream" $<TARGET_FILE:vcl>)
foreach(name
  lifecycle
  main_job)
  add_test(NAME e2e_upstream_${name} COMMAND ${on_upstream} $<TARGET_FILE:test_e2e_${name}>)
endforeach()
add_test(NAME e2e_upstream_quota COMMAND ${on_upstream}
  "${CMAKE_CURRENT_SOURCE_DIR}/test_quota.sh" $<TARGET_FILE:vcl> "${PROJECT_SOURCE_DIR}/examples")
add_test(NAME e2e_upstream_rules COMMAND ${on_upstream}
  "${CMAKE_CURRENT_SOURCE_DIR}/test_upstream.sh" $<TARGET_FILE:vcl>)
add_test(NAME e2e_kubectl COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/test_kubectl.sh"
  $<TARGET_FILE:vcl>)
add_test(NAME e2e_upstream_kubectl COMMAND ${on_upstream}
  "${CMAKE_CURRENT_SOURCE_DIR}/test_kubectl.sh" $<TARGET_FILE:vcl>)
# Who can do what with whose; prints a table.
add_test(NAME e2e_upstream_interop COMMAND ${on_upstream}
  "${CMAKE_CURRENT_SOURCE_DIR}/interop-matrix" $<TARGET_FILE:vcl>)
set_tests_properties(e2e_upstream_interop PROPERTIES ENVIRONMENT
  "VCLUSTER_TEST_EMBEDDED_CHART=${PROJECT_SOURCE_DIR}/charts/embedded")
set_tests_properties(e2e_kubectl e2e_upstream_interop e2e_upstream_kubectl e2e_upstream_lifecycle e2e_upstream_main_job
  e2e_upstream_quota e2e_upstream_rules PROPERTIES LABELS e2e SKIP_RETURN_CODE 77 TIMEOUT 1800 RUN_SERIAL ON)
