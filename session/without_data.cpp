#include "session/without_data.hpp"

#include "base/text.hpp"

#include <string>

namespace saker::session {

namespace {

using words = std::span<const std::string_view>;

bool is_flush_mode(std::string_view x) {
  return equal_ignoring_case(x, "ASYNC") || equal_ignoring_case(x, "SYNC");
}

/// `FLUSHALL [ASYNC|SYNC]`; `options` are the words behind the name.
void flush(resp::writer out, words options, std::string_view error) {
  if (options.empty() || (options.size() == 1 && is_flush_mode(options[0])))
    out.simple("OK");
  else
    out.error(error);
}

void function_flush(resp::writer out, words options) {
  if (options.size() > 1)
    out.error("ERR unknown subcommand or wrong number of arguments for "
              "'FLUSH'. Try FUNCTION HELP.");
  else
    flush(out, options, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
}

void on_or_off(resp::writer out, std::string_view word) {
  if (equal_ignoring_case(word, "ON") || equal_ignoring_case(word, "OFF"))
    out.simple("OK");
  else
    out.error("ERR syntax error");
}

void script_exists(resp::writer out, std::size_t count) {
  out.array(count);
  while (count-- > 0)
    out.integer(0);
}

} // namespace

bool append_without_data(resp::writer out, resp::command_id what, words args) {
  using id = resp::command_id;
  switch (what) {
    case id::client_no_touch: on_or_off(out, args[2]); break;
    case id::cluster:
      out.error("ERR This instance has cluster support disabled");
      break;
    case id::dbsize: out.integer(0); break;
    case id::flushall:
    case id::flushdb: flush(out, args.subspan(1), "ERR syntax error"); break;
    case id::function_flush: function_flush(out, args.subspan(2)); break;
    case id::script_exists: script_exists(out, args.size() - 2); break;
    case id::script_flush:
      flush(out, args.subspan(2),
            "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
      break;
    default: return false;
  }
  return true;
}

} // namespace saker::session
