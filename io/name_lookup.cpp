#include "io/name_lookup.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace saker::io {

result<host_addresses> addresses_of_host(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (code == EAI_SYSTEM)
    return system_failure("look up", host, errno);
  if (code != 0)
    return fail(errc::io, "look up " + host + ": " + ::gai_strerror(code));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> all{found, ::freeaddrinfo};
  host_addresses result;
  for (auto* x = found; x; x = x->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(x->ai_addr, x->ai_addrlen, text.data(), text.size(),
                      nullptr, 0, NI_NUMERICHOST)
        != 0)
      continue;
    std::string address{text.data()};
    if (std::find(result.begin(), result.end(), address) == result.end())
      result.push_back(std::move(address));
  }
  if (result.empty())
    return fail(errc::io, "look up " + host + ": it has no address");
  return result;
}

bool run_on_a_thread(std::function<void()> what) {
  try {
    std::thread{[what = std::move(what)] {
      ::pthread_setname_np(::pthread_self(), "saker-names");
      what();
    }}.detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

result<std::shared_ptr<name_question>> name_question::make() {
  unique_fd fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!fd)
    return system_failure("make", "an eventfd", errno);
  return std::shared_ptr<name_question>{new name_question{std::move(fd)}};
}

std::optional<result<host_addresses>> name_question::answer() const {
  std::lock_guard lock{mutex_};
  return answer_;
}

void name_question::answered(result<host_addresses> what) {
  {
    std::lock_guard lock{mutex_};
    answer_ = std::move(what);
  }
  std::uint64_t one = 1;
  // Cannot fail: the counter is empty.
  [[maybe_unused]] auto n = ::write(fd_.get(), &one, sizeof(one));
}

result<std::shared_ptr<name_question>>
name_lookup::begin(const std::string& host, const std::string& purpose) {
  if (auto i = open_.find(purpose); i != open_.end() && !i->second->answer())
    return i->second;
  auto question = name_question::make();
  if (!question)
    return question.error();
  auto run = [ask = links_.ask, host, to = *question] {
    to->answered(ask(host));
  };
  if (!links_.run(std::move(run)))
    return fail(errc::io, "look up " + host
                            + ": no thread can be started; see ulimit -u");
  return open_[purpose] = *question;
}

} // namespace saker::io
