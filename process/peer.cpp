#include "process/peer.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "process/proc_stat.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace saker::process {

namespace {

/// One end of a TCP connection; 4-in-6 addresses are taken as IPv4.
struct endpoint {
  int family = AF_UNSPEC;
  std::array<std::uint32_t, 4> address{}; ///< network order
  std::uint16_t port = 0;                 ///< network order

  std::size_t words() const {
    return family == AF_INET ? 1 : 4;
  }
};

/// What the kernel knows of a socket.
struct socket_row {
  int state = 0;
  uid_t uid = 0;
  std::uint64_t inode = 0;
};

endpoint to_endpoint(const sockaddr_storage& x) {
  endpoint result;
  if (x.ss_family == AF_INET) {
    auto& in = reinterpret_cast<const sockaddr_in&>(x);
    result = {AF_INET, {in.sin_addr.s_addr}, in.sin_port};
  } else if (x.ss_family == AF_INET6) {
    auto& in = reinterpret_cast<const sockaddr_in6&>(x);
    result = {AF_INET6, {}, in.sin6_port};
    std::memcpy(result.address.data(), &in.sin6_addr, 16);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
      result = {AF_INET, {result.address[3]}, in.sin6_port};
  }
  return result;
}

bool is_loopback(const endpoint& x) {
  if (x.family == AF_INET)
    return (ntohl(x.address[0]) >> 24) == 127;
  return x.family == AF_INET6 && x.address[0] == 0 && x.address[1] == 0
         && x.address[2] == 0 && x.address[3] == htonl(1);
}

template <class Get>
std::optional<endpoint> name_of(Get get, int socket) {
  sockaddr_storage x = {};
  socklen_t size = sizeof(x);
  if (get(socket, reinterpret_cast<sockaddr*>(&x), &size) != 0)
    return std::nullopt;
  return to_endpoint(x);
}

peer known(uid_t uid, pid_t pid) {
  using kind = peer::kind;
  auto who = uid == 0             ? kind::root
             : uid == ::geteuid() ? kind::self
                                  : kind::other;
  return {who, uid, pid};
}

// -- UNIX ---------------------------------------------------------------------

peer unix_peer(int socket) {
  ucred x = {};
  socklen_t size = sizeof(x);
  // Without a peer the kernel answers pid 0 and uid -1.
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &x, &size) != 0
      || x.uid == static_cast<uid_t>(-1))
    return {};
  return known(x.uid, x.pid);
}

// -- TCP by netlink -----------------------------------------------------------

struct diag_request {
  nlmsghdr header = {};
  inet_diag_req_v2 body = {};
};

// The socket whose own end is `own` and whose other end is `other`.
diag_request make_request(const endpoint& own, const endpoint& other) {
  diag_request x;
  x.header.nlmsg_len = sizeof(x);
  x.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  x.header.nlmsg_flags = NLM_F_REQUEST;
  x.body.sdiag_family = static_cast<std::uint8_t>(own.family);
  x.body.sdiag_protocol = IPPROTO_TCP;
  x.body.idiag_states = ~0u;
  x.body.id.idiag_sport = own.port;
  x.body.id.idiag_dport = other.port;
  std::memcpy(x.body.id.idiag_src, own.address.data(), 4 * own.words());
  std::memcpy(x.body.id.idiag_dst, other.address.data(), 4 * other.words());
  x.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  x.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return x;
}

struct netlink_answer {
  bool usable = false; ///< the kernel answered; without: ask /proc
  std::optional<socket_row> row;
};

netlink_answer read_answer(const char* data, std::size_t size,
                           const endpoint& own, const endpoint& other) {
  nlmsghdr header{};
  if (size < sizeof(header))
    return {};
  std::memcpy(&header, data, sizeof(header));
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error{};
    if (size < NLMSG_HDRLEN + sizeof(error))
      return {};
    std::memcpy(&error, data + NLMSG_HDRLEN, sizeof(error));
    return {error.error == -ENOENT, std::nullopt};
  }
  inet_diag_msg body{};
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY
      || size < NLMSG_HDRLEN + sizeof(body))
    return {};
  std::memcpy(&body, data + NLMSG_HDRLEN, sizeof(body));
  // Without such a connection the kernel may answer with a listener.
  if (body.id.idiag_sport != own.port || body.id.idiag_dport != other.port)
    return {true, std::nullopt};
  return {true, socket_row{body.idiag_state, body.idiag_uid, body.idiag_inode}};
}

