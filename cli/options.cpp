#include "cli/options.hpp"

#include "base/text.hpp"
#include "cli/client_parser.hpp"
#include "cli/help_format.hpp"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>

namespace saker::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto about
  = "A programmable process supervisor that speaks Redis.\n\n"
    "`saker run` starts it; the other commands talk to the one that runs, and "
    "any\n"
    "Redis client can do the same: redis-cli -p 12007 svstatus text\n";

constexpr auto overview_end
  = "`saker help COMMAND` tells more about one. Exit status: 0 fine, 1 "
    "something\n"
    "asked for is not so, 2 wrong usage, 3 no Saker answers. Options stand "
    "behind the\n"
    "command; --address may stand before it too.";

constexpr auto start_group = "Start";

/// Words of later versions.
const std::vector<std::string> later_words{"top", "test-policy", "import"};

failure unknown_word(const std::string& word) {
  if (std::find(later_words.begin(), later_words.end(), word)
      != later_words.end())
    return fail(errc::invalid_argument, word + ": not available yet");
  auto near = did_you_mean(word, known_words());
  return fail(errc::invalid_argument,
              printable(word, 40) + ": unknown command"
                + (near.empty() ? "; `saker help` tells what there is; "
                                  "`saker exec` sends any command to Saker"
                                : near));
}

/// Options that tell where Saker is and how one connects; a word follows.
const std::vector<std::string> where_options{"--address", "--cacert", "--cert",
                                             "--key"};

bool takes_word(const std::string& word) {
  return std::find(where_options.begin(), where_options.end(), word)
         != where_options.end();
}

bool tells_where(const std::string& word) {
  return takes_word(word.substr(0, word.find('=')));
}

/// Everything behind `exec` and its options belongs to the command that is
/// sent, whatever it looks like.
std::vector<std::string> with_end_of_options(std::vector<std::string> x) {
  if (x.front() != info_of(verb::exec).name)
    return x;
  std::size_t at = 1;
  while (at < x.size() && x[at] != "--" && x[at].starts_with('-'))
    at += takes_word(x[at]) ? 2 : 1;
  if (at < x.size() && x[at] != "--")
    x.insert(x.begin() + static_cast<std::ptrdiff_t>(at), "--");
  return x;
}

/// Where Saker is may be said before the command too, as clients of other
/// servers have it.
std::vector<std::string> with_address_behind(std::vector<std::string> x) {
  std::size_t n = 0;
  while (n < x.size() && tells_where(x[n]))
    n += takes_word(x[n]) ? 2 : 1;
  if (n == 0 || n >= x.size())
    return x;
  auto verb = x.begin() + static_cast<std::ptrdiff_t>(n);
  if (verb->starts_with('-')) // --help, --version, or a mistake
    x.erase(x.begin(), verb);
  else
    std::rotate(x.begin(), verb, verb + 1);
  return x;
}

/// Nothing: `word` may be the first one.
std::optional<failure> wrong_beginning(const std::string& word) {
  if (tells_where(word))
    return fail(errc::invalid_argument,
                word.substr(0, word.find('='))
                  + ": a command is missing behind it; `saker --help` tells "
                    "what there is");
  if (word.starts_with('-') && word != "--help" && word != "-h")
    return fail(errc::invalid_argument,
                printable(word, 40)
                  + ": options stand behind the command, except --address; "
                    "`saker --help` tells more");
  auto words = known_words();
  if (!word.starts_with('-')
      && std::find(words.begin(), words.end(), word) == words.end())
    return unknown_word(word);
  return std::nullopt;
}

void make_absolute(std::optional<fs::path>& path) {
  if (path)
    path = fs::absolute(*path).lexically_normal();
}

/// Subcommands take over what is set when they are added.
CLI::App& formatted(CLI::App& x) {
  x.formatter(std::make_shared<help_format>());
  return x;
}

