#include "lua/api.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "lua/library.hpp"
#include "lua/traceback.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace saker::lua {

namespace {

api_client& client_of(lua_State* L) {
  return owner_of<api_client>(L);
}

/// What every function answers that could not do its work. [-0, +2]
int refuse(lua_State* L, const std::string& why) {
  auto text = place(L) + why;
  lua_pushnil(L);
  lua_pushlstring(L, text.data(), text.size());
  return 2;
}

int succeed(lua_State* L) {
  lua_pushboolean(L, true);
  return 1;
}

// -- arguments -----------------------------------------------------------------

/// "saker.publish: channel must be a string, not nil".
failure wrong(lua_State* L, const char* function, const std::string& what,
              const char* wanted, int i) {
  return fail(errc::invalid_argument, std::string{"saker."} + function + ": "
                                        + what + " must be " + wanted + ", not "
                                        + luaL_typename(L, i));
}

/// Strings and numbers. Leaves the value at `i` as it is.
std::optional<std::string> text_of(lua_State* L, int i) {
  auto type = lua_type(L, i);
  if (type != LUA_TSTRING && type != LUA_TNUMBER)
    return std::nullopt;
  lua_pushvalue(L, i);
  std::size_t size;
  auto data = lua_tolstring(L, -1, &size);
  std::string text{data, size};
  lua_pop(L, 1);
  return text;
}

result<std::string>
text_argument(lua_State* L, const char* function, const char* what, int i) {
  if (auto text = text_of(L, i))
    return std::move(*text);
  return wrong(L, function, what, "a string", i);
}

/// Milliseconds as a number, or a duration as text.
result<std::chrono::nanoseconds>
time_argument(lua_State* L, const char* function, const char* what, int i) {
  constexpr lua_Number a_century = 100.0 * 366 * 24 * 3600 * 1000;
  if (lua_type(L, i) == LUA_TSTRING) {
    auto parsed = parse_duration(*text_of(L, i));
    if (!parsed)
      return fail(errc::invalid_argument, std::string{"saker."} + function
                                            + ": " + what + ": "
                                            + parsed.error().detail);
    return parsed;
  }
  if (lua_type(L, i) != LUA_TNUMBER)
    return wrong(L, function, what, "milliseconds or a text like \"5s\"", i);
  auto ms = lua_tonumber(L, i);
  if (!(ms >= 0 && ms <= a_century))
    return fail(errc::invalid_argument,
                std::string{"saker."} + function + ": " + what
                  + " must not be negative or longer than a century");
  return std::chrono::nanoseconds{static_cast<std::int64_t>(ms * 1e6)};
}

/// The strings of the array at `i`, which must have some.
result<std::vector<std::string>>
list_argument(lua_State* L, const char* function, const char* what, int i) {
  std::vector<std::string> out;
  std::size_t held = 0;
  for (int k = 1;; ++k) {
    lua_rawgeti(L, i, k);
    if (lua_isnil(L, -1))
      break;
    need_memory(L, held += lua_rawlen(L, -1));
    auto text = text_of(L, lua_gettop(L));
    if (!text)
      return wrong(L, function,
                   std::string{what} + "[" + std::to_string(k) + "]",
                   "a string", lua_gettop(L));
    out.push_back(std::move(*text));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (out.empty())
    return fail(errc::invalid_argument,
                std::string{"saker."} + function + ": " + what + " is empty");
  return out;
}

/// Walks over the named fields of the options table at `i`: gives name and
/// stack index of the value to `take`, which answers or fails.
template <class Take>
result<void> read_options(lua_State* L, const char* function, int i,
                          const std::vector<std::string>& known, Take take) {
  if (lua_isnoneornil(L, i))
    return {};
  if (lua_type(L, i) != LUA_TTABLE)
    return wrong(L, function, "the last argument", "a table of options", i);
  lua_pushnil(L);
  while (lua_next(L, i)) {
    auto key = text_of(L, -2).value_or("?");
    if (std::find(known.begin(), known.end(), key) == known.end())
      return fail(errc::invalid_argument,
                  std::string{"saker."} + function + ": unknown option \""
                    + printable(key) + "\"" + did_you_mean(key, known));
    if (auto taken = take(key, lua_gettop(L)); !taken)
      return taken;
    lua_pop(L, 1);
  }
  return {};
}

// -- requests ------------------------------------------------------------------

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

  std::size_t operator()(const call_request& x) const {
    std::size_t sum = 0;
    for (auto& word : x.argv)
      sum += word.size();
    return sum;
  }
};

/// Gives the request to the host; the answer becomes the results of the
/// calling function. Refused where a yield could not reach the host.
int ask(lua_State* L, const char* function, request what) {
  auto& c = control_of(L);
  if (c.root == nullptr || c.barriers > 0 || c.walls > 0)
    return refuse(L, std::string{"saker."} + function
                       + ": waits for an answer, so it cannot be called "
                         "within table.sort, gsub, load, require, tostring or "
                         "an error handler");
  need_memory(L, size_of(what));
  client_of(L).ask(std::move(what));
  c.yielded = control::reason::request;
  lua_settop(L, 0);
  return lua_yield(L, 0);
}

int sleep(lua_State* L) {
  auto time = time_argument(L, "sleep", "the time", 1);
  if (!time)
    return refuse(L, time.error().detail);
  return ask(L, "sleep", sleep_request{*time});
}

int publish(lua_State* L) {
  auto channel = text_argument(L, "publish", "the channel", 1);
  if (!channel)
    return refuse(L, channel.error().detail);
  // Whoever passes a channel of its callers on must not forge for them.
  if (channel->starts_with("saker:") || channel->starts_with("log:"))
    return refuse(L, "saker.publish: channels saker:* and log:* are Saker's "
                     "own; take another name");
  auto message = text_argument(L, "publish", "the message", 2);
  if (!message)
    return refuse(L, message.error().detail);
  return ask(L, "publish",
             publish_request{std::move(*channel), std::move(*message)});
}

int call(lua_State* L) {
  call_request out;
  std::size_t held = 0;
  for (int i = 1; i <= lua_gettop(L); ++i) {
    // One string given many times is small in Lua only.
    need_memory(L, held += lua_rawlen(L, i));
    auto text = text_argument(L, "call",
                              i == 1 ? "the command" : "every argument", i);
    if (!text)
      return refuse(L, text.error().detail);
    out.argv.push_back(std::move(*text));
  }
  if (out.argv.empty())
    return refuse(L, "saker.call: say which command");
  return ask(L, "call", std::move(out));
}

// -- exec ----------------------------------------------------------------------

result<void> read_environment(lua_State* L, int i, exec_spec& out) {
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

result<void> read_timeout(lua_State* L, int i, exec_spec& out) {
  auto time = time_argument(L, "exec", "timeout", i);
  if (!time)
    return time.error();
  out.timeout = std::chrono::ceil<std::chrono::milliseconds>(*time);
  if (out.timeout.count() == 0)
    return fail(errc::invalid_argument,
                "saker.exec: timeout must be more than 0");
  return {};
}

result<void>
read_exec_option(lua_State* L, const std::string& key, int i, exec_spec& out) {
  if (key == "timeout")
    return read_timeout(L, i, out);
  if (key == "env")
    return read_environment(L, i, out);
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

// -- register ------------------------------------------------------------------

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

result<void> read_every(lua_State* L, int i, command_spec& out) {
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
    return read_every(L, i, out);
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
  client_of(L).log(log_level::warning, place(L) + done.error().detail);
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

// -- log -----------------------------------------------------------------------

result<log_level> read_level(lua_State* L) {
  if (lua_type(L, 1) == LUA_TSTRING)
    return parse_log_level(*text_of(L, 1));
  auto x = lua_type(L, 1) == LUA_TNUMBER ? lua_tonumber(L, 1) : 0;
  if (x >= 1 && x <= 8 && x == std::floor(x))
    return static_cast<log_level>(static_cast<int>(x));
  return fail(errc::invalid_argument,
              "saker.log: the level must be LOG_FATAL to LOG_TRACE or a name "
              "like \"info\"");
}

int log(lua_State* L) {
  auto level = read_level(L);
  if (!level)
    return refuse(L, level.error().detail);
  auto text = joined(L, 2, ' ');
  if (*level <= log_level::error)
    text += "\nstack traceback:" + traceback(L);
  client_of(L).log(*level, text);
  return succeed(L);
}

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
  static constexpr luaL_Reg functions[] = {
    {"call", guarded<call>},
    {"exec", guarded<exec>},
    {"log", guarded<log>},
    {"publish", guarded<publish>},
    {"register", guarded<register_alias>},
    {"sleep", guarded<sleep>},
    {"unregister", guarded<unregister_alias>},
    {nullptr, nullptr},
  };
  luaL_newlib(L, functions);
  lua_setglobal(L, "saker");
  for (auto& x : constants) {
    lua_pushinteger(L, x.value);
    lua_setglobal(L, x.name);
  }
}

} // namespace saker::lua