netlink_answer ask_netlink(const endpoint& own, const endpoint& other) {
  unique_fd fd{
    ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  auto request = make_request(own, other);
  if (!fd
      || ::send(fd.get(), &request, sizeof(request), 0)
           != static_cast<ssize_t>(sizeof(request)))
    return {};
  std::array<char, 8192> data; // NOLINT(*-member-init): read into
  // The kernel answers within the send: there is nothing to wait for.
  auto got = ::recv(fd.get(), data.data(), data.size(), MSG_DONTWAIT);
  return got > 0
           ? read_answer(data.data(), static_cast<std::size_t>(got), own, other)
           : netlink_answer{};
}

// -- TCP by /proc -------------------------------------------------------------

// `0100007F:1F90`: words of the address as the kernel keeps them, then the
// port in hexadecimal.
std::string proc_form(const endpoint& x) {
  std::string text;
  std::array<char, 16> piece{};
  for (std::size_t i = 0; i < x.words(); ++i) {
    std::snprintf(piece.data(), piece.size(), "%08X", x.address[i]);
    text += piece.data();
  }
  std::snprintf(piece.data(), piece.size(), ":%04X", ntohs(x.port));
  return text + piece.data();
}

template <class T>
T netlink_number(std::string_view x, int base = 10) {
  T value{};
  std::from_chars(x.data(), x.data() + x.size(), value, base);
  return value;
}

// `sl local remote state queues timer retransmits uid timeout inode …`
std::optional<socket_row>
read_row(std::string_view line, std::string_view own, std::string_view other) {
  std::array<std::string_view, 10> fields;
  std::size_t count = 0;
  for (auto x : split(line, ' '))
    if (!x.empty() && count < fields.size())
      fields[count++] = x;
  if (count < fields.size() || fields[1] != own || fields[2] != other)
    return std::nullopt;
  return socket_row{netlink_number<int>(fields[3], 16),
                    netlink_number<uid_t>(fields[7]),
                    netlink_number<std::uint64_t>(fields[9])};
}

std::optional<socket_row> ask_proc(const endpoint& own, const endpoint& other) {
  auto path = own.family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6";
  auto text = read_proc(path, std::size_t{64} << 20);
  if (!text)
    return std::nullopt;
  auto own_form = proc_form(own);
  auto other_form = proc_form(other);
  for (auto line : split(*text, '\n'))
    if (auto row = read_row(line, own_form, other_form))
      return row;
  return std::nullopt;
}

// -- TCP ----------------------------------------------------------------------

struct connection {
  endpoint ours;
  endpoint theirs;
};

std::optional<connection> loopback_connection(int socket) {
  auto ours = name_of(::getsockname, socket);
  auto theirs = name_of(::getpeername, socket);
  if (!ours || !theirs || ours->family != theirs->family || !is_loopback(*ours)
      || !is_loopback(*theirs))
    return std::nullopt;
  return connection{*ours, *theirs};
}

// A closed socket has lost its owner, and shows uid 0 for it.
peer judge(const std::optional<socket_row>& row) {
  if (!row || row->state != TCP_ESTABLISHED || row->inode == 0)
    return {};
  return known(row->uid, 0);
}

int family_of(int socket) {
  auto family = AF_UNSPEC;
  socklen_t size = sizeof(family);
  ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

} // namespace

peer identify_peer(int socket) {
  if (family_of(socket) == AF_UNIX)
    return unix_peer(socket);
  auto link = loopback_connection(socket);
  if (!link)
    return {};
  auto found = ask_netlink(link->theirs, link->ours);
  return judge(found.usable ? found.row : ask_proc(link->theirs, link->ours));
}

peer identify_peer(int socket, peer_source source) {
  if (family_of(socket) == AF_UNIX)
    return unix_peer(socket);
  auto link = loopback_connection(socket);
  if (!link)
    return {};
  return judge(source == peer_source::netlink
                 ? ask_netlink(link->theirs, link->ours).row
                 : ask_proc(link->theirs, link->ours));
}

} // namespace saker::process
