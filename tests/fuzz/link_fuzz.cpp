// Frames between keeper and node from arbitrary bytes: what was understood
// must be understood as the same when it is written and read again.
#include "link/answer.hpp"
#include "link/request.hpp"
#include "resp/reply_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace saker;

resp::value only_frame(const std::string& bytes) {
  resp::reply_parser in;
  in.feed(bytes);
  auto frame = in.next();
  if (!frame || !in.idle())
    std::abort();
  return std::move(*frame);
}

void as_request(const resp::value& frame) {
  auto seq = link::sequence_of(frame);
  auto what = link::decode_request(frame);
  if (!seq || !what)
    return;
  auto again = only_frame(link::encode(*seq, *what));
  if (link::sequence_of(again) != seq)
    std::abort();
  auto same = link::decode_request(again);
  if (!same || *same != *what)
    std::abort();
}

void as_answer(const resp::value& frame) {
  auto what = link::decode_told(frame);
  if (!what)
    return;
  auto bytes = std::visit([](auto& x) { return link::encode(x); }, *what);
  auto same = link::decode_told(only_frame(bytes));
  if (!same || *same != *what
      || link::descriptors(*same) != link::descriptors(*what))
    std::abort();
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // As strict as the channel.
  resp::reply_parser in{{4, std::size_t{1} << 20, 65'536, 64}};
  in.feed({reinterpret_cast<const char*>(data), size});
  while (auto frame = in.next()) {
    as_request(*frame);
    as_answer(*frame);
  }
  return 0;
}
