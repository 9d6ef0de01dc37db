#include "supervision/plan.hpp"

#include "supervision/definitions.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

service named(std::string name, std::string file = "a.lua", int line = 1) {
  service x;
  x.name = std::move(name);
  x.exec = {"/bin/true"};
  x.where = {std::move(file), line};
  return x;
}

service_set set_of(std::vector<service> list) {
  service_set result;
  for (auto& x : list)
    result.emplace(x.name, std::make_shared<const service>(x));
  return result;
}

/// `restart web (exec)`, line by line.
std::string shown(const plan& x) {
  std::string result;
  for (auto& entry : x.entries)
    result += to_string(entry) + "\n";
  return result;
}

std::string after(std::function<void(service&)> change) {
  auto x = named("web");
  auto y = x;
  change(y);
  return shown(make_plan(set_of({x}), set_of({y})));
}

TEST(plan_test, names_what_comes_stays_and_goes) {
  auto before = set_of({named("a"), named("b"), named("d")});
  auto changed = named("b");
  changed.dir = "/srv";
  auto plan = make_plan(before, set_of({named("a"), changed, named("c")}));
  EXPECT_EQ(shown(plan), "restart b (dir)\nadd c\nremove d\n");
  EXPECT_EQ(plan.unchanged, 1u);
}

TEST(plan_test, every_key_knows_whether_the_child_must_be_restarted) {
  EXPECT_EQ(after([](auto& x) { x.exec.push_back("-v"); }),
            "restart web (exec)\n");
  EXPECT_EQ(after([](auto& x) { x.autostart = false; }),
            "live web (autostart)\n");
  EXPECT_EQ(after([](auto& x) { x.dir = "/x"; }), "restart web (dir)\n");
  EXPECT_EQ(after([](auto& x) { x.user = "u"; }), "restart web (user)\n");
  EXPECT_EQ(after([](auto& x) { x.groups = {"g"}; }), "live web (groups)\n");
  EXPECT_EQ(after([](auto& x) { x.supplementary_groups = {"g"}; }),
            "restart web (supplementary_groups)\n");
  EXPECT_EQ(after([](auto& x) { x.umask = 077; }), "restart web (umask)\n");
  EXPECT_EQ(after([](auto& x) { x.env["A"] = "1"; }), "restart web (env)\n");
  EXPECT_EQ(after([](auto& x) { x.inherit_env.all = true; }),
            "restart web (inherit_env)\n");
  EXPECT_EQ(after([](auto& x) { x.exit = *exit_table::named("transient"); }),
            "live web (exit)\n");
  EXPECT_EQ(after([](auto& x) { x.once = true; }), "live web (exit)\n");
  EXPECT_EQ(after([](auto& x) { x.budget.count = 1; }), "live web (budget)\n");
  EXPECT_EQ(after([](auto& x) { x.spent.rest = 1h; }), "live web (spent)\n");
  EXPECT_EQ(after([](auto& x) { x.backoff.cap = 1h; }), "live web (backoff)\n");
  EXPECT_EQ(after([](auto& x) { x.start_timeout = 1s; }),
            "live web (start_timeout)\n");
  EXPECT_EQ(after([](auto& x) { x.stop = *parse_ladder("KILL"); }),
            "live web (stop)\n");
  EXPECT_EQ(after([](auto& x) { x.kill = kill_scope::leader; }),
            "live web (kill)\n");
  EXPECT_EQ(after([](auto& x) {
              x.reload = {{1, {}}};
            }),
            "live web (reload)\n");
  EXPECT_EQ(after([](auto& x) { x.pidfile = "/x"; }),
            "restart web (pidfile)\n");
  EXPECT_EQ(after([](auto& x) { x.match = "x"; }), "restart web (match)\n");
  EXPECT_EQ(after([](auto& x) {
              x.daemon = daemon_settings{"/x", ""};
            }),
            "restart web (daemon)\n");
  EXPECT_EQ(after([](auto& x) { x.input = "/x"; }), "restart web (stdin)\n");
  EXPECT_EQ(after([](auto& x) {
              x.limits = {{RLIMIT_CORE, 0, 0}};
            }),
            "restart web (limits)\n");
  EXPECT_EQ(after([](auto& x) { x.nice = 1; }), "restart web (nice)\n");
  EXPECT_EQ(after([](auto& x) { x.oom = 0; }), "restart web (oom)\n");
  EXPECT_EQ(after([](auto& x) { x.cpus = {0}; }), "restart web (cpus)\n");
  EXPECT_EQ(after([](auto& x) { x.no_new_privs = true; }),
            "restart web (no_new_privs)\n");
  EXPECT_EQ(after([](auto& x) { x.before.commands = {{"a"}}; }),
            "live web (before)\n");
  EXPECT_EQ(after([](auto& x) { x.after.within = 1s; }), "live web (after)\n");
  EXPECT_EQ(after([](auto& x) { x.on_failed.commands = {{"a"}}; }),
            "live web (on_failed)\n");
  EXPECT_EQ(after([](auto& x) { x.when.every = 1h; }), "live web (every)\n");
  EXPECT_EQ(after([](auto& x) {
              x.when.at = {"@daily", *cron::parse("@daily")};
            }),
            "live web (cron)\n");
  EXPECT_EQ(
    after([](auto& x) { x.when.overlap = schedule::overlap_rule::kill; }),
    "live web (overlap)\n");
  EXPECT_EQ(after([](auto& x) { x.max_age.after = 1h; }),
            "live web (max_age)\n");
}

