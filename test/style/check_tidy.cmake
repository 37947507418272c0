# clang-tidy, with the checks of .clang-tidy. It needs a configured build. It takes 4 to 9 s a file, so that everything is more than
# 8 minutes on 2 cores: only the libraries below are checked, in less than a minute; FM_TIDY=all checks all of pkg and operator.
#   cmake -D BUILD=build/dev -P check_tidy.cmake
include(${CMAKE_CURRENT_LIST_DIR}/sources.cmake)
set(small pkg/base pkg/net)

find_program(run_clang_tidy NAMES run-clang-tidy run-clang-tidy-14 REQUIRED)
if("$ENV{FM_TIDY}" STREQUAL "all")
  set(small pkg operator)
endif()
find_sources(files ${small})
list(FILTER files INCLUDE REGEX "\\.cc$")
# What the build does not compile cannot be checked: no known command line.
list(TRANSFORM files PREPEND "${root}/")
list(TRANSFORM files APPEND "$" OUTPUT_VARIABLE patterns)
execute_process(COMMAND ${run_clang_tidy} -quiet -p ${BUILD} ${patterns} WORKING_DIRECTORY ${root}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE log)
list(LENGTH files count)
# It would go on with its default checks, and find nothing.
if(log MATCHES "[^\n]*\n[^\n]*\n[^\n]*\nError parsing[^\n]*")
  message(FATAL_ERROR "clang-tidy:\n${CMAKE_MATCH_0}")
endif()
if(NOT result EQUAL 0)
  string(REGEX REPLACE "clang-tidy[^\n]*-quiet [^\n]*\n" "" output "${output}")
  message(FATAL_ERROR "clang-tidy:\n${output}")
endif()
message(STATUS "${count} files are tidy")
