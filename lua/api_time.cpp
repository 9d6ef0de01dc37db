#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/api_handle.hpp"
#include "lua/guarded.hpp"

namespace saker::lua {

namespace {

int sleep(lua_State* L) {
  auto time = time_argument(L, "sleep", "the time", 1);
  if (!time)
    return refuse(L, time.error().detail);
  return ask(L, "sleep", sleep_request{*time});
}

int add_timer(lua_State* L, const char* function, timer_spec when,
              const std::string& shown) {
  if (auto fun = function_argument(L, function, "the second argument", 2); !fun)
    return refuse(L, fun.error().detail);
  auto label = std::string{function} + ' ' + shown + " at " + here(L);
  lua_pushvalue(L, 2);
  return push_handle(
    L, client_of(L).add_timer(std::move(when), std::move(label), reference{L}));
}

int every(lua_State* L) {
  auto time = time_argument(L, "every", "the time", 1);
  if (!time)
    return refuse(L, time.error().detail);
  if (time->count() == 0)
    return refuse(L, "every", "the time must be more than 0");
  return add_timer(L, "every", {*time, *time, {}}, format_duration(*time));
}

int after(lua_State* L) {
  auto time = time_argument(L, "after", "the time", 1);
  if (!time)
    return refuse(L, time.error().detail);
  return add_timer(L, "after", {*time, {}, {}}, format_duration(*time));
}

int run_cron(lua_State* L) {
  auto text = text_argument(L, "cron", "the schedule", 1);
  if (!text)
    return refuse(L, text.error().detail);
  auto schedule = cron::parse(*text);
  if (!schedule)
    return refuse(L, "cron", schedule.error().detail);
  return add_timer(L, "cron", {{}, {}, *schedule}, printable(*text, 60));
}

} // namespace

void add_time_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"after", guarded<after>}, {"cron", guarded<run_cron>},
    {"every", guarded<every>}, {"sleep", guarded<sleep>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua
