#include "tests/lua/support/script_test.hpp"
#include "tests/support/temporary_directory.hpp"

/// Q9: no argument raises an error; Q6: calls leave nothing behind.
namespace saker::lua {
namespace {

using resp::value;

class api_wrong_test : public test::script_test {
protected:
  /// Runs the command "test" to its end; whatever it asks for is answered.
  result<value> run(std::vector<std::string> args = {}) {
    auto id = begin(std::move(args));
    for (int i = 0; i < 1'000'000; ++i) {
      for (auto& x : settle())
        if (x.id == id)
          return std::move(x.value);
      do_chores();
      if (auto next = uut().next_wake(); next && env.waiting.empty())
        env.clock = std::max(env.clock, *next);
      for (auto& [request, _] : std::exchange(env.waiting, {}))
        uut().answer(request, value{1});
      env.children.clear();
      env.published.clear();
      env.called.clear();
      env.events.clear();
    }
    return fail(errc::timeout, "it never ends");
  }

  void SetUp() override {
    options.allowed.time = std::chrono::seconds{60};
    options.engine.memory = 64u << 20;
  }

  saker::test::temporary_directory dir;
};

// What each parameter takes, and one value that is right. A parameter that is
// not named takes anything.
constexpr const char* parameters = R"(
  local f = function() end
  local text, number = {string = 1, number = 1}, {string = 1, number = 1}
  local fun, tab = {['function'] = 1}, {table = 1}
  local maybe = function(x) local y = {['nil'] = 1}
    for k in pairs(x) do y[k] = 1 end return y end
  local either = function(x, y) local z = {}
    for k in pairs(x) do z[k] = 1 end for k in pairs(y) do z[k] = 1 end
    return z end
  return {
    adopt = {{maybe(either(text, tab)), nil}, {text, 'x'}, {maybe(text), nil}},
    after = {{number, '1s'}, {fun, f}},
    call = {{text, 'PING'}, {text, 'x'}},
    cd = {{text, '.'}},
    cp = {{text, 'a'}, {text, 'b'}},
    cron = {{text, '* * * * *'}, {fun, f}},
    event = {{text, 'x'}, {maybe(tab), {}}},
    every = {{number, '1s'}, {fun, f}},
    exec = {{either(text, tab), 'x'}, {maybe(either(text, tab)), nil}},
    fileinfo = {{text, '.'}, {{['nil'] = 1, boolean = 1}, nil}},
    getuid = {{maybe(text), nil}},
    isdir = {{text, '.'}},
    isfile = {{text, '.'}},
    islink = {{text, '.'}},
    kill = {{number, 999999}, {maybe(text), 0}},
    log = {{text, 'debug'}},
    ls = {{text, '.'}, {maybe(text), nil}},
    md5 = {{text, 'x'}, {maybe(number), nil}},
    metric = {{text, 'x'}, {{['nil'] = 1, number = 1}, 5}},
    mkdir = {{text, 'new'}, {text, 'newer'}},
    osname = {},
    pidof = {{either(text, tab), 'x'}, {maybe(text), nil}},
    popen = {{text, 'x'}, {maybe(text), 5}},
    publish = {{text, 'c'}, {text, 'm'}},
    pwd = {},
    register = {{text, 'other'}, {{['function'] = 1, string = 1}, f},
                {{number = 1}, 4}, {maybe(tab), nil}},
    rmdir = {{text, 'none'}},
    service = {{text, 'web'}},
    services = {{maybe(text), nil}},
    sleep = {{number, 1}},
    subscribe = {{text, 'c'}, {fun, f}},
    sysinfo = {{text, 'system.uptime'}, {maybe(text), 'x'}},
    uname = {},
    unregister = {{text, 'none'}},
    uuid = {},
    walk = {{text, '.'}, {maybe(text), nil}},
  }
)";

constexpr const char* values = R"(
  local values = {{}, true, false, print, coroutine.create(print), json.null,
                  saker.after('1h', print)}
  values[#values + 1] = 0
  values[#values + 1] = 'x'
)";

/// Each function, each parameter, each kind of value that it does not take.
TEST_F(api_wrong_test, q9_each_wrong_type_is_nil_and_a_message) {
  define(std::string{"local parameters = (function() "} + parameters + "end)()"
         + values + R"(
    assert(saker.cd(args[1]))
    local tried = 0
    local function try(name, arguments, i, wrong)
      arguments[i] = wrong
      local ok, what, why = pcall(saker[name],
                                  table.unpack(arguments, 1, arguments.n))
      local call = 'saker.' .. name .. ' #' .. i .. ' ' .. type(wrong)
      assert(ok, call .. ' raises: ' .. tostring(what))
      assert(what == nil, call .. ' gives ' .. tostring(what))
      assert(type(why) == 'string' and why:find('saker.' .. name .. ':', 1,
             true), call .. ' says ' .. tostring(why))
      tried = tried + 1
    end
    for name, list in pairs(parameters) do
      for i, one in ipairs(list) do
        for k = 0, #values do
          local wrong = values[k]
          if not one[1][type(wrong)] then
            local arguments = {n = math.max(#list, i)}
            for at, other in ipairs(list) do arguments[at] = other[2] end
            try(name, arguments, i, wrong)
          end
        end
      end
    end
    for name in pairs(saker) do
      assert(parameters[name], 'saker.' .. name .. ' is not tried')
    end
    return tried
  )");
  auto x = run({dir.path().string()});
  ASSERT_TRUE(x) << x.error().detail;
  EXPECT_GT(x->integer().value_or(0), 200);
}

/// Whatever is given, in any number: nothing raises an error.
TEST_F(api_wrong_test, q9_nothing_raises_an_error) {
  define(std::string{values} + R"(
    assert(saker.cd(args[1]))
    for _, x in ipairs {-1, 0/0, 1e300, -1e300, 0.5, '', '\0', ('x'):rep(5000),
                        '*', '[', '{', '1s', {1}, {x = 1}, {{}}, {[0.5] = {}}} do
      values[#values + 1] = x
    end
    local modules = {saker = saker, json = json}
    local function try(name, f, ...)
      local ok, why = pcall(f, ...)
      assert(ok, name .. ' raises: ' .. tostring(why))
    end
    for library, functions in pairs(modules) do
      for name, f in pairs(functions) do
        if type(f) == 'function' and name ~= 'register' then
          try(name, f)
          for i = 0, #values do
            try(name, f, values[i])
            try(name, f, values[i], values[#values - i])
            try(name, f, 'x', values[i])
            try(name, f, values[i], print, values[i])
            try(name, f, 'x', 'y', values[i])
          end
        end
      end
    end
    return 1
  )");
  // The files that some of them make lie in the directory.
  auto x = run({dir.path().string()});
  EXPECT_TRUE(x) << x.error().detail;
}

// -- Q6 ---------------------------------------------------------------------------

class api_flat_test : public api_wrong_test {
protected:
  /// Memory must not grow with the number of calls.
  void flat(const std::string& call, int times = 100'000) {
    SCOPED_TRACE(call);
    define("for i = 1, tonumber(args[1]) do " + call
           + " end collectgarbage() return 1");
    auto rounds = std::to_string(times / 2);
    auto x = run({rounds});
    ASSERT_TRUE(x) << x.error().detail;
    auto before = settled_memory();
    ASSERT_TRUE(run({rounds}));
    EXPECT_LT(settled_memory(), before + 50'000);
    env.lines.clear();
  }

  std::size_t settled_memory() {
    define("for i = 1, 300 do collectgarbage('step') end return 1");
    EXPECT_TRUE(run());
    return uut().memory();
  }
};

TEST_F(api_flat_test, q6_of_texts) {
  flat("saker.md5('x') saker.uuid() json.decode(json.encode({i, {x = i}}))");
}

TEST_F(api_flat_test, q6_of_files) {
  flat("saker.isdir('/') saker.fileinfo('/', true) saker.cd('/') saker.pwd() "
       "saker.isfile({}) saker.mkdir('/')");
  flat("saker.ls('/proc/self/ns')", 20'000);
}

TEST_F(api_flat_test, q6_of_timers_and_subscriptions) {
  flat(
    "saker.every('1h', print):close() saker.cron('* * * * *', print):close() "
    "saker.subscribe('x*', print):close() saker.every('x', print)");
}

TEST_F(api_flat_test, q6_of_messages) {
  flat("saker.publish('c', i) saker.call('PING', i)");
  flat("saker.event('x', {i}) saker.event('exit')");
}

TEST_F(api_flat_test, q6_of_processes) {
  flat("saker.exec('x') saker.popen('x') saker.kill(1) saker.kill('x')");
  flat("saker.pidof('/nowhere') saker.pidof{match = '('}", 20'000);
}

TEST_F(api_flat_test, q6_of_services_and_the_system) {
  flat("saker.service('x') saker.services() saker.uname() saker.getuid()");
  flat("saker.sysinfo('system.uptime') saker.sysinfo('x')", 20'000);
}

TEST_F(api_flat_test, q6_of_registering) {
  flat("saker.register('x', print, PROP_PASSIVITY) saker.unregister('x') "
       "saker.register('x', nil, 5)",
       20'000);
}

} // namespace
} // namespace saker::lua
