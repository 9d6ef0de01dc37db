#include "session/command_replies.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"
#include "resp/command_complexity.hpp"
#include "resp/command_hints.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace saker::session {

namespace {

using resp::argument_info;
using resp::command_info;
using names = std::span<const std::string_view>;

/// A command of either sort.
struct entry {
  const command_info* built_in = nullptr;
  const alias* scripted = nullptr;
};

std::vector<entry> all_entries(const alias_table* scripts) {
  std::vector<entry> result;
  for (auto& x : resp::commands())
    result.push_back({&x, nullptr});
  if (scripts)
    for (auto& x : scripts->all())
      result.push_back({nullptr, &x});
  return result;
}

entry find(std::string_view name, const alias_table* scripts) {
  if (auto x = resp::find_full_name(name))
    return {x, nullptr};
  return {nullptr, scripts ? scripts->find(name) : nullptr};
}

/// That of a command with its words: of a container the subcommand.
entry whole_command(names words, const alias_table* scripts) {
  auto x = find(words[0], scripts);
  if (x.built_in && words.size() > 1
      && resp::has(x.built_in->flags, resp::flag::container))
    x.built_in = resp::find_subcommand(*x.built_in, words[1]);
  return x;
}

bool exists(const entry& x) {
  return x.built_in || x.scripted;
}

std::vector<entry> chosen(names wanted, const alias_table* scripts) {
  if (wanted.empty())
    return all_entries(scripts);
  // A short name has a long answer: what is asked beyond all that there is gets
  // none.
  constexpr std::size_t most_names = 1'000;
  std::vector<entry> result;
  for (auto name : wanted)
    result.push_back(result.size() < most_names ? find(name, scripts)
                                                : entry{});
  return result;
}

// -- COMMAND INFO --------------------------------------------------------------

struct flag_name {
  resp::flag bit; ///< none: only Redis has it, see `resp::command_hints`
  std::string_view name;
};

// In the order of Redis.
constexpr flag_name flag_names[]{
  {resp::flag::none, "write"},        {resp::flag::none, "readonly"},
  {resp::flag::admin, "admin"},       {resp::flag::pubsub, "pubsub"},
  {resp::flag::noscript, "noscript"}, {resp::flag::blocking, "blocking"},
  {resp::flag::loading, "loading"},   {resp::flag::stale, "stale"},
  {resp::flag::none, "skip_slowlog"}, {resp::flag::fast, "fast"},
  {resp::flag::no_auth, "no_auth"},   {resp::flag::none, "no_multi"},
  {resp::flag::none, "allow_busy"},
};

std::vector<std::string_view> words_in(std::string_view text) {
  auto all = split(text, ' ');
  std::erase(all, std::string_view{});
  return all;
}

void append_flags(resp::writer out, resp::flag flags, std::string_view more) {
  auto others = words_in(more);
  auto set = [&](const flag_name& x) {
    return x.bit == resp::flag::none
             ? std::find(others.begin(), others.end(), x.name) != others.end()
             : resp::has(flags, x.bit);
  };
  out.set(static_cast<std::size_t>(
    std::count_if(std::begin(flag_names), std::end(flag_names), set)));
  for (auto& x : flag_names)
    if (set(x))
      out.simple(x.name);
}

void append_categories(resp::writer out, std::string_view categories) {
  auto all = split(categories, ' ');
  out.set(all.size());
  for (auto x : all)
    out.simple(x);
}

void append_tips(resp::writer out, std::string_view tips) {
  auto all = words_in(tips);
  out.set(all.size());
  for (auto x : all)
    out.bulk(x);
}

/// A key specification: where keys begin, and how they go on.
void append_keys(resp::writer out, const resp::key_range& keys) {
  out.set(keys.empty() ? 0 : 1);
  if (keys.empty())
    return;
  out.map(3);
  out.bulk("flags");
  out.set(1);
  out.simple(keys.flag);
  out.bulk("begin_search");
  out.map(2);
  out.bulk("type");
  out.bulk("index");
  out.bulk("spec");
  out.map(1);
  out.bulk("index");
  out.integer(keys.first);
  out.bulk("find_keys");
  out.map(2);
  out.bulk("type");
  out.bulk("range");
  out.bulk("spec");
  out.map(3);
  out.bulk("lastkey"); // from the first
  out.integer(keys.last < 0 ? keys.last : keys.last - keys.first);
  out.bulk("keystep");
  out.integer(keys.step);
  out.bulk("limit");
  out.integer(0);
}

void append_info(resp::writer out, std::string_view name, int arity,
                 resp::flag flags, const resp::key_range& keys,
                 std::string_view categories,
                 std::span<const command_info> parts) {
  auto hints = resp::hints_of(name);
  out.array(10);
  out.bulk(name);
  out.integer(arity);
  append_flags(out, flags, hints.flags);
  out.integer(keys.first);
  out.integer(keys.last);
  out.integer(keys.step);
  append_categories(out, categories);
  append_tips(out, hints.tips);
  append_keys(out, keys);
  out.set(parts.size());
  for (auto& x : parts)
    append_info(out, x.name, x.arity, x.flags, x.keys, x.categories,
                x.subcommands);
}

// -- COMMAND DOCS --------------------------------------------------------------

std::string_view type_name(argument_info::kind x) noexcept {
  using kind = argument_info::kind;
  switch (x) {
    case kind::string: return "string";
    case kind::integer: return "integer";
    case kind::pattern: return "pattern";
    case kind::token: return "pure-token";
    case kind::oneof: return "oneof";
    case kind::block: return "block";
  }
  return "string";
}

void append_arguments(resp::writer out, std::span<const argument_info> all) {
  out.array(all.size());
  for (auto& x : all) {
    auto flags = (x.optional ? 1u : 0u) + (x.multiple ? 1u : 0u);
    out.map(2u + (x.token.empty() ? 0 : 1) + (flags ? 1 : 0)
            + (x.parts.empty() ? 0 : 1));
    out.bulk("name");
    out.bulk(x.name);
    out.bulk("type");
    out.bulk(type_name(x.type));
    if (!x.token.empty()) {
      out.bulk("token");
      out.bulk(x.token);
    }
    if (flags) {
      // Simple strings: redis-cli aborts on anything else.
      out.bulk("flags");
      out.set(flags);
      if (x.optional)
        out.simple("optional");
      if (x.multiple)
        out.simple("multiple");
    }
    if (!x.parts.empty()) {
      out.bulk("arguments");
      append_arguments(out, x.parts);
    }
  }
}

void append_docs(resp::writer out, const command_info& x);

void append_docs(resp::writer out, std::string_view name,
                 std::string_view summary, std::string_view since,
                 std::string_view group, std::string_view complexity,
                 std::span<const argument_info> arguments,
                 std::span<const command_info> parts) {
  out.bulk(name);
  out.map(4u + (arguments.empty() ? 0 : 1) + (parts.empty() ? 0 : 1));
  out.bulk("summary");
  out.bulk(summary);
  out.bulk("since");
  out.bulk(since);
  out.bulk("group");
  out.bulk(group);
  out.bulk("complexity");
  out.bulk(complexity);
  if (!arguments.empty()) {
    out.bulk("arguments");
    append_arguments(out, arguments);
  }
  if (!parts.empty()) {
    out.bulk("subcommands");
    out.map(parts.size());
    for (auto& x : parts)
      append_docs(out, x);
  }
}

void append_docs(resp::writer out, const command_info& x) {
  append_docs(out, x.name, x.summary, x.since, x.group, resp::complexity_of(x),
              x.arguments, x.subcommands);
}

void append_docs(resp::writer out, const alias& x) {
  static constexpr argument_info any[]{
    {.name = "arg", .optional = true, .multiple = true}};
  std::span<const argument_info> arguments;
  if (x.arity != 1)
    arguments = any;
  auto summary = x.help.empty() ? "A command of " + x.script : x.help;
  append_docs(out, x.name, one_line(summary), "1.0.0", "scripting",
              resp::complexity_of_scripts, arguments, {});
}

} // namespace

