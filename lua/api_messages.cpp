#include "base/text.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/api_handle.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"
#include "lua/json.hpp"
#include "lua/library.hpp"
#include "lua/traceback.hpp"
#include "pubsub/own_channels.hpp"

#include <array>
#include <cmath>

namespace saker::lua {

namespace {

int publish(lua_State* L) {
  auto channel = text_argument(L, "publish", "the channel", 1);
  if (!channel)
    return refuse(L, channel.error().detail);
  // Whoever passes a channel of its callers on must not forge for them.
  if (pubsub::is_own_channel(*channel))
    return refuse(L, "saker.publish: channels saker:*, log:* and audit:* are "
                     "Saker's own; take another name");
  auto message = text_argument(L, "publish", "the message", 2);
  if (!message)
    return refuse(L, message.error().detail);
  return ask(L, "publish",
             publish_request{std::move(*channel), std::move(*message)});
}

int call(lua_State* L) {
  auto argv = text_arguments(L, "call", "every argument", 1);
  if (!argv)
    return refuse(L, argv.error().detail);
  if (argv->empty())
    return refuse(L, "call", "say which command");
  return ask(L, "call", call_request{std::move(*argv), false});
}

// -- subscribe -------------------------------------------------------------------

int subscribe(lua_State* L) {
  constexpr std::size_t longest = 4096;
  auto pattern = text_argument(L, "subscribe", "the pattern", 1);
  if (!pattern)
    return refuse(L, pattern.error().detail);
  if (pattern->empty() || pattern->size() > longest)
    return refuse(L, "subscribe", "the pattern must have 1 to 4096 bytes");
  if (auto fun = function_argument(L, "subscribe", "the second argument", 2);
      !fun)
    return refuse(L, fun.error().detail);
  auto label = "subscribe " + printable(*pattern, 60) + " at " + here(L);
  lua_pushvalue(L, 2);
  return push_handle(L, client_of(L).add_subscription(
                          std::move(*pattern), std::move(label), reference{L}));
}

// -- event -----------------------------------------------------------------------

bool is_event_name(std::string_view x) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
  };
  constexpr std::size_t longest = 63;
  return !x.empty() && x.size() <= longest && letter(x.front())
         && std::all_of(x.begin(), x.end(), [&](char c) {
              return letter(c) || c == '_' || c == '.' || c == '-';
            });
}

/// Whoever waits for `saker:*:exit` waits for services only.
bool is_built_in(std::string_view x) {
  static constexpr std::array<std::string_view, 17> names
    = {"waiting", "starting", "running", "ready", "sick",     "exit",
       "backoff", "resting",  "failed",  "done",  "stopping", "stopped",
       "adopted", "lost",     "stuck",   "oom",   "scaled"};
  return std::find(names.begin(), names.end(), x) != names.end();
}

int event(lua_State* L) {
  auto name = text_argument(L, "event", "the name", 1);
  if (!name)
    return refuse(L, name.error().detail);
  if (!is_event_name(*name))
    return refuse(L, "event",
                  "the name \"" + printable(*name, 80)
                    + "\" must be 1 to 63 of the characters A-Z a-z 0-9 _ . - "
                      "and begin with a letter or digit");
  if (is_built_in(*name))
    return refuse(L, "event",
                  "\"" + *name
                    + "\" is an event of services, which nobody "
                      "may imitate; take another name");
  if (!lua_isnoneornil(L, 2) && lua_type(L, 2) != LUA_TTABLE)
    return refuse(
      L, wrong(L, "event", "the second argument", "a table", 2).detail);
  lua_settop(L, 2);
  auto data = lua_isnil(L, 2) ? result<std::string>{"null"} : to_json(L, 2);
  if (!data)
    return refuse(L, "event", data.error().detail);
  return ask(L, "event", event_request{std::move(*name), std::move(*data)});
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

} // namespace

void add_message_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"call", guarded<call>},
    {"event", guarded<event>},
    {"log", guarded<log>},
    {"publish", guarded<publish>},
    {"subscribe", guarded<subscribe>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
