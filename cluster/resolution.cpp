#include "cluster/resolution.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::cluster {

namespace {

constexpr std::string_view no_service = "NOSERVICE ";
constexpr std::string_view makes_no_sense = "ERR ";

} // namespace

bool resolution::needed(const std::vector<node_part>& parts) {
  return parts.size() > 1
         && std::any_of(parts.begin(), parts.end(), [&](auto& x) {
              return x.origins.back() != parts.front().origins.front();
            });
}

resolution::resolution(std::vector<node_part> parts, std::string_view command)
  : parts_(std::move(parts)), groups_(to_lower(command.substr(0, 3)) == "svg") {
  for (auto& x : parts_) {
    nothing_.emplace_back(x.origins.size(), false);
    for (auto i : x.origins)
      origins_.resize(std::max(origins_.size(), i + 1));
  }
}

std::vector<resolution::question> resolution::questions() const {
  std::vector<question> result;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    for (std::size_t k = 0; k < parts_[i].origins.size(); ++k) {
      auto mask = parts_[i].args[parts_[i].first + k];
      if (groups_ && !mask.starts_with('%'))
        mask.insert(0, 1, '%');
      result.push_back({i, k, {"svstatus", std::move(mask)}});
    }
  return result;
}

void resolution::answered(const question& what,
                          const std::optional<failure>& lost,
                          const resp::value& reply) {
  auto& part = parts_[what.part];
  auto& from = origins_[part.origins[what.mask]];
  if (lost)
    part.lost = lost;
  auto error = !lost && reply.is_error() ? reply.text() : std::string_view{};
  if (error.starts_with(makes_no_sense))
    wrong_ = error;
  if (!error.starts_with(no_service)) {
    from.possible = true;
    return;
  }
  nothing_[what.part][what.mask] = true;
  if (from.nodes++ > 0)
    return;
  from.refused = error.substr(no_service.size());
  from.where = part.node;
}

std::optional<resp::value> resolution::refusal() const {
  if (!wrong_.empty())
    return resp::value{resp::error{wrong_}};
  for (auto& x : origins_)
    if (!x.possible && x.nodes > 0) {
      auto where = x.nodes == 1
                     ? "on node \"" + x.where + '"'
                     : "on each of " + std::to_string(x.nodes) + " nodes";
      return resp::value{
        resp::error{std::string{no_service} + where + ": " + x.refused}};
    }
  return std::nullopt;
}

std::vector<node_part> resolution::rest() const {
  std::vector<node_part> result;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    auto x = parts_[i];
    for (auto k = x.origins.size(); k-- > 0;)
      if (nothing_[i][k]) {
        auto at = static_cast<std::ptrdiff_t>(k);
        x.args.erase(x.args.begin() + static_cast<std::ptrdiff_t>(x.first)
                     + at);
        x.origins.erase(x.origins.begin() + at);
      }
    if (!x.origins.empty())
      result.push_back(std::move(x));
  }
  return result;
}

} // namespace saker::cluster
