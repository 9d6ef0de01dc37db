#include "lua/api.hpp"

#include "lua/api_families.hpp"
#include "lua/api_handle.hpp"

namespace saker::lua {

namespace {

struct size_of_request {
  std::size_t operator()(const sleep_request&) const {
    return 0;
  }

  std::size_t operator()(const publish_request& x) const {
    return x.channel.size() + x.message.size();
  }

  std::size_t operator()(const exec_spec& x) const {
    auto sum = x.dir.size() + x.input.size();
    for (auto& word : x.argv)
      sum += word.size();
    for (auto& [name, value] : x.env)
      sum += name.size() + value.size();
    return sum;
  }

  std::size_t operator()(const event_request& x) const {
    return x.name.size() + x.data.size();
  }

  std::size_t operator()(const work_request&) const {
    return 0; // paths and names
  }

  std::size_t operator()(const call_request& x) const {
    std::size_t sum = 0;
    for (auto& word : x.argv)
      sum += word.size();
    return sum;
  }
};

struct constant {
  const char* name;
  int value;
};

constexpr constant constants[] = {
  {"PROP_ONCE", 2},  {"PROP_CYCLE", 3},  {"PROP_PASSIVITY", 4},
  {"PROP_DEFER", 5}, {"LOG_FATAL", 1},   {"LOG_CRITICAL", 2},
  {"LOG_ERROR", 3},  {"LOG_WARNING", 4}, {"LOG_NOTICE", 5},
  {"LOG_INFO", 6},   {"LOG_DEBUG", 7},   {"LOG_TRACE", 8},
};

} // namespace

std::size_t size_of(const request& x) {
  return std::visit(size_of_request{}, x);
}

void open_api(lua_State* L) {
  static constexpr void (*families[])(lua_State*)
    = {add_adopt_functions,   add_exec_functions,    add_file_functions,
       add_message_functions, add_process_functions, add_register_functions,
       add_service_functions, add_system_functions,  add_text_functions,
       add_time_functions};
  make_handle_type(L);
  lua_newtable(L);
  for (auto add : families)
    add(L);
  lua_setglobal(L, "saker");
  for (auto& x : constants) {
    lua_pushinteger(L, x.value);
    lua_setglobal(L, x.name);
  }
}

} // namespace saker::lua
