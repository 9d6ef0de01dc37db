#include "actors/audit_text.hpp"

#include "pubsub/own_channels.hpp"
#include "session/shown_command.hpp"

#include <nlohmann/json.hpp>

namespace saker {

namespace {

using audit_json = nlohmann::ordered_json;

audit_json audit_text_or_null(const std::string& x) {
  return x.empty() ? audit_json(nullptr) : audit_json(x);
}

/// ` (client 7, uid 1000)`
std::string audit_numbers(const session::audit_entry& x) {
  std::string text;
  if (x.client != 0)
    text = "client " + std::to_string(x.client);
  if (x.uid)
    text += (text.empty() ? "uid " : ", uid ") + std::to_string(*x.uid);
  return text.empty() ? text : " (" + text + ')';
}

std::string left_out_line(const session::audit_entry& x) {
  auto count = std::to_string(x.more);
  if (x.user.empty())
    return "audit: " + count
           + " more refusals than [audit] refused-per-second lets through";
  return "audit: " + x.user + ": " + count
         + " more than [audit] per-second lets through";
}

} // namespace

std::string
audit_channel(std::string_view node, const session::audit_entry& x) {
  std::string result{pubsub::audit_channels};
  result += node;
  result += ':';
  result += x.user.empty() ? std::string_view{"-"} : std::string_view{x.user};
  return result;
}

std::string
audit_payload(std::string_view node, const session::audit_entry& x) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  auto told = x.more == 0;
  audit_json all;
  all["ts"] = duration_cast<milliseconds>(x.at.time_since_epoch()).count();
  all["node"] = node;
  all["user"] = audit_text_or_null(x.user);
  all["address"] = audit_text_or_null(x.address);
  all["uid"] = x.uid ? audit_json(*x.uid) : audit_json(nullptr);
  all["client"] = x.client != 0 ? audit_json(x.client) : audit_json(nullptr);
  all["command"] = audit_text_or_null(x.command);
  all["args"] = x.args;
  all["services"] = x.services;
  all["outcome"] = told ? audit_json(to_string(x.result.outcome))
                        : audit_json(nullptr);
  all["error"] = audit_text_or_null(x.result.error);
  if (!told)
    all["more"] = x.more;
  // Words of a client may be any bytes, and people read logs on a terminal.
  return all.dump(-1, ' ', true, audit_json::error_handler_t::replace);
}

std::string audit_line(const session::audit_entry& x) {
  if (x.more != 0)
    return left_out_line(x);
  auto text = "audit: " + (x.user.empty() ? "nobody" : x.user) + " from "
              + x.address + audit_numbers(x) + ": " + x.command;
  for (auto& word : x.args) {
    text += ' ';
    session::append_quoted(text, word);
  }
  text += ": " + std::string{to_string(x.result.outcome)};
  return x.result.error.empty() ? text : text + ", " + x.result.error;
}

} // namespace saker
