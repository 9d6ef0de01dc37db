#include "process/sysinfo.hpp"

#include "process/system_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>

#include <unistd.h>

namespace saker::process {
namespace {

using namespace std::chrono_literals;

// -- texts -------------------------------------------------------------------------

constexpr const char* meminfo = "MemTotal:       16000000 kB\n"
                                "MemFree:         1000000 kB\n"
                                "MemAvailable:    4000000 kB\n"
                                "Buffers:          200000 kB\n"
                                "Cached:          2000000 kB\n"
                                "Shmem:             50000 kB\n"
                                "HugePages_Total:       3\n"
                                "nonsense\n";

TEST(system_text_test, reads_meminfo_in_bytes) {
  auto x = parse_meminfo(meminfo);
  EXPECT_EQ(x.at("MemTotal"), 16'384'000'000u);
  EXPECT_EQ(x.at("HugePages_Total"), 3u);
  EXPECT_FALSE(x.contains("nonsense"));
  EXPECT_TRUE(parse_meminfo("").empty());
}

TEST(system_text_test, reads_fields_of_status) {
  auto text = "Name:\tx\nUid:\t1000\t0\t0\t0\nVmRSS:\t  12345678 kB\n";
  EXPECT_EQ(status_bytes(text, "VmRSS"), 12'641'974'272u); // all digits
  EXPECT_EQ(number_field(text, "Uid"), 1000u);
  EXPECT_FALSE(status_bytes(text, "VmSize"));
  EXPECT_FALSE(number_field(text, "Name"));
  EXPECT_FALSE(number_field(text, "Ui"));
}

TEST(system_text_test, reads_loads) {
  auto x = parse_loadavg("0.52 0.58 10.59 1/345 678\n");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->avg1, 0.52);
  EXPECT_EQ(x->avg5, 0.58);
  EXPECT_EQ(x->avg15, 10.59);
  EXPECT_FALSE(parse_loadavg("0.52 x 1"));
  EXPECT_FALSE(parse_loadavg(""));
}

TEST(system_text_test, reads_the_time_of_processors) {
  auto x = parse_cpu_ticks("cpu  10 20 30 400 50 6 7 8 99 99\ncpu0 1 1 1 1\n");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->busy, 10u + 20 + 30 + 6 + 7 + 8);
  EXPECT_EQ(x->total, x->busy + 450);
  EXPECT_FALSE(parse_cpu_ticks("cpu0 1 2 3 4 5\n"));
  EXPECT_FALSE(parse_cpu_ticks("cpu 1 2\n"));
}

constexpr const char* net_dev
  = "Inter-|   Receive                            |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes "
    "packets errs drop fifo colls carrier compressed\n"
    "    lo:  1000   1    0    0    0     0          0         0  1000  1 0 0 "
    "0 0 0 0\n"
    "enp3s0: 20000   2    0    0    0     0          0         0   300  3 0 0 "
    "0 7 0 0\n"
    "veth1:40000 2 0 0 0 0 0 0 5000 3 0 0 0 1 0 0\n";

TEST(system_text_test, reads_interfaces) {
  auto x = parse_net_dev(net_dev);
  ASSERT_EQ(x.size(), 3u);
  EXPECT_EQ(x[1].name, "enp3s0");
  EXPECT_EQ(x[1].received, 20'000u);
  EXPECT_EQ(x[1].sent, 300u);
  EXPECT_EQ(x[1].collisions, 7u);
  EXPECT_EQ(x[2].name, "veth1");
  EXPECT_EQ(x[2].received, 40'000u);
}

TEST(system_text_test, reads_pressure_and_cgroups) {
  auto text = "some avg10=1.25 avg60=0.50 avg300=0.10 total=12345\n"
              "full avg10=0.25 avg60=0.00 avg300=0.00 total=99\n";
  EXPECT_EQ(pressure(text, "some", "avg10"), 1.25);
  EXPECT_EQ(pressure(text, "full", "avg10"), 0.25);
  EXPECT_EQ(pressure(text, "some", "total"), 12345);
  EXPECT_FALSE(pressure(text, "some", "avg1"));
  EXPECT_FALSE(pressure(text, "all", "avg10"));
  EXPECT_EQ(cgroup_path("12:cpu:/x\n0::/user.slice/a b\n"), "/user.slice/a b");
  EXPECT_FALSE(cgroup_path("1:name=systemd:/\n"));
}

// -- keys --------------------------------------------------------------------------

class sysinfo_test : public ::testing::Test {
protected:
  /// The answer as text, or the failure.
  std::string
  ask(std::string_view key, std::vector<std::string> arguments = {}) {
    system_view view;
    view.read = [this](const std::string& path) -> std::optional<std::string> {
      if (auto i = files.find(path); i != files.end())
        return i->second;
      return std::nullopt;
    };
    view.pause = [this](std::chrono::milliseconds) {
      if (later)
        later();
    };
    auto x = sysinfo(key, arguments, view);
    if (!x)
      return to_string(x.error());
    if (auto text = std::get_if<std::string>(&*x))
      return *text;
    if (auto number = std::get_if<double>(&*x))
      return std::to_string(*number);
    return std::to_string(std::get<std::int64_t>(*x));
  }

  std::map<std::string, std::string> files{
    {"/proc/meminfo", meminfo},
    {"/proc/net/dev", net_dev},
    {"/proc/uptime", "12345.67 999.0\n"},
    {"/proc/loadavg", "0.50 1.50 2.50 1/2 3\n"},
    {"/proc/stat", "cpu  10 0 0 90 0 0 0 0\nbtime 1700000000\n"},
    {"/proc/sys/fs/file-max", "1000\n"},
    {"/proc/sys/kernel/pid_max", "32768\n"},
    {"/proc/pressure/memory", "some avg10=1.50 avg60=0.1 avg300=0 total=77\n"
                              "full avg10=0.50 avg60=0 avg300=0 total=7\n"},
    {"/proc/self/cgroup", "0::/a\n"},
    {"/proc/42/cgroup", "0::/b\n"},
    {"/sys/fs/cgroup/a/memory.current", "2097152\n"},
    {"/sys/fs/cgroup/b/memory.current", "4194304\n"},
    {"/sys/fs/cgroup/a/memory.max", "max\n"},
    {"/sys/fs/cgroup/a/cpu.stat", "usage_usec 555\nuser_usec 5\n"},
    {"/sys/fs/cgroup/a/pids.current", "3\n"},
    {"/proc/42/stat", "42 (a \"b) c) S 1 42 42 0 -1 4194304 1 1 1 1 150 50 0 0 "
                      "20 0 4 0 1000 99 12 18446744073709551615 1 1 0\n"},
    {"/proc/42/status", "Name:\tx\nUid:\t1000\t1000\t1000\t1000\n"
                        "VmSize:\t  160000 kB\nVmRSS:\t 16000 kB\n"
                        "RssFile:\t 500 kB\nRssShmem:\t 24 kB\n"},
    {"/proc/42/cmdline", std::string("prog\0-x\0\xff\0", 10)},
  };
  std::function<void()> later;
};

TEST_F(sysinfo_test, answers_about_the_machine) {
  EXPECT_EQ(ask("system.boottime"), "1700000000");
  EXPECT_EQ(ask("system.uptime"), "12345");
  EXPECT_EQ(ask("SYSTEM.UPTIME"), "12345");
  EXPECT_EQ(ask("system.cpu.load.all"), "0.500000");
  EXPECT_EQ(ask("system.cpu.load.all", {"avg5"}), "1.500000");
  EXPECT_EQ(ask("system.cpu.load.all", {"AVG15"}), "2.500000");
  EXPECT_EQ(ask("system.cpu.load.all", {"avg2"}),
            "invalid argument: system.cpu.load.all: say avg1, avg5 or avg15");
  EXPECT_EQ(ask("system.cpu.num.online"),
            std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)));
  EXPECT_EQ(ask("system.cpu.num.max"),
            std::to_string(::sysconf(_SC_NPROCESSORS_CONF)));
  EXPECT_EQ(ask("system.kernel.maxfiles"), "1000");
  EXPECT_EQ(ask("system.kernel.maxproc"), "32768");
}

TEST_F(sysinfo_test, measures_processors_between_two_looks) {
  later = [this] { files["/proc/stat"] = "cpu  40 0 0 160 0 0 0 0\n"; };
  EXPECT_EQ(ask("system.cpu.util"), "30.000000");
  later = nullptr; // the same again
  EXPECT_EQ(ask("system.cpu.util"), "0.000000");
}

TEST_F(sysinfo_test, answers_about_memory) {
  EXPECT_EQ(ask("system.mem.total"), "16384000000");
  EXPECT_EQ(ask("system.mem.total", {"kb"}), "16000000");
  EXPECT_EQ(ask("system.mem.total", {"MB"}), "15625");
  EXPECT_EQ(ask("system.mem.total", {"g"}), "15");
  EXPECT_EQ(ask("system.mem.total", {"tb"}), "0");
  EXPECT_EQ(ask("system.mem.free", {"kb"}), "1000000");
  EXPECT_EQ(ask("system.mem.buffers", {"kb"}), "200000");
  EXPECT_EQ(ask("system.mem.cached", {"kb"}), "2000000");
  EXPECT_EQ(ask("system.mem.shared", {"kb"}), "50000");
  EXPECT_EQ(ask("system.mem.available", {"kb"}), "4000000");
  EXPECT_EQ(ask("system.mem.used", {"kb"}), "12000000");
  EXPECT_EQ(ask("system.mem.pused"), "75.000000");
  EXPECT_EQ(ask("system.mem.pavailable"), "25.000000");
  for (auto unit : {"", "x", "kbx", "bk"})
    EXPECT_NE(ask("system.mem.total", {unit}).find("the unit must be"),
              std::string::npos)
      << unit;
  files["/proc/meminfo"] = "MemTotal: 100 kB\nMemFree: 10 kB\n"
                           "Buffers: 5 kB\nCached: 15 kB\n";
  EXPECT_EQ(ask("system.mem.available", {"kb"}), "30");
}

TEST_F(sysinfo_test, answers_about_interfaces) {
  // Without a real one, all but lo.
  EXPECT_EQ(ask("system.net.if.in"), "60000");
  files["/sys/class/net/enp3s0/device/uevent"] = "";
  EXPECT_EQ(ask("system.net.if.in"), "20000");
  EXPECT_EQ(ask("system.net.if.out"), "300");
  EXPECT_EQ(ask("system.net.if.total"), "20300");
  EXPECT_EQ(ask("system.net.if.collisions"), "7");
  EXPECT_EQ(ask("system.net.if.in", {"veth1"}), "40000");
  EXPECT_EQ(ask("system.net.if.total", {"lo"}), "2000");
  EXPECT_NE(ask("system.net.if.in", {"veth"}).find("did you mean \"veth1\""),
            std::string::npos);
  EXPECT_EQ(ask("system.net.if.list"), R"(["lo","enp3s0","veth1"])");
}

TEST_F(sysinfo_test, answers_about_pressure_and_cgroups) {
  EXPECT_EQ(ask("system.psi.memory"), "1.500000");
  EXPECT_EQ(ask("system.psi.memory", {"full"}), "0.500000");
  EXPECT_EQ(ask("system.psi.memory", {"full", "total"}), "7");
  EXPECT_EQ(ask("system.psi.memory", {"avg60"}), "0.100000");
  EXPECT_NE(ask("system.psi.memory", {"x"}).find("say some or full"),
            std::string::npos);
  EXPECT_NE(ask("system.psi.io").find("cannot be read here"),
            std::string::npos);
  EXPECT_EQ(ask("system.cgroup.path"), "/a");
  EXPECT_EQ(ask("system.cgroup.path", {"42"}), "/b");
  EXPECT_EQ(ask("system.cgroup.mem"), "2097152");
  EXPECT_EQ(ask("system.cgroup.mem", {"mb"}), "2");
  EXPECT_EQ(ask("system.cgroup.mem", {"42", "mb"}), "4");
  EXPECT_EQ(ask("system.cgroup.mem.max"), "-1");
  EXPECT_EQ(ask("system.cgroup.cpu"), "555");
  EXPECT_EQ(ask("system.cgroup.pids"), "3");
  EXPECT_EQ(ask("system.cgroup.path", {"43"}),
            "not found: system.cgroup.path: no process 43");
}

TEST_F(sysinfo_test, answers_about_a_file_system) {
  auto total = std::stoll(ask("system.fs.size.total", {"/"}));
  auto used = std::stoll(ask("system.fs.size.used", {"/"}));
  EXPECT_GT(total, 0);
  EXPECT_GE(total, used);
  EXPECT_EQ(ask("system.fs.size.total", {"/", "kb"}),
            std::to_string(total / 1024));
  EXPECT_LE(std::stod(ask("system.fs.size.pused", {"/"})), 100);
  EXPECT_NEAR(std::stod(ask("system.fs.size.pused", {"/"}))
                + std::stod(ask("system.fs.size.pfree", {"/"})),
              100, 1);
  EXPECT_EQ(ask("system.fs.size.total").find("invalid argument"), 0u);
  EXPECT_EQ(ask("system.fs.size.total", {"/none"}).find("not found"), 0u);
}

TEST_F(sysinfo_test, answers_about_a_process) {
  EXPECT_EQ(ask("system.proc.mem.rss", {"42"}), "16384000");
  EXPECT_EQ(ask("system.proc.mem.rss", {"42", "kb"}), "16000");
  EXPECT_EQ(ask("system.proc.mem.used", {"42", "kb"}), "160000");
  EXPECT_EQ(ask("system.proc.mem.pused", {"42"}), "0.100000");
  auto hz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  char load[32];
  std::snprintf(load, sizeof(load), "%.6f",
                100 * (200 / hz) / (12345 - 1000 / hz));
  EXPECT_EQ(ask("system.proc.all", {"42"}),
            R"({"PID":42,"UID":1000,"Name":"a \"b) c","Fullname":"prog -x )"
            "\xef\xbf\xbd"
            R"(","Threads":4,"VIRT":160000,"RES":16000,"SHR":524,"State":2,)"
            R"("PCPU":)"
              + std::string{load} + R"(,"PMEM":0.100000})");
  later = [this] {
    auto& text = files["/proc/42/stat"];
    text.replace(text.find("150 50"), 6, "155 50");
  };
  EXPECT_EQ(std::stod(ask("system.proc.cpu.load", {"42"})), 100 * 5 / hz / 0.1);
}

TEST_F(sysinfo_test, a_process_that_is_gone_is_an_error_with_words) {
  for (auto key : {"system.proc.mem.rss", "system.proc.all",
                   "system.proc.cpu.load", "system.proc.mem.pused"}) {
    EXPECT_EQ(ask(key, {"43"}),
              std::string{"not found: "} + key + ": no process 43");
    EXPECT_EQ(ask(key, {"x"}),
              std::string{"invalid argument: "} + key + ": \"x\" is no pid");
    EXPECT_EQ(ask(key).find("invalid argument"), 0u);
  }
  // Between two looks.
  later = [this] { files.erase("/proc/42/stat"); };
  EXPECT_EQ(ask("system.proc.cpu.load", {"42"}),
            "not found: system.proc.cpu.load: no process 42");
}

TEST_F(sysinfo_test, lists_processes) {
  auto all = ask("system.proc.id", {"all"});
  EXPECT_NE(all.find(std::to_string(::getpid())), std::string::npos);
  EXPECT_EQ(all.front(), '[');
  EXPECT_EQ(all.back(), ']');
  EXPECT_NE(
    ask("system.proc.id", {"process_tests"}).find(std::to_string(::getpid())),
    std::string::npos);
  EXPECT_EQ(ask("system.proc.id", {"no such process"}).find("not found"), 0u);
}

TEST_F(sysinfo_test, knows_what_it_does_not_know) {
  auto near = ask("system.mem.totl");
  EXPECT_EQ(near.find("not found: there is no key \"system.mem.totl\" (did you "
                      "mean \"system.mem.total\""),
            0u)
    << near;
  EXPECT_EQ(ask("system.uptime", {"x"}),
            "invalid argument: system.uptime: takes at most 0 arguments");
  EXPECT_EQ(
    ask("system.proc.id", {std::string("a\0b", 3)}).find("invalid argument"),
    0u);
  files.clear();
  for (auto& key : sysinfo_keys()) {
    if (!key.starts_with("system.cpu.num") && !key.starts_with("system.fs")) {
      EXPECT_NE(ask(key).find(": "), std::string::npos) << key;
    }
  }
}

/// Q7: keys of the earlier system, all there.
TEST_F(sysinfo_test, q7_has_all_keys_of_the_earlier_system) {
  auto keys = sysinfo_keys();
  for (auto key : {"system.boottime",          "system.uptime",
                   "system.cpu.num.online",    "system.cpu.num.max",
                   "system.cpu.load.all",      "system.cpu.util",
                   "system.mem.total",         "system.mem.free",
                   "system.mem.buffers",       "system.mem.used",
                   "system.mem.cached",        "system.mem.available",
                   "system.mem.pused",         "system.mem.pavailable",
                   "system.mem.shared",        "system.net.if.in",
                   "system.net.if.out",        "system.net.if.total",
                   "system.net.if.collisions", "system.kernel.maxfiles",
                   "system.kernel.maxproc",    "system.fs.size.total",
                   "system.fs.size.free",      "system.fs.size.used",
                   "system.fs.size.pfree",     "system.fs.size.pused",
                   "system.proc.id",           "system.proc.mem.rss",
                   "system.proc.mem.used",     "system.proc.mem.pused",
                   "system.proc.cpu.load",     "system.proc.all"})
    EXPECT_TRUE(std::find(keys.begin(), keys.end(), key) != keys.end()) << key;
}

} // namespace
} // namespace saker::process
