#include "supervision/ad_hoc.hpp"

#include "base/text.hpp"
#include "process/spec.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

const std::vector<std::string> option_names = {"--dir", "--log", "--pidfile",
                                               "--umask", "--user"};

failure wrong_path(const std::string& option, const std::string& value) {
  return fail(errc::invalid_argument, option + " needs an absolute path, not \""
                                        + printable(value, 60) + '"');
}

result<void> set_umask(const std::string& text, service& into) {
  auto digits = !text.empty() && text.size() <= 4
                && text.find_first_not_of("01234567") == std::string::npos;
  if (!digits)
    return fail(errc::invalid_argument,
                "--umask needs octal digits such as 022, not \""
                  + printable(text, 20) + '"');
  into.umask = 0;
  for (auto c : text)
    into.umask = into.umask * 8 + static_cast<std::uint32_t>(c - '0');
  return into.umask <= 0777
           ? result<void>{}
           : fail(errc::invalid_argument, "--umask is at most 0777");
}

result<void>
set_option(const std::string& option, const std::string& value, service& into) {
  if (value.empty() || value.find('\0') != std::string::npos)
    return fail(errc::invalid_argument, option + " needs a value");
  if (option == "--umask")
    return set_umask(value, into);
  if (option == "--user") {
    into.user = value;
    return {};
  }
  if (value.front() != '/')
    return wrong_path(option, value);
  if (option == "--dir")
    into.dir = value;
  else if (option == "--pidfile")
    into.pidfile = value;
  else
    into.log->file = value;
  return {};
}

/// Takes `--user bob … --` off the front, if it is there. A program whose name
/// begins with two hyphens stands behind `--`.
result<void> take_options(std::vector<std::string>& words, service& into) {
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with("--")
         && words[at] != "--") {
    if (std::find(option_names.begin(), option_names.end(), words[at])
        == option_names.end())
      return fail(errc::invalid_argument,
                  "unknown option \"" + printable(words[at], 40) + '"'
                    + did_you_mean(words[at], option_names));
    if (at + 1 >= words.size())
      return fail(errc::invalid_argument, words[at] + " needs a value");
    if (auto set = set_option(words[at], words[at + 1], into); !set)
      return set;
    at += 2;
  }
  if (at < words.size() && words[at] == "--")
    ++at;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
  return {};
}

std::string octal(std::uint32_t x) {
  std::string digits;
  for (auto shift : {6, 3, 0})
    digits += static_cast<char>('0' + (x >> shift) % 8);
  return digits;
}

/// What take_options reads back; nothing if all is as usual.
std::vector<std::string> options_of(const service& x) {
  const service usual;
  std::vector<std::string> out;
  auto add = [&](const char* option, const std::string& value) {
    out.emplace_back(option);
    out.push_back(value);
  };
  if (x.user != usual.user)
    add("--user", x.user);
  if (x.umask != usual.umask)
    add("--umask", octal(x.umask));
  if (x.dir != usual.dir)
    add("--dir", x.dir);
  if (x.pidfile != usual.pidfile)
    add("--pidfile", x.pidfile);
  if (x.log && !x.log->file.empty())
    add("--log", x.log->file);
  if (!out.empty() || x.exec.front().starts_with("--"))
    out.emplace_back("--");
  return out;
}

} // namespace

result<std::shared_ptr<const service>>
ad_hoc_service(const std::string& name, std::vector<std::string> argv,
               const std::string& by) {
  if (auto ok = check_name(name); !ok)
    return ok.error();
  auto x = std::make_shared<service>();
  if (auto taken = take_options(argv, *x); !taken)
    return taken.error();
  if (argv.empty() || argv.front().empty())
    return fail(errc::invalid_argument, "a program is missing behind the name");
  for (auto& word : argv)
    if (word.find('\0') != std::string::npos)
      return fail(errc::invalid_argument, "a word of the command contains a "
                                          "zero byte: \""
                                            + printable(word, 60) + '"');
  if (auto fits = process::check_size(argv, {}); !fits)
    return fail(errc::invalid_argument, fits.error().detail);
  x->name = name;
  x->exec = std::move(argv);
  x->once = true;
  x->exit.set("0", {decision::action::done, {}});
  x->exit.set("*", {decision::action::fatal, {}});
  x->where.file = "SVRUN by " + by;
  return std::shared_ptr<const service>{std::move(x)};
}

setting to_setting(const service& x, const std::string& by, std::int64_t at) {
  setting result{setting::topic::command, x.name, 0, 0, by, at};
  for (auto& word : options_of(x))
    result.text += word + '\0';
  for (auto& word : x.exec)
    result.text += word + '\0';
  return result;
}

result<std::shared_ptr<const service>> from_setting(const setting& x) {
  std::vector<std::string> argv;
  for (auto word : split(x.text, '\0'))
    argv.emplace_back(word);
  if (!argv.empty())
    argv.pop_back(); // behind the last zero byte
  return ad_hoc_service(x.name, std::move(argv), x.by);
}

} // namespace saker::supervision
