#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"

namespace saker::lua {

namespace {

result<void> environment_argument(lua_State* L, int i, exec_spec& out) {
  if (lua_type(L, i) != LUA_TTABLE)
    return wrong(L, "exec", "env", "a table of strings", i);
  std::size_t held = 0;
  lua_pushnil(L);
  while (lua_next(L, i)) {
    need_memory(L, held += lua_rawlen(L, -2) + lua_rawlen(L, -1));
    auto name = text_of(L, -2);
    auto value = text_of(L, -1);
    if (!name || !value)
      return fail(errc::invalid_argument,
                  "saker.exec: env must be a table of strings");
    if (name->empty() || name->find('=') != std::string::npos)
      return fail(errc::invalid_argument, "saker.exec: env: \""
                                            + printable(*name)
                                            + "\" is no name of a variable");
    out.env.insert_or_assign(std::move(*name), std::move(*value));
    lua_pop(L, 1);
  }
  return {};
}

result<void> read_timeout(lua_State* L, int i, exec_spec& out,
                          const char* function = "exec") {
  auto time = time_argument(L, function, "timeout", i);
  if (!time)
    return time.error();
  out.timeout = std::chrono::ceil<std::chrono::milliseconds>(*time);
  if (out.timeout.count() == 0)
    return bad_argument(function, "timeout must be more than 0");
  return {};
}

result<void>
read_exec_option(lua_State* L, const std::string& key, int i, exec_spec& out) {
  if (key == "timeout")
    return read_timeout(L, i, out);
  if (key == "env")
    return environment_argument(L, i, out);
  auto text = text_argument(L, "exec", key.c_str(), i);
  if (!text)
    return text.error();
  if (key == "input" && text->size() > longest_input)
    return fail(errc::limit,
                "saker.exec: input has " + std::to_string(text->size())
                  + " bytes, at most " + std::to_string(longest_input)
                  + " are possible; write it to a file instead");
  (key == "dir" ? out.dir : out.input) = std::move(*text);
  return {};
}

bool has_zero_byte(const exec_spec& x) {
  auto zero = [](const std::string& text) {
    return text.find('\0') != std::string::npos;
  };
  return zero(x.dir) || std::any_of(x.argv.begin(), x.argv.end(), zero)
         || std::any_of(x.env.begin(), x.env.end(), [&](auto& pair) {
              return zero(pair.first) || zero(pair.second);
            });
}

result<exec_spec> read_exec(lua_State* L) {
  exec_spec out;
  out.dir = client_of(L).directory();
  if (lua_type(L, 1) == LUA_TTABLE) {
    auto argv = list_argument(L, "exec", "the command", 1);
    if (!argv)
      return argv.error();
    out.argv = std::move(*argv);
  } else {
    auto text = text_argument(L, "exec", "the command", 1);
    if (!text)
      return text.error();
    out.argv = {"/bin/sh", "-c", std::move(*text)};
  }
  auto read = lua_type(L, 2) == LUA_TNUMBER || lua_type(L, 2) == LUA_TSTRING
                ? read_timeout(L, 2, out)
                : read_options(L, "exec", 2, {"timeout", "dir", "env", "input"},
                               [&](const std::string& key, int i) {
                                 return read_exec_option(L, key, i, out);
                               });
  if (!read)
    return read.error();
  if (has_zero_byte(out))
    return fail(errc::invalid_argument,
                "saker.exec: command, dir and env cannot hold zero bytes");
  return out;
}

int exec(lua_State* L) {
  auto spec = read_exec(L);
  if (!spec)
    return refuse(L, spec.error().detail);
  return ask(L, "exec", std::move(*spec));
}

// -- popen -----------------------------------------------------------------------

/// As a shell says it: what a signal ended has 128 and its number.
int finish_popen(lua_State* L) {
  if (lua_type(L, 1) != LUA_TTABLE)
    return lua_gettop(L);
  lua_getfield(L, 1, "out");
  lua_getfield(L, 1, "code");
  lua_getfield(L, 1, "signal");
  auto signal = lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (signal != 0) {
    lua_pop(L, 1);
    lua_pushinteger(L, 128 + signal);
  }
  return 2;
}

int popen(lua_State* L) {
  auto command = text_argument(L, "popen", "the command", 1);
  if (!command)
    return refuse(L, command.error().detail);
  exec_spec spec;
  spec.argv = {"/bin/sh", "-c", std::move(*command)};
  spec.dir = client_of(L).directory();
  if (!lua_isnoneornil(L, 2))
    if (auto time = read_timeout(L, 2, spec, "popen"); !time)
      return refuse(L, time.error().detail);
  if (has_zero_byte(spec))
    return refuse(L, "popen", "the command cannot hold zero bytes");
  return ask(L, "popen", std::move(spec), guarded<finish_popen>);
}

} // namespace

void add_exec_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"exec", guarded<exec>},
    {"popen", guarded<popen>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
