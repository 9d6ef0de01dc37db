#include "cluster/wire.hpp"

#include "resp/reply_parser.hpp"
#include "resp/writer.hpp"

namespace saker::cluster {

namespace {

constexpr auto dialect = resp::protocol::resp3;

constexpr auto last_kind
  = static_cast<std::int64_t>(pubsub::subscription_kind::shard);

/// The name of a shard stands in this form, that of a channel as a bulk.
constexpr std::string_view form_of_shards = "shd";

failure strange(std::string_view what) {
  return fail(errc::syntax,
              "another node sent " + std::string{what}
                + " that this one cannot read; use the same Saker on all");
}

result<resp::value> parse(std::string_view text, std::string_view what) {
  resp::reply_parser in;
  in.feed(text);
  auto x = in.next();
  if (!x)
    return strange(what);
  return std::move(*x);
}

resp::rights to_rights(std::int64_t bits) {
  resp::rights result;
  for (auto x : {resp::right::status, resp::right::events, resp::right::control,
                 resp::right::script, resp::right::admin})
    if ((bits & static_cast<std::int64_t>(x)) != 0)
      result.add(x);
  return result;
}

/// A mask, may it be looked at, may it be changed, and so on.
void append(resp::writer& out, const acl::service_masks& all) {
  out.array(3 * all.size());
  for (auto& x : all) {
    out.bulk(x.text);
    out.boolean(x.look);
    out.boolean(x.change);
  }
}

result<acl::shared_services> to_services(const resp::value& from) {
  auto items = from.items();
  if (items.size() % 3 != 0)
    return strange("services");
  acl::service_masks all;
  for (std::size_t i = 0; i < items.size(); i += 3)
    if (auto x = acl::parse_service_mask(items[i].text(),
                                         items[i + 1].integer() == 1,
                                         items[i + 2].integer() == 1))
      all.push_back(std::move(*x));
  return std::make_shared<const acl::service_masks>(std::move(all));
}

} // namespace

std::string encode(const pubsub::interest& x) {
  std::string text;
  resp::writer out{text, dialect};
  out.array(2 + 3 * x.topics.size());
  out.boolean(x.anew);
  out.boolean(x.everything);
  for (auto& topic : x.topics) {
    out.integer(static_cast<std::int64_t>(topic.kind));
    out.bulk(topic.name);
    out.integer(static_cast<std::int64_t>(topic.count));
  }
  return text;
}

result<pubsub::interest> parse_interest(std::string_view text) {
  auto x = parse(text, "an interest");
  if (!x)
    return x.error();
  auto items = x->items();
  if (items.size() < 2)
    return strange("an interest");
  pubsub::interest result;
  result.anew = items[0].integer().value_or(0) != 0;
  result.everything = items[1].integer().value_or(0) != 0;
  for (std::size_t i = 2; i + 2 < items.size(); i += 3) {
    auto kind = items[i].integer();
    auto count = items[i + 2].integer();
    if (!kind || *kind < 0 || *kind > last_kind || !count || *count < 0)
      return strange("an interest");
    result.topics.push_back({static_cast<pubsub::subscription_kind>(*kind),
                             std::string{items[i + 1].text()},
                             static_cast<std::uint64_t>(*count)});
  }
  return result;
}

std::string encode(const session::publish_batch& x) {
  std::string text;
  resp::writer out{text, dialect};
  out.array(2 * x.size());
  x.for_each([&](session::publish_batch::message m) {
    if (m.kind == pubsub::subscription_kind::shard)
      out.verbatim(m.channel, form_of_shards);
    else
      out.bulk(m.channel);
    out.bulk(m.payload);
  });
  return text;
}

result<session::publish_batch> parse_batch(std::string_view text) {
  auto x = parse(text, "messages");
  if (!x)
    return x.error();
  auto items = x->items();
  if (!x->is<resp::array>() || items.size() % 2 != 0)
    return strange("messages");
  session::publish_batch result;
  for (std::size_t i = 0; i < items.size(); i += 2)
    result.add(items[i].text(), items[i + 1].text(),
               items[i].is<resp::verbatim>()
                 ? pubsub::subscription_kind::shard
                 : pubsub::subscription_kind::channel);
  return result;
}

std::string encode(const far_command& x) {
  std::string text;
  resp::writer out{text, dialect};
  out.array(x.services ? 6 : 4);
  out.bulk(x.from);
  out.integer(x.rights.bits());
  out.integer(static_cast<std::int64_t>(x.protocol));
  if (x.services) {
    out.array(0); // a node that does not know of limits refuses that
    append(out, *x.services);
  }
  out.array(x.args.size());
  for (auto& arg : x.args)
    out.bulk(arg);
  return text;
}

result<far_command> parse_command(std::string_view text) {
  auto x = parse(text, "a command");
  if (!x)
    return x.error();
  auto items = x->items();
  if (items.size() < 4 || !items[1].integer() || !items[2].integer())
    return strange("a command");
  far_command result;
  auto words = items[3].items();
  if (words.empty() && items.size() >= 6) {
    auto services = to_services(items[4]);
    if (!services)
      return services.error();
    result.services = std::move(*services);
    words = items[5].items();
  }
  if (words.empty())
    return strange("a command");
  result.from = items[0].text();
  result.rights = to_rights(*items[1].integer());
  result.protocol = *items[2].integer() == 2 ? resp::protocol::resp2
                                             : resp::protocol::resp3;
  for (auto& arg : words)
    result.args.emplace_back(arg.text());
  return result;
}

std::string encode_reply(const resp::value& x) {
  return resp::encode(x, dialect);
}

result<resp::value> parse_reply(std::string_view text) {
  return parse(text, "a reply");
}

} // namespace saker::cluster
