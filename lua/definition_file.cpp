#include "lua/definition_file.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/definition_keys.hpp"
#include "lua/definition_lines.hpp"
#include "lua/definition_programs.hpp"
#include "lua/definition_value.hpp"
#include "lua/guarded.hpp"
#include "lua/state.hpp"
#include "lua/traceback.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>

namespace saker::lua {

namespace {

using kind = definition_value::kind;
using supervision::service;

constexpr std::size_t max_errors = 100;
constexpr std::size_t max_services = 10'000;
constexpr std::size_t max_text = 16u << 20;

/// Checks that will be there one day; `up` is.
constexpr std::array<const char*, 7> later_checks
  = {"fd", "notify", "tcp", "http", "log", "run", "ping"};

/// Words that people expect here, but that do something.
constexpr std::array<std::string_view, 7> words_of_scripts
  = {"saker", "every", "cron", "publish", "subscribe", "metric", "after"};

const std::vector<std::string> words
  = {"service",  "policy", "defaults", "up",     "tree",  "on",
     "string",   "table",  "math",     "ipairs", "pairs", "tostring",
     "tonumber", "print",  "select",   "type",   "error", "assert"};

/// FNV-1a: the same text has the same number everywhere.
std::uint64_t hash_of(std::string_view text) {
  auto result = std::uint64_t{14695981039346656037u};
  for (auto c : text)
    result = (result ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return result;
}

/// Where the word that runs now was called.
int calling_line(lua_State* L) {
  return line_at(L, 1);
}

/// On one line, without what a terminal would obey.
std::string clean(std::string_view text) {
  constexpr std::size_t longest = 500;
  std::string result{text.substr(0, longest)};
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  return result;
}

/// The path as errors of Lua begin with it: the end of a long one.
std::string shown_by_lua(const std::string& path) {
  constexpr std::string_view dots = "...";
  if (path.size() < LUA_IDSIZE)
    return path;
  auto kept = LUA_IDSIZE - 1 - dots.size();
  return std::string{dots} + path.substr(path.size() - kept);
}

/// One run of one file. Its words tell what is wrong and go on: only the
/// file's own Lua errors end it.
class evaluation {
public:
  evaluation(const definition_file& file, const definition_options& options)
    : file_(file), options_(options), source_(hash_of(file.text)) {
    // nop
  }

  file_result run();

  // -- the words ---------------------------------------------------------------

  int declare(lua_State* L);
  int define(lua_State* L);
  int policy(lua_State* L);
  int defaults(lua_State* L);
  int up(lua_State* L);
  int not_yet(lua_State* L);
  int missing(lua_State* L);

private:
  struct declared {
    std::string name;
    int line = 0;
    bool good_name = false;
    bool defined = false;
  };

  void prepare(state& lua);
  void interpret(const failure& why, int line);
  void build(const declared& what, const definition_value& table);
  void close_declarations();
  std::optional<definition_value>
  read_table(lua_State* L, int index, int line, const std::string& what);
  void apply_policy(const definition_value& table, service& into) const;
  definition_sink sink_at(int line, std::string prefix);
  void error(int line, std::string text);
  void warn(int line, std::string text);

  const definition_file& file_;
  const definition_options& options_;
  std::uint64_t source_;
  std::deque<declared> declared_;
  std::vector<definition_value> policies_;
  std::vector<definition_value> defaults_;
  std::size_t text_left_ = max_text;
  std::size_t dropped_ = 0;
  file_result result_;
};

template <int (evaluation::*Word)(lua_State*)>
int word(lua_State* L) {
  return (owner_of<evaluation>(L).*Word)(L);
}

template <int (evaluation::*Word)(lua_State*)>
void add_word(lua_State* L, const char* name) {
  lua_pushstring(L, name);
  lua_pushcclosure(L, guarded<word<Word>>, 1);
  lua_setglobal(L, name);
}

// -- the run -------------------------------------------------------------------

file_result evaluation::run() {
  state_options sandbox;
  sandbox.offers = profile::sandbox;
  sandbox.memory = options_.memory;
  sandbox.now = options_.now;
  state lua{std::move(sandbox)};
  lua.set_owner(this);
  prepare(lua);
  auto allowed = options_.allowed;
  if (allowed.time.count() == 0)
    allowed.time = std::chrono::hours{1};
  if (auto done = lua.run(file_.path, file_.text, allowed); done)
    close_declarations();
  else
    interpret(done.error(), lua.shared().line);
  if (dropped_ > 0)
    result_.errors.push_back(
      {{file_.path, 0}, std::to_string(dropped_) + " more errors"});
  return std::move(result_);
}

void evaluation::prepare(state& lua) {
  auto L = lua.get();
  add_word<&evaluation::declare>(L, "service");
  add_word<&evaluation::policy>(L, "policy");
  add_word<&evaluation::defaults>(L, "defaults");
  add_word<&evaluation::up>(L, "up");
  add_word<&evaluation::not_yet>(L, "tree");
  add_word<&evaluation::not_yet>(L, "on");
  for (auto name : later_checks)
    add_word<&evaluation::not_yet>(L, name);
  // A misspelt word is nil in Lua; here it is an error that names it.
  lua_pushglobaltable(L);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, guarded<word<&evaluation::missing>>);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

/// `file:12: text` becomes an error of line 12. `line` is where it happened.
void evaluation::interpret(const failure& why, int line) {
  std::string_view text = why.detail;
  if (why.code == errc::busy)
    return error(line, why.detail.starts_with("ran ")
                         ? "the file takes too long: it " + why.detail
                         : why.detail);
  if (why.code == errc::out_of_memory)
    return error(line, "the file " + why.detail);
  if (auto file = shown_by_lua(file_.path) + ":"; text.starts_with(file)) {
    auto rest = text.substr(file.size());
    auto colon = rest.find(':');
    if (auto number = parse_integer(rest.substr(0, colon));
        number && colon != std::string_view::npos) {
      line = static_cast<int>(*number);
      text = trim(rest.substr(colon + 1));
    }
  }
  error(line, clean(text));
}

void evaluation::close_declarations() {
  for (auto& x : declared_)
    if (!x.defined)
      error(x.line, "service \"" + printable(x.name, 80)
                      + "\" has no table: write service \""
                      + printable(x.name, 80) + "\" { exec = {…} }");
}

// -- the words -----------------------------------------------------------------

/// `service "name"`: waits for its table.
int evaluation::declare(lua_State* L) {
  auto line = calling_line(L);
  if (declared_.size() == max_services)
    return luaL_error(L, "more than 10000 services in one file");
  declared x;
  x.line = line;
  if (lua_type(L, 1) == LUA_TSTRING) {
    std::size_t size = 0;
    auto text = lua_tolstring(L, 1, &size);
    x.name.assign(text, size);
    auto good = supervision::check_name(x.name);
    x.good_name = good.has_value();
    if (!good)
      error(line, good.error().detail);
  } else {
    error(line, "a service needs a name: write service \"name\" {…}");
    x.defined = true; // no second error about the table
  }
  declared_.push_back(std::move(x));
  lua_pushinteger(L, static_cast<lua_Integer>(declared_.size() - 1));
  lua_pushcclosure(L, guarded<word<&evaluation::define>>, 1);
  return 1;
}

/// … `{ keys }`.
int evaluation::define(lua_State* L) {
  auto index = lua_tointeger(L, lua_upvalueindex(1));
  auto& x = declared_[static_cast<std::size_t>(index)];
  if (x.defined && x.good_name)
    error(calling_line(L),
          "service \"" + x.name + "\" has a second table: one service has one");
  else if (auto table = read_table(L, 1, x.line,
                                   "service \"" + printable(x.name, 80) + "\""))
    build(x, *table);
  x.defined = true;
  push_handle(L, "service", static_cast<std::size_t>(index));
  return 1;
}

int evaluation::policy(lua_State* L) {
  auto line = calling_line(L);
  if (policies_.size() == max_services)
    return luaL_error(L, "more than 10000 policies in one file");
  if (auto table = read_table(L, 1, line, "policy")) {
    service scratch;
    apply_keys(*table, definition_scope::policy, scratch,
               sink_at(line, "policy: "));
    policies_.push_back(std::move(*table));
  } else {
    policies_.emplace_back();
  }
  push_handle(L, "policy", policies_.size() - 1);
  return 1;
}

int evaluation::defaults(lua_State* L) {
  auto line = calling_line(L);
  if (defaults_.size() == max_services)
    return luaL_error(L, "more than 10000 defaults in one file");
  if (auto table = read_table(L, 1, line, "defaults")) {
    service scratch;
    apply_keys(*table, definition_scope::defaults, scratch,
               sink_at(line, "defaults: "));
    defaults_.push_back(std::move(*table));
  }
  return 0;
}

int evaluation::up(lua_State* L) {
  auto zero = lua_type(L, 1) == LUA_TNUMBER && lua_tonumber(L, 1) == 0;
  if (lua_type(L, 1) == LUA_TSTRING) {
    auto time = parse_duration(lua_tostring(L, 1));
    if (!time)
      error(calling_line(L), "up: " + time.error().detail);
    zero = !time || time->count() == 0;
  }
  if (!zero)
    error(calling_line(L), "up with a time is not available yet: only "
                           "up(\"0s\") is, which means that exec succeeded");
  push_handle(L, "up", 0);
  return 1;
}

/// Known words without a meaning so far. They take anything, so that the rest
/// of the file is read and checked too.
int evaluation::not_yet(lua_State* L) {
  std::string name = lua_tostring(L, lua_upvalueindex(1));
  auto check = std::find(later_checks.begin(), later_checks.end(), name)
               != later_checks.end();
  error(calling_line(L), name + " is not available yet"
                           + (check ? ": the only check is up(\"0s\")" : ""));
  if (name == "tree") {
    auto swallow = [](lua_State*) { return 0; };
    lua_pushcfunction(L, +swallow);
    return 1;
  }
  push_handle(L, "check", 0);
  return 1;
}

int evaluation::missing(lua_State* L) {
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  std::string name = lua_tostring(L, 2);
  auto text = "there is no \"" + printable(name, 60) + "\" here";
  if (std::find(words_of_scripts.begin(), words_of_scripts.end(), name)
      != words_of_scripts.end())
    text += ": it belongs to scripts, definitions only say what is wanted";
  else if (name == "os" || name == "io")
    text += ": definitions only compute; exec and before run programs";
  else
    text += did_you_mean(name, words);
  return luaL_error(L, "%s", text.c_str());
}

// -- helpers -------------------------------------------------------------------

void evaluation::build(const declared& what, const definition_value& table) {
  auto sink = sink_at(what.line,
                      "service \"" + printable(what.name, 80) + "\": ");
  auto quiet = sink;
  quiet.error = quiet.warning = [](std::string_view, std::string) {};
  service x;
  x.name = what.name;
  x.where = {file_.path, what.line};
  x.source = source_;
  for (auto& base : defaults_) {
    apply_policy(base, x);
    apply_keys(base, definition_scope::defaults, x, quiet);
  }
  apply_policy(table, x);
  apply_keys(table, definition_scope::service, x, sink);
  // What is wrong with exec has been said; then it is not missing too.
  auto probe = x;
  if (probe.exec.empty() && table.find("exec"))
    probe.exec = {"?"};
  check_service(probe, sink);
  check_programs(x, sink);
  if (what.good_name)
    result_.services.push_back(std::move(x));
}

void evaluation::apply_policy(const definition_value& table,
                              service& into) const {
  auto used = table.find("policy");
  if (!used || !used->is(kind::handle) || used->text != "policy")
    return;
  definition_sink quiet;
  quiet.error = quiet.warning = [](std::string_view, std::string) {};
  apply_keys(policies_[used->index], definition_scope::policy, into, quiet);
}

std::optional<definition_value>
evaluation::read_table(lua_State* L, int index, int line,
                       const std::string& what) {
  auto x = read_definition(L, index, text_left_);
  if (!x) {
    error(line, what + ": " + x.error().detail);
    return std::nullopt;
  }
  if (!x->is(kind::table)) {
    error(line, what + " needs a table {…}, not " + describe(*x));
    return std::nullopt;
  }
  return std::move(*x);
}

definition_sink evaluation::sink_at(int line, std::string prefix) {
  definition_sink result;
  auto place = [this, line](std::string_view key) {
    return key.empty() ? line : line_of_key(file_.text, line, key);
  };
  result.error = [this, place, prefix](std::string_view key, std::string text) {
    error(place(key), prefix + text);
  };
  result.warning = [this, place, prefix](std::string_view key,
                                         std::string text) {
    warn(place(key), prefix + text);
  };
  result.host = &options_;
  result.file = file_.path;
  return result;
}

void evaluation::error(int line, std::string text) {
  if (result_.errors.size() < max_errors)
    result_.errors.push_back({{file_.path, line}, std::move(text)});
  else
    ++dropped_;
}

void evaluation::warn(int line, std::string text) {
  if (result_.warnings.size() < max_errors)
    result_.warnings.push_back({{file_.path, line}, std::move(text)});
}

} // namespace

file_result
evaluate_file(const definition_file& file, const definition_options& options) {
  return evaluation{file, options}.run();
}

} // namespace saker::lua
