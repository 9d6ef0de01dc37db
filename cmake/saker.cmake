# What the project's CMakeLists.txt is written in: saker_layer, saker_program,
# saker_checks. Folders are globbed with CONFIGURE_DEPENDS, so adding a file
# needs no edit here.

option(SAKER_FUZZ "Build libFuzzer targets" OFF)
option(SAKER_PCH "Precompile CAF and Asio" ON)
option(SAKER_UNITY "Compile several files at once: quicker from nothing" OFF)
set(SAKER_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")
set(SAKER_SANITIZE_NOT "" CACHE STRING "Of them these not")

add_library(saker_options INTERFACE)
target_compile_options(saker_options INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Werror
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>
  -fno-omit-frame-pointer
  -pthread) # for all: precompiled headers want the same
target_include_directories(saker_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(saker_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)
if(SAKER_SANITIZE)
  target_compile_options(saker_options INTERFACE
    -fsanitize=${SAKER_SANITIZE} -fno-sanitize-recover=all)
  if(SAKER_SANITIZE_NOT)
    target_compile_options(saker_options INTERFACE
      -fno-sanitize=${SAKER_SANITIZE_NOT})
  endif()
  target_link_options(saker_options INTERFACE -fsanitize=${SAKER_SANITIZE})
endif()

if(SAKER_FUZZ)
  # Without it libFuzzer sees which branches its target takes, and none of ours.
  target_compile_options(saker_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(SAKER_CCACHE ccache)
if(SAKER_CCACHE)
  # Sloppiness lets ccache look through precompiled headers; paths relative to
  # the sources let a second checkout take what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${SAKER_CCACHE}")
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
find_program(SAKER_MOLD mold)
if(SAKER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# saker_glob(variable pattern): the files of one folder, sorted.
function(saker_glob result pattern)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${pattern}")
  set(${result} ${files} PARENT_SCOPE)
endfunction()

# saker_precompile(target kind headers…): the first target of a kind precompiles
# the headers, the others take what it made.
function(saker_precompile target kind)
  if(NOT SAKER_PCH)
    return()
  endif()
  get_property(first GLOBAL PROPERTY SAKER_PCH_OF_${kind})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    list(TRANSFORM ARGN REPLACE "(.+)" "<\\1>" OUTPUT_VARIABLE headers)
    target_precompile_headers(${target} PRIVATE ${headers})
    set_property(GLOBAL PROPERTY SAKER_PCH_OF_${kind} ${target})
  endif()
endfunction()

# saker_unity(target): with SAKER_UNITY several files are compiled at once: from
# nothing it takes half the time, since what the headers and templates become is
# the same in every file. Names of a file's own must then differ from those of
# the folder's other files; one that hides another is no fault, so there is no
# -Wshadow.
function(saker_unity target)
  if(SAKER_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON
                          UNITY_BUILD_BATCH_SIZE 16)
  endif()
endfunction()

# saker_tests(folder uses… [PCH headers…]): tests/<folder>/*_test.cpp become
# <folder>_tests. Tests are not optimized: each is compiled far more often than
# it is run, and what it tests keeps its own options.
function(saker_tests folder)
  cmake_parse_arguments(arg "" "" "PCH" ${ARGN})
  saker_glob(tests "tests/${folder}/*.cpp")
  if(NOT tests)
    return()
  endif()
  add_executable(${folder}_tests ${tests})
  target_link_libraries(${folder}_tests PRIVATE saker_options
                        ${arg_UNPARSED_ARGUMENTS} GTest::gmock_main)
  target_compile_options(${folder}_tests PRIVATE -O0)
  if(arg_PCH)
    saker_precompile(${folder}_tests caf_tests gmock/gmock.h ${arg_PCH})
  else()
    saker_precompile(${folder}_tests tests gmock/gmock.h)
  endif()
  saker_unity(${folder}_tests)
  add_test(NAME unit.${folder} COMMAND ${folder}_tests --gtest_brief=1)
  set_tests_properties(unit.${folder} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# saker_layer(name [USES layers…] [LINK libraries…] [PCH headers…])
function(saker_layer name)
  cmake_parse_arguments(arg "" "" "USES;LINK;PCH" ${ARGN})
  list(TRANSFORM arg_USES PREPEND saker_)
  saker_glob(sources "${name}/*.cpp")
  if(sources)
    add_library(saker_${name} STATIC ${sources})
    target_link_libraries(saker_${name} PRIVATE saker_options
                          PUBLIC ${arg_USES} ${arg_LINK})
    if(arg_PCH)
      saker_precompile(saker_${name} caf ${arg_PCH})
    endif()
    saker_unity(saker_${name})
  else()
    add_library(saker_${name} INTERFACE)
    target_link_libraries(saker_${name} INTERFACE ${arg_USES} ${arg_LINK})
  endif()
  saker_tests(${name} saker_${name} PCH ${arg_PCH})
endfunction()

# saker_program(name folder [USES layers…] [LINK libraries…]): <folder>/main.cpp
# is the program; the folder's other files are a library, so tests reach them.
function(saker_program name folder)
  cmake_parse_arguments(arg "" "" "USES;LINK" ${ARGN})
  list(TRANSFORM arg_USES PREPEND saker_)
  saker_glob(sources "${folder}/*.cpp")
  set(main "${CMAKE_SOURCE_DIR}/${folder}/main.cpp")
  list(REMOVE_ITEM sources "${main}")
  if(sources)
    add_library(saker_${folder} STATIC ${sources})
    target_link_libraries(saker_${folder} PRIVATE saker_options
                          PUBLIC ${arg_USES} ${arg_LINK})
    saker_unity(saker_${folder})
    saker_tests(${folder} saker_${folder})
    set(library saker_${folder})
  endif()
  if(EXISTS "${main}")
    add_executable(${name} "${main}")
    target_link_libraries(${name} PRIVATE saker_options ${library} ${arg_USES}
                          ${arg_LINK})
  endif()
endfunction()

# saker_fuzzers(layers…): tests/fuzz/*.cpp become libFuzzer programs, in the
# preset `fuzz` only; tools/soak runs them.
function(saker_fuzzers)
  if(NOT SAKER_FUZZ)
    return()
  endif()
  list(TRANSFORM ARGN PREPEND saker_)
  saker_glob(targets "tests/fuzz/*.cpp")
  foreach(file ${targets})
    get_filename_component(stem "${file}" NAME_WE)
    add_executable(${stem} "${file}")
    target_link_libraries(${stem} PRIVATE saker_options ${ARGN})
    target_compile_options(${stem} PRIVATE -fsanitize=fuzzer)
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()

# Proofs that are not unit tests of one folder.
function(saker_checks)
  find_program(SAKER_PYTHON NAMES /usr/bin/python3 python3 REQUIRED)
  add_test(NAME check.layers
           COMMAND ${SAKER_PYTHON} tools/check_layers.py
           WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  add_test(NAME check.new_actor
           COMMAND tools/check_new_actor "${CMAKE_CXX_COMPILER}"
           WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(check.layers check.new_actor PROPERTIES LABELS unit)
  saker_glob(scripts "tests/integration/test_*.py")
  foreach(script ${scripts})
    get_filename_component(stem "${script}" NAME_WE)
    string(REGEX REPLACE "^test_" "" stem "${stem}")
    add_test(NAME integration.${stem}
             COMMAND ${SAKER_PYTHON} -B -m unittest -v "${script}"
             WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}/tests/integration")
    set_tests_properties(integration.${stem} PROPERTIES
      LABELS integration TIMEOUT 900
      ENVIRONMENT "SAKER_BIN=${CMAKE_BINARY_DIR}/bin")
  endforeach()
  # These measure how long others wait, or how seldom Saker wakes up: nothing
  # else may run beside them.
  set_tests_properties(integration.idle integration.load integration.scripts
    PROPERTIES RUN_SERIAL ON)
endfunction()