/// The command line as CLI11 knows it, tied to `x`.
class parser {
public:
  explicit parser(options& x)
    : app_(about, "saker"), run_(formatted(app_).add_subcommand(
                              "run", "Start Saker in the foreground")),
      check_(app_.add_subcommand("check", "Only look for errors in "
                                          "definitions and settings")),
      version_(app_.add_subcommand("version", "Print the version")),
      help_(app_.add_subcommand("help", "Print this, or tell about COMMAND")),
      client_(app_, x.asked) {
    app_.require_subcommand(1);
    for (auto sub : {run_, check_, version_, help_})
      sub->group(start_group);
    help_->add_option("COMMAND", topic_, "What to tell about")->type_name("");
    run_->add_option("--config", x.config, "The configuration, a TOML file")
      ->type_name("FILE");
    run_
      ->add_option("--listen", x.listen,
                   "Listen there instead: 127.0.0.1:12007, unix:PATH; may be "
                   "repeated")
      ->type_name("ADDR")
      ->allow_extra_args(false);
    run_
      ->add_option("--set", x.set,
                   "Override one key, as in log.level=debug; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
    run_
      ->add_option("--state-dir", x.state_dir, "Short for --set state-dir=DIR")
      ->type_name("DIR");
    run_
      ->add_option("--runtime-dir", x.runtime_dir,
                   "Short for --set runtime-dir=DIR")
      ->type_name("DIR");
    run_->add_flag("--demo", x.demo, "With services and scripts to play with");
    check_
      ->add_option("FILE", x.files,
                   "Files of definitions, directories of them, or a saker.toml")
      ->type_name("");
    check_
      ->add_option("--config", x.config,
                   "The configuration without FILE, in place of the usual one")
      ->type_name("FILE");
    check_
      ->add_option("--state-dir", x.state_dir,
                   "Where overrides.toml and users.acl are, if `saker run` "
                   "is told by an option too")
      ->type_name("DIR");
    check_
      ->add_option("--runtime-dir", x.runtime_dir,
                   "Of a Saker that runs, to know what it has started")
      ->type_name("DIR");
    check_->footer("Without FILE: what `saker run` would read, the settings, "
                   "what CONFIG REWRITE and ACL SAVE kept, and all "
                   "definitions.\nExit status: 0 no errors, 1 errors, "
                   "2 a file cannot be read.");
    app_.footer(overview_end);
    overview_ = app_.help();
    app_.footer("");
  }

  /// Throws what CLI11 throws.
  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    app_.parse(std::move(arguments));
  }

  options::action action() const {
    if (run_->parsed())
      return options::action::run;
    if (check_->parsed())
      return options::action::check;
    if (client_.parsed())
      return options::action::client;
    return version_->parsed() ? options::action::version
                              : options::action::help;
  }

  result<void> finish() {
    return client_.finish();
  }

  /// Help on the subcommand that was typed, or on all.
  std::string help() const {
    for (auto sub : {run_, check_, version_, help_, client_.parsed()})
      if (sub && sub->parsed())
        return sub->help();
    return overview_;
  }

  /// What `saker help [COMMAND]` prints.
  result<std::string> told() const {
    if (topic_.empty())
      return overview_;
    for (auto sub : {run_, check_, version_, help_, client_.find(topic_)})
      if (sub && sub->get_name() == topic_)
        return sub->help();
    return unknown_word(topic_);
  }

  /// What `saker help` prints.
  const std::string& overview() const {
    return overview_;
  }

private:
  CLI::App app_;
  std::string overview_; ///< made first: later help() is a subcommand's
  std::string topic_;    ///< of `help`
  CLI::App* run_;
  CLI::App* check_;
  CLI::App* version_;
  CLI::App* help_;
  client_parser client_;
};

} // namespace

result<options> read_options(const std::vector<std::string>& typed) {
  options x;
  parser known{x};
  auto arguments = with_address_behind(typed);
  if (arguments.empty())
    return fail(errc::invalid_argument, "no command\n" + known.overview());
  auto& word = arguments.front();
  if (word == "--version") {
    x.what = options::action::version;
    return x;
  }
  if (auto why = wrong_beginning(word))
    return *why;
  auto wrong = [&](const std::string& why) {
    return fail(errc::invalid_argument,
                word + ": " + one_line(why) + "; `saker "
                  + (word.starts_with('-') ? "" : word + ' ')
                  + "--help` tells more");
  };
  try {
    known.parse(with_end_of_options(arguments));
  } catch (const CLI::CallForHelp&) {
    x.text = known.help();
    return x;
  } catch (const CLI::Error& e) {
    return wrong(e.what());
  }
  if (auto done = known.finish(); !done)
    return wrong(done.error().detail);
  x.what = known.action();
  auto told = known.told();
  if (!told)
    return told.error();
  x.text = std::move(*told);
  make_absolute(x.state_dir);
  make_absolute(x.runtime_dir);
  return x;
}

std::vector<std::string> known_words() {
  std::vector<std::string> result{"run", "check", "version", "help"};
  for (auto& x : verbs())
    result.emplace_back(x.name);
  return result;
}

} // namespace saker::cli
