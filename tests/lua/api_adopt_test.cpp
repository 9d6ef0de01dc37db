#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

class api_adopt_test : public test::script_test {
protected:
  /// The command that it becomes.
  std::vector<std::string> adopt(const std::string& arguments) {
    define("return saker.adopt(" + arguments + ")");
    auto id = begin();
    settle();
    if (env.called.empty()) {
      ADD_FAILURE() << arguments << " asks for nothing";
      return {};
    }
    auto asked = std::move(env.called.back());
    env.called.clear();
    env.waiting.erase(asked.id);
    uut().answer(
      asked.id,
      resp::value{resp::array{
        {resp::map{}.add("name", "x").add("desc", "running, pid 77")}}});
    for (auto& x : settle())
      if (x.id == id && x.value)
        answered = x.value->integer().value_or(0);
    return asked.argv;
  }

  using words = std::vector<std::string>;
  std::int64_t answered = 0;
};

TEST_F(api_adopt_test, takes_its_name_from_the_pidfile) {
  EXPECT_EQ(adopt("'/x/s.pid', 'sleep 777'"),
            (words{"SVRUN", "s", "--numbered", "--pidfile", "/x/s.pid", "--",
                   "sleep", "777"}));
  EXPECT_EQ(answered, 77);
  EXPECT_EQ(adopt("'/x/s3.pid', 'sleep 779', 'bob'"),
            (words{"SVRUN", "s3", "--numbered", "--user", "bob", "--pidfile",
                   "/x/s3.pid", "--", "sleep", "779"}));
}

TEST_F(api_adopt_test, takes_its_name_from_the_program_without_pidfile) {
  EXPECT_EQ(
    adopt("nil, '/usr/bin/sleep 1'"),
    (words{"SVRUN", "sleep", "--numbered", "--", "/usr/bin/sleep", "1"}));
  EXPECT_EQ(adopt("{cmd = 'sleep', args = {'1'}}"),
            (words{"SVRUN", "sleep", "--numbered", "--", "sleep", "1"}));
}

TEST_F(api_adopt_test, takes_a_name_as_it_is) {
  EXPECT_EQ(adopt("{cmd = 'sleep', name = 'nap', pidfile = '/x/s.pid'}"),
            (words{"SVRUN", "nap", "--pidfile", "/x/s.pid", "--", "sleep"}));
}

TEST_F(api_adopt_test, makes_a_name_of_what_is_none) {
  auto name = [&](const std::string& pidfile) {
    return adopt("'" + pidfile + "', 'x'").at(1);
  };
  EXPECT_EQ(name("/x/.hidden file.pid"), "hidden-file");
  EXPECT_EQ(name("/x/wait.pid"), "program-wait"); // a word of commands
  EXPECT_EQ(name("/x/.pid"), "program-");
  EXPECT_EQ(name("/x/" + std::string(90, 'a')), std::string(58, 'a'));
}

} // namespace
} // namespace saker::lua