TEST(plan_test, an_env_file_restarts_only_if_it_says_something_else) {
  EXPECT_EQ(after([](auto& x) { x.env_file = {"/a"}; }),
            "live web (env_file)\n");
  EXPECT_EQ(after([](auto& x) { x.file_env["A"] = "1"; }),
            "restart web (env_file)\n");
}

TEST(plan_test, a_log_is_live_unless_the_pipes_of_the_child_change) {
  EXPECT_EQ(after([](auto& x) { x.log->size = 1; }), "live web (log)\n");
  EXPECT_EQ(after([](auto& x) { x.log->file = "/x"; }), "live web (log)\n");
  EXPECT_EQ(after([](auto& x) { x.log->split = true; }), "restart web (log)\n");
  EXPECT_EQ(after([](auto& x) { x.log.reset(); }), "restart web (log)\n");
}

TEST(plan_test, a_count_is_live_and_says_from_what_to_what) {
  EXPECT_EQ(after([](auto& x) {
              x.count = 4;
              x.counted = true;
            }),
            "live web (count 1 to 4)\n");
  EXPECT_EQ(after([](auto& x) { x.counted = true; }), "live web (count)\n");
}

TEST(plan_test, another_place_of_the_same_definition_is_no_change) {
  EXPECT_EQ(after([](auto& x) {
              x.where = {"b.lua", 99};
              x.source = 17;
            }),
            "");
}

TEST(plan_test, needs_force_above_five_and_above_half_of_what_runs) {
  auto all = [](auto, auto) { return true; };
  auto weigh_removal = [&](int running, int removed) {
    service_set before, next;
    for (auto i = 0; i < running; ++i) {
      auto x = std::make_shared<const service>(named("s" + std::to_string(i)));
      before.emplace(x->name, x);
      if (i >= removed)
        next.emplace(x->name, x);
    }
    return weigh(make_plan(before, next), before, all).needs_force();
  };
  EXPECT_FALSE(weigh_removal(5, 5));
  EXPECT_TRUE(weigh_removal(6, 6));
  EXPECT_FALSE(weigh_removal(12, 6)); // exactly half
  EXPECT_TRUE(weigh_removal(11, 6));
}

TEST(plan_test, weighs_children_not_definitions) {
  auto x = named("api");
  x.count = 10;
  auto fewer = x;
  fewer.count = 3;
  auto before = set_of({x});
  auto even = [](auto, std::uint32_t i) { return i % 2 == 0; };
  auto weight = weigh(make_plan(before, set_of({fewer})), before, even);
  EXPECT_EQ(weight.running, 5u);
  EXPECT_EQ(weight.ended, 3u); // 4, 6 and 8
  auto other = x;
  other.exec = {"/bin/false"};
  EXPECT_EQ(weigh(make_plan(before, set_of({other})), before, even).ended, 5u);
}

// -- files with errors ---------------------------------------------------------

definitions read(std::vector<service> good, std::set<std::string> bad = {}) {
  definitions result;
  result.services = set_of(std::move(good));
  result.bad = bad;
  result.files = bad;
  for (auto& [_, x] : result.services)
    result.files.insert(x->where.file);
  return result;
}

std::string names(const service_set& x) {
  std::string result;
  for (auto& [name, service] : x)
    result += name + "@" + to_string(service->where) + " ";
  return result;
}

TEST(merge_test, a_file_with_errors_keeps_what_it_had) {
  auto before = set_of({named("a", "a.lua"), named("b", "b.lua")});
  auto result = merge(before, read({named("c", "a.lua")}, {"b.lua"}));
  EXPECT_EQ(names(result.services), "b@b.lua:1 c@a.lua:1 ");
}

TEST(merge_test, a_file_that_is_gone_takes_its_services_with_it) {
  auto before = set_of({named("a", "a.lua"), named("b", "b.lua")});
  auto result = merge(before, read({named("a", "a.lua")}));
  EXPECT_EQ(names(result.services), "a@a.lua:1 ");
}

TEST(merge_test, files_that_were_not_asked_for_stay) {
  auto before = set_of({named("a", "a.lua"), named("b", "b.lua")});
  auto result = merge(before, read({named("c", "a.lua")}), {"b.lua"});
  EXPECT_EQ(names(result.services), "b@b.lua:1 c@a.lua:1 ");
}

TEST(merge_test, a_name_held_by_a_bad_file_is_not_taken_from_it) {
  auto before = set_of({named("a", "a.lua"), named("web", "b.lua", 5)});
  auto next = read({named("web", "a.lua", 3), named("new", "a.lua", 9)},
                   {"b.lua"});
  auto result = merge(before, next);
  EXPECT_EQ(names(result.services), "a@a.lua:1 web@b.lua:5 ");
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(to_string(result.errors[0]),
            "a.lua:3: service \"web\" is still held by b.lua:5, which was not "
            "applied: apply that file too");
}

TEST(merge_test, a_clash_may_cause_the_next_one) {
  auto before = set_of({named("x", "a.lua"), named("web", "b.lua")});
  auto next = read({named("web", "a.lua"), named("x", "c.lua")}, {"b.lua"});
  auto result = merge(before, next);
  EXPECT_EQ(names(result.services), "web@b.lua:1 x@a.lua:1 ");
  EXPECT_EQ(result.errors.size(), 2u);
}

} // namespace
} // namespace saker::supervision
