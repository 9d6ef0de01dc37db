#include "cluster/hello.hpp"

#include "config/environment.hpp"
#include "resp/reply_parser.hpp"
#include "resp/writer.hpp"

namespace saker::cluster {

namespace {

constexpr std::string_view magic = "saker-cluster";
constexpr std::size_t longest_word = 128;

failure no_hello(std::string_view why) {
  return fail(errc::syntax, "this is no hello of a Saker: " + std::string{why});
}

bool is_word(const resp::value& x) {
  return x.is<std::string>() && !x.text().empty()
         && x.text().size() <= longest_word;
}

/// What an earlier version did not say.
void read_particulars(std::span<const resp::value> words, hello& into) {
  if (words.size() < 3)
    return;
  if (is_word(words[0]))
    into.version = words[0].text();
  into.pid = words[1].integer().value_or(0);
  into.started = words[2].integer().value_or(0);
}

} // namespace

std::string encode(const hello& x) {
  resp::array members;
  for (auto& node : x.members) {
    members.items.emplace_back(node.name);
    members.items.emplace_back(node.address);
  }
  return resp::encode(
    resp::array{{magic, x.protocol, x.name, x.incarnation, x.address,
                 std::move(members), x.version, x.pid, x.started}},
    resp::protocol::resp3);
}

result<hello> parse_hello(std::string_view text) {
  resp::reply_parser in{{4, longest_word, 4 * most_nodes, longest_word}};
  in.feed(text);
  auto x = in.next();
  if (!x || !x->is<resp::array>())
    return no_hello(in.failed() ? in.why().detail : "it is not whole");
  auto words = x->items();
  if (words.size() < 2 || words[0].text() != magic || !words[1].integer())
    return no_hello("it begins with other words");
  hello result;
  result.protocol = *words[1].integer();
  if (result.protocol != protocol_version)
    return result; // nobody knows what follows
  if (words.size() < 6 || !is_word(words[2]) || !is_word(words[3])
      || !is_word(words[4]) || !words[5].is<resp::array>())
    return no_hello("words are missing");
  result.name = words[2].text();
  if (!config::valid_name(result.name))
    return no_hello("it has no valid name");
  result.incarnation = words[3].text();
  result.address = words[4].text();
  auto members = words[5].items();
  for (std::size_t i = 0; i + 1 < members.size(); i += 2) {
    if (!is_word(members[i + 1]) || !config::valid_name(members[i].text()))
      return no_hello("a member has no valid name or address");
    result.members.push_back(
      {std::string{members[i].text()}, std::string{members[i + 1].text()}});
  }
  read_particulars(words.subspan(6), result);
  return result;
}

} // namespace saker::cluster
