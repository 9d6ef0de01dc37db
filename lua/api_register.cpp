#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "lua/traceback.hpp"

#include <cmath>

namespace saker::lua {

namespace {

constexpr std::size_t longest_alias = 128;

result<std::string> read_alias(lua_State* L, const char* function) {
  auto alias = text_argument(L, function, "the alias", 1);
  if (!alias)
    return alias;
  if (alias->empty() || alias->size() > longest_alias)
    return fail(errc::invalid_argument,
                std::string{"saker."} + function
                  + ": the alias must have 1 to 128 characters");
  for (auto c : *alias)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      return fail(errc::invalid_argument,
                  std::string{"saker."} + function + ": the alias \""
                    + printable(*alias)
                    + "\" must not contain blanks or control characters");
  return alias;
}

/// Pushes the function that [2] is or names. [-0, +1 or +0 on failure]
result<void> push_function(lua_State* L) {
  lua_pushvalue(L, 2);
  if (lua_type(L, -1) == LUA_TSTRING) {
    lua_pushglobaltable(L);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_isfunction(L, -1)) {
      lua_pop(L, 1);
      return fail(errc::not_found,
                  "saker.register: there is no global function \""
                    + printable(*text_of(L, 2)) + "\"");
    }
  }
  if (lua_isfunction(L, -1))
    return {};
  lua_pop(L, 1);
  return wrong(L, "register", "the second argument",
               "a function or the name of a global one", 2);
}

result<property> read_property(lua_State* L) {
  auto x = lua_type(L, 3) == LUA_TNUMBER ? lua_tonumber(L, 3) : 0;
  for (auto known :
       {property::once, property::cycle, property::passivity, property::defer})
    if (x == static_cast<lua_Number>(known))
      return known;
  return fail(errc::invalid_argument,
              "saker.register: the property must be PROP_ONCE, PROP_CYCLE, "
              "PROP_PASSIVITY or PROP_DEFER");
}

result<void> read_right(lua_State* L, int i, command_spec& out) {
  static const std::vector<std::string> rights = {"status", "events", "control",
                                                  "script", "admin"};
  auto text = text_argument(L, "register", "right", i);
  if (!text)
    return text.error();
  if (std::find(rights.begin(), rights.end(), *text) == rights.end())
    return fail(errc::invalid_argument, "saker.register: no right \""
                                          + printable(*text) + "\""
                                          + did_you_mean(*text, rights));
  out.right = std::move(*text);
  return {};
}

result<void> read_arity(lua_State* L, int i, command_spec& out) {
  constexpr lua_Number most = 1'000'000;
  auto x = lua_type(L, i) == LUA_TNUMBER ? lua_tonumber(L, i) : 0;
  if (x == 0 || x != std::floor(x) || std::abs(x) > most)
    return fail(errc::invalid_argument,
                "saker.register: arity counts the name too, so it must be 1 "
                "or more, or -1 or less for \"at least\"");
  out.arity = static_cast<int>(x);
  return {};
}

result<void> read_interval(lua_State* L, int i, command_spec& out) {
  auto time = time_argument(L, "register", "every", i);
  if (!time)
    return time.error();
  if (time->count() == 0)
    return fail(errc::invalid_argument,
                "saker.register: every must be more than 0");
  out.every = *time;
  return {};
}

result<void> read_help(lua_State* L, int i, command_spec& out) {
  constexpr std::size_t longest = 500;
  auto text = text_argument(L, "register", "help", i);
  if (!text)
    return text.error();
  auto control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (text->size() > longest
      || std::any_of(text->begin(), text->end(), control))
    return fail(errc::invalid_argument,
                "saker.register: help must be one line of at most 500 bytes");
  out.help = std::move(*text);
  return {};
}

result<void> read_register_option(lua_State* L, const std::string& key, int i,
                                  command_spec& out) {
  if (key == "every")
    return read_interval(L, i, out);
  if (key == "arity")
    return read_arity(L, i, out);
  if (key == "right")
    return read_right(L, i, out);
  return read_help(L, i, out);
}

result<void> register_command(lua_State* L) {
  constexpr std::uint64_t instructions = 500;
  charge(L, instructions);
  command_spec out;
  auto alias = read_alias(L, "register");
  if (!alias)
    return alias.error();
  out.alias = std::move(*alias);
  auto when = read_property(L);
  if (!when)
    return when.error();
  out.when = *when;
  if (out.when == property::cycle)
    out.every = client_of(L).interval();
  auto read = read_options(L, "register", 4,
                           {"help", "every", "arity", "right"},
                           [&](const std::string& key, int i) {
                             return read_register_option(L, key, i, out);
                           });
  if (!read)
    return read;
  if (auto pushed = push_function(L); !pushed)
    return pushed;
  return client_of(L).add_command(std::move(out), reference{L});
}

int register_alias(lua_State* L) {
  auto done = register_command(L);
  if (done)
    return succeed(L);
  // Few scripts look at what this returns, and then a command is missing.
  client_of(L).log(log_level::warning, place_of(L) + done.error().detail);
  return refuse(L, done.error().detail);
}

int unregister_alias(lua_State* L) {
  auto alias = read_alias(L, "unregister");
  if (!alias)
    return refuse(L, alias.error().detail);
  if (!client_of(L).remove_command(*alias))
    return refuse(L, "saker.unregister: there is no alias \""
                       + printable(*alias) + "\" in this script");
  return succeed(L);
}

} // namespace

void add_register_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"register", guarded<register_alias>},
    {"unregister", guarded<unregister_alias>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
