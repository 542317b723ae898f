# SPDX-License-Identifier: Apache-2.0
# The binding's tests, for CTest: installed by pip into an environment of the build tree, against
# this build tree's library. VCLUSTER_PYTHON_VENV is for other tests that need the binding.
find_package(Python 3.10 COMPONENTS Interpreter)
if(NOT Python_FOUND)
  message(STATUS "Python was not found: the Python binding is not tested")
  return()
endif()
set(VCLUSTER_PYTHON_VENV "${PROJECT_BINARY_DIR}/python-venv")

add_test(NAME python_install
  COMMAND "${Python_EXECUTABLE}" "${CMAKE_CURRENT_LIST_DIR}/make_venv.py"
          "${VCLUSTER_PYTHON_VENV}" "${CMAKE_CURRENT_SOURCE_DIR}")
set_tests_properties(python_install PROPERTIES
  ENVIRONMENT "PKG_CONFIG_PATH=${PROJECT_BINARY_DIR}/pkgconfig"
  FIXTURES_SETUP python_venv LABELS "bindings;rosetta" TIMEOUT 600)

# A library with sanitizers is loaded late here, and their runtime has to be there from the start.
set(environment "PYTHONDONTWRITEBYTECODE=1")
if(VCLUSTER_SANITIZE MATCHES "address")
  execute_process(COMMAND "${CMAKE_C_COMPILER}" -print-file-name=libasan.so
    OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  list(APPEND environment "LD_PRELOAD=${runtime}" "ASAN_OPTIONS=detect_leaks=0")
elseif(VCLUSTER_SANITIZE MATCHES "thread")
  execute_process(COMMAND "${CMAKE_C_COMPILER}" -print-file-name=libtsan.so
    OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  list(APPEND environment "LD_PRELOAD=${runtime}")
endif()

add_test(NAME python_pytest
  COMMAND "${CMAKE_COMMAND}" -E env "VCLUSTER_TEST_VCL=$<TARGET_FILE:vcl>"
          "${VCLUSTER_PYTHON_VENV}/bin/python" -m pytest -p no:cacheprovider
          "${CMAKE_CURRENT_LIST_DIR}")
set_tests_properties(python_pytest PROPERTIES
  ENVIRONMENT "${environment}" FIXTURES_REQUIRED python_venv LABELS bindings TIMEOUT 600)

# These need no host.
foreach(scenario lifecycle rules)
  set(folder "${PROJECT_SOURCE_DIR}/tests/rosetta/${scenario}")
  add_test(NAME rosetta_${scenario}_python
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${folder}/expected.txt"
            -P "${PROJECT_SOURCE_DIR}/tests/rosetta/compare.cmake" --
            "${VCLUSTER_PYTHON_VENV}/bin/python" "${folder}/run.py")
  set_tests_properties(rosetta_${scenario}_python PROPERTIES ENVIRONMENT "${environment}"
    FIXTURES_REQUIRED python_venv LABELS rosetta TIMEOUT 300)
endforeach()

foreach(scenario tenant release)
  set(folder "${PROJECT_SOURCE_DIR}/tests/rosetta/${scenario}")
  add_test(NAME rosetta_${scenario}_python
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${folder}/expected.txt"
            -P "${PROJECT_SOURCE_DIR}/tests/rosetta/compare.cmake" --
            "${VCLUSTER_PYTHON_VENV}/bin/python" "${folder}/run.py")
  set_tests_properties(rosetta_${scenario}_python PROPERTIES
    ENVIRONMENT "${environment}" FIXTURES_REQUIRED python_venv LABELS rosetta TIMEOUT 900
    RESOURCE_LOCK rosetta-${scenario} SKIP_REGULAR_EXPRESSION "SKIP: ")
  add_test(NAME rosetta_${scenario}_python_fake
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${folder}/expected.txt"
            -P "${PROJECT_SOURCE_DIR}/tests/rosetta/compare.cmake" --
            "${VCLUSTER_PYTHON_VENV}/bin/python" "${folder}/run.py")
  set_tests_properties(rosetta_${scenario}_python_fake PROPERTIES
    ENVIRONMENT "${environment};VCLUSTER_ROSETTA_HOST=fake" FIXTURES_REQUIRED python_venv
    LABELS rosetta TIMEOUT 300)
endforeach()

# An example that needs packages besides the binding.
set(example "${PROJECT_SOURCE_DIR}/examples/fastapi")
add_test(NAME example_fastapi_install
  COMMAND "${VCLUSTER_PYTHON_VENV}/bin/python" -m pip install --quiet --disable-pip-version-check
          -r "${example}/requirements.txt")
set_tests_properties(example_fastapi_install PROPERTIES
  FIXTURES_REQUIRED python_venv FIXTURES_SETUP example_fastapi LABELS examples TIMEOUT 300)
add_test(NAME example_fastapi
  COMMAND "${CMAKE_COMMAND}" -E env
          "${VCLUSTER_PYTHON_VENV}/bin/python" -m pytest -p no:cacheprovider "${example}")
set_tests_properties(example_fastapi PROPERTIES ENVIRONMENT "${environment}"
  FIXTURES_REQUIRED "python_venv;example_fastapi" LABELS examples TIMEOUT 300)

# The scripts in the CI files, with this build tree's vcl.
add_test(NAME example_ci
  COMMAND "${CMAKE_COMMAND}" -E env "PATH=$<TARGET_FILE_DIR:vcl>:$ENV{PATH}"
          "${VCLUSTER_PYTHON_VENV}/bin/python" -m pytest -p no:cacheprovider
          "${PROJECT_SOURCE_DIR}/examples/ci")
set_tests_properties(example_ci PROPERTIES ENVIRONMENT "${environment}"
  FIXTURES_REQUIRED python_venv LABELS examples TIMEOUT 600)

add_test(NAME example_hands_on_python
  COMMAND "${PROJECT_SOURCE_DIR}/examples/run-example" "ok: both are gone"
          "${VCLUSTER_PYTHON_VENV}/bin/python" "${PROJECT_SOURCE_DIR}/examples/hands-on/hands_on.py"
          example-hands-on-python)
set_tests_properties(example_hands_on_python PROPERTIES ENVIRONMENT "${environment}"
  FIXTURES_REQUIRED python_venv LABELS examples TIMEOUT 300 SKIP_RETURN_CODE 77)
add_test(NAME example_hands_on_python_upstream
  COMMAND "${PROJECT_SOURCE_DIR}/tests/e2e/on-upstream" $<TARGET_FILE:vcl>
          sh -c [[exec "$@" "$VCLUSTER_TEST_UPSTREAM_VALUES" registry.k8s.io/pause:3.10]] sh
          "${PROJECT_SOURCE_DIR}/examples/run-example" "ok: both are gone"
          "${VCLUSTER_PYTHON_VENV}/bin/python" "${PROJECT_SOURCE_DIR}/examples/hands-on/hands_on.py"
          hands-on-python-upstream)
set_tests_properties(example_hands_on_python_upstream PROPERTIES ENVIRONMENT "${environment}"
  FIXTURES_REQUIRED python_venv LABELS examples TIMEOUT 600 SKIP_RETURN_CODE 77 RUN_SERIAL ON)

# A module for Backstage, in TypeScript. A sanitizer's runtime is for the program that it starts, not
# for Node.js.
set(rpc "${VCLUSTER_PYTHON_VENV}/bin/python -m vcluster.rpc")
string(REPLACE ";" " " rpc_environment "${environment}")
add_test(NAME example_backstage
  COMMAND "${PROJECT_SOURCE_DIR}/examples/backstage/run-test"
          "${PROJECT_BINARY_DIR}/example-backstage")
set_tests_properties(example_backstage PROPERTIES
  ENVIRONMENT "VCLUSTER_RPC=env ${rpc_environment} ${rpc}" FIXTURES_REQUIRED python_venv
  LABELS examples TIMEOUT 900 SKIP_RETURN_CODE 77)
