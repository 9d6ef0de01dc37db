#pragma once

#include "lua/definition_keys.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// The checks of one key: each tells what is wrong and then returns nothing.
class key_checks {
public:
  const definition_sink& sink;

  key_checks(const definition_sink& to, std::string name)
    : sink(to), key_(name), name_(std::move(name)) {
    // nop
  }

  /// For a field of a table: `log.size`. Told at the line of `log`.
  key_checks inside(const definition_value::entry& field) const;

  /// How this key is called in texts.
  const std::string& where() const noexcept {
    return name_;
  }

  const definition_host& host() const noexcept {
    return *sink.host;
  }

  void wrong(std::string text) const {
    sink.error(key_, std::move(text));
  }

  void warn(std::string text) const {
    sink.warning(key_, std::move(text));
  }

  void unknown(const definition_value::entry& entry,
               const std::vector<std::string>& known) const;

  std::optional<bool> boolean(const definition_value& x) const;
  std::optional<long long>
  integer(const definition_value& x, long long least, long long most) const;
  std::optional<double>
  number(const definition_value& x, double least, double most) const;
  std::optional<std::chrono::nanoseconds>
  duration(const definition_value& x, std::chrono::nanoseconds least,
           std::chrono::nanoseconds most) const;
  std::optional<std::uint64_t>
  size(const definition_value& x, std::uint64_t least,
       std::uint64_t most) const;
  std::optional<std::string>
  one_of(const definition_value& x,
         std::initializer_list<const char*> words) const;
  std::optional<std::string> absolute_path(const definition_value& x) const;

  /// A mode as octal digits in a text: `"022"`.
  std::optional<unsigned> octal(const definition_value& x) const;

  /// A name or number of a user or group.
  std::optional<std::string> account(const definition_value& x) const;

  /// A program and its arguments: texts and numbers.
  std::optional<std::vector<std::string>>
  arguments(const definition_value& x) const;

  /// Says nothing: the caller knows better what to say.
  std::optional<std::string> text_or_number(const definition_value& x) const;

  bool no_zero_byte(std::string_view text) const;

  /// Linux takes no longer one as an argument or a variable; `what` is where
  /// it stands.
  bool short_enough(const std::string& what, std::string_view text) const;

private:
  std::string key_;  ///< of the outermost table: that line is told
  std::string name_; ///< as shown
};

/// The first value of `{"rest", …}`, or a value that is no table itself;
/// nullptr if there is none.
const definition_value* leading_word(const definition_value& x);

// What a child is and where it runs (definition_child.cpp).
void read_dir(const definition_value&, supervision::service&, key_checks&);
void read_user(const definition_value&, supervision::service&, key_checks&);
void read_groups(const definition_value&, supervision::service&, key_checks&);
void read_supplementary_groups(const definition_value&, supervision::service&,
                               key_checks&);
void read_umask(const definition_value&, supervision::service&, key_checks&);
void read_stdin(const definition_value&, supervision::service&, key_checks&);

// Its environment (definition_environment.cpp).
void read_env(const definition_value&, supervision::service&, key_checks&);
void read_env_file(const definition_value&, supervision::service&, key_checks&);
void read_inherit_env(const definition_value&, supervision::service&,
                      key_checks&);

// What the kernel is told of it (definition_limits.cpp).
void read_limits(const definition_value&, supervision::service&, key_checks&);
void read_nice(const definition_value&, supervision::service&, key_checks&);
void read_oom(const definition_value&, supervision::service&, key_checks&);
void read_cpus(const definition_value&, supervision::service&, key_checks&);
void read_no_new_privs(const definition_value&, supervision::service&,
                       key_checks&);

// The sockets that it is given (definition_listen.cpp).
void read_listen(const definition_value&, supervision::service&, key_checks&);

// What is done beside the child (definition_hooks.cpp).
void read_before(const definition_value&, supervision::service&, key_checks&);
void read_after(const definition_value&, supervision::service&, key_checks&);
void read_on_failed(const definition_value&, supervision::service&,
                    key_checks&);

// When it is started, again and again (definition_schedule.cpp).
void read_every(const definition_value&, supervision::service&, key_checks&);
void read_cron(const definition_value&, supervision::service&, key_checks&);
void read_overlap(const definition_value&, supervision::service&, key_checks&);
void check_schedule(const supervision::service&, const definition_sink&);

// The keys that say what happens after an end (definition_policy.cpp).
void read_exit(const definition_value&, supervision::service&, key_checks&);
void read_restart(const definition_value&, supervision::service&, key_checks&);
void read_budget(const definition_value&, supervision::service&, key_checks&);
void read_spent(const definition_value&, supervision::service&, key_checks&);
void read_backoff(const definition_value&, supervision::service&, key_checks&);

// The keys that say how a process is recognized (definition_daemon.cpp).
void read_match(const definition_value&, supervision::service&, key_checks&);
void read_daemon(const definition_value&, supervision::service&, key_checks&);

/// What of these does not go together.
void check_daemon(const supervision::service& x, const definition_sink& sink);

} // namespace saker::lua
