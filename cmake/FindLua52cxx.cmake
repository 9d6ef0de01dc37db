# Lua 5.2 compiled as C++: errors are exceptions, so destructors run.
#
# Defines Lua52cxx::lua. Debian ships it in liblua5.2-dev beside the C build;
# both have the same symbol names, so only one of them may be linked.
include(FindPackageHandleStandardArgs)
find_path(Lua52cxx_INCLUDE_DIR lua.hpp PATH_SUFFIXES lua5.2)
find_library(Lua52cxx_LIBRARY lua5.2-c++)
find_package_handle_standard_args(Lua52cxx
  REQUIRED_VARS Lua52cxx_INCLUDE_DIR Lua52cxx_LIBRARY
  REASON_FAILURE_MESSAGE "install liblua5.2-dev (tools/deps does)")
if(Lua52cxx_FOUND AND NOT TARGET Lua52cxx::lua)
  add_library(Lua52cxx::lua SHARED IMPORTED)
  set_target_properties(Lua52cxx::lua PROPERTIES
    IMPORTED_LOCATION "${Lua52cxx_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Lua52cxx_INCLUDE_DIR}")
endif()
mark_as_advanced(Lua52cxx_INCLUDE_DIR Lua52cxx_LIBRARY)
