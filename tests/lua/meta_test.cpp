#include "lua/state.hpp"
#include "tests/lua/support/script_test.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace saker::lua {
namespace {

std::string read_meta() {
  auto here = std::filesystem::path{__FILE__}.parent_path();
  std::ifstream in{here / "../../lua/saker.meta.lua"};
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Functions with what `saker` holds, constants with their values.
constexpr const char* listing = R"(
  local out = {}
  for name, value in pairs(saker) do
    out[#out + 1] = 'saker.' .. name .. ': ' .. type(value)
  end
  for name, value in pairs(json) do
    if type(value) == 'function' then
      out[#out + 1] = 'json.' .. name .. ': ' .. type(value)
    end
  end
  for name, value in pairs(_G) do
    if name:find('^PROP_') or name:find('^LOG_') then
      out[#out + 1] = name .. ' = ' .. value
    end
  end
  table.sort(out)
  return table.concat(out, '\n')
)";

class meta_test : public test::script_test {};

TEST_F(meta_test, describes_exactly_what_is_there) {
  auto real = eval(listing);
  ASSERT_TRUE(real);
  auto described = eval(read_meta() + listing);
  ASSERT_TRUE(described) << described.error().detail;
  EXPECT_EQ(described->text(), real->text());
  EXPECT_NE(real->text().find("saker.publish: function"), std::string::npos);
}

/// The word of `line` that begins at `from`.
std::string word(const std::string& line, std::size_t from) {
  return line.substr(from, line.find(' ', from) - from);
}

TEST_F(meta_test, annotates_every_parameter) {
  std::istringstream in{read_meta()};
  std::string line, params;
  auto functions = 0;
  while (std::getline(in, line)) {
    if (line.starts_with("---@param ")) {
      auto name = word(line, 10);
      if (name.back() == '?')
        name.pop_back();
      params += (params.empty() ? "" : ", ") + name;
    } else if (line.starts_with("function ")) {
      auto open = line.find('(') + 1;
      EXPECT_EQ(params, line.substr(open, line.find(')') - open)) << line;
      params.clear();
      ++functions;
    }
  }
  EXPECT_GE(functions, 38);
}

/// The example above each function, by its name.
std::vector<std::pair<std::string, std::string>> examples() {
  std::istringstream in{read_meta()};
  std::vector<std::pair<std::string, std::string>> out;
  std::string line, example;
  auto inside = false;
  while (std::getline(in, line)) {
    if (line.starts_with("---```")) {
      inside = line == "---```lua";
    } else if (inside) {
      example += line.substr(3) + "\n";
    } else if (line.starts_with("function ")) {
      out.emplace_back(line, std::exchange(example, {}));
    }
  }
  return out;
}

TEST_F(meta_test, shows_one_example_of_each_function_that_runs) {
  auto all = examples();
  EXPECT_GE(all.size(), 38u);
  for (auto& [function, text] : all) {
    SCOPED_TRACE(function);
    ASSERT_FALSE(text.empty());
    auto name = function.substr(9, function.find('(') - 9);
    EXPECT_NE(text.find(name), std::string::npos);
    auto id = uut().load("example", text);
    ASSERT_TRUE(id) << id.error().detail;
    std::optional<finished_task> ended;
    for (int i = 0; i < 100 && !ended; ++i) {
      for (auto& x : settle())
        if (x.id == *id)
          ended = std::move(x);
      do_chores();
      for (auto& [request, _] : std::exchange(env.waiting, {}))
        if (!env.children.empty() && env.children.back().id == request)
          uut().answer(request, exec_result{0, 0, "a file\n", ""});
        else if (!env.called.empty() && env.called.back().argv[0] == "SVSTATUS")
          uut().answer(
            request,
            resp::value{resp::array{
              {resp::map{}.add("name", "web").add("state", "failed")}}});
        else
          uut().answer(request, resp::value{1});
      if (auto next = uut().next_wake())
        env.clock = std::max(env.clock, *next);
    }
    ASSERT_TRUE(ended) << "it never ends";
    EXPECT_TRUE(ended->value) << ended->value.error().detail;
  }
}

} // namespace
} // namespace saker::lua
