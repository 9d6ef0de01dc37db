#include "supervision/mask.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

/// `*` and `?` are enough here: the real one has tests of its own.
bool glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty())
    return text.empty();
  if (pattern.front() == '*')
    return glob(pattern.substr(1), text)
           || (!text.empty() && glob(pattern, text.substr(1)));
  return !text.empty()
         && (pattern.front() == '?' || pattern.front() == text.front())
         && glob(pattern.substr(1), text.substr(1));
}

const std::vector<std::string> front = {"front", "slow"};
const std::vector<std::string> slow = {"slow"};

const std::vector<known_instance> known = {{{"api", 0, true}, front},
                                           {{"api", 1, true}, front},
                                           {{"db", 0, false}, slow},
                                           {{"web", 0, false}, {}}};

std::string found(const std::vector<std::string>& masks) {
  std::vector<mask> parsed;
  for (auto& x : masks)
    parsed.push_back(*parse_mask(x));
  auto all = resolve(parsed, known, glob);
  if (!all)
    return all.error().detail;
  std::string result;
  for (auto& x : *all)
    result += x.display() + " ";
  return result;
}

TEST(mask_test, a_name_means_the_service_with_all_its_instances) {
  EXPECT_EQ(found({"api"}), "api:0 api:1 ");
  EXPECT_EQ(found({"api:*"}), "api:0 api:1 ");
  EXPECT_EQ(found({"api:1"}), "api:1 ");
  EXPECT_EQ(found({"web"}), "web ");
  EXPECT_EQ(found({"web:0"}), "web ");
  EXPECT_EQ(found({"?b"}), "db ");
}

TEST(mask_test, a_name_alone_needs_no_matching) {
  EXPECT_TRUE(parse_mask("api")->plain());
  EXPECT_TRUE(parse_mask("api@n1")->plain());
  for (auto x : {"*", "ap?", "[a]pi", "a\\pi", "api:0", "%front", "@n1"})
    EXPECT_FALSE(parse_mask(x)->plain()) << x;
}

TEST(mask_test, several_masks_mean_each_instance_once) {
  EXPECT_EQ(found({"db", "*b*", "db"}), "db web ");
  EXPECT_EQ(found({}), "api:0 api:1 db web ");
  EXPECT_EQ(found({"*"}), "api:0 api:1 db web ");
}

TEST(mask_test, one_that_means_nothing_spoils_all_and_says_what_is_near) {
  EXPECT_EQ(found({"web", "wbe"}),
            "no service matches \"wbe\" (did you mean \"web\"?)");
  EXPECT_EQ(found({"api:7"}), "no service matches \"api:7\" (did you mean "
                              "\"api:0\" or \"api:1\"?)");
  EXPECT_EQ(found({"x*"}), "no service matches \"x*\"; SVSTATUS lists all");
  EXPECT_EQ(
    resolve({*parse_mask("x")}, {}, glob).error(),
    fail(errc::no_such_service, "no service matches \"x\": none is defined"));
}

TEST(mask_test, a_star_may_mean_nothing) {
  auto all = resolve({*parse_mask("*")}, {}, glob);
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->empty());
}

TEST(mask_test, names_nodes_behind_an_at) {
  EXPECT_EQ(*parse_mask("web:1@b"), (mask{"web", "1", "b", "web:1@b"}));
  EXPECT_EQ(*parse_mask("@b"), (mask{"*", "", "b", "@b"}));
  EXPECT_TRUE(parse_mask("*@*")->all());
  EXPECT_TRUE(matches_node(*parse_mask("web"), "a", true, glob));
  EXPECT_FALSE(matches_node(*parse_mask("web"), "b", false, glob));
  EXPECT_TRUE(matches_node(*parse_mask("web@b"), "b", false, glob));
  EXPECT_FALSE(matches_node(*parse_mask("web@b"), "a", true, glob));
  EXPECT_TRUE(matches_node(*parse_mask("web@*"), "a", true, glob));
}

TEST(mask_test, says_what_is_wrong_with_a_text) {
  auto why = [](std::string_view x) {
    auto uut = parse_mask(x);
    return uut ? "accepted" : uut.error().detail;
  };
  EXPECT_EQ(why(""), "\"\" names no service: it is empty");
  EXPECT_EQ(why("web@"),
            "\"web@\" names no service: there is no node after \"@\"");
  EXPECT_EQ(why(":0"),
            "\":0\" names no service: there is no name before \":\"");
  EXPECT_EQ(why("web:"),
            "\"web:\" names no service: there is no number after \":\"");
  EXPECT_EQ(why("wait"), "\"wait\" names no service: it is an option, which "
                         "comes last and complete: NAME TEXT, NAME JSON, NAME "
                         "WAIT 5000, NAME ROLLING 2");
  EXPECT_EQ(resolve({*parse_mask("all")}, {{{"web", 0, false}, {}}}, glob)
              .error()
              .detail,
            "no service matches \"all\"; all of them are \"*\"");
  EXPECT_EQ(why("%"), "\"%\" names no service: there is no group after \"%\"");
  EXPECT_EQ(why("%@b"),
            "\"%@b\" names no service: there is no group after \"%\"");
}

TEST(mask_test, a_group_means_all_services_in_it) {
  EXPECT_EQ(found({"%front"}), "api:0 api:1 ");
  EXPECT_EQ(found({"%slow"}), "api:0 api:1 db ");
  EXPECT_EQ(found({"%s*"}), "api:0 api:1 db ");
  EXPECT_EQ(found({"%front", "web"}), "api:0 api:1 web ");
  EXPECT_EQ(*parse_mask("%slow@b"), (mask{"*", "", "b", "%slow@b", "slow"}));
}

TEST(mask_test, a_group_that_nobody_is_in_is_told) {
  EXPECT_EQ(found({"%fornt"}), "no service is in a group \"fornt\" (did you "
                               "mean \"%front\"?)");
  EXPECT_EQ(found({"%xyzzy"}), "no service is in a group \"xyzzy\"; SVGMEMBER "
                               "* lists who is in one");
  EXPECT_EQ(found({"front"}),
            "no service matches \"front\"; \"%front\" is a group");
  EXPECT_EQ(resolve({*parse_mask("%a")}, {}, glob).error().detail,
            "no service is in a group \"a\"; no service is in any: groups = "
            "{\"name\"} in its definition puts it there");
  EXPECT_EQ(resolve({*parse_mask("%*")}, {}, glob).error().code,
            errc::no_such_service);
}

} // namespace
} // namespace saker::supervision
