// Who did what, in the journal.
#include "actors/journal.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using texts = std::vector<std::string>;

class journal_audit_test : public test::actor_test {
protected:
  journal_audit_test() {
    std::string notice;
    journal_links links;
    links.store = std::make_shared<journal_store>(
      *journal_store::open(":memory:", notice));
    links.events = std::make_shared<supervision::history_queue>(3, [] {});
    links.audits = audits
      = std::make_shared<supervision::history_queue>(3, [this] {
          if (!asleep)
            caf::anon_send(uut, atom::pump_v);
        });
    links.keep_audits = 2;
    links.node = "n1";
    links.unix_ms = [this] { return now; };
    links.warn = [](const std::string&) {};
    uut = spawn(journal, std::move(links));
  }

  void put(const std::string& user, std::uint64_t ms) {
    audits->put({{ms, 0}, user, "svstop", user + std::to_string(ms)});
  }

  /// Payloads.
  texts kept(const std::string& user = {}) {
    auto found = ask<past_events>(uut, atom::query_v, std::string{user},
                                  std::uint32_t{9});
    texts result;
    for (auto& x : *found)
      result.push_back(x.payload);
    return result;
  }

  std::shared_ptr<supervision::history_queue> audits;
  bool asleep = true; ///< nobody wakes the journal, so what is put in waits
  std::int64_t now = 1'000;
  journal_actor uut;
};

TEST_F(journal_audit_test, tells_the_newest_first_also_those_that_wait) {
  put("ann", 1'001);
  put("eve", 1'002);
  EXPECT_EQ(kept(), (texts{"eve1002", "ann1001"}));
  EXPECT_EQ(kept("ann"), texts{"ann1001"});
}

TEST_F(journal_audit_test, keeps_so_many) {
  asleep = false;
  for (std::uint64_t ms = 1'001; ms <= 1'003; ++ms)
    put("ann", ms);
  settle();
  EXPECT_EQ(kept(), (texts{"ann1003", "ann1002"}));
}

TEST_F(journal_audit_test, counts_what_its_queue_could_not_hold) {
  for (std::uint64_t ms = 1'001; ms <= 1'005; ++ms)
    put("ann", ms);
  auto all = kept();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all.front(), "ann1005");
  EXPECT_NE(all.back().find(R"("more":2)"), std::string::npos) << all.back();
}

TEST_F(journal_audit_test, whoever_leaves_leaves_none_behind) {
  put("ann", 1'001);
  ASSERT_TRUE(ask<past_events>(uut, atom::query_v, texts{}, std::uint32_t{0}));
  EXPECT_TRUE(audits->take(9).events.empty());
}

} // namespace
} // namespace saker
