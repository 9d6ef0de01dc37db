#include "session/exposure.hpp"

#include <algorithm>

namespace saker::session {

std::string exposure(const acl::user_list& users, const parameters& with,
                     const address_list& tls) {
  auto all = with.listen();
  if (with.text("tls-auth-clients") != "yes")
    all.insert(all.end(), tls.begin(), tls.end());
  auto far = std::find_if(all.begin(), all.end(),
                          [](auto& x) { return !x.loopback(); });
  if (far == all.end())
    return {};
  for (auto& [name, x] : users.all())
    if (x->on() && x->open())
      return to_string(*far) + " can be reached from other machines, but user "
             + name + " has no password; "
             + (name == "default"
                  ? "set requirepass too"
                  : "give it one, as in ACL SETUSER " + name + " >PASSWORD")
             + ", or listen on 127.0.0.1";
  return {};
}

} // namespace saker::session