void append_command_count(resp::writer out, const alias_table* scripts) {
  auto count = resp::commands().size() + (scripts ? scripts->all().size() : 0);
  out.integer(static_cast<std::int64_t>(count));
}

void append_command_info(resp::writer out, names wanted,
                         const alias_table* scripts) {
  auto all = chosen(wanted, scripts);
  out.array(all.size());
  for (auto& x : all) {
    if (x.built_in)
      append_info(out, x.built_in->name, x.built_in->arity, x.built_in->flags,
                  x.built_in->keys, x.built_in->categories,
                  x.built_in->subcommands);
    else if (x.scripted)
      append_info(out, x.scripted->name, x.scripted->arity, resp::flag::none,
                  {}, "@slow @scripting", {});
    else
      out.null();
  }
}

void append_command_docs(resp::writer out, names wanted,
                         const alias_table* scripts) {
  auto all = chosen(wanted, scripts);
  std::erase_if(all, [](const entry& x) { return !exists(x); });
  out.map(all.size());
  for (auto& x : all) {
    if (x.built_in)
      append_docs(out, *x.built_in);
    else
      append_docs(out, *x.scripted);
  }
}

void append_command_list(resp::writer out, names filter,
                         const alias_table* scripts) {
  using test = std::function<bool(std::string_view name, std::string_view)>;
  test shown = [](auto, auto) { return true; };
  if (!filter.empty()) {
    if (filter.size() != 3 || !equal_ignoring_case(filter[0], "FILTERBY"))
      return out.error("ERR syntax error");
    auto wanted = to_lower(filter[2]);
    if (equal_ignoring_case(filter[1], "PATTERN"))
      shown = [wanted](auto name, auto) {
        return pubsub::glob_match(wanted, to_lower(name));
      };
    else if (equal_ignoring_case(filter[1], "ACLCAT"))
      shown = [wanted](auto, std::string_view categories) {
        auto all = split(categories, ' ');
        return std::find(all.begin(), all.end(), "@" + wanted) != all.end();
      };
    else if (equal_ignoring_case(filter[1], "MODULE"))
      shown = [](auto, auto) { return false; };
    else
      return out.error("ERR syntax error");
  }
  std::vector<std::string_view> found;
  auto consider = [&](std::string_view name, std::string_view categories) {
    if (shown(name, categories))
      found.push_back(name);
  };
  for (auto& x : resp::commands()) {
    consider(x.name, x.categories);
    for (auto& part : x.subcommands)
      consider(part.name, part.categories);
  }
  if (scripts)
    for (auto& x : scripts->all())
      consider(x.name, "@slow @scripting");
  out.array(found.size());
  for (auto name : found)
    out.bulk(name);
}

void append_command_keys(resp::writer out, names command,
                         const alias_table* scripts, bool with_flags) {
  auto what = whole_command(command, scripts);
  if (!exists(what))
    return out.error("ERR Invalid command specified");
  auto keys = what.built_in ? what.built_in->keys : resp::key_range{};
  if (keys.empty() || keys.flag == "not_key")
    return out.error("ERR The command has no key arguments");
  if (!what.built_in->accepts(command.size()))
    return out.error("ERR Invalid number of arguments specified for command");
  auto first = static_cast<std::size_t>(keys.first);
  auto end = keys.last < 0 ? command.size()
                           : static_cast<std::size_t>(keys.last) + 1;
  out.array(end - first);
  for (auto key : command.subspan(first, end - first)) {
    if (with_flags)
      out.array(2);
    out.bulk(key);
    if (with_flags) {
      out.set(1);
      out.simple(keys.flag);
    }
  }
}

} // namespace saker::session
