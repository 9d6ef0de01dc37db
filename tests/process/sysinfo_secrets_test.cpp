// What whoever may not control is told of the machine.
#include "process/sysinfo.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace saker::process {
namespace {

using texts = std::vector<std::string>;

class sysinfo_secrets_test : public testing::Test {
protected:
  sysinfo_secrets_test() {
    view.read = [this](const std::string& path) -> std::optional<std::string> {
      auto file = files.find(path);
      return file == files.end() ? std::nullopt : std::optional{file->second};
    };
    view.any_path = false;
  }

  std::string ask(std::string_view key, const texts& arguments) {
    auto x = sysinfo(key, arguments, view);
    if (!x)
      return x.error().detail;
    auto text = std::get_if<std::string>(&*x);
    return text ? *text : "figures";
  }

  std::map<std::string, std::string> files{
    {"/proc/self/mountinfo", "22 1 254:1 / / rw - ext4 disk rw\n"
                             "23 22 0:5 / /pr\\157c rw - proc none rw\n"
                             "24 22 0:6 / /my\\040disk rw - tmpfs none rw\n"
                             "odd\n"},
    {"/proc/meminfo", "MemTotal: 16000000 kB\n"},
    {"/proc/42/stat", "42 (run) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 "
                      "4 0 1000 163840000 4000 18446744073709551615"},
    {"/proc/42/status", "Uid:\t1000\t1000\t1000\t1000\nVmRSS:\t16000 kB\n"},
    {"/proc/42/cmdline", std::string{"run\0--password\0pw\0-v\0", 21}},
  };
  system_view view;
};

TEST_F(sysinfo_secrets_test, names_of_files_are_not_tried) {
  EXPECT_EQ(ask("system.fs.size.total", {"/"}), "figures");
  EXPECT_EQ(ask("system.fs.size.total", {"/proc"}), "figures");
  EXPECT_EQ(ask("system.fs.size.pfree", {"/proc//"}), "figures");
  auto no = ask("system.fs.size.total", {"/none"});
  EXPECT_NE(no.find("only mount points"), no.npos);
  for (auto path : {"/etc", "/etc/passwd", "/proc/1", "/pr\\157c", "none", "x"})
    EXPECT_EQ(ask("system.fs.size.total", {path}), no) << path;
  // It is a mount point, by the table: now it is asked for, and is not there.
  EXPECT_NE(ask("system.fs.size.total", {"/my disk"}), no);
  files.clear();
  EXPECT_EQ(ask("system.fs.size.total", {"/"}), no);
  view.any_path = true;
  EXPECT_EQ(ask("system.fs.size.total", {"/etc"}), "figures");
}

TEST_F(sysinfo_secrets_test, words_of_a_process_are_told_as_they_should_be) {
  auto whole = ask("system.proc.all", {"42"});
  EXPECT_NE(whole.find(R"("Fullname":"run --password pw -v")"), whole.npos)
    << whole;
  view.told = [](const texts& words) {
    EXPECT_EQ(words, (texts{"run", "--password", "pw", "-v"}));
    return texts{"run", "***"};
  };
  auto shown = ask("system.proc.all", {"42"});
  EXPECT_NE(shown.find(R"("Fullname":"run ***")"), shown.npos) << shown;
  files.erase("/proc/42/cmdline"); // a thread of the kernel
  view.told = nullptr;
  EXPECT_NE(ask("system.proc.all", {"42"}).find(R"("Fullname":"")"),
            whole.npos);
}

} // namespace
} // namespace saker::process
